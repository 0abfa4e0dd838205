package dev.pileus.weave;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.TypeInsnNode;

/** How a value of one type becomes one of another, as {@code MethodHandle.asType} would make it. */
final class Conversions {
  private Conversions() {}

  /** Whether arguments may be passed as they are. */
  static boolean fit(Type[] given, Type[] wanted) {
    if (given.length != wanted.length) {
      return false;
    }
    for (int i = 0; i < given.length; i++) {
      boolean object = wanted[i].getDescriptor().equals("Ljava/lang/Object;") && isReference(given[i]);
      if (!object && !given[i].equals(wanted[i])) {
        return false;
      }
    }
    return true;
  }

  /** What has to follow a call; null where it is more than this knows. */
  static InsnList result(Type from, Type to) {
    InsnList code = new InsnList();
    if (from.equals(to)) {
      return code;
    }
    if (to.getSort() == Type.VOID) {
      code.add(new InsnNode(from.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP));
      return code;
    }
    if (from.getSort() == Type.VOID) {
      code.add(new InsnNode(zero(to)));
      return code;
    }
    if (isReference(from) && isReference(to)) {
      code.add(new TypeInsnNode(Opcodes.CHECKCAST, to.getInternalName()));
      return code;
    }
    return null;
  }

  static int zero(Type type) {
    return switch (type.getSort()) {
      case Type.LONG -> Opcodes.LCONST_0;
      case Type.FLOAT -> Opcodes.FCONST_0;
      case Type.DOUBLE -> Opcodes.DCONST_0;
      case Type.OBJECT, Type.ARRAY -> Opcodes.ACONST_NULL;
      default -> Opcodes.ICONST_0;
    };
  }

  private static boolean isReference(Type type) {
    return type.getSort() == Type.OBJECT || type.getSort() == Type.ARRAY;
  }
}
