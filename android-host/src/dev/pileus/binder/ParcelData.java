package dev.pileus.binder;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * What a Parcel holds: bytes as Android lays them out, and the binders and descriptors in them by offset. An
 * object takes eight bytes, whose first word says if it is null; what it is stands in the table.
 */
final class ParcelData {
  static final int OBJECT = 8;
  /** A descriptor in a parcel; the parcel owns its number until someone reads it. */
  record Descriptor(int fd) {}

  private byte[] bytes = new byte[64];
  private ByteBuffer view = wrap(bytes);
  private int size;
  private int position;
  TreeMap<Integer, Object> objects = new TreeMap<>();
  boolean allowFds = true;

  int size() {
    return size;
  }

  int position() {
    return position;
  }

  int capacity() {
    return bytes.length;
  }

  void position(int to) {
    position = Math.max(0, to);
  }

  void size(int to) {
    room(to);
    if (to < size) {
      objects.tailMap(to, true).clear();
      Arrays.fill(bytes, to, size, (byte) 0);
    }
    size = to;
    position = Math.min(position, to);
  }

  void room(int capacity) {
    if (capacity > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(capacity, bytes.length * 2));
      view = wrap(bytes);
    }
  }

  void clear() {
    bytes = new byte[64];
    view = wrap(bytes);
    size = 0;
    position = 0;
    for (Object each : objects.values()) {
      if (each instanceof Descriptor descriptor) {
        Posix.close(descriptor.fd());
      }
    }
    objects = new TreeMap<>();
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  byte[] toBytes(int offset, int length) {
    return Arrays.copyOfRange(bytes, offset, offset + length);
  }

  void fill(byte[] from, int offset, int length) {
    clear();
    room(length);
    System.arraycopy(from, offset, bytes, 0, length);
    size = length;
  }

  private int advance(int length) {
    int at = position;
    room(at + length);
    position += length;
    size = Math.max(size, position);
    if (!objects.isEmpty()) {
      objects.subMap(at, at + length).clear();
    }
    return at;
  }

  void writeInt(int value) {
    int at = advance(4);
    view.putInt(at, value);
  }

  void writeLong(long value) {
    int at = advance(8);
    view.putLong(at, value);
  }

  void writeBytes(byte[] from, int offset, int length) {
    writeInt(length);
    int at = advance(padded(length));
    System.arraycopy(from, offset, bytes, at, length);
    Arrays.fill(bytes, at + length, at + padded(length), (byte) 0);
  }

  void writeString8(String value) {
    if (value == null) {
      writeInt(-1);
      return;
    }
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    writeInt(text.length);
    terminated(text);
  }

  void writeString16(String value) {
    if (value == null) {
      writeInt(-1);
      return;
    }
    writeInt(value.length());
    int length = 2 * (value.length() + 1);
    int at = advance(padded(length));
    for (int i = 0; i < value.length(); i++) {
      view.putChar(at + 2 * i, value.charAt(i));
    }
    Arrays.fill(bytes, at + 2 * value.length(), at + padded(length), (byte) 0);
  }

  private void terminated(byte[] text) {
    int at = advance(padded(text.length + 1));
    System.arraycopy(text, 0, bytes, at, text.length);
    Arrays.fill(bytes, at + text.length, at + padded(text.length + 1), (byte) 0);
  }

  void writeObject(Object value) {
    int at = advance(OBJECT);
    view.putLong(at, value == null ? 0 : 1);
    if (value != null) {
      objects.put(at, value);
    }
  }

  int readInt() {
    if (position + 4 > size) {
      position = Math.min(position, size);
      return 0;
    }
    int value = view.getInt(position);
    position += 4;
    return value;
  }

  long readLong() {
    if (position + 8 > size) {
      return 0;
    }
    long value = view.getLong(position);
    position += 8;
    return value;
  }

  /** The bytes of an array, or null. */
  byte[] readBytes() {
    int length = readInt();
    if (length < 0 || length > size - position) {
      return null;
    }
    byte[] value = toBytes(position, length);
    position = Math.min(size, position + padded(length));
    return value;
  }

  String readString8() {
    int length = readInt();
    if (length < 0 || length >= size - position) {
      return null;
    }
    String value = new String(bytes, position, length, StandardCharsets.UTF_8);
    position = Math.min(size, position + padded(length + 1));
    return value;
  }

  String readString16() {
    int length = readInt();
    if (length < 0 || length > (size - position) / 2 - 1) {
      return null;
    }
    char[] text = new char[length];
    for (int i = 0; i < length; i++) {
      text[i] = view.getChar(position + 2 * i);
    }
    position = Math.min(size, position + padded(2 * (length + 1)));
    return new String(text);
  }

  Object readObject() {
    Object value = objects.get(position);
    readLong();
    return value;
  }

  void append(ParcelData other, int offset, int length) {
    if (offset < 0 || length < 0 || offset + length > other.size) {
      throw new IllegalArgumentException("a range beyond the parcel");
    }
    int at = advance(length);
    System.arraycopy(other.bytes, offset, bytes, at, length);
    for (var entry : other.objects.subMap(offset, offset + length).entrySet()) {
      objects.put(at + entry.getKey() - offset, copied(entry.getValue()));
    }
  }

  boolean same(int at, ParcelData other, int otherAt, int length) {
    return Arrays.equals(bytes, at, at + length, other.bytes, otherAt, otherAt + length);
  }

  private static Object copied(Object value) {
    if (value instanceof Descriptor descriptor) {
      try {
        return new Descriptor(Posix.dup(descriptor.fd()));
      } catch (java.io.IOException cause) {
        throw new java.io.UncheckedIOException(cause);
      }
    }
    return value;
  }

  private static int padded(int length) {
    return (length + 3) & ~3;
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
