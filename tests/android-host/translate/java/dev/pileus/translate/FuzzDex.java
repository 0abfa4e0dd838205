package dev.pileus.translate;

import dev.pileus.translate.dex.BadDex;
import dev.pileus.translate.dex.Dex;
import java.io.IOException;
import java.util.Map;
import java.util.zip.Adler32;
import org.objectweb.asm.ClassReader;

/** For Jazzer: any bytes are refused in words or translated to classes that can be read. */
public final class FuzzDex {
  private static final Framework LIBRARY = library();

  public static void fuzzerTestOneInput(byte[] data) throws InterruptedException {
    try {
      for (Map.Entry<String, byte[]> one :
          new Translation(Dex.read(sealed(data)), LIBRARY).run(1, part -> {}).entrySet()) {
        new ClassReader(one.getValue());
      }
    } catch (BadDex refused) {
      if (refused.getMessage() == null || refused.getMessage().length() < 6) {
        throw new AssertionError("no sentence: " + refused);
      }
    }
  }

  /** With a checksum that is right, so that the reader looks further. */
  private static byte[] sealed(byte[] data) {
    if (data.length < 12) {
      return data;
    }
    Adler32 sum = new Adler32();
    sum.update(data, 12, data.length - 12);
    byte[] made = data.clone();
    for (int i = 0; i < 4; i++) {
      made[8 + i] = (byte) (sum.getValue() >> 8 * i);
    }
    return made;
  }

  private static Framework library() {
    try {
      return new Framework(null);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
