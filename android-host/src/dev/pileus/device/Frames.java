package dev.pileus.device;

import android.graphics.Bitmap;
import dev.pileus.host.Link;
import dev.pileus.host.Told;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;

/**
 * The shared picture slots: a slot is this side's until FRAME, then the supervisor's to RELEASE. FRAME says what
 * differs from the one before it; a picture that is the same is not sent again.
 */
final class Frames {
  private static final int[] ALL = {};
  /** Nothing differs, and an input's number has to come back: the smallest that can be said. */
  private static final int[] ONE_PIXEL = {0, 0, 1, 1};

  private final MappedByteBuffer memory;
  private final MemorySegment pixels;
  private final int slotBytes;
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final Damage damage = new Damage();
  private final Link link;
  private long number;
  private long answered;
  private int last = -1;
  private int width;
  private int height;

  Frames(Link link, Path path, int slots, int slotBytes) throws IOException {
    this.link = link;
    this.slotBytes = slotBytes;
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) slots * slotBytes);
    }
    pixels = MemorySegment.ofBuffer(memory);
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

  /** The next picture is sent whole, whatever the last one was. */
  void forget() {
    last = -1;
  }

  /** Whether the last picture can stand for an input that changed nothing. */
  boolean canRepeat() {
    return last >= 0;
  }

  /** Sends a picture, or what of it is new; nothing where it is the same and all inputs were answered. */
  void send(Bitmap bitmap, long input) {
    int wide = bitmap.getWidth();
    int high = bitmap.getHeight();
    if ((long) wide * high * 4 > slotBytes) {
      throw new IllegalStateException(wide + "x" + high + " does not fit a slot");
    }
    int slot = free.poll();
    boolean comparable = last >= 0 && last != slot && wide == width && high == height;
    bitmap.copyPixelsToBuffer(memory.slice(slot * slotBytes, wide * high * 4));
    int[] rects = comparable ? damage.between(pixels, at(slot), pixels, at(last), wide, high) : ALL;
    if (comparable && rects.length == 0) {
      if (input == answered) {
        free.addFirst(slot);
        return;
      }
      rects = ONE_PIXEL;
    }
    width = wide;
    height = high;
    tell(slot, input, rects);
  }

  /** Sends the last picture again, for an input that changed nothing. */
  void repeat(long input) {
    if (input == answered) {
      return;
    }
    int slot = free.poll();
    if (slot != last) {
      MemorySegment.copy(pixels, at(last), pixels, at(slot), 4L * width * height);
    }
    tell(slot, input, ONE_PIXEL);
  }

  private long at(int slot) {
    return (long) slot * slotBytes;
  }

  private void tell(int slot, long input, int[] rects) {
    last = slot;
    answered = input;
    long micros = System.nanoTime() / 1000;
    link.send(Told.frame(slot, ++number, input, micros, width, height, 4 * width, rects));
  }
}
