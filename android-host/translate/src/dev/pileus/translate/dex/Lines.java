package dev.pileus.translate.dex;

import java.util.ArrayList;
import java.util.List;

/** The state machine of debug_info_item, of which only line numbers are wanted. */
final class Lines {
  private Lines() {}

  /** Damaged or odd debug information is worth no more than none: what was read so far is given. */
  static int[][] read(Bytes bytes, int at, int size) {
    List<int[]> found = new ArrayList<>();
    try {
      run(bytes.from(at), size, found);
    } catch (BadDex damaged) {
      found.removeIf(line -> line[1] < 0);
    }
    return found.toArray(int[][]::new);
  }

  private static void run(Cursor cursor, int size, List<int[]> found) {
    int line = cursor.uleb();
    for (int names = cursor.count(); names > 0; names--) {
      cursor.uleb();
    }
    int address = 0;
    while (true) {
      int code = cursor.u1();
      switch (code) {
        case 0 -> {
          return;
        }
        case 1 -> address += cursor.uleb();
        case 2 -> line += cursor.sleb();
        case 3 -> skip(cursor, 3);
        case 4 -> skip(cursor, 4);
        case 5, 6, 9 -> skip(cursor, 1);
        case 7, 8 -> {}
        default -> {
          address += (code - 10) / 15;
          line += (code - 10) % 15 - 4;
          if (address < 0 || address >= size) {
            return;
          }
          if (line >= 0 && line <= 0xffff) {
            found.add(new int[] {address, line});
          }
        }
      }
    }
  }

  private static void skip(Cursor cursor, int count) {
    for (; count > 0; count--) {
      cursor.uleb();
    }
  }
}
