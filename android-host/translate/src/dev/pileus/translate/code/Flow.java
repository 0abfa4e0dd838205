package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Dex;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The instructions of a method that can be reached, in order, and the blocks that they make. */
final class Flow {
  final List<Insn> insns = new ArrayList<>();
  final List<Block> blocks = new ArrayList<>();
  private final Code code;
  private final Insn[] at;
  private final Block[] blockAt;

  /** Entries of all blocks' states: what real methods need is far below, a forged one must not fill the memory. */
  private static final long LARGEST = 16_000_000;

  Flow(Dex dex, Code code) {
    this(dex, code, 0);
  }

  /**
   * The blocks of a method in parts: none has more than {@code longest} instructions, and each begin or end of a
   * monitor is the last of its block. 0 for one that is written whole.
   */
  Flow(Dex dex, Code code, int longest) {
    this.code = code;
    at = new Insn[code.size];
    blockAt = new Block[code.size];
    reach(new Decoder(dex, code));
    if (longest > 0) {
      shorten(longest);
    }
    order();
    if ((long) blocks.size() * code.registers > LARGEST) {
      throw new BadDex("it has " + blocks.size() + " blocks with " + code.registers + " registers");
    }
    connect();
  }

  private void reach(Decoder decoder) {
    ArrayDeque<Integer> open = new ArrayDeque<>();
    lead(0, open);
    while (!open.isEmpty()) {
      int pc = open.pop();
      while (at[pc] == null) {
        Insn insn = decoder.at(pc);
        at[pc] = insn;
        for (int target : insn.targets) {
          lead(target, open);
        }
        if (insn.op.mayThrow()) {
          handle(insn, open);
        }
        if (!insn.op.goesOn()) {
          break;
        }
        pc = insn.next;
        if (pc >= code.size) {
          throw new BadDex("the code runs past its end");
        }
        if (insn.targets.length > 0) {
          lead(pc, open);
        }
      }
    }
  }

  private void handle(Insn insn, ArrayDeque<Integer> open) {
    Code.Try one = code.tryAt(insn.pc);
    if (one == null) {
      return;
    }
    insn.within = one;
    for (Code.Handler handler : one.handlers()) {
      if (handler.address() < 0 || handler.address() >= code.size) {
        throw new BadDex("a handler lies outside of the method");
      }
      lead(handler.address(), open);
    }
  }

  private void lead(int pc, ArrayDeque<Integer> open) {
    if (blockAt[pc] == null) {
      blockAt[pc] = new Block(pc);
      open.push(pc);
    }
  }

  private void shorten(int longest) {
    int length = 0;
    for (int pc = 0; pc < code.size; pc++) {
      if (blockAt[pc] != null) {
        length = 0;
      } else if (at[pc] != null && length >= longest) {
        blockAt[pc] = new Block(pc);
        length = 0;
      }
      length += at[pc] == null ? 0 : 1;
      if (at[pc] != null && at[pc].op.act == Op.Act.MONITOR) {
        length = longest;
      }
    }
  }

  private void order() {
    int free = 0;
    Block block = null;
    for (int pc = 0; pc < code.size; pc++) {
      Insn insn = at[pc];
      if (insn == null) {
        continue;
      }
      if (pc < free) {
        throw new BadDex("a jump leads into the middle of an instruction, to " + pc);
      }
      free = insn.next;
      if (blockAt[pc] != null) {
        block = blockAt[pc];
        block.first = insns.size();
        block.index = blocks.size();
        blocks.add(block);
      }
      insns.add(insn);
      block.end = insns.size();
    }
  }

  private void connect() {
    Map<Code.Try, Block[]> known = new IdentityHashMap<>();
    for (Block block : blocks) {
      for (int i = block.first; i < block.end; i++) {
        Insn insn = insns.get(i);
        for (int target : insn.targets) {
          blockAt[target].isTarget = true;
          add(block, blockAt[target]);
        }
        if (insn.within != null) {
          insn.handlers = known.computeIfAbsent(insn.within, this::handlers);
        }
      }
      Insn last = insns.get(block.end - 1);
      if (last.op.goesOn()) {
        add(block, blockAt[last.next]);
        blockAt[last.next].isTarget |= last.op.act == Op.Act.SWITCH;
      }
    }
    for (Block block : blocks) {
      for (Block next : block.next) {
        if (insns.get(next.first).op.act == Op.Act.MOVE_EXCEPTION) {
          throw new BadDex("an exception is taken at " + next.pc + ", where none is");
        }
      }
    }
    if (insns.get(0).op.act == Op.Act.MOVE_EXCEPTION) {
      throw new BadDex("an exception is taken at 0, where none is");
    }
  }

  private Block[] handlers(Code.Try within) {
    Block[] found = new Block[within.handlers().size()];
    for (int i = 0; i < found.length; i++) {
      Code.Handler handler = within.handlers().get(i);
      found[i] = blockAt[handler.address()];
      if (!found[i].caught.contains(handler.type())) {
        found[i].caught.add(handler.type());
      }
    }
    return found;
  }

  private static void add(Block from, Block to) {
    if (!from.next.contains(to)) {
      from.next.add(to);
    }
  }

  Block blockAt(int pc) {
    return blockAt[pc];
  }
}
