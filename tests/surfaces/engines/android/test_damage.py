"""Tiles that are compared: every pixel that differs lies in a rectangle, and no rectangle lies where none does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pileus.core.settings import Settings
from pileus.surfaces.engines.android import java

pytestmark = [pytest.mark.android]

ROUNDS = 3000
SOURCE = """package dev.pileus.device;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

public class Compare {
  public static void main(String[] arguments) {
    Random dice = new Random(7);
    Damage damage = new Damage();
    int whole = 0;
    for (int round = 0; round < Integer.parseInt(arguments[0]); round++) {
      int width = 1 + dice.nextInt(200);
      int height = 1 + dice.nextInt(200);
      // Both pictures in one piece, as slots of a file are; what lies between them differs from both.
      byte[] bytes = new byte[2 * (4 * width * height + 64)];
      long second = bytes.length / 2;
      dice.nextBytes(bytes);
      System.arraycopy(bytes, 0, bytes, (int) second, 4 * width * height);
      for (int change = dice.nextInt(round % 10 == 0 ? 200 : 6); change > 0; change--) {
        bytes[dice.nextInt(4 * width * height)] ^= (byte) (1 + dice.nextInt(255));
      }
      MemorySegment both = MemorySegment.ofArray(bytes);
      int[] rects = damage.between(both, 0, both, second, width, height);
      whole += check(bytes, (int) second, width, height, rects);
    }
    System.out.println(whole > 0 ? "right" : "never more than fit");
  }

  private static int check(byte[] bytes, int second, int width, int height, int[] rects) {
    boolean[] held = new boolean[rects.length / 4];
    int tiles = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = 4 * (y * width + x);
        if (Arrays.equals(bytes, at, at + 4, bytes, second + at, second + at + 4)) {
          continue;
        }
        boolean found = false;
        for (int i = 0; i < held.length; i++) {
          int[] r = Arrays.copyOfRange(rects, 4 * i, 4 * i + 4);
          if (x >= r[0] && x < r[0] + r[2] && y >= r[1] && y < r[1] + r[3]) {
            held[i] = found = true;
          }
        }
        if (!found) {
          throw new AssertionError(x + "," + y + " in none of " + Arrays.toString(rects));
        }
      }
    }
    for (int i = 0; i < held.length; i++) {
      int[] r = Arrays.copyOfRange(rects, 4 * i, 4 * i + 4);
      if (!held[i] || r[0] + r[2] > width || r[1] + r[3] > height || r[2] < 1 || r[3] < 1) {
        throw new AssertionError("needless: " + Arrays.toString(r) + " in " + width + "x" + height);
      }
    }
    return held.length == 1 && rects[2] > 64 && rects[3] > 64 ? 1 : 0;
  }
}
"""


def test_rectangles_hold_what_differs_and_nothing_else(tmp_path: Path) -> None:
    runtime = java.runtime(Settings.from_env())
    source = tmp_path / "dev/pileus/device/Compare.java"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    (compiler,) = runtime.store.paths("build")
    out = tmp_path / "out"
    path = str(runtime.host_jar)
    compiling = [runtime.java, "-jar", str(compiler), "-25", "-nowarn", "-cp", path, "-d", str(out), str(source)]
    subprocess.run(compiling, check=True, capture_output=True)
    command = [runtime.java, "-cp", f"{out}:{path}", "dev.pileus.device.Compare", str(ROUNDS)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout.strip() == "right", done.stderr
