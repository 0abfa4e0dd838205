package dev.pileus.translate.shape;

import dev.pileus.translate.dex.Annotations;
import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.ClassDef;
import dev.pileus.translate.dex.Encoded;
import dev.pileus.translate.dex.MethodRef;
import dev.pileus.translate.dex.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassVisitor;

/**
 * Which class stands in which. In DEX only the inner one need say so; the JVM wants both to agree, and
 * throws where reflection finds that they do not.
 */
public final class Nesting {
  private final Map<String, List<ClassDef>> members = new HashMap<>();

  public Nesting(Map<String, ClassDef> own) {
    for (ClassDef inner : own.values()) {
      String outer = around(inner);
      if (outer != null && own.containsKey(outer) && !outer.equals(inner.type)) {
        members.computeIfAbsent(outer, key -> new ArrayList<>(2)).add(inner);
      }
    }
  }

  /** The class that another is declared in: as a member, or in its code. */
  private static String around(ClassDef inner) {
    try {
      List<Annotations.Item> items = inner.annotations().ofClass;
      if (Notes.value(items, "EnclosingMethod") instanceof MethodRef method) {
        return method.owner();
      }
      return Notes.value(items, "EnclosingClass") instanceof Encoded.TypeValue outer ? outer.type() : null;
    } catch (BadDex damaged) {
      return null; // Said when the class itself is translated.
    }
  }

  private static String name(List<Annotations.Item> items) {
    Encoded.Annotation inner = Annotations.system(items, "InnerClass");
    return inner != null && inner.elements().get("name") instanceof String name ? name : null;
  }

  void write(ClassDef type, ClassVisitor out) {
    List<Annotations.Item> items = type.annotations().ofClass;
    Object method = Notes.value(items, "EnclosingMethod");
    Object around = Notes.value(items, "EnclosingClass");
    if (method instanceof MethodRef ref) {
      out.visitOuterClass(Names.internal(ref.owner()), ref.name(), ref.proto().descriptor());
    } else if (around instanceof Encoded.TypeValue outer && name(items) == null) {
      out.visitOuterClass(Names.internal(outer.type()), null, null);
    }
    entry(type, out);
    for (ClassDef member : members.getOrDefault(type.type, List.of())) {
      entry(member, out);
    }
  }

  private void entry(ClassDef type, ClassVisitor out) {
    List<Annotations.Item> items = type.annotations().ofClass;
    Encoded.Annotation inner = Annotations.system(items, "InnerClass");
    if (inner != null) {
      String outer = around(type);
      boolean member = name(items) != null
          && Notes.value(items, "EnclosingClass") != null
          && outer != null
          && members.getOrDefault(outer, List.of()).contains(type);
      int access = inner.elements().get("accessFlags") instanceof Integer flags ? flags : type.access;
      String within = member ? Names.internal(outer) : null;
      out.visitInnerClass(Names.internal(type.type), within, name(items), access & 0x761f);
    }
  }
}
