package dev.pileus.translate.dex;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The annotations of a class and of its members, by the member's index in the DEX file. */
public final class Annotations {
  public static final int BUILD = 0;
  public static final int RUNTIME = 1;
  public static final int SYSTEM = 2;

  /** An annotation and who sees it. */
  public record Item(int visibility, Encoded.Annotation annotation) {}

  private static final Annotations NONE = new Annotations(List.of());

  public final List<Item> ofClass;
  public final Map<Integer, List<Item>> ofFields = new HashMap<>();
  public final Map<Integer, List<Item>> ofMethods = new HashMap<>();
  public final Map<Integer, List<List<Item>>> ofParameters = new HashMap<>();

  private Annotations(List<Item> ofClass) {
    this.ofClass = ofClass;
  }

  static Annotations read(Dex dex, int at) {
    if (at == 0) {
      return NONE;
    }
    Bytes bytes = dex.bytes;
    Annotations found = new Annotations(set(dex, bytes.u4(at)));
    int fields = bytes.u4(at + 4);
    int methods = bytes.u4(at + 8);
    int parameters = bytes.u4(at + 12);
    bytes.hold(at + 16, fields, 8);
    bytes.hold(at + 16, methods, 8);
    bytes.hold(at + 16, parameters, 8);
    int next = at + 16;
    for (; fields > 0; fields--, next += 8) {
      found.ofFields.put(bytes.u4(next), set(dex, bytes.u4(next + 4)));
    }
    for (; methods > 0; methods--, next += 8) {
      found.ofMethods.put(bytes.u4(next), set(dex, bytes.u4(next + 4)));
    }
    for (; parameters > 0; parameters--, next += 8) {
      found.ofParameters.put(bytes.u4(next), sets(dex, bytes.u4(next + 4)));
    }
    return found;
  }

  /** The annotation of a system type such as {@code Ldalvik/annotation/Signature;}, or null. */
  public static Encoded.Annotation system(List<Item> items, String name) {
    if (items != null) {
      for (Item item : items) {
        if (item.visibility == SYSTEM && item.annotation.type().equals("Ldalvik/annotation/" + name + ";")) {
          return item.annotation;
        }
      }
    }
    return null;
  }

  private static List<List<Item>> sets(Dex dex, int at) {
    int count = dex.bytes.u4(at);
    dex.bytes.hold(at + 4, count, 4);
    List<List<Item>> found = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      found.add(set(dex, dex.bytes.u4(at + 4 + 4 * i)));
    }
    return found;
  }

  private static List<Item> set(Dex dex, int at) {
    if (at == 0) {
      return List.of();
    }
    int count = dex.bytes.u4(at);
    dex.bytes.hold(at + 4, count, 4);
    List<Item> found = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Cursor item = dex.bytes.from(dex.bytes.u4(at + 4 + 4 * i));
      found.add(new Item(item.u1(), Encoded.annotation(dex, item)));
    }
    return found;
  }
}
