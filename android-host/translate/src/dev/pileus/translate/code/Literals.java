package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.Encoded;
import dev.pileus.translate.dex.HandleRef;
import dev.pileus.translate.dex.Names;
import dev.pileus.translate.dex.Proto;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Pushes constants in their shortest form. */
public final class Literals {
  private static final int LONGEST = 65535;
  private static final int[] HANDLES = {
    Opcodes.H_PUTSTATIC, Opcodes.H_GETSTATIC, Opcodes.H_PUTFIELD, Opcodes.H_GETFIELD, Opcodes.H_INVOKESTATIC,
    Opcodes.H_INVOKEVIRTUAL, Opcodes.H_NEWINVOKESPECIAL, Opcodes.H_INVOKESPECIAL, Opcodes.H_INVOKEINTERFACE
  };

  private Literals() {}

  static void push(MethodVisitor out, Held held, int kind) {
    switch (kind) {
      case Kind.I -> push(out, (int) held.value);
      case Kind.J -> push(out, held.value);
      case Kind.F -> push(out, Float.intBitsToFloat((int) held.value), (int) held.value);
      case Kind.D -> push(out, Double.longBitsToDouble(held.value), held.value);
      default -> out.visitInsn(Opcodes.ACONST_NULL);
    }
  }

  public static void push(MethodVisitor out, int value) {
    if (value >= -1 && value <= 5) {
      out.visitInsn(Opcodes.ICONST_0 + value);
    } else if (value == (byte) value) {
      out.visitIntInsn(Opcodes.BIPUSH, value);
    } else if (value == (short) value) {
      out.visitIntInsn(Opcodes.SIPUSH, value);
    } else {
      out.visitLdcInsn(value);
    }
  }

  private static void push(MethodVisitor out, long value) {
    if (value == 0 || value == 1) {
      out.visitInsn(Opcodes.LCONST_0 + (int) value);
    } else if (value == (short) value) {
      push(out, (int) value);
      out.visitInsn(Opcodes.I2L);
    } else {
      out.visitLdcInsn(value);
    }
  }

  private static void push(MethodVisitor out, float value, int bits) {
    if (bits == 0) {
      out.visitInsn(Opcodes.FCONST_0);
    } else if (value == 1 || value == 2) {
      out.visitInsn(Opcodes.FCONST_0 + (int) value);
    } else if (value != value && bits != 0x7fc00000) {
      // The class writer keeps one NaN only.
      push(out, bits);
      out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Float", "intBitsToFloat", "(I)F", false);
    } else {
      out.visitLdcInsn(value);
    }
  }

  private static void push(MethodVisitor out, double value, long bits) {
    if (bits == 0) {
      out.visitInsn(Opcodes.DCONST_0);
    } else if (value == 1) {
      out.visitInsn(Opcodes.DCONST_1);
    } else if (value != value && bits != 0x7ff8000000000000L) {
      push(out, bits);
      out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Double", "longBitsToDouble", "(J)D", false);
    } else {
      out.visitLdcInsn(value);
    }
  }

  /** A string of any length: what the class file cannot hold in one piece is put together, and interned. */
  public static void push(MethodVisitor out, String value) {
    if (fits(value)) {
      out.visitLdcInsn(value);
      return;
    }
    String builder = "java/lang/StringBuilder";
    out.visitTypeInsn(Opcodes.NEW, builder);
    out.visitInsn(Opcodes.DUP);
    out.visitMethodInsn(Opcodes.INVOKESPECIAL, builder, "<init>", "()V", false);
    for (int at = 0; at < value.length(); at += LONGEST / 3) {
      out.visitLdcInsn(value.substring(at, Math.min(value.length(), at + LONGEST / 3)));
      out.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL, builder, "append", "(Ljava/lang/String;)L" + builder + ";", false);
    }
    out.visitMethodInsn(Opcodes.INVOKEVIRTUAL, builder, "toString", "()Ljava/lang/String;", false);
    out.visitMethodInsn(Opcodes.INVOKEVIRTUAL, "java/lang/String", "intern", "()Ljava/lang/String;", false);
  }

  /** Whether a string's modified UTF-8 fits into a class file. */
  public static boolean fits(String value) {
    int bytes = value.length();
    for (int i = 0; bytes <= LONGEST && i < value.length(); i++) {
      char c = value.charAt(i);
      bytes += c == 0 || c > 0x7f ? c > 0x7ff ? 2 : 1 : 0;
    }
    return bytes <= LONGEST;
  }

  /** A class; those of primitive types are fields of their boxes. */
  public static void pushClass(MethodVisitor out, String type) {
    String box =
        switch (type.charAt(0)) {
          case 'Z' -> "Boolean";
          case 'B' -> "Byte";
          case 'C' -> "Character";
          case 'S' -> "Short";
          case 'I' -> "Integer";
          case 'J' -> "Long";
          case 'F' -> "Float";
          case 'D' -> "Double";
          case 'V' -> "Void";
          default -> null;
        };
    if (box == null) {
      out.visitLdcInsn(Type.getType(type));
    } else {
      out.visitFieldInsn(Opcodes.GETSTATIC, "java/lang/" + box, "TYPE", "Ljava/lang/Class;");
    }
  }

  static Handle handle(HandleRef ref, Hierarchy hierarchy) {
    int tag = HANDLES[ref.kind()];
    if (ref.field() != null) {
      return new Handle(
          tag, Names.internal(ref.field().owner()), ref.field().name(), ref.field().type(), false);
    }
    String owner = ref.method().owner();
    boolean face = tag == Opcodes.H_INVOKEINTERFACE || hierarchy.isInterface(owner);
    return new Handle(
        tag, Names.internal(owner), ref.method().name(), ref.method().proto().descriptor(), face);
  }

  /** A further argument of a bootstrap method. */
  static Object argument(Object value, Hierarchy hierarchy) {
    return switch (value) {
      case HandleRef ref -> handle(ref, hierarchy);
      case Proto proto -> Type.getMethodType(proto.descriptor());
      case Encoded.TypeValue type -> Type.getType(type.type());
      case Boolean one -> one ? 1 : 0;
      case Byte one -> one.intValue();
      case Short one -> one.intValue();
      case Character one -> (int) one;
      case Integer one -> one;
      case Long one -> one;
      case Float one -> one;
      case Double one -> one;
      case String one -> one;
      default -> throw new BadDex("a call site has an argument that the JVM has no constant for");
    };
  }
}
