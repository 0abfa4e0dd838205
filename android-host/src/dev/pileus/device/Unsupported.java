package dev.pileus.device;

/** What an app needs of a device that this one cannot give, told from how it fell over. */
final class Unsupported {
  private Unsupported() {}

  /** The reason where an app failed for want of something that is not there, or null. */
  static String reason(Throwable cause) {
    for (Throwable one = cause; one != null; one = one.getCause()) {
      if (one instanceof UnsatisfiedLinkError) {
        return "It needs native code: " + one.getMessage();
      }
    }
    return null;
  }
}
