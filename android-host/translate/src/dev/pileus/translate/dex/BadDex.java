package dev.pileus.translate.dex;

/** Says in a sentence what is wrong with a DEX file or a part of it. */
public final class BadDex extends RuntimeException {
  public BadDex(String message) {
    super(message, null, false, false);
  }
}
