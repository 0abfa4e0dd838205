package dev.pileus.binder;

import android.os.IBinder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.TreeMap;

/** The messages between this process and its system (docs/design/android-system.md), version 1. */
final class Frames {
  static final short VERSION = 1;
  static final byte HELLO = 1;
  static final byte CALL = 2;
  static final byte REPLY = 3;
  static final byte RELEASE = 4;
  static final byte DROP = 5;
  static final byte DEAD = 6;
  static final int OWN = 1;
  static final int HANDLE = 2;
  static final int FD = 3;

  record Item(int kind, int offset, int value) {}

  record Call(
      int call, int target, int code, int flags, int within, int uid, int pid,
      TreeMap<Integer, Object> objects, byte[] bytes) {}

  record Reply(int call, int status, TreeMap<Integer, Object> objects, byte[] bytes) {}

  /** Gives the binder for an object's kind and value. */
  interface Objects {
    IBinder find(int kind, int value);
  }

  private Frames() {}

  static byte[] hello() {
    return body(HELLO, 14).putShort(VERSION).putInt(0).putInt(0).putInt(0).array();
  }

  static byte[] call(
      int call, int target, int code, int flags, int within, List<Item> items, int fds,
      byte[] bytes) {
    ByteBuffer body = body(CALL, 32 + 9 * items.size() + bytes.length);
    body.putInt(call).putInt(target).putInt(code).putInt(flags).putInt(within).putInt(0).putInt(0);
    return rest(body, items, fds, bytes);
  }

  static byte[] reply(int call, int status, List<Item> items, int fds, byte[] bytes) {
    ByteBuffer body = body(REPLY, 9 + 9 * items.size() + bytes.length);
    body.putInt(call).put((byte) status);
    return rest(body, items, fds, bytes);
  }

  static byte[] release(int handle, int count) {
    return body(RELEASE, 8).putInt(handle).putInt(count).array();
  }

  static Call readCall(ByteBuffer body, Objects objects, Socket socket) throws IOException {
    int call = body.getInt();
    int target = body.getInt();
    int code = body.getInt();
    int flags = body.getInt();
    int within = body.getInt();
    int uid = body.getInt();
    int pid = body.getInt();
    TreeMap<Integer, Object> found = items(body, objects, socket);
    return new Call(call, target, code, flags, within, uid, pid, found, left(body));
  }

  static Reply readReply(ByteBuffer body, Objects objects, Socket socket) throws IOException {
    int call = body.getInt();
    int status = body.get();
    TreeMap<Integer, Object> found = items(body, objects, socket);
    return new Reply(call, status, found, left(body));
  }

  private static TreeMap<Integer, Object> items(ByteBuffer body, Objects objects, Socket socket)
      throws IOException {
    int fds = body.getShort();
    int count = body.getShort();
    int[] numbers = socket.descriptors(fds);
    TreeMap<Integer, Object> found = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      int kind = body.get();
      int offset = body.getInt();
      int value = body.getInt();
      Object object =
          kind == FD ? new ParcelData.Descriptor(numbers[value]) : objects.find(kind, value);
      if (object != null) {
        found.put(offset, object);
      }
    }
    return found;
  }

  private static byte[] left(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }

  private static byte[] rest(ByteBuffer body, List<Item> items, int fds, byte[] bytes) {
    body.putShort((short) fds).putShort((short) items.size());
    for (Item item : items) {
      body.put((byte) item.kind).putInt(item.offset).putInt(item.value);
    }
    return body.put(bytes).array();
  }

  private static ByteBuffer body(byte type, int size) {
    return ByteBuffer.allocate(1 + size).order(ByteOrder.LITTLE_ENDIAN).put(type);
  }
}
