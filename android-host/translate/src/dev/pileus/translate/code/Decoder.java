package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.CallSite;
import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Dex;
import dev.pileus.translate.dex.MethodRef;

/** Reads single instructions; what does not make sense is {@link BadDex}. */
final class Decoder {
  private static final int PACKED = 0x0100;
  private static final int SPARSE = 0x0200;
  private static final int ARRAY = 0x0300;

  private final Dex dex;
  private final Code code;

  Decoder(Dex dex, Code code) {
    this.dex = dex;
    this.code = code;
  }

  Insn at(int pc) {
    int unit = code.unit(pc);
    Op op = Op.of(unit & 0xff);
    if (op == null) {
      throw new BadDex("opcode " + Integer.toHexString(unit & 0xff) + " at " + pc + " is not known");
    }
    Insn insn = new Insn(pc, op);
    layOut(insn, unit);
    name(insn);
    if (op.act == Op.Act.INVOKE || op.act == Op.Act.INVOKE_CUSTOM || op.act == Op.Act.INVOKE_POLYMORPHIC
        || op.act == Op.Act.FILLED_NEW_ARRAY) {
      joinResult(insn);
    }
    check(insn);
    return insn;
  }

  private void layOut(Insn insn, int unit) {
    int pc = insn.pc;
    int high = unit >> 8;
    int low4 = high & 15;
    int high4 = high >> 4;
    insn.next = pc + insn.op.format.units;
    switch (insn.op.format) {
      case F10X -> {}
      case F12X -> {
        insn.a = low4;
        insn.b = high4;
        if (insn.op.act == Op.Act.BINARY) {
          insn.b = low4;
          insn.c = high4;
        }
      }
      case F11N -> {
        insn.a = low4;
        insn.literal = (byte) high >> 4;
      }
      case F11X -> insn.a = high;
      case F10T -> jump(insn, (byte) high);
      case F20T -> jump(insn, (short) code.unit(pc + 1));
      case F30T -> jump(insn, code.pair(pc + 1));
      case F21T -> {
        insn.a = high;
        jump(insn, (short) code.unit(pc + 1));
      }
      case F22T -> {
        insn.a = low4;
        insn.b = high4;
        jump(insn, (short) code.unit(pc + 1));
      }
      case F22X, F21C -> {
        insn.a = high;
        insn.b = code.unit(pc + 1);
      }
      case F21S -> {
        insn.a = high;
        insn.literal = (short) code.unit(pc + 1);
      }
      case F21H -> {
        insn.a = high;
        long top = (short) code.unit(pc + 1);
        insn.literal = insn.op == Op.CONST_HIGH16 ? top << 16 : top << 48;
      }
      case F23X -> {
        insn.a = high;
        insn.b = code.unit(pc + 1) & 0xff;
        insn.c = code.unit(pc + 1) >> 8;
      }
      case F22B -> {
        insn.a = high;
        insn.b = code.unit(pc + 1) & 0xff;
        insn.literal = (byte) (code.unit(pc + 1) >> 8);
      }
      case F22S -> {
        insn.a = low4;
        insn.b = high4;
        insn.literal = (short) code.unit(pc + 1);
      }
      case F22C -> {
        insn.a = low4;
        insn.b = high4;
        insn.c = code.unit(pc + 1);
      }
      case F32X -> {
        insn.a = code.unit(pc + 1);
        insn.b = code.unit(pc + 2);
      }
      case F31I -> {
        insn.a = high;
        insn.literal = code.pair(pc + 1);
      }
      case F31C -> {
        insn.a = high;
        insn.b = code.pair(pc + 1);
      }
      case F31T -> {
        insn.a = high;
        payload(insn, pc + code.pair(pc + 1));
      }
      case F51L -> {
        insn.a = high;
        insn.literal = code.pair(pc + 1) & 0xffffffffL | (long) code.pair(pc + 3) << 32;
      }
      case F35C, F45CC -> {
        insn.b = code.unit(pc + 1);
        int registers = code.unit(pc + 2);
        if (high4 > 5) {
          throw new BadDex("a call at " + pc + " has " + high4 + " registers in a form for 5");
        }
        insn.args = new int[high4];
        for (int i = 0; i < high4; i++) {
          insn.args[i] = i == 4 ? low4 : registers >> 4 * i & 15;
        }
      }
      case F3RC, F4RCC -> {
        insn.b = code.unit(pc + 1);
        insn.args = new int[high];
        for (int i = 0; i < high; i++) {
          insn.args[i] = code.unit(pc + 2) + i;
        }
      }
    }
  }

  private void jump(Insn insn, int distance) {
    insn.targets = new int[] {inside(insn.pc + distance)};
  }

  private int inside(int pc) {
    if (pc < 0 || pc >= code.size) {
      throw new BadDex("a jump leads out of the method, to " + pc);
    }
    return pc;
  }

  private void payload(Insn insn, int at) {
    int sign = code.unit(at);
    int count = code.unit(at + 1);
    if (insn.op == Op.FILL_ARRAY_DATA) {
      insn.width = count;
      insn.count = code.pair(at + 2);
      insn.payload = at + 4;
      boolean known = insn.width == 1 || insn.width == 2 || insn.width == 4 || insn.width == 8;
      if (sign != ARRAY || !known || insn.count < 0
          || at + 4 + ((long) insn.width * insn.count + 1) / 2 > code.size) {
        throw new BadDex("the array data of " + insn.pc + " make no sense");
      }
      return;
    }
    boolean packed = insn.op == Op.PACKED_SWITCH;
    if (sign != (packed ? PACKED : SPARSE)) {
      throw new BadDex("the cases of the switch at " + insn.pc + " are not there");
    }
    insn.keys = new int[count];
    insn.targets = new int[count];
    int places = packed ? at + 4 : at + 2 + 2 * count;
    for (int i = 0; i < count; i++) {
      insn.keys[i] = packed ? code.pair(at + 2) + i : code.pair(at + 2 + 2 * i);
      insn.targets[i] = inside(insn.pc + code.pair(places + 2 * i));
      if (i > 0 && insn.keys[i] <= insn.keys[i - 1]) {
        throw new BadDex("the cases of the switch at " + insn.pc + " are not in order");
      }
    }
  }

  private void name(Insn insn) {
    switch (insn.op.act) {
      case CONST_STRING -> insn.ref = dex.string(insn.b);
      case CONST_CLASS, CHECK_CAST, NEW_INSTANCE -> insn.ref = dex.type(insn.b);
      case INSTANCE_OF, NEW_ARRAY -> insn.ref = dex.type(insn.c);
      case FILLED_NEW_ARRAY -> insn.ref = dex.type(insn.b);
      case IGET, IPUT -> insn.ref = dex.field(insn.c);
      case SGET, SPUT -> insn.ref = dex.field(insn.b);
      case CONST_HANDLE -> insn.ref = dex.handle(insn.b);
      case CONST_TYPE -> insn.ref = dex.proto(insn.b);
      case INVOKE -> {
        MethodRef method = dex.method(insn.b);
        insn.ref = method;
        insn.proto = method.proto();
      }
      case INVOKE_POLYMORPHIC -> {
        insn.ref = dex.method(insn.b);
        insn.proto = dex.proto(code.unit(insn.pc + 3));
      }
      case INVOKE_CUSTOM -> {
        CallSite site = dex.callSite(insn.b);
        insn.ref = site;
        insn.proto = site.type();
      }
      default -> {}
    }
  }

  private void joinResult(Insn insn) {
    if (insn.next < code.size) {
      int unit = code.unit(insn.next);
      Op op = Op.of(unit & 0xff);
      if (op != null && op.act == Op.Act.MOVE_RESULT) {
        insn.result = unit >> 8;
        insn.resultOp = op;
        insn.next++;
        register(insn.result + (op == Op.MOVE_RESULT_WIDE ? 1 : 0));
      }
    }
  }

  /** The registers lie inside; that the upper halves of wide ones do is checked when they are read or written. */
  private void check(Insn insn) {
    switch (insn.op.format) {
      case F10X, F10T, F20T, F30T -> {}
      case F35C, F3RC, F45CC, F4RCC -> {
        for (int register : insn.args) {
          register(register);
        }
      }
      case F12X, F22T, F22B, F22S, F22C, F22X, F32X -> {
        register(insn.a);
        register(insn.b);
        if (insn.op.act == Op.Act.BINARY) {
          register(insn.c);
        }
      }
      case F23X -> {
        register(insn.a);
        register(insn.b);
        register(insn.c);
      }
      default -> register(insn.a);
    }
  }

  private void register(int register) {
    if (register >= code.registers) {
      throw new BadDex("there is no register v" + register);
    }
  }
}
