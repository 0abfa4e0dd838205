package dev.pileus.device;

import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;

/** The real values, in place of those for tests; there is no menu key, so action bars show the dots. */
@Implements(className = "android.view.ViewConfiguration")
public class ViewConfigurationShadow {
  @Implementation
  protected boolean hasPermanentMenuKey() {
    return false;
  }
}
