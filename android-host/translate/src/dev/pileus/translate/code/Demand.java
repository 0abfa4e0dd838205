package dev.pileus.translate.code;

import java.util.BitSet;
import java.util.List;

/**
 * Who reads what: for each register and kind whether it is read before it is written again. This decides as
 * what a constant is stored: one that is read as an int here and as a float there is stored as both.
 */
final class Demand {
  private final Body body;
  private final int words;

  Demand(Body body) {
    this.body = body;
    words = (body.places() * Kind.COUNT + 63) / 64;
  }

  void run() {
    List<Block> blocks = body.flow.blocks;
    BitSet open = new BitSet();
    for (Block block : blocks) {
      block.live = new long[words];
    }
    List<List<Integer>> before = before(blocks);
    open.set(0, blocks.size());
    for (int at = blocks.size() - 1; at >= 0; at = open.previousSetBit(blocks.size() - 1)) {
      open.clear(at);
      Block block = blocks.get(at);
      if (block.state == null) {
        continue;
      }
      long[] live = walk(block);
      if (!java.util.Arrays.equals(live, block.live)) {
        block.live = live;
        for (int index : before.get(at)) {
          open.set(index);
        }
      }
    }
  }

  private List<List<Integer>> before(List<Block> blocks) {
    List<List<Integer>> before = new java.util.ArrayList<>();
    blocks.forEach(block -> before.add(new java.util.ArrayList<>(2)));
    for (Block block : blocks) {
      for (Block next : block.next) {
        before.get(next.index).add(block.index);
      }
      Block[] seen = null;
      for (int i = block.first; i < block.end; i++) {
        Block[] handlers = body.flow.insns.get(i).handlers;
        if (handlers != null && handlers != seen) {
          for (Block handler : handlers) {
            before.get(handler.index).add(block.index);
          }
          seen = handlers;
        }
      }
    }
    return before;
  }

  /** What is live at the block's begin; leaves what it finds in the instructions, right once nothing changes. */
  private long[] walk(Block block) {
    long[] live = new long[words];
    for (Block next : block.next) {
      join(live, next.live);
    }
    for (int i = block.end - 1; i >= block.first; i--) {
      Insn insn = body.flow.insns.get(i);
      if (insn.target >= 0) {
        insn.demand = bits(live, insn.target);
        kill(live, insn.target, Kind.isWide(insn.targetKind));
      }
      if (insn.handlers != null) {
        for (Block handler : insn.handlers) {
          join(live, handler.live);
        }
      }
      read(insn, live);
    }
    return live;
  }

  private void read(Insn insn, long[] live) {
    if (insn.op.act == Op.Act.MOVE || insn.op.act == Op.Act.MOVE_WIDE || insn.op.act == Op.Act.MOVE_OBJECT) {
      if (insn.constant == null) {
        insn.firstDies = insn.kind >= 0 && !has(live, insn.b, insn.kind);
        for (int kind = 0; kind < Kind.COUNT; kind++) {
          if ((insn.demand & 1 << kind) != 0) {
            set(live, insn.b, kind);
          }
        }
      }
      return;
    }
    int[] registers = insn.useRegister;
    if (registers.length == 0) {
      return;
    }
    insn.firstDies = !has(live, registers[0], insn.useKind[0]);
    for (int i = 0; i < registers.length; i++) {
      if (insn.useConstant[i] == null) {
        set(live, registers[i], insn.useKind[i]);
        if (i > 0 && registers[i] == registers[0] && insn.useKind[i] == insn.useKind[0]) {
          insn.firstDies = false;
        }
      }
    }
  }

  private void kill(long[] live, int register, boolean wide) {
    clear(live, register, Kind.NARROW | Kind.WIDE);
    if (register > 0) {
      clear(live, register - 1, Kind.WIDE);
    }
    if (wide) {
      clear(live, register + 1, Kind.NARROW | Kind.WIDE);
    }
  }

  private static void join(long[] to, long[] from) {
    for (int i = 0; i < to.length; i++) {
      to[i] |= from[i];
    }
  }

  static boolean has(long[] live, int register, int kind) {
    int bit = register * Kind.COUNT + kind;
    return (live[bit >> 6] >>> bit & 1) != 0;
  }

  private static void set(long[] live, int register, int kind) {
    int bit = register * Kind.COUNT + kind;
    live[bit >> 6] |= 1L << bit;
  }

  private static int bits(long[] live, int register) {
    int found = 0;
    for (int kind = 0; kind < Kind.COUNT; kind++) {
      found |= has(live, register, kind) ? 1 << kind : 0;
    }
    return found;
  }

  private static void clear(long[] live, int register, int kinds) {
    for (int kind = 0; kind < Kind.COUNT; kind++) {
      if ((kinds & 1 << kind) != 0) {
        int bit = register * Kind.COUNT + kind;
        live[bit >> 6] &= ~(1L << bit);
      }
    }
  }
}
