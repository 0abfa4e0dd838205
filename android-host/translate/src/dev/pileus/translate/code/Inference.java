package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.FieldRef;
import java.util.BitSet;
import java.util.List;

/**
 * What each register holds at the begin of each block: registers have no types, and one may hold a number
 * here and a reference there. Runs forward over the blocks until nothing changes; only an instruction that
 * may throw leads to its handlers, with the registers as they were before it.
 */
final class Inference {
  private static final String THROWABLE = "Ljava/lang/Throwable;";
  private static final Held OBJECTS = Held.reference("[Ljava/lang/Object;");

  private final Body body;
  private final BitSet open = new BitSet();

  Inference(Body body) {
    this.body = body;
  }

  void run() {
    List<Block> blocks = body.flow.blocks;
    lead(blocks.get(0), parameters());
    for (int index = 0; index >= 0; index = open.nextSetBit(0)) {
      open.clear(index);
      walk(blocks.get(index));
    }
  }

  private Held[] parameters() {
    Held[] state = new Held[body.places()];
    int at = body.firstParameter();
    if (at < 0 || body.code.registers - at != body.code.ins) {
      throw new BadDex("the code has " + body.code.ins + " registers for its parameters");
    }
    if (!body.isStatic) {
      String owner = body.method.owner();
      Held receiver = body.isConstructor() ? Held.freshThis(owner) : Held.reference(owner);
      state[at++] = receiver;
      state[body.receiverPlace()] = receiver;
    }
    for (String type : body.method.proto().parameters()) {
      Held held = Held.of(type);
      state[at++] = held;
      if (held.isWide()) {
        state[at++] = Held.UPPER;
      }
    }
    return state;
  }

  private void walk(Block block) {
    Held[] state = block.state.clone();
    List<Insn> insns = body.flow.insns;
    Block[] told = null;
    for (int i = block.first; i < block.end; i++) {
      Insn insn = insns.get(i);
      if (insn.handlers != null && insn.handlers != told) {
        for (Block handler : insn.handlers) {
          lead(handler, state);
        }
        told = insn.handlers;
      }
      if (step(insn, state, block)) {
        told = null;
      }
    }
    for (Block next : block.next) {
      lead(next, state);
    }
  }

  private void lead(Block block, Held[] from) {
    Held[] state = block.entry < 0 ? from : handedOn(from);
    if (block.state == null) {
      block.state = state.clone();
      open.set(block.index);
      return;
    }
    Held[] there = block.state;
    for (int i = 0; i < there.length; i++) {
      Held merged = there[i] == state[i] ? there[i] : Held.merge(there[i], state[i], body.hierarchy);
      if (merged != there[i]) {
        there[i] = merged;
        open.set(block.index);
      }
    }
  }

  /**
   * What is known where one part of a method takes over from another: references come out of an array of objects,
   * and are cast where they are used. What the method's own class is stays, since it may do more with its own.
   */
  private Held[] handedOn(Held[] state) {
    Held[] known = state.clone();
    String owner = body.method.owner();
    for (int i = 0; i < known.length; i++) {
      if (known[i] != null && known[i].tag == Held.Tag.REFERENCE) {
        String type = known[i].type;
        boolean numbers = type.charAt(0) == '[' && !type.endsWith(";");
        if (!numbers) {
          boolean own =
              type.equals(owner)
                  || !body.hierarchy.isInterface(owner) && body.hierarchy.assignable(type, owner);
          known[i] = own ? Held.reference(owner) : type.charAt(0) == '[' ? OBJECTS : Held.OBJECT;
        }
      }
    }
    return known;
  }

  /** Runs one instruction; says whether a register changed. */
  boolean step(Insn insn, Held[] state, Block block) {
    switch (insn.op.act) {
      case NOP, RETURN, MONITOR, FILL_ARRAY, THROW, GOTO, SWITCH, IF, IF_ZERO, APUT, IPUT, SPUT -> {
        return false;
      }
      case MOVE, MOVE_OBJECT -> narrow(state, insn.a, read(state, insn.b));
      case MOVE_WIDE -> wide(state, insn.a, readWide(state, insn.b));
      case MOVE_RESULT -> throw new BadDex("a result is taken at " + insn.pc + ", where none is");
      case MOVE_EXCEPTION -> narrow(state, insn.a, Held.reference(caught(block)));
      case CONST -> narrow(state, insn.a, Held.constant((int) insn.literal));
      case CONST_WIDE -> wide(state, insn.a, Held.wideConstant(insn.literal));
      case CONST_STRING -> narrow(state, insn.a, Held.STRING);
      case CONST_CLASS -> narrow(state, insn.a, Held.CLASS);
      case CONST_HANDLE -> narrow(state, insn.a, Held.HANDLE);
      case CONST_TYPE -> narrow(state, insn.a, Held.METHOD_TYPE);
      case CHECK_CAST -> {
        if (!read(state, insn.a).isZero()) {
          narrow(state, insn.a, Held.reference((String) insn.ref));
        }
      }
      case INSTANCE_OF, ARRAY_LENGTH -> narrow(state, insn.a, Held.INT);
      case NEW_INSTANCE -> make(insn, state);
      case NEW_ARRAY -> narrow(state, insn.a, Held.reference((String) insn.ref));
      case FILLED_NEW_ARRAY -> {
        if (insn.resultOp != null) {
          narrow(state, insn.result, Held.reference((String) insn.ref));
        }
      }
      case AGET -> put(state, insn.a, element(insn, read(state, insn.b)));
      case IGET, SGET -> put(state, insn.a, Held.of(((FieldRef) insn.ref).type()));
      case INVOKE, INVOKE_POLYMORPHIC, INVOKE_CUSTOM -> invoke(insn, state);
      case UNARY, BINARY -> {
        char kind = insn.op.kinds.charAt(insn.op.kinds.length() - 1);
        put(state, insn.a, Held.of(String.valueOf(kind)));
      }
      case LITERAL -> narrow(state, insn.a, Held.INT);
    }
    return true;
  }

  private void make(Insn insn, Held[] state) {
    for (int i = 0; i < state.length; i++) {
      if (state[i] != null && state[i].tag == Held.Tag.NEW && state[i].value == insn.pc) {
        state[i] = null;
      }
    }
    narrow(state, insn.a, Held.fresh(insn.pc, (String) insn.ref));
  }

  private void invoke(Insn insn, Held[] state) {
    if (insn.isConstructorCall() && insn.args.length > 0) {
      Held made = read(state, insn.args[0]);
      if (!made.isFresh()) {
        throw new BadDex("a constructor is called on what is no new object, at " + insn.pc);
      }
      Held done = Held.reference(made.type);
      for (int i = 0; i < state.length; i++) {
        if (state[i] != null && state[i].same(made)) {
          state[i] = done;
        }
      }
    }
    if (insn.resultOp != null) {
      String type = insn.proto.result();
      if (type.equals("V")) {
        throw new BadDex("a result is taken of a method that has none, at " + insn.pc);
      }
      put(state, insn.result, Held.of(type));
    }
  }

  /** What an array of a type gives; of null it gives what is never used, since reading it throws. */
  private static Held element(Insn insn, Held array) {
    char wanted = insn.op.element();
    if (array.isZero()) {
      return wanted == 'J' ? Held.WIDE_ZERO : Held.ZERO;
    }
    if (array.tag == Held.Tag.REFERENCE && array.type.charAt(0) == '[') {
      Held element = Held.of(array.type.substring(1));
      if (fits(wanted, array.type.charAt(1))) {
        return element;
      }
    } else if (array.tag == Held.Tag.REFERENCE && wanted == 'A') {
      return Held.OBJECT;
    }
    throw new BadDex(array + " is read as an array of another kind at " + insn.pc);
  }

  /** Whether aget and aput of a kind work on an array with elements of a type. */
  static boolean fits(char wanted, char element) {
    return switch (wanted) {
      case 'I' -> element == 'I' || element == 'F';
      case 'J' -> element == 'J' || element == 'D';
      case 'A' -> element == 'L' || element == '[';
      // ART keeps these apart too, but dx wrote aget-byte for arrays of boolean.
      case 'Z', 'B' -> element == 'Z' || element == 'B';
      default -> element == wanted;
    };
  }

  /** The type of the exception that a handler finds. */
  String caught(Block block) {
    String type = null;
    for (String one : block.caught) {
      if (one == null) {
        return THROWABLE;
      }
      type = type == null ? one : body.hierarchy.join(type, one);
    }
    boolean known = block.caught.size() == 1 || body.hierarchy.assignable(type, THROWABLE);
    return known ? type : THROWABLE;
  }

  static Held read(Held[] state, int register) {
    Held held = state[register];
    if (held == null || held == Held.UPPER || held.isWide()) {
      throw new BadDex("register v" + register + " holds nothing that can be read");
    }
    return held;
  }

  static Held readWide(Held[] state, int register) {
    Held held = state[register];
    if (held == null || !held.isWide() || state[register + 1] != Held.UPPER) {
      throw new BadDex("register v" + register + " holds no long or double");
    }
    return held;
  }

  private void put(Held[] state, int register, Held held) {
    if (held.isWide()) {
      wide(state, register, held);
    } else {
      narrow(state, register, held);
    }
  }

  private static void narrow(Held[] state, int register, Held held) {
    clear(state, register);
    state[register] = held;
  }

  private void wide(Held[] state, int register, Held held) {
    if (register + 1 >= body.code.registers) {
      throw new BadDex("register v" + register + " has no upper half");
    }
    clear(state, register);
    clear(state, register + 1);
    state[register] = held;
    state[register + 1] = Held.UPPER;
  }

  /** What is written over takes the other half of a wide value with it, if that is still there. */
  private static void clear(Held[] state, int register) {
    Held old = state[register];
    if (old == Held.UPPER && register > 0 && state[register - 1] != null && state[register - 1].isWide()) {
      state[register - 1] = null;
    } else if (old != null && old.isWide() && state[register + 1] == Held.UPPER) {
      state[register + 1] = null;
    }
  }
}
