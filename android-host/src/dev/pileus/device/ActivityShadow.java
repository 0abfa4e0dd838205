package dev.pileus.device;

import android.app.Activity;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowActivity;

/** What an activity asks of the system, answered by the stack. */
@Implements(className = "android.app.Activity")
public class ActivityShadow extends ShadowActivity {
  @RealObject private Activity activity;

  @Implementation
  @Override
  protected void recreate() {
    StackInstrumentation.stack.recreate(activity);
  }

  /** Nobody else took the way back. The system would move the last activity behind the home screen. */
  @Implementation
  protected void onBackInvoked() {
    activity.finish();
  }

  @Implementation
  @Override
  protected void finishAffinity() {
    StackInstrumentation.stack.finishAll();
  }

  @Implementation
  @Override
  protected boolean isTaskRoot() {
    return StackInstrumentation.stack.isRoot(activity);
  }

  /** There is nothing behind: an app has its window for itself. */
  @Implementation
  @Override
  protected boolean moveTaskToBack(boolean nonRoot) {
    return false;
  }
}
