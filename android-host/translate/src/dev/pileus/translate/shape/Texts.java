package dev.pileus.translate.shape;

import dev.pileus.translate.code.Literals;

/** Texts that have to fit into a class file. */
final class Texts {
  private static final int SENTENCE = 400;

  private Texts() {}

  static boolean fits(String text) {
    return Literals.fits(text);
  }

  static String shortened(String text) {
    return text.length() <= SENTENCE ? text : text.substring(0, SENTENCE) + "…";
  }
}
