package dev.pileus.device;

import android.animation.ValueAnimator;
import android.content.ContentResolver;
import android.content.res.Resources;
import android.provider.Settings;
import java.util.Locale;
import java.util.TimeZone;
import org.json.JSONObject;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowDisplay;

/** The display's size, density, language and theme as resource qualifiers. */
final class Display {
  private Display() {}

  static void apply(JSONObject display) {
    int dpi = display.optInt("dpi", 160);
    int width = Math.round(display.optInt("width") * 160f / dpi);
    int height = Math.round(display.optInt("height") * 160f / dpi);
    Locale locale = Locale.forLanguageTag(display.optString("locale", "en-US"));
    RuntimeEnvironment.setQualifiers(
        String.format(
            Locale.ROOT,
            "%s-w%ddp-h%ddp-%s-%s-%ddpi",
            language(locale),
            width,
            height,
            height >= width ? "port" : "land",
            display.optString("theme", "light").equals("dark") ? "night" : "notnight",
            dpi));
    if (display.has("font_scale")) {
      RuntimeEnvironment.setFontScale((float) display.optDouble("font_scale", 1));
    }
    if (display.has("reduced_motion")) {
      pace(display.optBoolean("reduced_motion") ? 0 : 1);
    }
    exact(display.optInt("width"), display.optInt("height"));
    if (display.has("time_zone")) {
      // The framework has a second default, which the Java runtime knows nothing of.
      TimeZone zone = TimeZone.getTimeZone(display.optString("time_zone", "UTC"));
      TimeZone.setDefault(zone);
      android.icu.util.TimeZone.setICUDefault(
          android.icu.util.TimeZone.getTimeZone(zone.getID()));
    }
  }

  /** How fast animations are, as the settings for developers and for accessibility say it; 0: there are none. */
  private static void pace(float scale) {
    ContentResolver settings = RuntimeEnvironment.getApplication().getContentResolver();
    Settings.Global.putFloat(settings, Settings.Global.WINDOW_ANIMATION_SCALE, scale);
    Settings.Global.putFloat(settings, Settings.Global.TRANSITION_ANIMATION_SCALE, scale);
    Settings.Global.putFloat(settings, Settings.Global.ANIMATOR_DURATION_SCALE, scale);
    ValueAnimator.setDurationScale(scale);
  }

  /** Qualifiers count in whole dp; the surface counts in pixels. */
  private static void exact(int width, int height) {
    ShadowDisplay shadow = Shadow.extract(ShadowDisplay.getDefaultDisplay());
    shadow.setRealWidth(width);
    shadow.setRealHeight(height);
    shadow.setWidth(width);
    shadow.setHeight(height);
    Resources own = RuntimeEnvironment.getApplication().getResources();
    for (Resources one : new Resources[] {Resources.getSystem(), own}) {
      one.getDisplayMetrics().widthPixels = width;
      one.getDisplayMetrics().heightPixels = height;
    }
  }

  private static String language(Locale locale) {
    String country = locale.getCountry();
    if (!locale.getScript().isEmpty()) {
      String base = "b+" + locale.getLanguage() + "+" + locale.getScript();
      return country.isEmpty() ? base : base + "+" + country;
    }
    return country.isEmpty() ? locale.getLanguage() : locale.getLanguage() + "-r" + country;
  }
}
