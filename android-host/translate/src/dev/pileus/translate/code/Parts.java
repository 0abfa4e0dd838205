package dev.pileus.translate.code;

import dev.pileus.translate.dex.Names;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A method in parts: what has its name puts the parameters into arrays and calls one part after the other, as each
 * says; it also enters and leaves monitors, which the JVM wants in one method. A constructor has its first part in
 * it instead. Only what the JVM has no room for otherwise is written so: it is slower, and traces of the stack show it.
 */
public final class Parts implements Methods.Written {
  /** The descriptor of a part. */
  public static final String TYPE = "(I[J[Ljava/lang/Object;)I";

  private final Body body;
  private final Inference inference;
  private final Constructors constructors;
  private final List<Part> parts = new ArrayList<>();

  /** The begins and ends of monitors, whose numbers follow those of the blocks. */
  private final List<Insn> actions = new ArrayList<>();

  /** The constructor's own part; null for another method. */
  private final Part own;

  private final Label again = new Label();
  private List<String> names = List.of();

  Parts(Body body, Inference inference, Constructors constructors, List<Integer> begins) {
    this.body = body;
    this.inference = inference;
    this.constructors = constructors;
    own = body.isConstructor() ? new Part(body, 0, begins.get(1), again) : null;
    for (int i = own == null ? 0 : 1; i < begins.size(); i++) {
      int end = i + 1 < begins.size() ? begins.get(i + 1) : body.flow.blocks.size();
      parts.add(new Part(body, begins.get(i), end, null));
    }
    int number = parts.stream().mapToInt(part -> part.entries.size()).sum();
    for (Insn insn : body.flow.insns.subList(body.flow.blocks.get(parts.get(0).first).first, body.flow.insns.size())) {
      if (insn.op.act == Op.Act.MONITOR) {
        insn.action = number++;
        actions.add(insn);
      }
    }
  }

  /** How many there are. */
  public int count() {
    return parts.size();
  }

  /** Names the parts, which must be done before the method is written. */
  public void name(List<String> given) {
    names = given;
  }

  public String name(int number) {
    return names.get(number);
  }

  @Override
  public void to(MethodVisitor out) {
    new Frame(out).write();
  }

  /** Writes one part. */
  public void write(int number, MethodVisitor out) {
    new Emitter(body, inference, constructors, out, parts.get(number)).run();
  }

  /** What keeps the registers and calls the parts. */
  private final class Frame {
    private final MethodVisitor out;
    private final Object[] locals;
    private int next;
    private int state;
    private int words;
    private int references;

    Frame(MethodVisitor out) {
      this.out = out;
      List<Object> held = new ArrayList<>();
      if (!body.isStatic) {
        held.add(Names.internal(body.method.owner()));
        next++;
      }
      for (String type : body.method.proto().parameters()) {
        int kind = Kind.of(type);
        // A constructor's own part puts what it likes into these.
        held.add(own != null ? Opcodes.TOP : kind == Kind.A ? Names.internal(type) : KINDS[kind]);
        if (own != null && Kind.isWide(kind)) {
          held.add(Opcodes.TOP);
        }
        next += Kind.isWide(kind) ? 2 : 1;
      }
      state = next;
      words = next + 1;
      references = next + 2;
      held.addAll(List.of(Part.PARAMETERS));
      locals = held.toArray();
    }

    void write() {
      arrays();
      Literals.push(out, 0);
      out.visitVarInsn(Opcodes.ISTORE, state);
      if (own == null) {
        parameters();
      } else {
        new Emitter(body, inference, constructors, out, own).run();
      }
      Label end = new Label();
      out.visitLabel(again);
      frame();
      out.visitVarInsn(Opcodes.ILOAD, state);
      List<Label> targets = new ArrayList<>();
      List<Label> calls = new ArrayList<>();
      for (Part part : parts) {
        Label call = new Label();
        calls.add(call);
        part.entries.forEach(entry -> targets.add(call));
      }
      List<Label> acts = actions.stream().map(insn -> new Label()).toList();
      targets.addAll(acts);
      out.visitTableSwitchInsn(0, targets.size() - 1, end, targets.toArray(Label[]::new));
      for (int i = 0; i < parts.size(); i++) {
        out.visitLabel(calls.get(i));
        frame();
        call(i);
        out.visitJumpInsn(Opcodes.GOTO, again);
      }
      for (int i = 0; i < actions.size(); i++) {
        out.visitLabel(acts.get(i));
        frame();
        act(actions.get(i));
        out.visitJumpInsn(Opcodes.GOTO, again);
      }
      out.visitLabel(end);
      frame();
      result();
    }

    private void frame() {
      out.visitFrame(Opcodes.F_NEW, locals.length, locals, 0, new Object[0]);
    }

    private void arrays() {
      Literals.push(out, 4 * body.code.registers + 4);
      out.visitIntInsn(Opcodes.NEWARRAY, Opcodes.T_LONG);
      out.visitVarInsn(Opcodes.ASTORE, words);
      Literals.push(out, Part.monitor(body) + 1);
      out.visitTypeInsn(Opcodes.ANEWARRAY, "java/lang/Object");
      out.visitVarInsn(Opcodes.ASTORE, references);
    }

    private void parameters() {
      int register = body.firstParameter();
      int local = 0;
      if (!body.isStatic) {
        Part.put(out, references, words, register++, Kind.A, local++);
      }
      for (String type : body.method.proto().parameters()) {
        int kind = Kind.of(type);
        Part.put(out, references, words, register, kind, local);
        register += Kind.isWide(kind) ? 2 : 1;
        local += Kind.isWide(kind) ? 2 : 1;
      }
    }

    private void call(int number) {
      String owner = body.method.owner();
      out.visitVarInsn(Opcodes.ILOAD, state);
      out.visitVarInsn(Opcodes.ALOAD, words);
      out.visitVarInsn(Opcodes.ALOAD, references);
      boolean face = body.hierarchy.isInterface(owner);
      String name = names.get(number);
      out.visitMethodInsn(Opcodes.INVOKESTATIC, Names.internal(owner), name, TYPE, face);
      out.visitVarInsn(Opcodes.ISTORE, state);
    }

    private void act(Insn insn) {
      out.visitVarInsn(Opcodes.ALOAD, references);
      Literals.push(out, Part.monitor(body));
      out.visitInsn(Opcodes.AALOAD);
      out.visitInsn(insn.op.jvm);
      Literals.push(out, body.flow.blockAt(insn.next).entry);
      out.visitVarInsn(Opcodes.ISTORE, state);
    }

    private void result() {
      String type = body.method.proto().result();
      if (type.equals("V")) {
        out.visitInsn(Opcodes.RETURN);
        return;
      }
      int kind = Kind.of(type);
      out.visitVarInsn(Opcodes.ALOAD, kind == Kind.A ? references : words);
      Literals.push(out, kind == Kind.A ? 0 : Part.word(0, kind));
      out.visitInsn(kind == Kind.A ? Opcodes.AALOAD : Opcodes.LALOAD);
      if (kind == Kind.A) {
        Part.cast(out, type);
      } else {
        Part.fromWord(out, kind);
      }
      out.visitInsn(Kind.shift(Opcodes.IRETURN, kind));
    }
  }

  private static final Object[] KINDS = {
    Opcodes.INTEGER, Opcodes.LONG, Opcodes.FLOAT, Opcodes.DOUBLE, null,
  };
}
