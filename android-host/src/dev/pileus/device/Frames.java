package dev.pileus.device;

import android.graphics.Bitmap;
import dev.pileus.host.Link;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;

/** The shared picture slots: a slot is this side's until FRAME, then the supervisor's to RELEASE. */
final class Frames {
  private final MappedByteBuffer memory;
  private final int slotBytes;
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final Link link;
  private long number;

  Frames(Link link, Path path, int slots, int slotBytes) throws IOException {
    this.link = link;
    this.slotBytes = slotBytes;
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) slots * slotBytes);
    }
    for (int i = 0; i < slots; i++) {
      free.add(i);
    }
  }

  boolean ready() {
    return !free.isEmpty();
  }

  void release(int slot) {
    if (!free.contains(slot)) {
      free.add(slot);
    }
  }

  void send(Bitmap bitmap, long input) {
    int width = bitmap.getWidth();
    int height = bitmap.getHeight();
    if ((long) width * height * 4 > slotBytes) {
      throw new IllegalStateException(width + "x" + height + " does not fit a slot");
    }
    int slot = free.poll();
    bitmap.copyPixelsToBuffer(memory.slice(slot * slotBytes, width * height * 4));
    ByteBuffer message = Link.message(0xC1, 36);
    message.put((byte) slot).putLong(++number).putLong(input).putLong(System.nanoTime() / 1000);
    message.putShort((short) width).putShort((short) height).putInt(bitmap.getRowBytes());
    message.put((byte) 0).putShort((short) 0);
    link.send(message.flip());
  }
}
