package dev.pileus.translate.shape;

import org.objectweb.asm.Opcodes;

/** Access flags as the JVM's format check takes them (JVMS 4.1, 4.5, 4.6). */
final class Flags {
  private static final int DECLARED_SYNCHRONIZED = 0x20000;
  private static final int VISIBLE = Opcodes.ACC_PUBLIC | Opcodes.ACC_PRIVATE | Opcodes.ACC_PROTECTED;

  private Flags() {}

  static int ofClass(int access) {
    int kept = Opcodes.ACC_PUBLIC | Opcodes.ACC_FINAL | Opcodes.ACC_INTERFACE | Opcodes.ACC_ABSTRACT
        | Opcodes.ACC_SYNTHETIC | Opcodes.ACC_ANNOTATION | Opcodes.ACC_ENUM;
    int flags = access & kept;
    if ((flags & Opcodes.ACC_INTERFACE) != 0) {
      return (flags | Opcodes.ACC_ABSTRACT) & ~(Opcodes.ACC_FINAL | Opcodes.ACC_ENUM);
    }
    flags &= ~Opcodes.ACC_ANNOTATION;
    if ((flags & Opcodes.ACC_ABSTRACT) != 0) {
      flags &= ~Opcodes.ACC_FINAL;
    }
    return flags | Opcodes.ACC_SUPER;
  }

  static int ofField(int access, boolean face) {
    if (face) {
      int flags = Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL;
      return flags | access & Opcodes.ACC_SYNTHETIC;
    }
    int kept = Opcodes.ACC_STATIC | Opcodes.ACC_FINAL | Opcodes.ACC_VOLATILE | Opcodes.ACC_TRANSIENT
        | Opcodes.ACC_SYNTHETIC | Opcodes.ACC_ENUM;
    int flags = access & kept | oneOf(access);
    boolean both = (flags & Opcodes.ACC_FINAL) != 0 && (flags & Opcodes.ACC_VOLATILE) != 0;
    return both ? flags & ~Opcodes.ACC_FINAL : flags;
  }

  static int ofMethod(int access, String name, boolean face) {
    if (name.equals("<clinit>")) {
      return Opcodes.ACC_STATIC;
    }
    int flags = access & 0x1fff & ~VISIBLE | oneOf(access);
    if (name.equals("<init>")) {
      int kept = VISIBLE | Opcodes.ACC_VARARGS | Opcodes.ACC_STRICT | Opcodes.ACC_SYNTHETIC;
      return flags & kept;
    }
    if (face) {
      int seen = (flags & Opcodes.ACC_PRIVATE) != 0 ? Opcodes.ACC_PRIVATE : Opcodes.ACC_PUBLIC;
      int dropped = VISIBLE | Opcodes.ACC_FINAL | Opcodes.ACC_SYNCHRONIZED | Opcodes.ACC_NATIVE;
      return flags & ~dropped | seen;
    }
    if ((flags & Opcodes.ACC_ABSTRACT) != 0) {
      int kept = Opcodes.ACC_PUBLIC | Opcodes.ACC_PROTECTED | Opcodes.ACC_ABSTRACT | Opcodes.ACC_BRIDGE
          | Opcodes.ACC_VARARGS | Opcodes.ACC_SYNTHETIC;
      return flags & kept;
    }
    // Compilers write the lock of a synchronized method out; taking it twice is the same, and reflection sees it.
    boolean locks = (access & DECLARED_SYNCHRONIZED) != 0;
    return locks ? flags | Opcodes.ACC_SYNCHRONIZED : flags;
  }

  private static int oneOf(int access) {
    if ((access & Opcodes.ACC_PUBLIC) != 0) {
      return Opcodes.ACC_PUBLIC;
    }
    return (access & Opcodes.ACC_PROTECTED) != 0 ? Opcodes.ACC_PROTECTED : access & Opcodes.ACC_PRIVATE;
  }
}
