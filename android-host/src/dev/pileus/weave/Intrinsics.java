package dev.pileus.weave;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.robolectric.internal.bytecode.Interceptor;
import org.robolectric.internal.bytecode.Interceptors;

/** Calls to methods of java.* that Android's library has and Java's has not, or that mean something else. */
final class Intrinsics {
  private final Interceptors interceptors;
  private final List<MethodHandles.Lookup> lookups;

  Intrinsics(Interceptors interceptors) throws ReflectiveOperationException {
    this.interceptors = interceptors;
    Class<?> system = Class.forName("org.robolectric.shadows.ShadowSystem", false, getClass().getClassLoader());
    lookups = List.of(MethodHandles.lookup(), MethodHandles.privateLookupIn(system, MethodHandles.lookup()));
  }

  /** What an object has where nothing of its class is replaced. */
  static AbstractInsnNode noCompanion() {
    return new FieldInsnNode(
        Opcodes.GETSTATIC, "dev/pileus/host/Companions", "NONE", "Ljava/lang/Object;");
  }

  boolean bind(InsnList code, InvokeDynamicInsnNode call) {
    Interceptor interceptor = interceptors.findInterceptor((String) call.bsmArgs[0], call.name);
    if (interceptor == null) {
      return false;
    }
    try {
      MethodType type = MethodType.fromMethodDescriptorString(call.desc, getClass().getClassLoader());
      MethodHandleInfo target = reveal(interceptor.getMethodHandle(call.name, type));
      return target != null && Modifier.isStatic(target.getModifiers()) && bind(code, call, target);
    } catch (ReflectiveOperationException | TypeNotPresentException unknown) {
      return false;
    }
  }

  private static boolean bind(InsnList code, InvokeDynamicInsnNode call, MethodHandleInfo target) {
    String type = target.getMethodType().toMethodDescriptorString();
    InsnList after = Conversions.result(Type.getReturnType(type), Type.getReturnType(call.desc));
    if (after == null || !Conversions.fit(Type.getArgumentTypes(call.desc), Type.getArgumentTypes(type))) {
      return false;
    }
    code.insert(call, after);
    String owner = Type.getInternalName(target.getDeclaringClass());
    code.set(call, new MethodInsnNode(Opcodes.INVOKESTATIC, owner, target.getName(), type, false));
    return true;
  }

  private MethodHandleInfo reveal(MethodHandle handle) {
    for (MethodHandles.Lookup lookup : lookups) {
      try {
        return lookup.revealDirect(handle);
      } catch (IllegalArgumentException hidden) {
        // The next one may see it; a handle that is no plain method stays bound at run time.
      }
    }
    return null;
  }
}
