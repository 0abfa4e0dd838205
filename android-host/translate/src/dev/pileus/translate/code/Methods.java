package dev.pileus.translate.code;

import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Dex;
import dev.pileus.translate.dex.MethodRef;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Translates the code of one method after the other. */
public final class Methods {
  private final Hierarchy hierarchy;
  private final Constructors constructors;

  public Methods(Hierarchy hierarchy, Constructors constructors) {
    this.hierarchy = hierarchy;
    this.constructors = constructors;
  }

  /** A method that was understood, ready to be written. */
  public interface Written {
    void to(MethodVisitor out);
  }

  /** Analyses a method; raises {@link dev.pileus.translate.dex.BadDex} where it makes no sense. */
  public Written translate(Dex dex, MethodRef method, boolean isStatic, int codeOffset) {
    Code code = Code.read(dex, codeOffset);
    Body body = new Body(method, isStatic, code, new Flow(dex, code), hierarchy);
    Inference inference = new Inference(body);
    inference.run();
    new Resolver(body, inference).run();
    new Demand(body).run();
    return out -> new Emitter(body, inference, constructors, out).run();
  }

  /** Writes a body that throws an error with a sentence. */
  public static void refuse(MethodVisitor out, String sentence) {
    out.visitTypeInsn(Opcodes.NEW, "java/lang/InternalError");
    out.visitInsn(Opcodes.DUP);
    Literals.push(out, sentence);
    out.visitMethodInsn(
        Opcodes.INVOKESPECIAL, "java/lang/InternalError", "<init>", "(Ljava/lang/String;)V", false);
    out.visitInsn(Opcodes.ATHROW);
  }
}
