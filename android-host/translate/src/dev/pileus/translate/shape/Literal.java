package dev.pileus.translate.shape;

import dev.pileus.translate.code.Literals;

/** Texts that have to fit into a class file. */
final class Literal {
  private static final int SENTENCE = 400;

  private Literal() {}

  static boolean fits(String text) {
    return Literals.fits(text);
  }

  static String shortened(String text) {
    return text.length() <= SENTENCE ? text : text.substring(0, SENTENCE) + "…";
  }
}
