package dev.pileus.translate.code;

/** The kinds of values that the JVM tells apart in a local: each register has a local for each kind it holds. */
final class Kind {
  // In the JVM's order, so that instructions for int turn into those for another kind by addition.
  static final int I = 0;
  static final int J = 1;
  static final int F = 2;
  static final int D = 3;
  static final int A = 4;
  static final int COUNT = 5;

  /** What a method gives that gives nothing. */
  static final int NONE = -1;

  static final int NARROW = 1 << I | 1 << F | 1 << A;
  static final int WIDE = 1 << J | 1 << D;

  private Kind() {}

  /** The kind of a type's values. */
  static int of(char type) {
    return switch (type) {
      case 'J' -> J;
      case 'F' -> F;
      case 'D' -> D;
      case 'L', '[', 'A' -> A;
      default -> I;
    };
  }

  static int of(String type) {
    return of(type.charAt(0));
  }

  static boolean isWide(int kind) {
    return kind == J || kind == D;
  }

  /** Turns an instruction for int (iload, istore, ireturn) into the one for a kind. */
  static int shift(int instruction, int kind) {
    return instruction + kind;
  }
}
