package dev.pileus.device;

import java.util.Map;
import org.json.JSONObject;

/** What is said of an app that fell over, or that asks for what is not there. */
final class Fall {
  private Fall() {}

  static String of(Throwable cause) {
    String lacking = Unsupported.reason(cause);
    if (lacking != null) {
      return state("app-unsupported", lacking);
    }
    Throwable root = cause;
    while (root.getCause() != null && root.getClass() == RuntimeException.class) {
      root = root.getCause();
    }
    return state("crash", root.toString());
  }

  static String state(String code, String message) {
    return new JSONObject(Map.of("code", code, "message", message)).toString();
  }
}
