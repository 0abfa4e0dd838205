package dev.pileus.translate.shape;

import dev.pileus.translate.dex.ClassDef;
import dev.pileus.translate.dex.Names;
import dev.pileus.translate.dex.Proto;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Adds the constructors that only call the superclass's, up to a class that has its own. */
public final class Bridges {
  private record Wish(String type, Proto proto) {}

  private final Map<String, ClassDef> own;
  private final Map<String, byte[]> made;

  public Bridges(Map<String, ClassDef> own, Map<String, byte[]> made) {
    this.own = own;
    this.made = made;
  }

  public void add(Map<String, Set<Proto>> wanted) {
    ArrayDeque<Wish> open = new ArrayDeque<>();
    wanted.forEach((type, protos) -> protos.forEach(proto -> open.add(new Wish(type, proto))));
    Set<Wish> seen = new HashSet<>();
    Map<String, Set<Proto>> missing = new HashMap<>();
    while (!open.isEmpty()) {
      Wish wish = open.pop();
      ClassDef type = own.get(wish.type);
      byte[] file = made.get(Names.internal(wish.type));
      if (type == null || file == null || !seen.add(wish) || has(type, wish.proto)) {
        continue;
      }
      missing.computeIfAbsent(wish.type, key -> new HashSet<>()).add(wish.proto);
      if (type.parent != null) {
        open.add(new Wish(type.parent, wish.proto));
      }
    }
    missing.forEach((type, protos) -> made.computeIfPresent(
        Names.internal(type), (name, file) -> patched(file, own.get(type), protos)));
  }

  private static boolean has(ClassDef type, Proto proto) {
    return type.members().direct().stream()
        .map(member -> type.dex.method(member.index()))
        .anyMatch(ref -> ref.name().equals("<init>") && ref.proto().equals(proto));
  }

  private static byte[] patched(byte[] file, ClassDef type, Set<Proto> protos) {
    ClassReader reader = new ClassReader(file);
    ClassWriter out = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, out) {
          @Override
          public void visitEnd() {
            protos.forEach(proto -> bridge(out, Names.internal(type.parent), proto));
            super.visitEnd();
          }
        },
        0);
    return out.toByteArray();
  }

  private static void bridge(ClassWriter out, String parent, Proto proto) {
    int access = Opcodes.ACC_PUBLIC | Opcodes.ACC_SYNTHETIC;
    MethodVisitor code = out.visitMethod(access, "<init>", proto.descriptor(), null, null);
    code.visitCode();
    code.visitVarInsn(Opcodes.ALOAD, 0);
    int local = 1;
    for (Type argument : Type.getArgumentTypes(proto.descriptor())) {
      code.visitVarInsn(argument.getOpcode(Opcodes.ILOAD), local);
      local += argument.getSize();
    }
    code.visitMethodInsn(Opcodes.INVOKESPECIAL, parent, "<init>", proto.descriptor(), false);
    code.visitInsn(Opcodes.RETURN);
    code.visitMaxs(local, local);
    code.visitEnd();
  }
}
