package dev.pileus.translate.code;

import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Counts instructions, since the JVM takes neither two frames at one place nor a range of no instructions. */
final class Tracked extends MethodVisitor {
  int written;
  private int atFrame = -1;

  Tracked(MethodVisitor next) {
    super(Opcodes.ASM9, next);
  }

  /** Makes sure that something stands between the last frame and here. */
  void separate() {
    if (atFrame == written) {
      visitInsn(Opcodes.NOP);
    }
  }

  @Override
  public void visitFrame(int type, int localCount, Object[] local, int stackCount, Object[] stack) {
    atFrame = written;
    super.visitFrame(type, localCount, local, stackCount, stack);
  }

  @Override
  public void visitInsn(int opcode) {
    written++;
    super.visitInsn(opcode);
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    written++;
    super.visitIntInsn(opcode, operand);
  }

  @Override
  public void visitVarInsn(int opcode, int local) {
    written++;
    super.visitVarInsn(opcode, local);
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    written++;
    super.visitTypeInsn(opcode, type);
  }

  @Override
  public void visitFieldInsn(int opcode, String owner, String name, String type) {
    written++;
    super.visitFieldInsn(opcode, owner, name, type);
  }

  @Override
  public void visitMethodInsn(int opcode, String owner, String name, String type, boolean face) {
    written++;
    super.visitMethodInsn(opcode, owner, name, type, face);
  }

  @Override
  public void visitInvokeDynamicInsn(String name, String type, Handle bootstrap, Object... arguments) {
    written++;
    super.visitInvokeDynamicInsn(name, type, bootstrap, arguments);
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    written++;
    super.visitJumpInsn(opcode, label);
  }

  @Override
  public void visitLdcInsn(Object value) {
    written++;
    super.visitLdcInsn(value);
  }

  @Override
  public void visitIincInsn(int local, int by) {
    written++;
    super.visitIincInsn(local, by);
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label otherwise, Label... labels) {
    written++;
    super.visitTableSwitchInsn(min, max, otherwise, labels);
  }

  @Override
  public void visitLookupSwitchInsn(Label otherwise, int[] keys, Label[] labels) {
    written++;
    super.visitLookupSwitchInsn(otherwise, keys, labels);
  }
}
