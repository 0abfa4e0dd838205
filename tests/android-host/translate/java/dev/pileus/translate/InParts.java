package dev.pileus.translate;

import java.nio.file.Path;

/** Translates as the translator does, with each method in parts: {@code InParts INSTRUCTIONS IN.apk OUT.jar}. */
public final class InParts {
  public static void main(String[] arguments) throws Exception {
    Main.translate(
        Path.of(arguments[1]), Path.of(arguments[2]), null, Integer.parseInt(arguments[0]));
  }
}
