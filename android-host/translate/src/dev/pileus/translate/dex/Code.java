package dev.pileus.translate.dex;

import java.util.ArrayList;
import java.util.List;

/** A method's code_item. Addresses count 16-bit units from its first instruction. */
public final class Code {
  /** A handler of a try: the type that it catches, null for all, and its address. */
  public record Handler(String type, int address) {}

  /** Which instructions throw to which handlers. */
  public record Try(int start, int end, List<Handler> handlers) {}

  public final int registers;
  public final int ins;
  public final int size;
  public final List<Try> tries;
  private final Bytes bytes;
  private final int first;
  private final int debug;

  private Code(Dex dex, int at) {
    bytes = dex.bytes;
    registers = bytes.u2(at);
    ins = bytes.u2(at + 2);
    int tryCount = bytes.u2(at + 6);
    debug = bytes.s4(at + 8);
    size = bytes.u4(at + 12);
    first = at + 16;
    bytes.hold(first, size, 2);
    if (ins > registers || size == 0) {
      throw new BadDex("A method has code of no sense.");
    }
    tries = tryCount == 0 ? List.of() : tries(dex, first + 2 * size + (size & 1) * 2, tryCount);
  }

  public static Code read(Dex dex, int at) {
    return new Code(dex, at);
  }

  /** The unit at an address. */
  public int unit(int address) {
    if (address < 0 || address >= size) {
      throw new BadDex("Address " + address + " lies outside of the method.");
    }
    return bytes.u2(first + 2 * address);
  }

  /** Two units as a signed number. */
  public int pair(int address) {
    return unit(address) | unit(address + 1) << 16;
  }

  /** Line numbers by address: {@code {address, line}} in order; empty where nothing is known. */
  public int[][] lines() {
    return debug == 0 ? new int[0][] : Lines.read(bytes, debug, size);
  }

  private List<Try> tries(Dex dex, int at, int count) {
    bytes.hold(at, count, 8);
    int list = at + 8 * count;
    List<Try> found = new ArrayList<>(count);
    for (int i = 0; i < count; i++, at += 8) {
      int start = bytes.u4(at);
      int end = start + bytes.u2(at + 4);
      if (start > size || end > size) {
        throw new BadDex("A try lies outside of its method.");
      }
      if (end > start) {
        found.add(new Try(start, end, handlers(dex, list + bytes.u2(at + 6))));
      }
    }
    found.sort(java.util.Comparator.comparingInt(Try::start));
    for (int i = 1; i < found.size(); i++) {
      if (found.get(i).start < found.get(i - 1).end) {
        throw new BadDex("Two tries overlap.");
      }
    }
    return found;
  }

  /** The try that an address lies in, or null. */
  public Try tryAt(int address) {
    int low = 0;
    int high = tries.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Try one = tries.get(middle);
      if (address < one.start) {
        high = middle - 1;
      } else if (address >= one.end) {
        low = middle + 1;
      } else {
        return one;
      }
    }
    return null;
  }

  private List<Handler> handlers(Dex dex, int at) {
    Cursor cursor = bytes.from(at);
    int count = cursor.sleb();
    int typed = Math.abs(count);
    if (typed < 0 || typed > bytes.size) {
      throw new BadDex("A try has more handlers than the file has bytes.");
    }
    List<Handler> found = new ArrayList<>();
    for (int i = 0; i < typed; i++) {
      String type = dex.type(cursor.uleb());
      found.add(new Handler(type, cursor.uleb()));
    }
    if (count <= 0) {
      found.add(new Handler(null, cursor.uleb()));
    }
    return found;
  }
}
