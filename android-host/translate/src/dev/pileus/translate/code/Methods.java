package dev.pileus.translate.code;

import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Dex;
import dev.pileus.translate.dex.MethodRef;
import java.util.List;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Translates the code of one method after the other. */
public final class Methods {
  private final Hierarchy hierarchy;
  private final Constructors constructors;
  private final int portion;

  /** {@code portion}: how many instructions are written as one method; 0 for as many as it has room for. */
  public Methods(Hierarchy hierarchy, Constructors constructors, int portion) {
    this.hierarchy = hierarchy;
    this.constructors = constructors;
    this.portion = portion;
  }

  public int portion() {
    return portion;
  }

  /** A method that was understood, ready to be written. */
  public interface Written {
    void to(MethodVisitor out);
  }

  /** Analyses a method; raises {@link dev.pileus.translate.dex.BadDex} where it makes no sense. */
  public Written translate(Dex dex, MethodRef method, boolean isStatic, int codeOffset) {
    Code code = Code.read(dex, codeOffset);
    Body body = new Body(method, isStatic, code, new Flow(dex, code), hierarchy);
    Inference inference = analysed(body);
    return out -> new Emitter(body, inference, constructors, out).run();
  }

  /**
   * Analyses a method that is written as several, of some {@code portion} instructions each; null where it cannot
   * be cut anywhere.
   */
  public Parts inParts(Dex dex, MethodRef method, boolean isStatic, int codeOffset, int portion) {
    Code code = Code.read(dex, codeOffset);
    int longest = Math.max(1, portion / 8);
    Body whole = new Body(method, isStatic, code, new Flow(dex, code, longest), hierarchy);
    analysed(whole);
    Cuts cuts = new Cuts(whole);
    List<Integer> begins = cuts.find(portion);
    if (begins.size() == 1) {
      return null;
    }
    Body body = new Body(method, isStatic, code, new Flow(dex, code, longest), hierarchy);
    int number = 0;
    for (int index : cuts.entered(begins)) {
      Block block = body.flow.blocks.get(index);
      block.entry = number++;
      block.isTarget = true;
    }
    return new Parts(body, analysed(body), constructors, begins);
  }

  private static Inference analysed(Body body) {
    Inference inference = new Inference(body);
    inference.run();
    new Resolver(body, inference).run();
    new Demand(body).run();
    return inference;
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
