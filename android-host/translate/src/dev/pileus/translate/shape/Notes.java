package dev.pileus.translate.shape;

import dev.pileus.translate.dex.Annotations;
import dev.pileus.translate.dex.Encoded;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.Type;

/** Writes annotations, and reads those of the system that say what class files say in attributes. */
final class Notes {
  /** Where annotations of a class, a field, a method or a parameter go. */
  interface Place {
    AnnotationVisitor visit(String type, boolean visible);
  }

  private Notes() {}

  static void write(List<Annotations.Item> items, Place place) {
    if (items == null) {
      return;
    }
    for (Annotations.Item item : items) {
      if (item.visibility() != Annotations.SYSTEM) {
        boolean visible = item.visibility() == Annotations.RUNTIME;
        AnnotationVisitor visitor = place.visit(item.annotation().type(), visible);
        item.annotation().elements().forEach((name, value) -> write(visitor, name, value));
        visitor.visitEnd();
      }
    }
  }

  static void write(AnnotationVisitor out, String name, Object value) {
    switch (value) {
      case Encoded.TypeValue type -> out.visit(name, Type.getType(type.type()));
      case Encoded.EnumValue one -> out.visitEnum(name, one.field().type(), one.field().name());
      case Encoded.Annotation inner -> {
        AnnotationVisitor visitor = out.visitAnnotation(name, inner.type());
        inner.elements().forEach((key, element) -> write(visitor, key, element));
        visitor.visitEnd();
      }
      case List<?> values -> {
        AnnotationVisitor visitor = out.visitArray(name);
        values.forEach(element -> write(visitor, null, element));
        visitor.visitEnd();
      }
      case Number number -> out.visit(name, number);
      case String text -> out.visit(name, text);
      case Boolean one -> out.visit(name, one);
      case Character one -> out.visit(name, one);
      default -> {}
    }
  }

  /** The generic signature that dalvik.annotation.Signature spreads over several strings, or null. */
  static String signature(List<Annotations.Item> items) {
    if (!(value(items, "Signature") instanceof List<?> parts)) {
      return null;
    }
    StringBuilder whole = new StringBuilder();
    parts.forEach(whole::append);
    return whole.toString();
  }

  /** The internal names of the types in an annotation's value; null where there is no such annotation. */
  static String[] types(List<Annotations.Item> items, String name) {
    if (!(value(items, name) instanceof List<?> values)) {
      return null;
    }
    return values.stream()
        .filter(Encoded.TypeValue.class::isInstance)
        .map(one -> dev.pileus.translate.dex.Names.internal(((Encoded.TypeValue) one).type()))
        .toArray(String[]::new);
  }

  static Object value(List<Annotations.Item> items, String name) {
    Encoded.Annotation found = Annotations.system(items, name);
    return found == null ? null : found.elements().get("value");
  }

  /** The default values of an annotation type's elements. */
  static Map<String, Object> defaults(List<Annotations.Item> items) {
    Object found = value(items, "AnnotationDefault");
    return found instanceof Encoded.Annotation annotation ? annotation.elements() : Map.of();
  }
}
