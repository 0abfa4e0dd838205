package dev.pileus.weave;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Prepares a class that replaces parts of the framework, so that woven code may call it: what was protected is
 * public, and it can make the companion of an object. Looks for classes by name find the app's as well.
 */
final class ShadowWeaver {
  /** {@code static Object CREATE(Object real)} makes a companion. */
  static final String CREATE = "$$pileus$create";
  static final String CREATE_TYPE = "(Ljava/lang/Object;)Ljava/lang/Object;";
  /** {@code static CONSTRUCT(Companion, ...)} runs what stands for a constructor. */
  static final String CONSTRUCT = "$$pileus$construct";

  private static final String LOADER = "dev/pileus/host/AppClassLoader";
  private static final String REFLECTOR = "org/robolectric/util/reflector/Reflector";
  private static final Set<String> MARKS =
      Set.of(
          "Lorg/robolectric/annotation/RealObject;", "Lorg/robolectric/annotation/ReflectorObject;");

  /** Those that hand a loader to an app, or load an app's class with it. */
  private static final Set<String> LOADERS =
      Set.of(
          "org/robolectric/shadows/ShadowLoadedApk",
          "org/robolectric/shadows/ShadowContextImpl",
          "org/robolectric/shadows/ShadowParcel",
          "org/robolectric/android/internal/AndroidTestEnvironment");

  private ShadowWeaver() {}

  /** @param companion whether some class of the framework has it as its companion */
  static byte[] weave(byte[] bytes, boolean companion) throws ClassNotFoundException {
    ClassNode node = new ClassNode();
    new ClassReader(bytes).accept(node, 0);
    node.access = open(node.access);
    for (FieldNode field : node.fields) {
      if (marked(field.visibleAnnotations)) {
        field.access = open(field.access & ~(Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL));
      }
    }
    boolean loaders = LOADERS.contains(node.name);
    for (MethodNode method : List.copyOf(node.methods)) {
      if ((method.access & Opcodes.ACC_PRIVATE) == 0 && !method.name.startsWith("<")) {
        method.access = open(method.access);
      }
      for (AbstractInsnNode at : method.instructions) {
        if (at instanceof MethodInsnNode call) {
          redirect(call, loaders);
        }
      }
      if (method.name.equals("__constructor__") && (method.access & Opcodes.ACC_STATIC) == 0) {
        construct(node, method);
      }
    }
    if (companion) {
      create(node);
    }
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    node.accept(writer);
    return writer.toByteArray();
  }

  private static void redirect(MethodInsnNode call, boolean loaders) {
    if (!call.owner.equals("java/lang/Class")) {
      return;
    }
    if (call.name.equals("forName") && call.desc.equals("(Ljava/lang/String;)Ljava/lang/Class;")) {
      call.owner = LOADER;
    } else if (loaders && call.name.equals("getClassLoader")) {
      call.setOpcode(Opcodes.INVOKESTATIC);
      call.owner = LOADER;
      call.name = "of";
      call.desc = "(Ljava/lang/Class;)Ljava/lang/ClassLoader;";
    }
  }

  private static void construct(ClassNode node, MethodNode method) {
    String type = "(L" + node.name + ";" + method.desc.substring(1);
    MethodVisitor code =
        node.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC, CONSTRUCT, type, null, null);
    code.visitCode();
    int at = 0;
    for (Type argument : Type.getArgumentTypes(type)) {
      code.visitVarInsn(argument.getOpcode(Opcodes.ILOAD), at);
      at += argument.getSize();
    }
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, node.name, method.name, method.desc, false);
    code.visitInsn(Type.getReturnType(method.desc).getOpcode(Opcodes.IRETURN));
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void create(ClassNode node) throws ClassNotFoundException {
    Class<?> shadow = Class.forName(node.name.replace('/', '.'), false, ShadowWeaver.class.getClassLoader());
    MethodVisitor code =
        node.visitMethod(
            Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC | Opcodes.ACC_SYNTHETIC, CREATE, CREATE_TYPE, null, null);
    code.visitCode();
    code.visitTypeInsn(Opcodes.NEW, node.name);
    code.visitInsn(Opcodes.DUP);
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, node.name, "<init>", "()V", false);
    code.visitVarInsn(Opcodes.ASTORE, 1);
    for (Field field : Bindings.realFields(shadow)) {
      code.visitVarInsn(Opcodes.ALOAD, 1);
      code.visitVarInsn(Opcodes.ALOAD, 0);
      put(code, field);
    }
    for (Field field : Bindings.reflectorFields(shadow)) {
      code.visitVarInsn(Opcodes.ALOAD, 1);
      code.visitLdcInsn(Type.getType(field.getType()));
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC, REFLECTOR, "reflector", "(Ljava/lang/Class;Ljava/lang/Object;)Ljava/lang/Object;", false);
      put(code, field);
    }
    code.visitVarInsn(Opcodes.ALOAD, 1);
    code.visitInsn(Opcodes.ARETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
  }

  private static void put(MethodVisitor code, Field field) {
    String owner = Type.getInternalName(field.getDeclaringClass());
    code.visitTypeInsn(Opcodes.CHECKCAST, Type.getInternalName(field.getType()));
    code.visitFieldInsn(Opcodes.PUTFIELD, owner, field.getName(), Type.getDescriptor(field.getType()));
  }

  private static boolean marked(List<AnnotationNode> annotations) {
    return annotations != null && annotations.stream().anyMatch(one -> MARKS.contains(one.desc));
  }

  private static int open(int access) {
    return access & ~Opcodes.ACC_PROTECTED | Opcodes.ACC_PUBLIC;
  }
}
