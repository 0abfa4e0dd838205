package dev.pileus.translate.code;

/** What a register may hold at a place; null means nothing that may be read. */
final class Held {
  enum Tag {
    /** The same 32-bit constant on all ways: an int, a float or, where 0, null. */
    CONSTANT,
    /** Different 32-bit constants: an int or a float, as whoever reads it likes. */
    EITHER,
    INT,
    FLOAT,
    WIDE_CONSTANT,
    WIDE_EITHER,
    LONG,
    DOUBLE,
    /** The upper half of the register before. */
    UPPER,
    /** A reference to a type. */
    REFERENCE,
    /** What a new-instance made that no constructor has seen. */
    NEW,
    /** The receiver in a constructor before it called another. */
    NEW_THIS
  }

  static final Held INT = new Held(Tag.INT, 0, null);
  static final Held FLOAT = new Held(Tag.FLOAT, 0, null);
  static final Held EITHER = new Held(Tag.EITHER, 0, null);
  static final Held LONG = new Held(Tag.LONG, 0, null);
  static final Held DOUBLE = new Held(Tag.DOUBLE, 0, null);
  static final Held WIDE_EITHER = new Held(Tag.WIDE_EITHER, 0, null);
  static final Held UPPER = new Held(Tag.UPPER, 0, null);
  static final Held ZERO = new Held(Tag.CONSTANT, 0, null);
  static final Held WIDE_ZERO = new Held(Tag.WIDE_CONSTANT, 0, null);
  static final Held OBJECT = reference("Ljava/lang/Object;");
  static final Held STRING = reference("Ljava/lang/String;");
  static final Held CLASS = reference("Ljava/lang/Class;");
  static final Held HANDLE = reference("Ljava/lang/invoke/MethodHandle;");
  static final Held METHOD_TYPE = reference("Ljava/lang/invoke/MethodType;");

  final Tag tag;

  /** The constant, or the address of the new-instance. */
  final long value;

  final String type;

  private Held(Tag tag, long value, String type) {
    this.tag = tag;
    this.value = value;
    this.type = type;
  }

  static Held constant(int value) {
    return value == 0 ? ZERO : new Held(Tag.CONSTANT, value, null);
  }

  static Held wideConstant(long value) {
    return new Held(Tag.WIDE_CONSTANT, value, null);
  }

  static Held reference(String type) {
    return new Held(Tag.REFERENCE, 0, type);
  }

  static Held fresh(int pc, String type) {
    return new Held(Tag.NEW, pc, type);
  }

  static Held freshThis(String type) {
    return new Held(Tag.NEW_THIS, 0, type);
  }

  /** A value of a declared type. */
  static Held of(String type) {
    return switch (type.charAt(0)) {
      case 'J' -> LONG;
      case 'D' -> DOUBLE;
      case 'F' -> FLOAT;
      case 'L', '[' -> reference(type);
      default -> INT;
    };
  }

  boolean isWide() {
    return tag == Tag.WIDE_CONSTANT || tag == Tag.WIDE_EITHER || tag == Tag.LONG || tag == Tag.DOUBLE;
  }

  boolean isConstant() {
    return tag == Tag.CONSTANT || tag == Tag.WIDE_CONSTANT;
  }

  boolean isZero() {
    return tag == Tag.CONSTANT && value == 0;
  }

  boolean isObject() {
    return tag == Tag.REFERENCE || isFresh();
  }

  boolean isFresh() {
    return tag == Tag.NEW || tag == Tag.NEW_THIS;
  }

  /** Whether it may be read as a value of a kind. */
  boolean fits(int kind) {
    return switch (tag) {
      case CONSTANT -> kind == Kind.I || kind == Kind.F || kind == Kind.A && value == 0;
      case EITHER -> kind == Kind.I || kind == Kind.F;
      case INT -> kind == Kind.I;
      case FLOAT -> kind == Kind.F;
      case WIDE_CONSTANT, WIDE_EITHER -> Kind.isWide(kind);
      case LONG -> kind == Kind.J;
      case DOUBLE -> kind == Kind.D;
      case UPPER -> false;
      case REFERENCE, NEW, NEW_THIS -> kind == Kind.A;
    };
  }

  boolean same(Held other) {
    return this == other
        || other != null
            && tag == other.tag
            && value == other.value
            && (type == null ? other.type == null : type.equals(other.type));
  }

  /** What a register may hold where two ways meet. */
  static Held merge(Held one, Held two, Hierarchy hierarchy) {
    if (one == two || one != null && one.same(two)) {
      return one;
    }
    if (one == null || two == null) {
      return null;
    }
    if (one.tag == Tag.REFERENCE && two.tag == Tag.REFERENCE) {
      String joined = hierarchy.join(one.type, two.type);
      return joined.equals(one.type) ? one : joined.equals(two.type) ? two : reference(joined);
    }
    if (one.tag.compareTo(two.tag) > 0) {
      return merge(two, one, hierarchy);
    }
    return switch (one.tag) {
      case CONSTANT ->
          switch (two.tag) {
            case CONSTANT, EITHER -> EITHER;
            case INT, FLOAT -> two;
            case REFERENCE -> one.value == 0 ? two : null;
            default -> null;
          };
      case EITHER -> two.tag == Tag.INT || two.tag == Tag.FLOAT ? two : null;
      case WIDE_CONSTANT ->
          switch (two.tag) {
            case WIDE_CONSTANT, WIDE_EITHER -> WIDE_EITHER;
            case LONG, DOUBLE -> two;
            default -> null;
          };
      case WIDE_EITHER -> two.tag == Tag.LONG || two.tag == Tag.DOUBLE ? two : null;
      default -> null;
    };
  }

  @Override
  public String toString() {
    return switch (tag) {
      case CONSTANT, WIDE_CONSTANT -> "constant " + value;
      case REFERENCE -> type;
      case NEW, NEW_THIS -> "new " + type;
      default -> tag.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    };
  }
}
