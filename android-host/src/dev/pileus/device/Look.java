package dev.pileus.device;

import android.app.Application;
import dev.pileus.system.Framework;
import java.util.Iterator;
import org.json.JSONException;
import org.json.JSONObject;
import org.robolectric.RuntimeEnvironment;

/** What the device that looks is like: sides, density, language, theme, time zone. */
final class Look {
  private final JSONObject display;

  Look(JSONObject display) {
    this.display = display;
    Display.apply(display);
  }

  int width() {
    return display.optInt("width");
  }

  int height() {
    return display.optInt("height");
  }

  /** Some of it is another now; the application and its activities hear of it. */
  void change(JSONObject changed, ActivityStack stack) {
    String zone = display.optString("time_zone");
    try {
      for (Iterator<String> names = changed.keys(); names.hasNext(); ) {
        String name = names.next();
        display.put(name, changed.get(name));
      }
    } catch (JSONException broken) {
      throw new IllegalArgumentException(broken);
    }
    Display.apply(display);
    Application application = RuntimeEnvironment.getApplication();
    application.onConfigurationChanged(application.getResources().getConfiguration());
    stack.configure();
    if (!zone.equals(display.optString("time_zone"))) {
      Framework.timeZone(display.optString("time_zone"));
    }
  }
}
