package dev.pileus.translate.dex;

/** Little-endian bytes; whatever lies outside is {@link BadDex}, never another exception. */
public final class Bytes {
  private final byte[] data;
  public final int size;

  public Bytes(byte[] data) {
    this.data = data;
    this.size = data.length;
  }

  public int u1(int at) {
    if (at < 0 || at >= size) {
      throw outside(at);
    }
    return data[at] & 0xff;
  }

  public int u2(int at) {
    if (at < 0 || at > size - 2) {
      throw outside(at);
    }
    return data[at] & 0xff | (data[at + 1] & 0xff) << 8;
  }

  public int s4(int at) {
    if (at < 0 || at > size - 4) {
      throw outside(at);
    }
    return data[at] & 0xff
        | (data[at + 1] & 0xff) << 8
        | (data[at + 2] & 0xff) << 16
        | data[at + 3] << 24;
  }

  /** An unsigned number that counts or places something in this file, so it is below 2 GiB. */
  public int u4(int at) {
    int value = s4(at);
    if (value < 0) {
      throw new BadDex("A number at " + at + " is larger than any file.");
    }
    return value;
  }

  /** Checks that {@code count} items of {@code width} bytes lie inside, so that a list may be made for them. */
  public void hold(int at, int count, int width) {
    if (at < 0 || count < 0 || (long) at + (long) count * width > size) {
      throw new BadDex(count + " items at " + at + " lie outside of the file.");
    }
  }

  public Cursor from(int at) {
    return new Cursor(this, at);
  }

  byte[] array() {
    return data;
  }

  private BadDex outside(int at) {
    return new BadDex("Offset " + Integer.toUnsignedString(at) + " lies outside of the file.");
  }
}
