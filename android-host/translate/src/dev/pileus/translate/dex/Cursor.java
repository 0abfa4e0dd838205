package dev.pileus.translate.dex;

/** A place in the bytes that moves on with each read. */
public final class Cursor {
  private final Bytes bytes;
  private int at;

  Cursor(Bytes bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  public int place() {
    return at;
  }

  public int u1() {
    return bytes.u1(at++);
  }

  /** Unsigned LEB128 of up to 32 bits. */
  public int uleb() {
    int result = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int part = u1();
      result |= (part & 0x7f) << shift;
      if (part < 0x80) {
        return result;
      }
    }
    throw new BadDex("A number at " + at + " has no end.");
  }

  /** Signed LEB128. */
  public int sleb() {
    int result = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int part = u1();
      result |= (part & 0x7f) << shift;
      if (part < 0x80) {
        int used = shift + 7;
        return used < 32 && (part & 0x40) != 0 ? result | -1 << used : result;
      }
    }
    throw new BadDex("A number at " + at + " has no end.");
  }

  /** An unsigned count of items that take at least a byte each. */
  public int count() {
    int count = uleb();
    if (count < 0 || count > bytes.size - at) {
      throw new BadDex("A count at " + at + " is larger than the file.");
    }
    return count;
  }

  /** {@code count} bytes, least first, as a number; sign-extended or not. */
  public long number(int count, boolean signed) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (long) u1() << 8 * i;
    }
    int rest = 64 - 8 * count;
    return signed ? value << rest >> rest : value;
  }
}
