package dev.pileus.translate.code;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;

/** The JVM's locals: one for each register and kind that is used; parameters have theirs from the caller. */
final class Locals {
  private static final int NONE = -1;

  private final Body body;
  private final int[] slots;
  private int next;

  private final int[] scratch = {NONE, NONE, NONE, NONE, NONE};

  /** Where the three locals begin that a part of a method is called with; -1 for what is written whole. */
  private int carried = NONE;

  /** Whether the method's parameters and its receiver have their locals here: it is no part, or the own one. */
  private final boolean inMethod;

  /** The local that a constructor's receiver has to be copied to, since its register is written; or -1. */
  int receiverCopy = NONE;

  /** The locals of a method (null), or of a part of it, whose parameters are others. */
  Locals(Body body, Part part) {
    this.body = body;
    inMethod = part == null || part.isOwn();
    slots = new int[body.places() * Kind.COUNT];
    Arrays.fill(slots, NONE);
    if (!inMethod) {
      carry();
      return;
    }
    int register = body.firstParameter();
    if (!body.isStatic) {
      take(register++, Kind.A);
    }
    for (String type : body.method.proto().parameters()) {
      int kind = Kind.of(type);
      take(register, kind);
      register += Kind.isWide(kind) ? 2 : 1;
    }
    if (part != null) {
      carry();
    }
    if (body.isConstructor() && isWritten(body.firstParameter())) {
      int bit = body.firstParameter() * Kind.COUNT + Kind.A;
      slots[body.receiverPlace() * Kind.COUNT + Kind.A] = 0;
      slots[bit] = NONE;
      receiverCopy = of(body.firstParameter(), Kind.A);
    }
  }

  private void carry() {
    carried = next;
    next += Part.PARAMETERS.length;
  }

  /** The local with the number of a block, or of what is to be done. */
  int state() {
    return carried;
  }

  /** The local with the array of the registers' numbers. */
  int words() {
    return carried + 1;
  }

  /** The local with the array of the registers' references. */
  int references() {
    return carried + 2;
  }

  private boolean isWritten(int register) {
    for (Insn insn : body.flow.insns) {
      if (insn.target == register) {
        return true;
      }
    }
    return false;
  }

  private void take(int register, int kind) {
    slots[register * Kind.COUNT + kind] = next;
    next += Kind.isWide(kind) ? 2 : 1;
  }

  int of(int register, int kind) {
    int at = register * Kind.COUNT + kind;
    if (slots[at] == NONE) {
      take(register, kind);
    }
    return slots[at];
  }

  /** A local for a value of a kind that is needed for a moment. */
  int scratch(int kind) {
    if (scratch[kind] == NONE) {
      scratch[kind] = next;
      next += Kind.isWide(kind) ? 2 : 1;
    }
    return scratch[kind];
  }

  /** The locals of a stack map frame where a block begins. */
  Object[] frame(Block block, Map<Integer, Label> news) {
    Object[] bySlot = new Object[next + 2];
    int end = 0;
    if (carried != NONE) {
      end = carried + Part.PARAMETERS.length;
      System.arraycopy(Part.PARAMETERS, 0, bySlot, carried, Part.PARAMETERS.length);
    }
    int bits = body.code.registers * Kind.COUNT;
    for (int word = 0; word < block.live.length; word++) {
      for (long rest = block.live[word]; rest != 0; rest &= rest - 1) {
        int bit = word * 64 + Long.numberOfTrailingZeros(rest);
        if (bit >= bits) {
          break;
        }
        int kind = bit % Kind.COUNT;
        int slot = of(bit / Kind.COUNT, kind);
        if (slot + 2 > bySlot.length) {
          bySlot = Arrays.copyOf(bySlot, 2 * slot + 2);
        }
        bySlot[slot] = type(kind, block.state[bit / Kind.COUNT], news);
        end = Math.max(end, slot + (Kind.isWide(kind) ? 2 : 1));
      }
    }
    if (inMethod && body.isConstructor() && block.state[body.receiverPlace()] != null) {
      bySlot[0] = type(Kind.A, block.state[body.receiverPlace()], news);
      end = Math.max(end, 1);
    }
    return pack(bySlot, end);
  }

  private static Object[] pack(Object[] bySlot, int end) {
    List<Object> packed = new java.util.ArrayList<>(end);
    for (int slot = 0; slot < end; slot++) {
      Object type = bySlot[slot];
      packed.add(type == null ? Opcodes.TOP : type);
      if (type == Opcodes.LONG || type == Opcodes.DOUBLE) {
        slot++;
      }
    }
    return packed.toArray();
  }

  private static Object type(int kind, Held held, Map<Integer, Label> news) {
    if (held == null || !held.fits(kind)) {
      throw new IllegalStateException("a register is read as " + kind + " where it holds " + held);
    }
    return switch (kind) {
      case Kind.I -> Opcodes.INTEGER;
      case Kind.F -> Opcodes.FLOAT;
      case Kind.J -> Opcodes.LONG;
      case Kind.D -> Opcodes.DOUBLE;
      default ->
          switch (held.tag) {
            case NEW -> news.computeIfAbsent((int) held.value, pc -> new Label());
            case NEW_THIS -> Opcodes.UNINITIALIZED_THIS;
            case REFERENCE -> dev.pileus.translate.dex.Names.internal(held.type);
            default -> Opcodes.NULL;
          };
    };
  }
}
