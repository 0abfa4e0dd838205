package dev.pileus.translate.dex;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Encoded values: Java's boxes and String for themselves, the records below, {@link HandleRef},
 * {@link Proto}, {@link MethodRef}, a List for an array, and NULL.
 */
public final class Encoded {
  public static final Object NULL = new Object();
  private static final int DEEPEST = 64;

  /** A class constant. */
  public record TypeValue(String type) {}

  /** An enum's constant. */
  public record EnumValue(FieldRef field) {}

  /** A field as such. */
  public record FieldValue(FieldRef field) {}

  /** An annotation with its elements. */
  public record Annotation(String type, Map<String, Object> elements) {}

  private Encoded() {}

  public static Object value(Dex dex, Cursor at) {
    return value(dex, at, 0);
  }

  public static List<Object> array(Dex dex, Cursor at) {
    return array(dex, at, 0);
  }

  public static Annotation annotation(Dex dex, Cursor at) {
    return annotation(dex, at, 0);
  }

  private static Object value(Dex dex, Cursor at, int depth) {
    if (depth > DEEPEST) {
      throw new BadDex("A value is nested too deeply.");
    }
    int head = at.u1();
    int bytes = (head >> 5) + 1;
    return switch (head & 0x1f) {
      case 0x00 -> (byte) at.number(1, true);
      case 0x02 -> (short) at.number(bytes, true);
      case 0x03 -> (char) at.number(bytes, false);
      case 0x04 -> (int) at.number(bytes, true);
      case 0x06 -> at.number(bytes, true);
      case 0x10 -> Float.intBitsToFloat((int) (at.number(bytes, false) << 8 * Math.max(4 - bytes, 0)));
      case 0x11 -> Double.longBitsToDouble(at.number(bytes, false) << 8 * (8 - bytes));
      case 0x15 -> dex.proto((int) at.number(bytes, false));
      case 0x16 -> dex.handle((int) at.number(bytes, false));
      case 0x17 -> dex.string((int) at.number(bytes, false));
      case 0x18 -> new TypeValue(dex.type((int) at.number(bytes, false)));
      case 0x19 -> new FieldValue(dex.field((int) at.number(bytes, false)));
      case 0x1a -> dex.method((int) at.number(bytes, false));
      case 0x1b -> new EnumValue(dex.field((int) at.number(bytes, false)));
      case 0x1c -> array(dex, at, depth + 1);
      case 0x1d -> annotation(dex, at, depth + 1);
      case 0x1e -> NULL;
      case 0x1f -> bytes != 1;
      default -> throw new BadDex("A value is of an unknown kind.");
    };
  }

  private static List<Object> array(Dex dex, Cursor at, int depth) {
    int count = at.count();
    List<Object> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      values.add(value(dex, at, depth));
    }
    return values;
  }

  private static Annotation annotation(Dex dex, Cursor at, int depth) {
    String type = dex.type(at.uleb());
    int count = at.count();
    Map<String, Object> elements = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String name = dex.string(at.uleb());
      elements.put(name, value(dex, at, depth));
    }
    return new Annotation(type, elements);
  }
}
