package dev.pileus.host;

/** What objects of the framework carry that Robolectric calls their shadow. */
public final class Companions {
  /** That of an object of which nothing is replaced. */
  public static final Object NONE = new Object();

  private Companions() {}
}
