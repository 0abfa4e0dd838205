package dev.pileus.translate.code;

import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The exception table. A range holds instructions that may throw and nothing else: what lies between them may
 * leave registers as no handler may see them, and the JVM's verifier takes every instruction for a throwing one.
 */
final class Ranges {
  private final Map<Integer, Label> starts = new HashMap<>();
  private final Map<Integer, Label> ends = new HashMap<>();

  /** The ranges of some neighbouring blocks: those of a part, or all (null). */
  Ranges(Body body, Part part, List<Block> blocks, MethodVisitor out) {
    List<Insn> insns = body.flow.insns;
    int all = blocks.get(blocks.size() - 1).end;
    for (int i = blocks.get(0).first; i < all; i++) {
      Insn insn = insns.get(i);
      if (insn.handlers == null) {
        continue;
      }
      Label start = new Label();
      starts.put(i, start);
      while (i + 1 < all && insns.get(i + 1).within == insn.within) {
        i++;
      }
      Label end = new Label();
      ends.put(i, end);
      for (int at = 0; at < insn.handlers.length; at++) {
        Code.Handler handler = insn.within.handlers().get(at);
        String type = handler.type() == null ? null : Names.internal(handler.type());
        out.visitTryCatchBlock(start, end, entry(body, part, insn.handlers[at]), type);
      }
    }
  }

  private static Label entry(Body body, Part part, Block handler) {
    if (part != null && !part.has(handler)) {
      return part.thrown(handler);
    }
    if (body.flow.insns.get(handler.first).op.act == Op.Act.MOVE_EXCEPTION) {
      return handler.label;
    }
    if (handler.pad == null) {
      handler.pad = new Label();
    }
    return handler.pad;
  }

  void enter(int index, MethodVisitor out) {
    Label start = starts.get(index);
    if (start != null) {
      out.visitLabel(start);
    }
  }

  void leave(int index, MethodVisitor out) {
    Label end = ends.get(index);
    if (end != null) {
      out.visitLabel(end);
    }
  }
}
