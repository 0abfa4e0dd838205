package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.FieldRef;
import dev.pileus.translate.dex.MethodRef;
import java.util.List;

/**
 * Decides, knowing what the registers hold, what each instruction reads and in which order: as which kind,
 * from which constant, with which cast. A cast is only needed where the types say less than the code knows.
 */
final class Resolver {
  private static final String THROWABLE = "Ljava/lang/Throwable;";

  private final Body body;
  private final Inference inference;
  private int[] registers = new int[8];
  private byte[] kinds = new byte[8];
  private Held[] constants = new Held[8];
  private String[] casts = new String[8];
  private int uses;

  Resolver(Body body, Inference inference) {
    this.body = body;
    this.inference = inference;
  }

  void run() {
    List<Insn> insns = body.flow.insns;
    for (Block block : body.flow.blocks) {
      if (block.state == null) {
        continue;
      }
      Held[] state = block.state.clone();
      for (int i = block.first; i < block.end; i++) {
        Insn insn = insns.get(i);
        uses = 0;
        resolve(insn, state);
        keep(insn);
        inference.step(insn, state, block);
        if (insn.target >= 0 && state[insn.target].isConstant()) {
          insn.constant = state[insn.target];
        }
      }
    }
  }

  private void resolve(Insn insn, Held[] state) {
    switch (insn.op.act) {
      case NOP, GOTO -> {}
      case MOVE, MOVE_OBJECT, MOVE_WIDE -> move(insn, state);
      case MOVE_RESULT, MOVE_EXCEPTION -> target(insn, insn.a, Kind.A);
      case RETURN -> {
        String type = body.method.proto().result();
        char wanted = insn.op.element();
        if (wanted == 'V' != type.equals("V") || wanted != 'V' && wanted != group(type)) {
          throw new BadDex("a method that gives " + type + " returns with " + insn.op);
        }
        if (wanted != 'V') {
          value(state, insn.a, type);
        }
      }
      case CONST -> target(insn, insn.a, Kind.I);
      case CONST_WIDE -> target(insn, insn.a, Kind.J);
      case CONST_STRING, CONST_CLASS, CONST_HANDLE, CONST_TYPE, NEW_INSTANCE -> target(insn, insn.a, Kind.A);
      case MONITOR -> value(state, insn.a, "Ljava/lang/Object;");
      case CHECK_CAST -> {
        value(state, insn.a, "Ljava/lang/Object;");
        target(insn, insn.a, Kind.A);
      }
      case INSTANCE_OF -> {
        value(state, insn.b, "Ljava/lang/Object;");
        target(insn, insn.a, Kind.I);
      }
      case ARRAY_LENGTH -> {
        array(insn, state, insn.b, '*');
        target(insn, insn.a, Kind.I);
      }
      case NEW_ARRAY -> {
        use(state, insn.b, Kind.I, null);
        target(insn, insn.a, Kind.A);
      }
      case FILLED_NEW_ARRAY -> filled(insn, state);
      case FILL_ARRAY -> array(insn, state, insn.a, '*');
      case THROW -> value(state, insn.a, THROWABLE);
      case SWITCH -> use(state, insn.a, Kind.I, null);
      case IF -> {
        Held one = Inference.read(state, insn.a);
        Held two = Inference.read(state, insn.b);
        insn.kind = one.isObject() || two.isObject() ? Kind.A : Kind.I;
        boolean equality = insn.op == Op.IF_EQ || insn.op == Op.IF_NE;
        if (insn.kind == Kind.A && !equality) {
          throw new BadDex("references are put in order at " + insn.pc);
        }
        use(state, insn.a, insn.kind, null);
        use(state, insn.b, insn.kind, null);
      }
      case IF_ZERO -> {
        insn.kind = Inference.read(state, insn.a).isObject() ? Kind.A : Kind.I;
        if (insn.kind == Kind.A && insn.op != Op.IF_EQZ && insn.op != Op.IF_NEZ) {
          throw new BadDex("a reference is put in order at " + insn.pc);
        }
        use(state, insn.a, insn.kind, null);
      }
      case AGET -> {
        insn.kind = array(insn, state, insn.b, insn.op.element());
        use(state, insn.c, Kind.I, null);
        target(insn, insn.a, insn.kind);
      }
      case APUT -> {
        insn.kind = array(insn, state, insn.b, insn.op.element());
        if (insn.made == null && insn.kind != Kind.A && state[insn.a] != null) {
          // Into null anything may be put, since that throws; the JVM wants to know what all the same.
          insn.kind = state[insn.a].fits(insn.kind) ? insn.kind : insn.kind + Kind.F;
        }
        use(state, insn.c, Kind.I, null);
        if (insn.kind == Kind.A) {
          value(state, insn.a, "Ljava/lang/Object;");
        } else {
          use(state, insn.a, insn.kind, null);
        }
      }
      case IGET -> {
        receiver(state, insn.b, ((FieldRef) insn.ref).owner(), false);
        target(insn, insn.a, field(insn));
      }
      case IPUT -> {
        receiver(state, insn.b, ((FieldRef) insn.ref).owner(), true);
        field(insn);
        value(state, insn.a, ((FieldRef) insn.ref).type());
      }
      case SGET -> target(insn, insn.a, field(insn));
      case SPUT -> {
        field(insn);
        value(state, insn.a, ((FieldRef) insn.ref).type());
      }
      case INVOKE, INVOKE_POLYMORPHIC, INVOKE_CUSTOM -> call(insn, state);
      case UNARY -> {
        use(state, insn.b, Kind.of(insn.op.kinds.charAt(0)), null);
        target(insn, insn.a, Kind.of(insn.op.kinds.charAt(1)));
      }
      case BINARY -> {
        use(state, insn.b, Kind.of(insn.op.kinds.charAt(0)), null);
        use(state, insn.c, Kind.of(insn.op.kinds.charAt(1)), null);
        target(insn, insn.a, Kind.of(insn.op.kinds.charAt(2)));
      }
      case LITERAL -> {
        use(state, insn.b, Kind.I, null);
        target(insn, insn.a, Kind.I);
      }
    }
  }

  private void move(Insn insn, Held[] state) {
    boolean wide = insn.op.act == Op.Act.MOVE_WIDE;
    Held held = wide ? Inference.readWide(state, insn.b) : Inference.read(state, insn.b);
    int kind =
        switch (held.tag) {
          case FLOAT -> Kind.F;
          case WIDE_CONSTANT, WIDE_EITHER, LONG -> Kind.J;
          case DOUBLE -> Kind.D;
          case REFERENCE, NEW, NEW_THIS -> Kind.A;
          default -> Kind.I;
        };
    target(insn, insn.a, kind);
    // Which kinds are moved depends on who reads them later: Demand asks for each.
    insn.kind = held.tag == Held.Tag.EITHER || held.tag == Held.Tag.WIDE_EITHER ? -1 : kind;
    if (insn.kind >= 0) {
      use(state, insn.b, kind, null);
    }
  }

  private void filled(Insn insn, Held[] state) {
    String type = (String) insn.ref;
    if (type.charAt(0) != '[' || Kind.isWide(Kind.of(type.charAt(1)))) {
      throw new BadDex("an array of " + type + " is made of registers");
    }
    for (int register : insn.args) {
      value(state, register, type.substring(1));
    }
    if (insn.resultOp != null) {
      result(insn, type);
    }
  }

  private int field(Insn insn) {
    String type = ((FieldRef) insn.ref).type();
    char wanted = insn.op.element();
    boolean small = wanted == 'Z' || wanted == 'B' || wanted == 'C' || wanted == 'S';
    if (small ? Kind.of(type) != Kind.I : wanted != group(type)) {
      throw new BadDex("a field of type " + type + " is used with " + insn.op);
    }
    insn.kind = Kind.of(type);
    return insn.kind;
  }

  private void call(Insn insn, Held[] state) {
    int at = 0;
    if (insn.op.act == Op.Act.INVOKE_POLYMORPHIC) {
      value(state, argument(insn, at++), ((MethodRef) insn.ref).owner());
    } else if (insn.op.act == Op.Act.INVOKE && !insn.op.kinds.equals("ST")) {
      int register = argument(insn, at++);
      if (insn.isConstructorCall()) {
        Held made = Inference.read(state, register);
        insn.made = made.type;
        insn.ofReceiver = made.tag == Held.Tag.NEW_THIS;
        use(state, register, Kind.A, null);
      } else {
        String owner = ((MethodRef) insn.ref).owner();
        // Of what is called through an interface the verifier asks nothing.
        String wanted =
            switch (insn.op.kinds) {
              case "IN" -> "Ljava/lang/Object;";
              case "SU" -> body.method.owner();
              default -> owner;
            };
        value(state, register, wanted);
      }
    }
    for (String type : insn.proto.parameters()) {
      int register = argument(insn, at++);
      value(state, register, type);
      if (Kind.isWide(Kind.of(type)) && argument(insn, at++) != register + 1) {
        throw new BadDex("a long or double is torn apart at " + insn.pc);
      }
    }
    if (at != insn.args.length) {
      throw new BadDex("a call at " + insn.pc + " has too many registers");
    }
    if (insn.resultOp != null) {
      result(insn, insn.proto.result());
    }
  }

  private static int argument(Insn insn, int at) {
    if (at >= insn.args.length) {
      throw new BadDex("a call at " + insn.pc + " has too few registers");
    }
    return insn.args[at];
  }

  private static void result(Insn insn, String type) {
    if (insn.resultOp.element() != group(type)) {
      throw new BadDex("a result of type " + type + " is taken with " + insn.resultOp);
    }
    target(insn, insn.result, Kind.of(type));
  }

  /** I, J or A: how instructions of 32 bits, of 64 bits and for references group the types. */
  private static char group(String type) {
    int kind = Kind.of(type);
    return kind == Kind.A ? 'A' : Kind.isWide(kind) ? 'J' : 'I';
  }

  /** The array itself as an operand; gives the kind of its elements. */
  private int array(Insn insn, Held[] state, int register, char wanted) {
    Held held = Inference.read(state, register);
    boolean isArray = held.tag == Held.Tag.REFERENCE && held.type.charAt(0) == '[';
    if (held.isZero()) {
      use(state, register, Kind.A, null);
      return Kind.of(wanted == '*' ? 'I' : wanted);
    }
    if (isArray && (wanted == '*' || Inference.fits(wanted, held.type.charAt(1)))) {
      use(state, register, Kind.A, null);
      insn.made = held.type;
      return Kind.of(held.type.charAt(1));
    }
    if (!isArray && wanted == 'A' && held.tag == Held.Tag.REFERENCE) {
      use(state, register, Kind.A, "[Ljava/lang/Object;");
      return Kind.A;
    }
    throw new BadDex(held + " is used as an array with " + insn.op);
  }

  private void receiver(Held[] state, int register, String owner, boolean written) {
    if (written && Inference.read(state, register).tag == Held.Tag.NEW_THIS) {
      use(state, register, Kind.A, null);
    } else {
      value(state, register, owner);
    }
  }

  /** An operand of a declared type. */
  private void value(Held[] state, int register, String type) {
    int kind = Kind.of(type);
    String cast = null;
    if (kind == Kind.A) {
      Held held = Inference.read(state, register);
      if (held.isFresh()) {
        throw new BadDex("an object is used before its constructor was called");
      }
      if (held.tag == Held.Tag.REFERENCE && !body.hierarchy.assignable(held.type, type)) {
        cast = type;
      }
    }
    use(state, register, kind, cast);
  }

  private void use(Held[] state, int register, int kind, String cast) {
    Held held = Kind.isWide(kind) ? Inference.readWide(state, register) : Inference.read(state, register);
    if (!held.fits(kind)) {
      throw new BadDex("register v" + register + " holds " + held + " and is used as " + "IJFDA".charAt(kind));
    }
    if (uses == registers.length) {
      registers = java.util.Arrays.copyOf(registers, 2 * uses);
      kinds = java.util.Arrays.copyOf(kinds, 2 * uses);
      constants = java.util.Arrays.copyOf(constants, 2 * uses);
      casts = java.util.Arrays.copyOf(casts, 2 * uses);
    }
    registers[uses] = register;
    kinds[uses] = (byte) kind;
    constants[uses] = held.isConstant() ? held : null;
    casts[uses++] = cast;
  }

  private static void target(Insn insn, int register, int kind) {
    insn.target = register;
    insn.targetKind = kind;
  }

  private void keep(Insn insn) {
    if (uses > 0) {
      insn.useRegister = java.util.Arrays.copyOf(registers, uses);
      insn.useKind = java.util.Arrays.copyOf(kinds, uses);
      insn.useConstant = java.util.Arrays.copyOf(constants, uses);
      insn.useCast = java.util.Arrays.copyOf(casts, uses);
    }
  }
}
