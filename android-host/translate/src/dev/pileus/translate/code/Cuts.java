package dev.pileus.translate.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Where a method may be cut into parts: nowhere where a new object that no constructor has seen would have to be
 * handed on. A constructor's first part is all of it up to where the receiver is made, and nothing leads back there.
 */
final class Cuts {
  private final Body body;
  private final List<Block> blocks;

  Cuts(Body body) {
    this.body = body;
    blocks = body.flow.blocks;
  }

  /**
   * The numbers of the blocks that parts begin with: as few as have {@code portion} instructions each, where
   * possible. Only the first where the method cannot be cut.
   */
  List<Integer> find(int portion) {
    BitSet joined = joined();
    List<Integer> begins = new ArrayList<>();
    begins.add(0);
    int from = 1;
    int before = 0;
    if (body.isConstructor()) {
      from = made(joined);
      if (from == blocks.size()) {
        return begins;
      }
      begins.add(from);
      before = blocks.get(from).first;
      from++;
    }
    for (int i = from; i < blocks.size(); i++) {
      boolean next = i + 1 == blocks.size() || blocks.get(i + 1).first - before > portion;
      if (next && !joined.get(i) && blocks.get(i).first > before) {
        begins.add(i);
        before = blocks.get(i).first;
      }
    }
    return isHandedOn(begins) ? begins : List.of(0);
  }

  /** The blocks that a method begins with, or that are reached from other parts or after a monitor's begin or end. */
  List<Integer> entered(List<Integer> begins) {
    int[] partOf = new int[blocks.size()];
    for (int begin : begins) {
      partOf[begin] = 1;
    }
    for (int i = 1; i < partOf.length; i++) {
      partOf[i] += partOf[i - 1];
    }
    BitSet found = new BitSet();
    found.set(0, !body.isConstructor());
    for (Block block : blocks) {
      for (Block next : reached(block)) {
        if (partOf[next.index] != partOf[block.index]) {
          found.set(next.index);
        }
      }
      if (acts(block, begins)) {
        found.set(block.next.get(0).index);
      }
    }
    return found.stream().boxed().toList();
  }

  /** Whether a block ends with the begin or end of a monitor that is left to what calls the parts. */
  private boolean acts(Block block, List<Integer> begins) {
    boolean own = body.isConstructor() && block.index < begins.get(1);
    return !own && body.flow.insns.get(block.end - 1).op.act == Op.Act.MONITOR;
  }

  /** Whether a part may end before a block: no way that may not be cut leads over a place that is not among these. */
  private BitSet joined() {
    BitSet joined = new BitSet();
    for (Block block : blocks) {
      for (Block next : reached(block)) {
        if (isFresh(next)) {
          joined.set(Math.min(block.index, next.index) + 1, Math.max(block.index, next.index) + 1);
        }
      }
    }
    return joined;
  }

  /** The first block at which a constructor may be cut; how many blocks there are where it cannot be. */
  private int made(BitSet joined) {
    int from = 1;
    for (Block block : blocks) {
      Held receiver = block.state[body.receiverPlace()];
      if (receiver == null || receiver.isFresh()) {
        from = block.index + 1;
      }
    }
    while (true) {
      int place = Math.min(joined.nextClearBit(from), blocks.size());
      int back = lastInto(place);
      if (back < place) {
        return place;
      }
      from = back + 1;
    }
  }

  /** The last block from which control goes back before a place. */
  private int lastInto(int place) {
    for (int i = blocks.size() - 1; i >= place; i--) {
      if (reached(blocks.get(i)).stream().anyMatch(next -> next.index < place)) {
        return i;
      }
    }
    return -1;
  }

  private boolean isHandedOn(List<Integer> begins) {
    for (Block block : blocks) {
      if (begins.size() > 1 && acts(block, begins) && isFresh(block.next.get(0))) {
        return false;
      }
    }
    return true;
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
      Held state = block.state[register];
      if (state != null && state.isFresh() && Demand.has(block.live, register, Kind.A)) {
        return true;
      }
    }
    return false;
  }
}
