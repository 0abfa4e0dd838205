package dev.pileus.device;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Where two pictures of one size differ: compared in tiles, since Skia does not say what it drew. */
final class Damage {
  static final int TILE = 32;
  /** Rectangles beyond which one around all of them is told. */
  static final int MOST = 32;

  private static final int PIXEL = 4;

  private final int[] rects = new int[4 * MOST];
  private int used;
  private int left;
  private int top;
  private int right;
  private int bottom;
  private boolean many;

  /** Rectangles (x, y, width, height, one after the other) that hold every pixel that differs; rows lie close. */
  int[] between(MemorySegment now, long nowAt, MemorySegment before, long beforeAt, int width, int height) {
    long stride = (long) width * PIXEL;
    boolean[] tiles = new boolean[(width + TILE - 1) / TILE];
    used = 0;
    many = false;
    left = width;
    top = height;
    right = 0;
    bottom = 0;
    for (int y = 0; y < height; y += TILE) {
      int rows = Math.min(TILE, height - y);
      long from = y * stride;
      long to = from + rows * stride;
      if (MemorySegment.mismatch(now, nowAt + from, nowAt + to, before, beforeAt + from, beforeAt + to) < 0) {
        continue;
      }
      Arrays.fill(tiles, false);
      for (long row = from; row < to; row += stride) {
        mark(tiles, now, nowAt + row, before, beforeAt + row, stride);
      }
      add(tiles, y, rows, width);
    }
    return many ? new int[] {left, top, right - left, bottom - top} : Arrays.copyOf(rects, used);
  }

  /** Marks the tiles of one row in which it differs. */
  private static void mark(
      boolean[] tiles, MemorySegment now, long nowAt, MemorySegment before, long beforeAt, long length) {
    long at = 0;
    while (at < length) {
      long found =
          MemorySegment.mismatch(now, nowAt + at, nowAt + length, before, beforeAt + at, beforeAt + length);
      if (found < 0) {
        return;
      }
      int tile = (int) ((at + found) / (TILE * PIXEL));
      tiles[tile] = true;
      at = (tile + 1L) * TILE * PIXEL;
    }
  }

  /** Adds the runs of marked tiles of one band; one as wide as that above it makes it higher. */
  private void add(boolean[] tiles, int y, int rows, int width) {
    for (int tile = 0; tile < tiles.length; tile++) {
      if (tiles[tile]) {
        int x = tile * TILE;
        while (tile + 1 < tiles.length && tiles[tile + 1]) {
          tile++;
        }
        add(x, y, Math.min(width, (tile + 1) * TILE) - x, rows);
      }
    }
  }

  private void add(int x, int y, int wide, int high) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + wide);
    bottom = Math.max(bottom, y + high);
    for (int i = 0; i < used; i += 4) {
      if (rects[i] == x && rects[i + 2] == wide && rects[i + 1] + rects[i + 3] == y) {
        rects[i + 3] += high;
        return;
      }
    }
    many |= used == rects.length;
    if (!many) {
      rects[used++] = x;
      rects[used++] = y;
      rects[used++] = wide;
      rects[used++] = high;
    }
  }
}
