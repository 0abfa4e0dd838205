package dev.pileus.device;

import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowPausedSystemClock;

/** A sleep lasts; the one for tests moves the clock forward at once instead. */
@Implements(className = "android.os.SystemClock")
public class ClockShadow extends ShadowPausedSystemClock {
  @Implementation
  protected static void sleep(long millis) {
    try {
      Thread.sleep(Math.max(0, millis));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
