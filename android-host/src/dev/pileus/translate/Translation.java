package dev.pileus.translate;

import com.googlecode.d2j.Method;
import com.googlecode.d2j.dex.DexExceptionHandler;
import com.googlecode.d2j.dex.ExDex2Asm;
import com.googlecode.d2j.node.DexMethodNode;
import com.googlecode.dex2jar.ir.IrMethod;
import com.googlecode.dex2jar.ir.expr.BinopExpr;
import com.googlecode.dex2jar.ir.expr.Constant;
import com.googlecode.dex2jar.ir.expr.Value;
import com.googlecode.dex2jar.ir.stmt.IfStmt;
import com.googlecode.dex2jar.ir.stmt.Stmt;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * dex2jar 2.4.38 with its one known miscompilation mended: of {@code 0 > x} it drops the zero but
 * keeps the condition, so that it tests {@code x > 0}. The operands are put in order beforehand.
 */
final class Translation extends ExDex2Asm {
  Translation() {
    super(new Failures());
  }

  @Override
  public void ir2j(IrMethod method, MethodVisitor visitor, ClzCtx context) {
    for (Stmt statement : method.stmts) {
      if (statement instanceof IfStmt jump && jump.op instanceof BinopExpr test) {
        Value.VT turned = turned(test.vt);
        if (turned != null && isZero(test.op1) && !isZero(test.op2)) {
          jump.op = new BinopExpr(turned, test.op2, test.op1, test.type);
        }
      }
    }
    super.ir2j(method, visitor, context);
  }

  private static Value.VT turned(Value.VT test) {
    return switch (test) {
      case GT -> Value.VT.LT;
      case LT -> Value.VT.GT;
      case GE -> Value.VT.LE;
      case LE -> Value.VT.GE;
      default -> null;
    };
  }

  private static boolean isZero(Value value) {
    return value instanceof Constant constant
        && constant.value instanceof Number number
        && number.longValue() == 0;
  }

  private static final class Failures implements DexExceptionHandler {
    @Override
    public void handleFileException(Exception cause) {
      System.err.println("file: " + cause);
    }

    @Override
    public void handleMethodTranslateException(
        Method method, DexMethodNode node, MethodVisitor visitor, Exception cause) {
      System.out.println("failed {\"method\": \"" + method.toString().replace("\"", "'") + "\"}");
      visitor.visitTypeInsn(Opcodes.NEW, "java/lang/UnsupportedOperationException");
      visitor.visitInsn(Opcodes.DUP);
      visitor.visitLdcInsn("This method could not be translated: " + method);
      visitor.visitMethodInsn(
          Opcodes.INVOKESPECIAL, "java/lang/UnsupportedOperationException", "<init>",
          "(Ljava/lang/String;)V", false);
      visitor.visitInsn(Opcodes.ATHROW);
      visitor.visitMaxs(3, 64);
    }
  }
}
