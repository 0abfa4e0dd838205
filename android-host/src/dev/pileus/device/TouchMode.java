package dev.pileus.device;

import android.view.ViewRootImpl;
import android.view.WindowManagerGlobal;
import java.util.List;
import org.robolectric.shadows.ShadowWindowManagerGlobal;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/**
 * Touch mode is the display's: a finger begins it and a key ends it for all windows, and a new window begins in the
 * mode that there is (AOSP: WindowManagerService.setInTouchMode).
 */
final class TouchMode {
  private TouchMode() {}

  /** The window that took the last input says which mode it is now. */
  static void follow(ViewRootImpl root) {
    Object info = ReflectionHelpers.getField(root, "mAttachInfo");
    boolean now = ReflectionHelpers.getField(info, "mInTouchMode");
    if (now == ShadowWindowManagerGlobal.getInTouchMode()) {
      return;
    }
    ReflectionHelpers.callStaticMethod(
        ShadowWindowManagerGlobal.class, "setInTouchMode", ClassParameter.from(boolean.class, now));
    List<ViewRootImpl> roots =
        ReflectionHelpers.getField(WindowManagerGlobal.getInstance(), "mRoots");
    for (ViewRootImpl other : roots) {
      if (other != root) {
        other.touchModeChanged(now);
      }
    }
  }
}
