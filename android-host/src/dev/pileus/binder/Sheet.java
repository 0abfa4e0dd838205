package dev.pileus.binder;

import android.os.Parcel;
import android.os.ParcelFileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Bytes in a parcel: within it while they are few, else in a file in memory, as Android's shared memory. */
final class Sheet {
  private static final int WITHIN = 16 << 10;
  private static final int MOST = 64 << 20;

  private Sheet() {}

  static void write(Parcel target, byte[] bytes) {
    target.writeInt(bytes.length);
    if (bytes.length <= WITHIN) {
      target.writeByteArray(bytes);
      return;
    }
    try (ParcelFileDescriptor file =
        new ParcelFileDescriptor(Posix.descriptor(Posix.memory()))) {
      new FileOutputStream(file.getFileDescriptor()).getChannel().write(java.nio.ByteBuffer.wrap(bytes), 0);
      target.writeFileDescriptor(file.getFileDescriptor());
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  static byte[] read(Parcel source) {
    int size = source.readInt();
    if (size < 0 || size > MOST) {
      throw new IllegalArgumentException("a window of " + size + " bytes");
    }
    if (size <= WITHIN) {
      byte[] within = source.createByteArray();
      return within == null ? new byte[0] : within;
    }
    try (ParcelFileDescriptor file = source.readFileDescriptor()) {
      java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(size);
      java.nio.channels.FileChannel channel = new FileInputStream(file.getFileDescriptor()).getChannel();
      int got = 0;
      while (got >= 0 && bytes.hasRemaining()) {
        got = channel.read(bytes, bytes.position());
      }
      return bytes.array();
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }
}
