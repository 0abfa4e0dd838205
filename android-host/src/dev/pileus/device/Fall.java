package dev.pileus.device;

import dev.pileus.host.Told;
import java.util.Map;
import org.json.JSONObject;

/** What is said of an app that fell over, or that asks for what is not there. */
final class Fall {
  /** Characters of an exception's own words that are told. */
  private static final int LONGEST = 2000;

  private static final int FELL = 70;
  private static final int TOO_MANY_WINDOWS = 71;

  private Fall() {}

  /** With what its process ends; the engine knows what each means. */
  static int status(Throwable cause) {
    for (Throwable one = cause; one != null; one = one.getCause()) {
      if (one instanceof WindowsShadow.TooMany) {
        return TOO_MANY_WINDOWS;
      }
    }
    return FELL;
  }

  static String of(Throwable cause) {
    String lacking = Unsupported.reason(cause);
    if (lacking != null) {
      return state("app-unsupported", lacking);
    }
    Throwable root = cause;
    while (root.getCause() != null && root.getClass() == RuntimeException.class) {
      root = root.getCause();
    }
    return state("crash", Told.cut(root.toString(), LONGEST));
  }

  static String state(String code, String message) {
    return new JSONObject(Map.of("code", code, "message", message)).toString();
  }
}
