package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.FieldRef;
import dev.pileus.translate.dex.HandleRef;
import dev.pileus.translate.dex.Names;
import dev.pileus.translate.dex.Proto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Writes a method's instructions. Each loads its operands from locals and stores its result, so the stack is
 * empty between them; only a result that the next one takes first, and nobody later, stays on it.
 */
final class Emitter {
  private final Body body;
  private final Inference inference;
  private final Tracked out;
  private final Calls calls;
  private final Locals locals;
  private final Map<Integer, Label> news = new HashMap<>();
  private final Part part;
  private final List<Block> blocks;
  private boolean carried;

  Emitter(Body body, Inference inference, Constructors constructors, MethodVisitor out) {
    this(body, inference, constructors, out, null);
  }

  /** Writes one part of a method, or all of it (null). */
  Emitter(Body body, Inference inference, Constructors constructors, MethodVisitor out, Part part) {
    this.body = body;
    this.inference = inference;
    this.out = new Tracked(out);
    this.part = part;
    blocks = part == null ? body.flow.blocks : body.flow.blocks.subList(part.first, part.end);
    calls = new Calls(body, constructors, this.out);
    locals = new Locals(body, part);
  }

  void run() {
    Ranges ranges = new Ranges(body, part, blocks, out);
    int[][] lines = body.code.lines();
    int line = 0;
    if (locals.receiverCopy >= 0) {
      out.visitVarInsn(Opcodes.ALOAD, 0);
      out.visitVarInsn(Opcodes.ASTORE, locals.receiverCopy);
    }
    if (part != null && !part.isOwn()) {
      part.enter(out, locals, inference);
    }
    for (Block block : blocks) {
      begin(block);
      for (int i = block.first; i < block.end; i++) {
        Insn insn = body.flow.insns.get(i);
        while (line < lines.length && lines[line][0] <= insn.pc) {
          if (line + 1 == lines.length || lines[line + 1][0] > insn.pc) {
            Label here = new Label();
            out.visitLabel(here);
            out.visitLineNumber(lines[line][1], here);
          }
          line++;
        }
        ranges.enter(i, out);
        int before = out.written;
        emit(insn, i + 1 < block.end ? body.flow.insns.get(i + 1) : null);
        if (insn.handlers != null && out.written == before) {
          out.visitInsn(Opcodes.NOP);
        }
        ranges.leave(i, out);
      }
    }
    Insn last = body.flow.insns.get(blocks.get(blocks.size() - 1).end - 1);
    if (part != null && last.op.goesOn() && last.op.act != Op.Act.SWITCH && last.action < 0) {
      out.visitJumpInsn(Opcodes.GOTO, label(last.next));
    }
    for (Block block : blocks) {
      if (block.pad != null) {
        frame(block, block.pad, inference.caught(block));
        out.visitInsn(Opcodes.POP);
        out.visitJumpInsn(Opcodes.GOTO, block.label);
      }
    }
    if (part != null) {
      part.leave(out, locals, inference, this::frame);
    }
  }

  private Label label(int pc) {
    Block block = body.flow.blockAt(pc);
    return part == null ? block.label : part.label(block);
  }

  private void begin(Block block) {
    boolean takes = body.flow.insns.get(block.first).op.act == Op.Act.MOVE_EXCEPTION;
    if (block.isHandler() && takes) {
      frame(block, block.label, inference.caught(block));
    } else if (block.isTarget || block.pad != null) {
      frame(block, block.label, null);
    } else {
      out.visitLabel(block.label);
    }
  }

  private void frame(Block block, Label label, String onStack) {
    out.separate();
    out.visitLabel(label);
    Object[] held = locals.frame(block, news);
    Object[] stack = onStack == null ? new Object[0] : new Object[] {Names.internal(onStack)};
    out.visitFrame(Opcodes.F_NEW, held.length, held, stack.length, stack);
  }

  private void emit(Insn insn, Insn next) {
    if (insn.target >= 0 && insn.demand == 0 && !insn.op.mayThrow()
        && insn.op.act != Op.Act.MOVE_EXCEPTION) {
      return;
    }
    switch (insn.op.act) {
      case NOP -> {}
      case GOTO -> jump(Opcodes.GOTO, insn);
      case MOVE, MOVE_OBJECT, MOVE_WIDE -> move(insn, next);
      case CONST, CONST_WIDE -> store(insn, next);
      case RETURN -> {
        if (insn.op != Op.RETURN_VOID) {
          push(insn, 0);
        }
        int kind = insn.op == Op.RETURN_VOID ? Kind.NONE : insn.useKind[0];
        if (part != null && !part.isOwn()) {
          part.end(out, locals, kind);
        } else {
          out.visitInsn(kind == Kind.NONE ? Opcodes.RETURN : Kind.shift(Opcodes.IRETURN, kind));
        }
      }
      case THROW -> simple(insn, Opcodes.ATHROW);
      case MONITOR -> {
        if (insn.action < 0) {
          simple(insn, insn.op.jvm);
        } else {
          push(insn, 0);
          part.act(out, locals, insn.action, body.flow.blockAt(insn.next));
        }
      }
      case FILL_ARRAY -> {
        push(insn, 0);
        new ArrayData(out, body.code, insn).write();
      }
      case SWITCH -> choose(insn);
      case IF -> compare(insn);
      case IF_ZERO -> {
        push(insn, 0);
        boolean equal = insn.op == Op.IF_EQZ;
        jump(insn.kind == Kind.A ? equal ? Opcodes.IFNULL : Opcodes.IFNONNULL : insn.op.jvm, insn);
      }
      case APUT -> simple(insn, Opcodes.IASTORE - Opcodes.IALOAD + load(insn));
      case IPUT -> field(insn, Opcodes.PUTFIELD);
      case SPUT -> field(insn, Opcodes.PUTSTATIC);
      case LITERAL -> literal(insn, next);
      default -> {
        value(insn);
        store(insn, next);
      }
    }
  }

  /** Instructions that leave a value on the stack, where their method gives one. */
  private void value(Insn insn) {
    switch (insn.op.act) {
      case CONST_STRING -> Literals.push(out, (String) insn.ref);
      case CONST_CLASS -> Literals.pushClass(out, (String) insn.ref);
      case CONST_HANDLE -> out.visitLdcInsn(Literals.handle((HandleRef) insn.ref, body.hierarchy));
      case CONST_TYPE -> out.visitLdcInsn(Type.getMethodType(((Proto) insn.ref).descriptor()));
      case CHECK_CAST -> {
        push(insn, 0);
        out.visitTypeInsn(Opcodes.CHECKCAST, Names.internal((String) insn.ref));
      }
      case INSTANCE_OF -> {
        push(insn, 0);
        out.visitTypeInsn(Opcodes.INSTANCEOF, Names.internal((String) insn.ref));
      }
      case ARRAY_LENGTH -> simple(insn, Opcodes.ARRAYLENGTH);
      case NEW_INSTANCE -> {
        out.visitLabel(news.computeIfAbsent(insn.pc, pc -> new Label()));
        out.visitTypeInsn(Opcodes.NEW, Names.internal((String) insn.ref));
      }
      case NEW_ARRAY -> {
        push(insn, 0);
        newArray((String) insn.ref);
      }
      case FILLED_NEW_ARRAY -> filledArray(insn);
      case AGET -> simple(insn, load(insn));
      case IGET -> field(insn, Opcodes.GETFIELD);
      case SGET -> field(insn, Opcodes.GETSTATIC);
      case INVOKE, INVOKE_POLYMORPHIC, INVOKE_CUSTOM -> {
        pushAll(insn);
        calls.write(insn);
      }
      case UNARY -> {
        push(insn, 0);
        if (insn.op == Op.NOT_INT) {
          Literals.push(out, -1);
        } else if (insn.op == Op.NOT_LONG) {
          out.visitLdcInsn(-1L);
        }
        out.visitInsn(insn.op.jvm);
      }
      case BINARY -> simple(insn, insn.op.jvm);
      default -> {}
    }
  }

  private void push(Insn insn, int at) {
    int kind = insn.useKind[at];
    if (at == 0 && carried) {
      carried = false;
    } else if (insn.useConstant[at] != null) {
      Literals.push(out, insn.useConstant[at], kind);
    } else {
      out.visitVarInsn(Kind.shift(Opcodes.ILOAD, kind), locals.of(insn.useRegister[at], kind));
    }
    if (insn.useCast[at] != null) {
      out.visitTypeInsn(Opcodes.CHECKCAST, Names.internal(insn.useCast[at]));
    }
  }

  private void pushAll(Insn insn) {
    for (int i = 0; i < insn.useRegister.length; i++) {
      push(insn, i);
    }
  }

  private void simple(Insn insn, int opcode) {
    pushAll(insn);
    out.visitInsn(opcode);
  }

  private void jump(int opcode, Insn insn) {
    out.visitJumpInsn(opcode, label(insn.targets[0]));
  }

  /** Puts the result where its readers look for it, or leaves it on the stack for the next instruction. */
  private void store(Insn insn, Insn next) {
    if (insn.constant != null) {
      if (insn.op.mayThrow()) {
        pop(insn.targetKind);
      }
      for (int kind = 0; kind < Kind.COUNT; kind++) {
        if ((insn.demand & 1 << kind) != 0) {
          Literals.push(out, insn.constant, kind);
          save(insn.target, kind);
        }
      }
    } else if (insn.target < 0) {
      unclaimed(insn);
    } else if (insn.demand == 0) {
      pop(insn.targetKind);
    } else if (insn.demand != 1 << insn.targetKind) {
      throw new IllegalStateException("a result is read as another kind at " + insn.pc);
    } else if (takes(next, insn.target, insn.targetKind)) {
      carried = true;
    } else {
      save(insn.target, insn.targetKind);
    }
  }

  private void unclaimed(Insn insn) {
    if (insn.op.act == Op.Act.FILLED_NEW_ARRAY) {
      out.visitInsn(Opcodes.POP);
    } else if (!insn.proto.result().equals("V")) {
      pop(Kind.of(insn.proto.result()));
    }
  }

  private void save(int register, int kind) {
    out.visitVarInsn(Kind.shift(Opcodes.ISTORE, kind), locals.of(register, kind));
  }

  private void pop(int kind) {
    out.visitInsn(Kind.isWide(kind) ? Opcodes.POP2 : Opcodes.POP);
  }

  /** Whether the next instruction begins by reading this register, and nobody reads it after. */
  private static boolean takes(Insn next, int register, int kind) {
    if (next == null || next.useRegister.length == 0 || !next.firstDies) {
      return false;
    }
    boolean skipped = next.target >= 0 && next.demand == 0 && !next.op.mayThrow();
    // These push something else before.
    boolean later =
        next.op.act == Op.Act.FILLED_NEW_ARRAY
            || next.op.act == Op.Act.LITERAL && next.op.kinds.equals("R");
    boolean moved = next.constant != null || next.demand != 1 << next.targetKind;
    boolean move =
        next.op.act == Op.Act.MOVE || next.op.act == Op.Act.MOVE_OBJECT || next.op.act == Op.Act.MOVE_WIDE;
    return !skipped
        && !later
        && !(move && moved)
        && next.useRegister[0] == register
        && next.useKind[0] == kind
        && next.useConstant[0] == null;
  }

  private void move(Insn insn, Insn next) {
    if (insn.constant != null) {
      store(insn, next);
      return;
    }
    if (insn.demand == 1 << insn.kind) {
      push(insn, 0);
      store(insn, next);
      return;
    }
    for (int kind = 0; kind < Kind.COUNT; kind++) {
      if ((insn.demand & 1 << kind) != 0) {
        out.visitVarInsn(Kind.shift(Opcodes.ILOAD, kind), locals.of(insn.b, kind));
        save(insn.target, kind);
      }
    }
  }

  private void compare(Insn insn) {
    boolean object = insn.kind == Kind.A;
    boolean equal = insn.op == Op.IF_EQ;
    if (insn.useConstant[1] != null && insn.useConstant[1].isZero()) {
      push(insn, 0);
      int zero = insn.op.jvm - Opcodes.IF_ICMPEQ + Opcodes.IFEQ;
      jump(object ? equal ? Opcodes.IFNULL : Opcodes.IFNONNULL : zero, insn);
    } else {
      pushAll(insn);
      jump(object ? equal ? Opcodes.IF_ACMPEQ : Opcodes.IF_ACMPNE : insn.op.jvm, insn);
    }
  }

  private void choose(Insn insn) {
    push(insn, 0);
    Label[] labels = new Label[insn.targets.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(insn.targets[i]);
    }
    Label otherwise = label(insn.next);
    if (insn.op == Op.PACKED_SWITCH && labels.length > 0) {
      int first = insn.keys[0];
      out.visitTableSwitchInsn(first, insn.keys[labels.length - 1], otherwise, labels);
    } else {
      out.visitLookupSwitchInsn(otherwise, insn.keys, labels);
    }
  }

  private void literal(Insn insn, Insn next) {
    int local = insn.useConstant[0] == null ? locals.of(insn.b, Kind.I) : -1;
    boolean counts = insn.op.jvm == Opcodes.IADD && insn.a == insn.b && local >= 0 && !carried;
    if (counts && insn.demand == 1 << Kind.I && !takes(next, insn.a, Kind.I)) {
      out.visitIincInsn(local, (int) insn.literal);
      return;
    }
    if (insn.op.kinds.equals("R")) {
      Literals.push(out, (int) insn.literal);
      push(insn, 0);
    } else {
      push(insn, 0);
      Literals.push(out, (int) insn.literal);
    }
    out.visitInsn(insn.op.jvm);
    store(insn, next);
  }

  /** The JVM's instruction that reads an element. */
  private static int load(Insn insn) {
    return switch (insn.op.element()) {
      case 'Z', 'B' -> Opcodes.BALOAD;
      case 'C' -> Opcodes.CALOAD;
      case 'S' -> Opcodes.SALOAD;
      default -> Kind.shift(Opcodes.IALOAD, insn.kind);
    };
  }

  private void field(Insn insn, int opcode) {
    FieldRef field = (FieldRef) insn.ref;
    pushAll(insn);
    out.visitFieldInsn(opcode, Names.internal(field.owner()), field.name(), field.type());
  }

  private void newArray(String type) {
    String element = type.substring(1);
    int primitive = "ZCFDBSIJ".indexOf(element);
    if (type.charAt(0) != '[') {
      throw new BadDex("an array of type " + type + " is made");
    } else if (primitive >= 0) {
      out.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_BOOLEAN + primitive);
    } else {
      out.visitTypeInsn(Opcodes.ANEWARRAY, Names.internal(element));
    }
  }

  private void filledArray(Insn insn) {
    String type = (String) insn.ref;
    int kind = Kind.of(type.charAt(1));
    Literals.push(out, insn.args.length);
    newArray(type);
    int store =
        switch (type.charAt(1)) {
          case 'Z', 'B' -> Opcodes.BASTORE;
          case 'C' -> Opcodes.CASTORE;
          case 'S' -> Opcodes.SASTORE;
          default -> Kind.shift(Opcodes.IASTORE, kind);
        };
    for (int i = 0; i < insn.args.length; i++) {
      out.visitInsn(Opcodes.DUP);
      Literals.push(out, i);
      push(insn, i);
      out.visitInsn(store);
    }
  }
}
