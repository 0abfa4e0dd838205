package dev.pileus.translate.code;

import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.Proto;

/**
 * One instruction: first what the decoder read, then, step by step, what the analyses found. The registers
 * of a 2addr form are spread over {@link #a}, {@link #b} and {@link #c} as if it had three.
 */
public final class Insn {
  public final int pc;
  public final Op op;
  int a;
  int b;
  int c;
  long literal;

  /** The type, string, field, method, prototype, handle or call site that it names. */
  Object ref;

  /** The prototype of what is called. */
  Proto proto;

  int[] args;
  int[] keys;
  int[] targets = NONE;

  /** Array data: bytes an element, elements, and the address of the first. */
  int width;

  int count;
  int payload;

  /** The address that follows, past a move-result that was joined to this one. */
  int next;

  /** What the move-result that follows wants: its register and its opcode; null for none. */
  int result;

  Op resultOp;

  /** The handlers that it throws to; null for none. */
  Code.Try within;

  Block[] handlers;

  // Found by Resolver: the operands in the order in which they are pushed.
  int[] useRegister = NONE;
  byte[] useKind = NO_KINDS;
  Held[] useConstant;
  String[] useCast;

  /** The kind that an instruction of several works on. */
  int kind;

  /** The register that it writes, -1 for none. */
  int target = -1;

  int targetKind;

  /** What a constant or a move of a constant puts into {@link #target}; null for another instruction. */
  Held constant;

  /** For a constructor's call the class that is being made, for an array's use its type where it is known. */
  String made;

  /** Whether a constructor's call is the one that makes the receiver of the constructor it stands in. */
  boolean ofReceiver;

  // Found by Demand.
  /** As which kinds the register that it writes is read afterwards, a bit each. */
  int demand;

  /** Whether nobody reads its first operand after it. */
  boolean firstDies;

  /** For the begin or end of a monitor in a part of a method: what the part gives to have it done; -1 elsewhere. */
  int action = -1;

  private static final int[] NONE = {};
  private static final byte[] NO_KINDS = {};

  Insn(int pc, Op op) {
    this.pc = pc;
    this.op = op;
  }

  boolean isConstructorCall() {
    return op.act == Op.Act.INVOKE
        && op.kinds.equals("DI")
        && ((dev.pileus.translate.dex.MethodRef) ref).name().equals("<init>");
  }
}
