package dev.pileus.system;

import android.app.IActivityManager;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowActivityManager;

/** ActivityManager, whose service is the account's system. */
@Implements(className = "android.app.ActivityManager")
public class ManagerShadow extends ShadowActivityManager {
  static volatile IActivityManager service = new Silent().as(IActivityManager.class);

  @Implementation
  protected static IActivityManager getService() {
    return service;
  }
}
