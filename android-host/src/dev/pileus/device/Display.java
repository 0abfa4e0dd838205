package dev.pileus.device;

import java.util.Locale;
import org.json.JSONObject;
import org.robolectric.RuntimeEnvironment;

/** The display's size, density, language and theme as resource qualifiers. */
final class Display {
  private Display() {}

  static void apply(JSONObject display) {
    int dpi = display.optInt("dpi", 160);
    int width = Math.round(display.optInt("width") * 160f / dpi);
    int height = Math.round(display.optInt("height") * 160f / dpi);
    Locale locale = Locale.forLanguageTag(display.optString("locale", "en-US"));
    String language =
        locale.getLanguage()
            + (locale.getCountry().isEmpty() ? "" : "-r" + locale.getCountry());
    RuntimeEnvironment.setQualifiers(
        String.format(
            Locale.ROOT,
            "%s-w%ddp-h%ddp-%s-%s-%ddpi",
            language,
            width,
            height,
            height >= width ? "port" : "land",
            display.optString("theme", "light").equals("dark") ? "night" : "notnight",
            dpi));
    if (display.has("font_scale")) {
      RuntimeEnvironment.setFontScale((float) display.optDouble("font_scale", 1));
    }
    if (display.has("time_zone")) {
      java.util.TimeZone.setDefault(
          java.util.TimeZone.getTimeZone(display.optString("time_zone", "UTC")));
    }
  }
}
