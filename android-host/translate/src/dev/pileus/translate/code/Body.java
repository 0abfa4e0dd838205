package dev.pileus.translate.code;

import dev.pileus.translate.dex.Code;
import dev.pileus.translate.dex.MethodRef;

/** A method that has code, and what its analyses share. */
final class Body {
  final MethodRef method;
  final boolean isStatic;
  final Code code;
  final Flow flow;
  final Hierarchy hierarchy;

  Body(MethodRef method, boolean isStatic, Code code, Flow flow, Hierarchy hierarchy) {
    this.method = method;
    this.isStatic = isStatic;
    this.code = code;
    this.flow = flow;
    this.hierarchy = hierarchy;
  }

  boolean isConstructor() {
    return method.name().equals("<init>");
  }

  /** One more than there are registers: a constructor's receiver is followed there wherever it is copied to. */
  int places() {
    return code.registers + 1;
  }

  int receiverPlace() {
    return code.registers;
  }

  int firstParameter() {
    return code.registers - method.proto().words() - (isStatic ? 0 : 1);
  }
}
