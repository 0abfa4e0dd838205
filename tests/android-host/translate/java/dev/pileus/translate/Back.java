package dev.pileus.translate;

import dev.pileus.translate.dex.Dex;
import java.util.Map;

/**
 * A whole translation in one call, for whoever loads it with a translator of their own; with a portion, in parts of
 * so many instructions.
 */
public final class Back {
  public static Map<String, byte[]> translate(byte[] dex, int portion) throws Exception {
    try (Framework library = new Framework(null)) {
      Translation translation = new Translation(Dex.read(dex), library, portion);
      Map<String, byte[]> made = translation.run(2, part -> {});
      if (!translation.failures().isEmpty()) {
        String[] first = translation.failures().get(0);
        throw new IllegalStateException("not translated: " + first[0] + ": " + first[1]);
      }
      return made;
    }
  }
}
