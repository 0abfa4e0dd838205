package dev.pileus.device;

import java.util.Map;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowCompatibility;

/**
 * Which changes of the framework's behaviour hold for the app: some only for those that were made for the Android
 * that brought them, or a later one. Without a system that says so, all hold.
 */
@Implements(className = "android.compat.Compatibility")
public class ChangesShadow extends ShadowCompatibility {
  /** Changes by number, and the Android from which on they hold (developer.android.com, "compatibility framework"). */
  private static final Map<Long, Integer> SINCE =
      Map.of(
          160794467L, 31, // PENDING_INTENT_EXPLICIT_MUTABILITY_REQUIRED
          236704164L, 34); // BLOCK_MUTABLE_IMPLICIT_PENDING_INTENT

  @Implementation
  protected static boolean isChangeEnabled(long change) {
    Integer since = SINCE.get(change);
    boolean holds =
        since == null || RuntimeEnvironment.getApplication().getApplicationInfo().targetSdkVersion >= since;
    return holds && ShadowCompatibility.isChangeEnabled(change);
  }
}
