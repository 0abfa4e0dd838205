package dev.pileus.translate.code;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.CallSite;
import dev.pileus.translate.dex.MethodRef;
import dev.pileus.translate.dex.Names;
import java.util.List;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Writes calls, whose receiver and arguments are on the stack. */
final class Calls {
  private final Body body;
  private final Constructors constructors;
  private final MethodVisitor out;

  Calls(Body body, Constructors constructors, MethodVisitor out) {
    this.body = body;
    this.constructors = constructors;
    this.out = out;
  }

  void write(Insn insn) {
    switch (insn.op.act) {
      case INVOKE -> invoke(insn);
      case INVOKE_POLYMORPHIC -> {
        MethodRef method = (MethodRef) insn.ref;
        String type = insn.proto.descriptor();
        out.visitMethodInsn(
            Opcodes.INVOKEVIRTUAL, Names.internal(method.owner()), method.name(), type, false);
      }
      default -> custom(insn);
    }
  }

  private void invoke(Insn insn) {
    MethodRef method = (MethodRef) insn.ref;
    String owner = method.owner();
    if (insn.isConstructorCall()) {
      owner = constructed(insn, method);
    } else if (insn.op.kinds.equals("SU") && owner.equals(body.method.owner())) {
      // What a class calls as its superclass's own is found from the superclass on.
      String parent = body.hierarchy.ownParent(owner);
      owner = parent == null || body.hierarchy.isInterface(owner) ? owner : parent;
    }
    if (insn.op.kinds.equals("SU") && !owner.equals(body.method.owner()) && body.hierarchy.isInterface(owner)) {
      // The JVM takes what the class names itself, and finds through that what it does not override.
      String direct = body.hierarchy.directly(body.method.owner(), owner);
      if (direct == null) {
        throw new BadDex("it calls " + method + " as its own, which it does not implement");
      }
      owner = direct;
    }
    boolean face = insn.op.jvm == Opcodes.INVOKEINTERFACE
        || insn.op.jvm != Opcodes.INVOKEVIRTUAL && body.hierarchy.isInterface(owner);
    String type = insn.proto.descriptor();
    out.visitMethodInsn(insn.op.jvm, Names.internal(owner), method.name(), type, face);
  }

  private String constructed(Insn insn, MethodRef method) {
    String owner = method.owner();
    String wanted = insn.made;
    if (insn.ofReceiver) {
      String parent = body.hierarchy.ownParent(insn.made);
      wanted = owner.equals(insn.made) || parent == null ? owner : parent;
    }
    if (!owner.equals(wanted)) {
      constructors.want(wanted, method.proto());
    }
    return wanted;
  }

  private void custom(Insn insn) {
    CallSite site = (CallSite) insn.ref;
    List<Object> values = site.arguments();
    Object[] arguments = new Object[values.size()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = Literals.argument(values.get(i), body.hierarchy);
    }
    Handle bootstrap = Literals.handle(site.bootstrap(), body.hierarchy);
    out.visitInvokeDynamicInsn(site.name(), site.type().descriptor(), bootstrap, arguments);
  }
}
