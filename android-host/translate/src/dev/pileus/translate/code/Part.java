package dev.pileus.translate.code;

import dev.pileus.translate.dex.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Some neighbouring blocks of a method that is too large for one of the JVM's. They are a static method of their
 * own, {@code int part(int entry, long[] words, Object[] references)}: it takes the registers that are read from the
 * two arrays, and where control leaves it, puts them back and gives the number of the block to go on at. A register's
 * numbers are at four times its own number and its kind. After the last register's reference is what was caught, and
 * then the object whose monitor is to be entered or left.
 *
 * <p>A constructor's first part stands in the constructor itself, which alone may make the receiver: its registers
 * are the caller's, and where control leaves it, it jumps to what calls the other parts.
 */
final class Part {
  /** What a part gives where the method ends: the result is in register 0's place. */
  static final int ENDED = -1;

  /** What the three locals hold that a part is called with, from {@link Locals#carried} on. */
  static final Object[] PARAMETERS = {Opcodes.INTEGER, "[J", "[Ljava/lang/Object;"};

  private final Body body;

  /** The blocks from one on up to another. */
  final int first;

  final int end;

  /** Its blocks that control comes to from other parts, by number. */
  final List<Block> entries = new ArrayList<>();

  /** Where a constructor's own part goes when it is left; null for others. */
  private final Label again;

  private final Map<Exit, Label> exits = new LinkedHashMap<>();
  private final Map<Block, Label> thrown = new LinkedHashMap<>();

  /** A block to go on at, and the number that says so, or what is to be done before. */
  private record Exit(Block block, int number) {}

  Part(Body body, int first, int end, Label again) {
    this.body = body;
    this.again = again;
    this.first = first;
    this.end = end;
    for (Block block : body.flow.blocks.subList(first, end)) {
      if (block.entry >= 0) {
        entries.add(block);
      }
    }
  }

  /** Whether it stands in the method itself. */
  boolean isOwn() {
    return again != null;
  }

  boolean has(Block block) {
    return block.index >= first && block.index < end;
  }

  /** Where to jump for a block: to itself, or to where the part is left. */
  Label label(Block block) {
    return has(block) ? block.label : exit(block, block.entry);
  }

  private Label exit(Block block, int number) {
    return exits.computeIfAbsent(new Exit(block, number), key -> new Label());
  }

  /** Leaves the part with the object on the stack, whose monitor is then entered or left, to go on at a block. */
  void act(MethodVisitor out, Locals locals, int action, Block next) {
    // What null does is caught where the instruction stands.
    String type = "(Ljava/lang/Object;)Ljava/lang/Object;";
    out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/util/Objects", "requireNonNull", type, false);
    int object = locals.scratch(Kind.A);
    out.visitVarInsn(Opcodes.ASTORE, object);
    put(out, locals, monitor(body), Kind.A, object);
    out.visitJumpInsn(Opcodes.GOTO, exit(next, action));
  }

  /** Where the array of references holds what was caught, and the object whose monitor it is about. */
  static int caught(Body body) {
    return body.code.registers;
  }

  static int monitor(Body body) {
    return body.code.registers + 1;
  }

  /** Where exceptions go whose handler is in another part. */
  Label thrown(Block handler) {
    return thrown.computeIfAbsent(handler, key -> new Label());
  }

  /** Takes the registers and goes to the block that was asked for. */
  void enter(MethodVisitor out, Locals locals, Inference inference) {
    if (entries.size() > 1) {
      Label[] labels = entries.stream().map(block -> new Label()).toArray(Label[]::new);
      out.visitVarInsn(Opcodes.ILOAD, locals.state());
      out.visitTableSwitchInsn(
          entries.get(0).entry, entries.get(entries.size() - 1).entry, labels[0], labels);
      for (int i = 0; i < labels.length; i++) {
        out.visitLabel(labels[i]);
        out.visitFrame(Opcodes.F_NEW, PARAMETERS.length, PARAMETERS, 0, new Object[0]);
        enter(entries.get(i), out, locals, inference);
      }
    } else {
      enter(entries.get(0), out, locals, inference);
    }
  }

  private void enter(Block block, MethodVisitor out, Locals locals, Inference inference) {
    eachLive(block, (register, kind) -> {
      Held held = block.state[register];
      if (held.isConstant()) {
        Literals.push(out, held, kind);
      } else if (kind == Kind.A) {
        out.visitVarInsn(Opcodes.ALOAD, locals.references());
        Literals.push(out, register);
        out.visitInsn(Opcodes.AALOAD);
        cast(out, held.type);
      } else {
        out.visitVarInsn(Opcodes.ALOAD, locals.words());
        Literals.push(out, word(register, kind));
        out.visitInsn(Opcodes.LALOAD);
        fromWord(out, kind);
      }
      out.visitVarInsn(Kind.shift(Opcodes.ISTORE, kind), locals.of(register, kind));
    });
    if (takes(block)) {
      out.visitVarInsn(Opcodes.ALOAD, locals.references());
      Literals.push(out, caught(body));
      out.visitInsn(Opcodes.AALOAD);
      cast(out, inference.caught(block));
    }
    out.visitJumpInsn(Opcodes.GOTO, block.label);
  }

  /** Writes a label with what the JVM is told of the locals there, and of the exception on the stack. */
  interface Framer {
    void frame(Block block, Label label, String onStack);
  }

  /** Writes where the part is left. What puts the same registers back is written once: a switch has many exits. */
  void leave(MethodVisitor out, Locals locals, Inference inference, Framer framer) {
    Map<List<Object>, Label> known = new HashMap<>();
    thrown.forEach((handler, label) -> {
      framer.frame(handler, label, inference.caught(handler));
      if (takes(handler)) {
        int caught = locals.scratch(Kind.A);
        out.visitVarInsn(Opcodes.ASTORE, caught);
        put(out, locals, caught(body), Kind.A, caught);
      } else {
        out.visitInsn(Opcodes.POP);
      }
      goOn(new Exit(handler, handler.entry), out, locals, known, framer);
    });
    exits.forEach((exit, label) -> {
      framer.frame(exit.block, label, null);
      goOn(exit, out, locals, known, framer);
    });
  }

  private void goOn(
      Exit exit, MethodVisitor out, Locals locals, Map<List<Object>, Label> known, Framer framer) {
    Block block = exit.block;
    List<Object> held = new ArrayList<>();
    eachLive(block, (register, kind) -> {
      Held state = block.state[register];
      held.add(register);
      held.add(kind);
      held.add(state.isConstant() ? "constant" : state.toString());
    });
    Literals.push(out, exit.number);
    out.visitVarInsn(Opcodes.ISTORE, locals.state());
    Label same = known.get(held);
    if (same != null) {
      out.visitJumpInsn(Opcodes.GOTO, same);
      return;
    }
    Label here = new Label();
    known.put(held, here);
    framer.frame(block, here, null);
    eachLive(block, (register, kind) -> {
      if (!block.state[register].isConstant()) {
        put(out, locals, register, kind, locals.of(register, kind));
      }
    });
    if (isOwn()) {
      out.visitJumpInsn(Opcodes.GOTO, again);
    } else {
      out.visitVarInsn(Opcodes.ILOAD, locals.state());
      out.visitInsn(Opcodes.IRETURN);
    }
  }

  /** Ends the method with what is on the stack, of a kind, or with nothing. */
  void end(MethodVisitor out, Locals locals, int kind) {
    if (kind != Kind.NONE) {
      int result = locals.scratch(kind);
      out.visitVarInsn(Kind.shift(Opcodes.ISTORE, kind), result);
      put(out, locals, 0, kind, result);
    }
    Literals.push(out, ENDED);
    out.visitInsn(Opcodes.IRETURN);
  }

  private static void put(MethodVisitor out, Locals locals, int register, int kind, int local) {
    put(out, locals.references(), locals.words(), register, kind, local);
  }

  /** Puts a local into one of the arrays, which are in locals. */
  static void put(MethodVisitor out, int references, int words, int register, int kind, int local) {
    out.visitVarInsn(Opcodes.ALOAD, kind == Kind.A ? references : words);
    Literals.push(out, kind == Kind.A ? register : word(register, kind));
    out.visitVarInsn(Kind.shift(Opcodes.ILOAD, kind), local);
    if (kind == Kind.A) {
      out.visitInsn(Opcodes.AASTORE);
    } else {
      toWord(out, kind);
      out.visitInsn(Opcodes.LASTORE);
    }
  }

  static void toWord(MethodVisitor out, int kind) {
    if (kind == Kind.F) {
      out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Float", "floatToRawIntBits", "(F)I", false);
    } else if (kind == Kind.D) {
      out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Double", "doubleToRawLongBits", "(D)J", false);
    }
    if (!Kind.isWide(kind)) {
      out.visitInsn(Opcodes.I2L);
    }
  }

  static void fromWord(MethodVisitor out, int kind) {
    if (!Kind.isWide(kind)) {
      out.visitInsn(Opcodes.L2I);
    }
    if (kind == Kind.F) {
      out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Float", "intBitsToFloat", "(I)F", false);
    } else if (kind == Kind.D) {
      out.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/Double", "longBitsToDouble", "(J)D", false);
    }
  }

  static void cast(MethodVisitor out, String type) {
    if (!type.equals("Ljava/lang/Object;")) {
      out.visitTypeInsn(Opcodes.CHECKCAST, Names.internal(type));
    }
  }

  static int word(int register, int kind) {
    return 4 * register + kind;
  }

  private boolean takes(Block block) {
    return block.isHandler() && body.flow.insns.get(block.first).op.act == Op.Act.MOVE_EXCEPTION;
  }

  interface Live {
    void take(int register, int kind);
  }

  /** The registers that are read from a block on, and as which kinds. */
  void eachLive(Block block, Live each) {
    for (int bit = 0; bit < body.code.registers * Kind.COUNT; bit++) {
      if (Demand.has(block.live, bit / Kind.COUNT, bit % Kind.COUNT)) {
        each.take(bit / Kind.COUNT, bit % Kind.COUNT);
      }
    }
  }
}
