package dev.pileus.translate.dex;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.Adler32;

/**
 * The tables of one DEX file (Android's "Dalvik executable format", versions 035 to 041). Items are read
 * when they are asked for and kept; several threads may ask at a time, since a race only reads an item twice.
 */
public final class Dex {
  private static final int HEADER = 0x70;
  private static final int CALL_SITES = 7;
  private static final int HANDLES = 8;

  final Bytes bytes;
  public final int version;
  private final int[] tables = new int[6]; // offsets of strings, types, protos, fields, methods, classes
  private final int[] counts = new int[6];
  private int callSites;
  private int callSiteCount;
  private int handles;
  private int handleCount;
  private final String[] strings;
  private final String[] types;
  private final Proto[] protos;
  private final FieldRef[] fields;
  private final MethodRef[] methods;

  /** The DEX files of one file: one, or from version 041 on as many as follow each other in it. */
  public static List<Dex> read(byte[] file) {
    Bytes bytes = new Bytes(file);
    List<Dex> found = new ArrayList<>();
    int at = 0;
    do {
      Dex dex = new Dex(bytes, at);
      found.add(dex);
      at = dex.version >= 41 ? at + bytes.u4(at + 32) : bytes.size;
    } while (at < bytes.size - HEADER);
    return found;
  }

  private Dex(Bytes bytes, int header) {
    this.bytes = bytes;
    bytes.hold(header, 1, HEADER);
    version = version(header);
    int size = bytes.u4(header + 32);
    if (size < HEADER || size > bytes.size - header) {
      throw new BadDex("The file was cut: it has " + bytes.size + " bytes and says " + size + ".");
    }
    if (bytes.s4(header + 40) != 0x12345678) {
      throw new BadDex("The file is not little-endian DEX.");
    }
    Adler32 sum = new Adler32();
    sum.update(bytes.array(), header + 12, size - 12);
    if ((int) sum.getValue() != bytes.s4(header + 8)) {
      throw new BadDex("The file is damaged: its checksum is wrong.");
    }
    int[] widths = {4, 4, 12, 8, 8, 32};
    for (int i = 0; i < 6; i++) {
      counts[i] = bytes.u4(header + 56 + 8 * i);
      tables[i] = bytes.u4(header + 60 + 8 * i);
      bytes.hold(tables[i], counts[i], widths[i]);
    }
    readMap(bytes.u4(header + 52));
    strings = new String[counts[0]];
    types = new String[counts[1]];
    protos = new Proto[counts[2]];
    fields = new FieldRef[counts[3]];
    methods = new MethodRef[counts[4]];
  }

  private int version(int header) {
    boolean dex = bytes.s4(header) == 0x0a786564 && bytes.u1(header + 7) == 0;
    int number = 0;
    for (int i = 4; i < 7; i++) {
      int digit = bytes.u1(header + i) - '0';
      dex &= digit >= 0 && digit <= 9;
      number = number * 10 + digit;
    }
    if (!dex) {
      throw new BadDex("The file is not a DEX file.");
    }
    if (number < 35 || number > 41) {
      throw new BadDex("DEX version " + number + " is not known; 035 to 041 are.");
    }
    return number;
  }

  private void readMap(int map) {
    if (map == 0) {
      return;
    }
    int count = bytes.u4(map);
    bytes.hold(map + 4, count, 12);
    for (int at = map + 4; count > 0; count--, at += 12) {
      int size = bytes.u4(at + 4);
      int place = bytes.u4(at + 8);
      if (bytes.u2(at) == CALL_SITES) {
        bytes.hold(place, size, 4);
        callSites = place;
        callSiteCount = size;
      } else if (bytes.u2(at) == HANDLES) {
        bytes.hold(place, size, 8);
        handles = place;
        handleCount = size;
      }
    }
  }

  public String string(int index) {
    String known = strings[in(index, counts[0], "string")];
    if (known == null) {
      known = Names.decode(bytes, bytes.u4(tables[0] + 4 * index));
      strings[index] = known;
    }
    return known;
  }

  /** A type's descriptor. */
  public String type(int index) {
    String known = types[in(index, counts[1], "type")];
    if (known == null) {
      known = string(bytes.u4(tables[1] + 4 * index));
      if (!Names.isType(known)) {
        throw new BadDex("\"" + known + "\" is not the name of a type.");
      }
      types[index] = known;
    }
    return known;
  }

  public Proto proto(int index) {
    Proto known = protos[in(index, counts[2], "prototype")];
    if (known == null) {
      int at = tables[2] + 12 * index;
      known = Proto.of(typeList(bytes.u4(at + 8)), type(bytes.u4(at + 4)));
      protos[index] = known;
    }
    return known;
  }

  public FieldRef field(int index) {
    FieldRef known = fields[in(index, counts[3], "field")];
    if (known == null) {
      int at = tables[3] + 8 * index;
      known = new FieldRef(type(bytes.u2(at)), member(bytes.u4(at + 4)), type(bytes.u2(at + 2)));
      fields[index] = known;
    }
    return known;
  }

  public MethodRef method(int index) {
    MethodRef known = methods[in(index, counts[4], "method")];
    if (known == null) {
      int at = tables[4] + 8 * index;
      known = new MethodRef(type(bytes.u2(at)), member(bytes.u4(at + 4)), proto(bytes.u2(at + 2)));
      methods[index] = known;
    }
    return known;
  }

  public HandleRef handle(int index) {
    int at = handles + 8 * in(index, handleCount, "method handle");
    int kind = bytes.u2(at);
    int member = bytes.u2(at + 4);
    if (kind > 8) {
      throw new BadDex("A method handle is of an unknown kind.");
    }
    return kind < 4 ? new HandleRef(kind, field(member), null) : new HandleRef(kind, null, method(member));
  }

  public CallSite callSite(int index) {
    int at = callSites + 4 * in(index, callSiteCount, "call site");
    List<Object> values = Encoded.array(this, bytes.from(bytes.u4(at)));
    if (values.size() < 3
        || !(values.get(0) instanceof HandleRef handle)
        || !(values.get(1) instanceof String name)
        || !(values.get(2) instanceof Proto type)) {
      throw new BadDex("A call site says nothing of what links it.");
    }
    return new CallSite(handle, name, type, values.subList(3, values.size()));
  }

  public int classCount() {
    return counts[5];
  }

  public ClassDef classDef(int index) {
    return ClassDef.read(this, tables[5] + 32 * in(index, counts[5], "class"));
  }

  /** The types of a type_list; none at offset 0. */
  List<String> typeList(int at) {
    if (at == 0) {
      return List.of();
    }
    int count = bytes.u4(at);
    bytes.hold(at + 4, count, 2);
    String[] found = new String[count];
    for (int i = 0; i < count; i++) {
      found[i] = type(bytes.u2(at + 4 + 2 * i));
    }
    return List.of(found);
  }

  private String member(int index) {
    String name = string(index);
    if (!Names.isMember(name)) {
      throw new BadDex("\"" + name + "\" is not the name of a member.");
    }
    return name;
  }

  private static int in(int index, int count, String kind) {
    if (index < 0 || index >= count) {
      throw new BadDex("There is no " + kind + " " + Integer.toUnsignedString(index) + ".");
    }
    return index;
  }
}
