package dev.pileus.surface;

import android.content.res.Configuration;
import org.json.JSONObject;

/** What the host says on the screen in its own words; START brings them (src/pileus/surfaces/texts.py). */
public final class Sentences {
  private static volatile JSONObject texts = new JSONObject();

  private Sentences() {}

  /** Takes the sentences, by language and code. */
  public static void learn(JSONObject given) {
    texts = given == null ? new JSONObject() : given;
  }

  /** The sentence in the language that the app is shown in; the code where there is none. */
  public static String of(String code, Configuration shown) {
    String language = "zh".equals(shown.getLocales().get(0).getLanguage()) ? "zh" : "en";
    JSONObject known = texts.optJSONObject(language);
    return known == null ? code : known.optString(code, code);
  }
}
