package dev.pileus.device;

import android.content.Context;
import android.content.Intent;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;

/** There are no sandboxes of advertising SDKs here; whether an activity is one of theirs is asked of no system. */
@Implements(className = "android.app.sdksandbox.sandboxactivity.SdkSandboxActivityAuthority")
public class SdkSandboxShadow {
  @Implementation
  protected static boolean isSdkSandboxActivityIntent(Context context, Intent intent) {
    return false;
  }
}
