package dev.pileus.translate.code;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Where a method may be cut into parts: nowhere between the begin of a monitor and its end, which the JVM wants in
 * one method, and nowhere where a new object that no constructor has seen would have to be handed on.
 */
final class Cuts {
  private final Body body;
  private final List<Block> blocks;

  /** By block how many monitors may be held at its begin. */
  private final int[] held;

  /** So many that a loop which enters monitors without end comes to an end here. */
  private static final int MANY = 16;

  Cuts(Body body) {
    this.body = body;
    blocks = body.flow.blocks;
    held = new int[blocks.size()];
  }

  /** The numbers of the blocks that parts begin with: as few as have `portion` instructions each, where possible. */
  List<Integer> find(int portion) {
    monitors();
    // Whether a part may end before a block: no way that may not be cut leads over that place.
    BitSet joined = new BitSet();
    for (Block block : blocks) {
      for (Block next : reached(block)) {
        if (held[next.index] > 0 || isFresh(next)) {
          joined.set(Math.min(block.index, next.index) + 1, Math.max(block.index, next.index) + 1);
        }
      }
    }
    List<Integer> begins = new ArrayList<>();
    begins.add(0);
    int before = 0;
    for (int i = 1; i < blocks.size(); i++) {
      boolean next = i + 1 == blocks.size() || blocks.get(i + 1).first - before > portion;
      if (next && !joined.get(i) && blocks.get(i).first > before) {
        begins.add(i);
        before = blocks.get(i).first;
      }
    }
    return begins;
  }

  /** The blocks that a method begins with, or that are reached from other parts. */
  List<Integer> entered(List<Integer> begins) {
    int[] partOf = new int[blocks.size()];
    for (int begin : begins) {
      partOf[begin] = 1;
    }
    for (int i = 1; i < partOf.length; i++) {
      partOf[i] += partOf[i - 1];
    }
    BitSet found = new BitSet();
    found.set(0);
    for (Block block : blocks) {
      for (Block next : reached(block)) {
        if (partOf[next.index] != partOf[block.index]) {
          found.set(next.index);
        }
      }
    }
    return found.stream().boxed().toList();
  }

  /** Where control may go from a block, with an exception or without. */
  private List<Block> reached(Block block) {
    List<Block> found = new ArrayList<>(block.next);
    Block[] seen = null;
    for (int i = block.first; i < block.end; i++) {
      Block[] handlers = body.flow.insns.get(i).handlers;
      if (handlers != null && handlers != seen) {
        found.addAll(Arrays.asList(handlers));
        seen = handlers;
      }
    }
    return found;
  }

  private boolean isFresh(Block block) {
    for (int register = 0; register < body.code.registers; register++) {
      Held state = block.state == null ? null : block.state[register];
      if (state != null && state.isFresh() && Demand.has(block.live, register, Kind.A)) {
        return true;
      }
    }
    return false;
  }

  private void monitors() {
    ArrayDeque<Block> open = new ArrayDeque<>(List.of(blocks.get(0)));
    BitSet seen = new BitSet();
    while (!open.isEmpty()) {
      Block block = open.pop();
      int now = held[block.index];
      seen.set(block.index);
      for (int i = block.first; i < block.end; i++) {
        Insn insn = body.flow.insns.get(i);
        if (insn.handlers != null) {
          for (Block handler : insn.handlers) {
            lead(handler, now, seen, open);
          }
        }
        if (insn.op == Op.MONITOR_ENTER) {
          now = Math.min(now + 1, MANY);
        } else if (insn.op == Op.MONITOR_EXIT) {
          now = Math.max(now - 1, 0);
        }
      }
      for (Block next : block.next) {
        lead(next, now, seen, open);
      }
    }
  }

  private void lead(Block block, int now, BitSet seen, ArrayDeque<Block> open) {
    if (now > held[block.index] || !seen.get(block.index)) {
      held[block.index] = Math.max(now, held[block.index]);
      seen.set(block.index);
      open.push(block);
    }
  }
}
