package dev.pileus.translate;

import java.util.Set;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Says of each static or special call whether its owner is an interface, as a JVM demands it. */
class Shaped extends ClassVisitor {
  private final Set<String> interfaces;

  Shaped(ClassVisitor next, Set<String> interfaces) {
    super(Opcodes.ASM9, next);
    this.interfaces = interfaces;
  }

  @Override
  public void visit(
      int version, int access, String name, String signature, String parent, String[] faces) {
    super.visit(Math.max(version & 0xFFFF, Opcodes.V1_8), access, name, signature, parent, faces);
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] thrown) {
    MethodVisitor next = super.visitMethod(access, name, descriptor, signature, thrown);
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitMethodInsn(
          int opcode, String owner, String method, String type, boolean face) {
        boolean fixed = face;
        if (opcode == Opcodes.INVOKESTATIC || opcode == Opcodes.INVOKESPECIAL) {
          fixed = face || isInterface(owner);
        }
        super.visitMethodInsn(opcode, owner, method, type, fixed);
      }
    };
  }

  private boolean isInterface(String owner) {
    if (interfaces.contains(owner)) {
      return true;
    }
    if (!owner.startsWith("java/")) {
      return false;
    }
    try {
      return Class.forName(owner.replace('/', '.'), false, null).isInterface();
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }
}
