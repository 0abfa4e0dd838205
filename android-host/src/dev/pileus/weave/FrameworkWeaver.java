package dev.pileus.weave;

import dev.pileus.weave.Bindings.Pair;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Rewrites the calls in a class of the framework that Robolectric binds at run time (one invokedynamic in each
 * method) into plain ones. What it does not know how to write stays as it is, and is bound at run time.
 */
final class FrameworkWeaver {
  static final String SUPPORT = "org/robolectric/internal/bytecode/InvokeDynamicSupport";
  private static final String INTERNALS = "org/robolectric/internal/bytecode/RobolectricInternals";
  private static final String GET_DATA = "$$robo$getData";
  private static final String CONSTRUCTOR = "__constructor__";
  private static final String STATIC_INITIALIZER = "__staticInitializer__";
  private final Bindings bindings;
  private final Intrinsics intrinsics;
  int bound;
  int left;

  FrameworkWeaver(Bindings bindings, Intrinsics intrinsics) {
    this.bindings = bindings;
    this.intrinsics = intrinsics;
  }

  byte[] weave(byte[] bytes) throws ClassNotFoundException {
    ClassNode node = new ClassNode();
    new ClassReader(bytes).accept(node, 0);
    for (MethodNode method : node.methods) {
      for (AbstractInsnNode at : method.instructions.toArray()) {
        if (at instanceof InvokeDynamicInsnNode call && call.bsm.getOwner().equals(SUPPORT)) {
          if (bind(node, method.instructions, call)) {
            bound++;
          } else {
            left++;
          }
        } else if (at instanceof MethodInsnNode call
            && call.owner.equals(INTERNALS)
            && call.name.equals("classInitializing")) {
          initialize(node, method.instructions, call);
        }
      }
    }
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    node.accept(writer);
    return writer.toByteArray();
  }

  private boolean bind(ClassNode node, InsnList code, InvokeDynamicInsnNode call)
      throws ClassNotFoundException {
    return switch (call.bsm.getName()) {
      case "bootstrapInit" -> companion(node, code, call);
      case "bootstrap" -> method(node, code, call, false);
      case "bootstrapStatic" -> method(node, code, call, true);
      case "bootstrapIntrinsic" -> intrinsics.bind(code, call);
      default -> false;
    };
  }

  /** (F)Object: makes the companion of an object, or none. */
  private boolean companion(ClassNode node, InsnList code, InvokeDynamicInsnNode call) {
    Pair pair = bindings.nearest(node.name);
    if (pair == null) {
      code.insertBefore(call, new InsnNode(Opcodes.POP));
      code.set(call, Intrinsics.noCompanion());
      return true;
    }
    code.set(
        call,
        new MethodInsnNode(
            Opcodes.INVOKESTATIC,
            Type.getInternalName(pair.shadow()),
            ShadowWeaver.CREATE,
            ShadowWeaver.CREATE_TYPE,
            false));
    return true;
  }

  private boolean method(ClassNode node, InsnList code, InvokeDynamicInsnNode call, boolean isStatic)
      throws ClassNotFoundException {
    Handle original = (Handle) call.bsmArgs[0];
    boolean isNative = Integer.valueOf(1).equals(call.bsmArgs[1]);
    Method chosen = bindings.method(node.name, call.name, original.getDesc());
    if (chosen == null) {
      Pair pair = bindings.pair(node.name);
      boolean natively = isNative && pair != null && pair.callsNative();
      String name = natively ? "$$robo$$" + call.name + "$nativeBinding" : original.getName();
      int opcode = isStatic ? Opcodes.INVOKESTATIC : Opcodes.INVOKESPECIAL;
      code.set(call, new MethodInsnNode(opcode, node.name, name, original.getDesc(), false));
      return true;
    }
    if (Bindings.filters(chosen)) {
      return false;
    }
    Type[] given = Type.getArgumentTypes(original.getDesc());
    String target = Type.getMethodDescriptor(chosen);
    InsnList after = Conversions.result(Type.getReturnType(target), Type.getReturnType(call.desc));
    if (after == null || !Conversions.fit(given, Type.getArgumentTypes(target))) {
      return false;
    }
    String owner = Type.getInternalName(chosen.getDeclaringClass());
    if (isStatic && !Modifier.isStatic(chosen.getModifiers())) {
      return false;
    }
    if (!isStatic) {
      VarInsnNode self = self(call, given.length);
      if (self == null) {
        return false;
      }
      if (Modifier.isStatic(chosen.getModifiers())) {
        code.remove(self);
      } else {
        InsnList take = new InsnList();
        take.add(new MethodInsnNode(Opcodes.INVOKEVIRTUAL, node.name, GET_DATA, "()Ljava/lang/Object;", false));
        take.add(new TypeInsnNode(Opcodes.CHECKCAST, owner));
        code.insert(self, take);
      }
    }
    code.insert(call, after);
    code.set(call, invoke(chosen, owner, target, call.name.equals(CONSTRUCTOR)));
    return true;
  }

  private static MethodInsnNode invoke(Method chosen, String owner, String type, boolean constructs) {
    boolean itf = chosen.getDeclaringClass().isInterface();
    if (Modifier.isStatic(chosen.getModifiers())) {
      return new MethodInsnNode(Opcodes.INVOKESTATIC, owner, chosen.getName(), type, itf);
    }
    if (constructs) {
      // That of this very class, also where the companion's class has another with these parameters.
      String bridged = "(L" + owner + ";" + type.substring(1);
      return new MethodInsnNode(Opcodes.INVOKESTATIC, owner, ShadowWeaver.CONSTRUCT, bridged, false);
    }
    return new MethodInsnNode(
        itf ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL, owner, chosen.getName(), type, itf);
  }

  /** The instruction that loads {@code this} for a call whose arguments were all plainly loaded. */
  private static VarInsnNode self(AbstractInsnNode call, int arguments) {
    AbstractInsnNode at = call;
    for (int i = 0; i <= arguments; i++) {
      do {
        at = at.getPrevious();
      } while (at != null && at.getOpcode() < 0);
      if (!(at instanceof VarInsnNode)) {
        return null;
      }
    }
    return at instanceof VarInsnNode load && load.getOpcode() == Opcodes.ALOAD && load.var == 0 ? load : null;
  }

  private void initialize(ClassNode node, InsnList code, MethodInsnNode call) throws ClassNotFoundException {
    AbstractInsnNode type = call.getPrevious();
    if (!(type instanceof LdcInsnNode)) {
      return;
    }
    Method chosen = bindings.method(node.name, STATIC_INITIALIZER, "()V");
    boolean itf = (node.access & Opcodes.ACC_INTERFACE) != 0;
    code.remove(type);
    code.set(
        call,
        chosen == null
            ? new MethodInsnNode(Opcodes.INVOKESTATIC, node.name, STATIC_INITIALIZER, "()V", itf)
            : invoke(chosen, Type.getInternalName(chosen.getDeclaringClass()), "()V", false));
  }
}
