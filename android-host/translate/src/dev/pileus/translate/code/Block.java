package dev.pileus.translate.code;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Label;

/** Instructions that run one after the other. */
final class Block {
  final int pc;

  /** Its place among the blocks and its instructions' places among all instructions. */
  int index;

  int first;
  int end;

  /** The blocks that may follow without an exception. */
  final List<Block> next = new ArrayList<>(2);

  /** The types that are caught here; null stands for all. Empty unless it is a handler. */
  final List<String> caught = new ArrayList<>(0);

  /** Whether a jump leads here, so that the JVM wants a frame. */
  boolean isTarget;

  /** What the registers hold at its begin; null where no way leads here yet. */
  Held[] state;

  /** Which registers are read, and as which kinds, before they are written again. */
  long[] live;

  /** Its number among the blocks that are reached from other parts of a method in parts; -1 for none. */
  int entry = -1;

  final Label label = new Label();

  /** Where the JVM puts exceptions; another than {@link #label} where the handler ignores the exception. */
  Label pad;

  Block(int pc) {
    this.pc = pc;
  }

  boolean isHandler() {
    return !caught.isEmpty();
  }
}
