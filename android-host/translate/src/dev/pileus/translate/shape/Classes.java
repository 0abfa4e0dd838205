package dev.pileus.translate.shape;

import dev.pileus.translate.code.Methods;
import dev.pileus.translate.code.Parts;
import dev.pileus.translate.dex.Annotations;
import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.ClassDef;
import dev.pileus.translate.dex.Encoded;
import dev.pileus.translate.dex.FieldRef;
import dev.pileus.translate.dex.MethodRef;
import dev.pileus.translate.dex.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassTooLargeException;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodTooLargeException;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** Translates classes. Whatever cannot be translated is left out or made to throw, and named; the class stays. */
public final class Classes {
  /** Java 8's: the last in which code outside of a constructor may write final fields, as DEX code does. */
  private static final int VERSION = Opcodes.V1_8;

  private static final String TOO_LARGE = "it is larger than a method of the JVM may be";

  /** Instructions of a part of what is too large for one method, at first, and so few that it makes no sense. */
  private static final int A_PORTION = 2000;
  private static final int SMALLEST = 30;

  /** A class file, and what it lacks: {@code {member, why}}. */
  public record Result(String name, byte[] file, List<String[]> failures) {}

  private final Methods methods;
  private final Nesting nesting;

  public Classes(Methods methods, Nesting nesting) {
    this.methods = methods;
    this.nesting = nesting;
  }

  public Result translate(ClassDef type) {
    Map<String, String> refused = new HashMap<>();
    Map<String, Integer> portions = new HashMap<>();
    while (true) {
      Attempt attempt = new Attempt(type, refused, portions);
      byte[] file = attempt.run();
      if (file != null) {
        return new Result(Names.internal(type.type), file, attempt.failures);
      }
    }
  }

  /** One go at a class: what cannot be written is added to {@code refused}, and another go is needed. */
  private final class Attempt {
    private final ClassDef type;
    private final Map<String, String> refused;
    private final Map<String, Integer> portions;
    private final Map<String, String> partOf = new HashMap<>();
    private final List<String[]> failures = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final ClassWriter out = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    private final boolean face;
    private final Statics statics = new Statics();
    private Annotations annotations;
    private Map<String, Object> defaults = Map.of();

    Attempt(ClassDef type, Map<String, String> refused, Map<String, Integer> portions) {
      this.type = type;
      this.refused = refused;
      this.portions = portions;
      face = (type.access & Opcodes.ACC_INTERFACE) != 0;
    }

    byte[] run() {
      final int before = refused.size();
      head();
      ClassDef.Members members = trying("members", type::members);
      if (members != null) {
        List<Object> values = trying("first values", type::values);
        fields(members.staticFields(), values == null ? List.of() : values);
        fields(members.fields(), List.of());
        members.direct().forEach(this::method);
        members.virtual().forEach(this::method);
        if (statics.isNeeded() && !seen.contains("<clinit>()V")) {
          MethodVisitor code = out.visitMethod(Opcodes.ACC_STATIC, "<clinit>", "()V", null, null);
          code.visitCode();
          statics.write(code);
          code.visitInsn(Opcodes.RETURN);
          code.visitMaxs(0, 0);
          code.visitEnd();
        }
      }
      out.visitEnd();
      if (refused.size() > before) {
        return null;
      }
      try {
        return out.toByteArray();
      } catch (MethodTooLargeException large) {
        tooLarge(large.getMethodName() + large.getDescriptor());
        return null;
      } catch (ClassTooLargeException large) {
        throw new BadDex("it names more than a class file can hold");
      }
    }

    /** Writes a method in parts next time, in smaller ones where it was already, or not at all. */
    private void tooLarge(String written) {
      String key = partOf.getOrDefault(written, written);
      int portion = portions.containsKey(key) ? portions.get(key) / 2 : A_PORTION;
      if (portion >= SMALLEST) {
        portions.put(key, portion);
      } else if (refused.putIfAbsent(key, TOO_LARGE) != null) {
        throw new BadDex("its method " + key + " is too large even without code");
      }
    }

    private void head() {
      annotations = trying("annotations", type::annotations);
      List<Annotations.Item> items = annotations == null ? List.of() : annotations.ofClass;
      String parent = type.parent == null ? "java/lang/Object" : Names.internal(type.parent);
      String[] faces =
          new LinkedHashSet<>(type.interfaces).stream().map(Names::internal).toArray(String[]::new);
      String name = Names.internal(type.type);
      out.visit(VERSION, Flags.ofClass(type.access), name, Notes.signature(items), parent, faces);
      String source = trying("source", type::source);
      if (source != null && Texts.fits(source)) {
        out.visitSource(source, null);
      }
      if (annotations != null) {
        nesting.write(type, out);
        Notes.write(items, out::visitAnnotation);
        defaults = Notes.defaults(items);
      }
    }

    private void fields(List<ClassDef.Member> members, List<Object> values) {
      for (int i = 0; i < members.size(); i++) {
        ClassDef.Member member = members.get(i);
        Object value = i < values.size() ? values.get(i) : null;
        trying(
            "field " + member.index(),
            () -> {
              field(member, value);
              return null;
            });
      }
    }

    private void field(ClassDef.Member member, Object value) {
      FieldRef field = type.dex.field(member.index());
      if (!seen.add(field.name() + ":" + field.type())) {
        throw new BadDex("it is there twice");
      }
      List<Annotations.Item> items = annotations == null ? null : annotations.ofFields.get(member.index());
      boolean isStatic = (member.access() & Opcodes.ACC_STATIC) != 0;
      Object constant = value == null || !isStatic ? null : statics.constant(field, value);
      int access = Flags.ofField(member.access(), face);
      String signature = Notes.signature(items);
      FieldVisitor visitor = out.visitField(access, field.name(), field.type(), signature, constant);
      Notes.write(items, visitor::visitAnnotation);
      visitor.visitEnd();
    }

    private void method(ClassDef.Member member) {
      MethodRef ref = trying("method " + member.index(), () -> type.dex.method(member.index()));
      if (ref == null) {
        return;
      }
      String key = ref.name() + ref.proto().descriptor();
      boolean isStatic = (member.access() & Opcodes.ACC_STATIC) != 0;
      if (!seen.add(key) || ref.proto().words() + (isStatic ? 0 : 1) > 255) {
        fail(ref.toString(), "the class has it twice, or it has too many parameters");
        return;
      }
      int access = Flags.ofMethod(member.access(), ref.name(), face);
      boolean bare = (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) != 0;
      Methods.Written code = bare ? null : code(member, ref, key);
      MethodVisitor visitor = open(member, ref, access);
      if (!bare) {
        visitor.visitCode();
        if (ref.name().equals("<clinit>")) {
          statics.write(visitor);
        }
        try {
          if (code != null) {
            code.to(visitor);
          } else {
            refuse(visitor, ref, refused.get(key));
          }
          visitor.visitMaxs(0, 0);
        } catch (RuntimeException cause) {
          refused.put(key, reason(cause));
        }
      }
      visitor.visitEnd();
      if (code instanceof Parts parts && !refused.containsKey(key)) {
        parts(parts, key);
      }
    }

    private void parts(Parts parts, String key) {
      int access = Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE | Opcodes.ACC_SYNTHETIC;
      for (int i = 0; i < parts.count(); i++) {
        MethodVisitor visitor = out.visitMethod(access, parts.name(i), Parts.TYPE, null, null);
        visitor.visitCode();
        try {
          parts.write(i, visitor);
          visitor.visitMaxs(0, 0);
        } catch (RuntimeException cause) {
          refused.put(key, reason(cause));
        }
        visitor.visitEnd();
      }
    }

    private Methods.Written code(ClassDef.Member member, MethodRef ref, String key) {
      if (refused.containsKey(key)) {
        return null;
      }
      try {
        if (member.code() == 0) {
          throw new BadDex("it has no code");
        }
        boolean isStatic = (member.access() & Opcodes.ACC_STATIC) != 0;
        MethodRef own = new MethodRef(type.type, ref.name(), ref.proto());
        int portion = portions.getOrDefault(key, methods.portion());
        Parts parts =
            portion == 0 ? null : methods.inParts(type.dex, own, isStatic, member.code(), portion);
        if (parts != null) {
          named(parts, key);
          return parts;
        } else if (portions.containsKey(key)) {
          throw new BadDex(TOO_LARGE);
        }
        return methods.translate(type.dex, own, isStatic, member.code());
      } catch (RuntimeException cause) {
        refused.put(key, reason(cause));
        return null;
      }
    }

    private void named(Parts parts, String key) {
      String base = key.substring(0, key.indexOf('(')).replaceAll("[<>]", "") + "$part";
      List<String> names = new ArrayList<>();
      for (int number = 0; names.size() < parts.count(); number++) {
        if (seen.add(base + number + Parts.TYPE)) {
          names.add(base + number);
          partOf.put(base + number + Parts.TYPE, key);
        }
      }
      parts.name(names);
    }

    private void refuse(MethodVisitor visitor, MethodRef ref, String why) {
      fail(ref.toString(), why);
      String named = Texts.shortened(type.type + "->" + ref.name() + ref.proto().descriptor());
      Methods.refuse(visitor, "Pileus could not translate " + named + ": " + why);
    }

    private MethodVisitor open(ClassDef.Member member, MethodRef ref, int access) {
      List<Annotations.Item> items = annotations == null ? null : annotations.ofMethods.get(member.index());
      String[] thrown = Notes.types(items, "Throws");
      String descriptor = ref.proto().descriptor();
      MethodVisitor visitor = out.visitMethod(access, ref.name(), descriptor, Notes.signature(items), thrown);
      parameterNames(items, visitor);
      if (defaults.containsKey(ref.name())) {
        AnnotationVisitor value = visitor.visitAnnotationDefault();
        Notes.write(value, null, defaults.get(ref.name()));
        value.visitEnd();
      }
      Notes.write(items, visitor::visitAnnotation);
      List<List<Annotations.Item>> parameters =
          annotations == null ? null : annotations.ofParameters.get(member.index());
      for (int i = 0; parameters != null && i < parameters.size(); i++) {
        int at = i;
        Notes.write(parameters.get(i), (note, seen) -> visitor.visitParameterAnnotation(at, note, seen));
      }
      return visitor;
    }

    private void parameterNames(List<Annotations.Item> items, MethodVisitor visitor) {
      Encoded.Annotation found = Annotations.system(items, "MethodParameters");
      if (found != null
          && found.elements().get("names") instanceof List<?> names
          && found.elements().get("accessFlags") instanceof List<?> flags
          && names.size() == flags.size()) {
        for (int i = 0; i < names.size(); i++) {
          String name = names.get(i) instanceof String text ? text : null;
          visitor.visitParameter(name, flags.get(i) instanceof Integer access ? access & 0x9010 : 0);
        }
      }
    }

    private <T> T trying(String what, java.util.function.Supplier<T> work) {
      try {
        return work.get();
      } catch (RuntimeException cause) {
        fail(type.type + " (" + what + ")", reason(cause));
        return null;
      }
    }

    private void fail(String member, String why) {
      failures.add(new String[] {member, why});
    }

    private String reason(RuntimeException cause) {
      return Texts.shortened(cause instanceof BadDex ? cause.getMessage() : cause.toString());
    }
  }
}
