package dev.pileus.translate.dex;

import java.util.ArrayList;
import java.util.List;

/** A class as class_def_item has it; members and annotations are read when asked for. */
public final class ClassDef {
  public static final int NONE = -1;

  /** A field or method with its flags; {@code code} is the offset of its code, 0 for none. */
  public record Member(int index, int access, int code) {}

  /** What class_data_item lists. */
  public record Members(
      List<Member> staticFields, List<Member> fields, List<Member> direct, List<Member> virtual) {}

  public final Dex dex;
  public final String type;
  public final int access;

  /** Null for java.lang.Object. */
  public final String parent;

  public final List<String> interfaces;
  private final int sourceIndex;
  private final int annotations;
  private final int data;
  private final int values;
  private volatile Annotations kept;

  private ClassDef(Dex dex, int at) {
    Bytes bytes = dex.bytes;
    this.dex = dex;
    type = dex.type(bytes.u4(at));
    if (type.charAt(0) != 'L') {
      throw new BadDex("A class is called " + type + ".");
    }
    access = bytes.s4(at + 4);
    int above = bytes.s4(at + 8);
    parent = above == NONE ? null : dex.type(above);
    interfaces = dex.typeList(bytes.u4(at + 12));
    sourceIndex = bytes.s4(at + 16);
    annotations = bytes.u4(at + 20);
    data = bytes.u4(at + 24);
    values = bytes.u4(at + 28);
  }

  static ClassDef read(Dex dex, int at) {
    return new ClassDef(dex, at);
  }

  /** The source file's name or null. */
  public String source() {
    return sourceIndex == NONE ? null : dex.string(sourceIndex);
  }

  /** Its annotations and its members'; kept, since the class around it asks too. */
  public Annotations annotations() {
    Annotations read = kept;
    if (read == null) {
      read = Annotations.read(dex, annotations);
      kept = read;
    }
    return read;
  }

  /** The first values of the static fields, in their order; there may be fewer than fields. */
  public List<Object> values() {
    return values == 0 ? List.of() : Encoded.array(dex, dex.bytes.from(values));
  }

  public Members members() {
    if (data == 0) {
      return new Members(List.of(), List.of(), List.of(), List.of());
    }
    Cursor at = dex.bytes.from(data);
    int[] counts = {at.count(), at.count(), at.count(), at.count()};
    return new Members(
        fields(at, counts[0]), fields(at, counts[1]), methods(at, counts[2]), methods(at, counts[3]));
  }

  private static List<Member> fields(Cursor at, int count) {
    List<Member> found = new ArrayList<>(count);
    int index = 0;
    for (int i = 0; i < count; i++) {
      index += at.uleb();
      found.add(new Member(index, at.uleb(), 0));
    }
    return found;
  }

  private static List<Member> methods(Cursor at, int count) {
    List<Member> found = new ArrayList<>(count);
    int index = 0;
    for (int i = 0; i < count; i++) {
      index += at.uleb();
      found.add(new Member(index, at.uleb(), at.uleb()));
    }
    return found;
  }
}
