package dev.pileus.device;

import android.app.Activity;
import android.content.ComponentName;
import android.content.Intent;
import android.content.IntentSender;
import android.os.Bundle;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowActivity;

/** What an activity asks of the system, answered by the stack. */
@Implements(className = "android.app.Activity")
public class ActivityShadow extends ShadowActivity {
  @RealObject private Activity activity;
  private String owner;

  void calledBy(String name, String owner) {
    setCallingActivity(ComponentName.unflattenFromString(name));
    this.owner = owner;
  }

  @Implementation
  @Override
  protected String getCallingPackage() {
    return owner;
  }

  /** What it has asked for of whenever it comes or goes; null where that is its style's. */
  static Transition transition(Activity activity, boolean opens) {
    ActivityShadow shadow = Shadow.extract(activity);
    int kind = opens ? Activity.OVERRIDE_TRANSITION_OPEN : Activity.OVERRIDE_TRANSITION_CLOSE;
    OverriddenActivityTransition asked = shadow.getOverriddenActivityTransition(kind);
    return asked == null ? null : new Transition(asked.enterAnim, asked.exitAnim);
  }

  @Implementation
  @Override
  protected void overridePendingTransition(int enter, int exit) {
    super.overridePendingTransition(enter, exit);
    StackInstrumentation.stack.override(new Transition(enter, exit));
  }

  @Implementation
  protected void overridePendingTransition(int enter, int exit, int background) {
    overridePendingTransition(enter, exit);
  }

  @Implementation
  @Override
  protected void recreate() {
    StackInstrumentation.stack.recreate(activity);
  }

  @Implementation
  @Override
  protected void finish() {
    super.finish();
    ActivityStack.nudge();
  }

  /** Nobody else took the way back. The system would move the last activity behind the home screen. */
  @Implementation
  protected void onBackInvoked() {
    activity.finish();
  }

  @Implementation
  @Override
  protected void finishAffinity() {
    StackInstrumentation.stack.finishAffinity(activity);
  }

  @Implementation
  @Override
  protected void finishAndRemoveTask() {
    StackInstrumentation.stack.finishTask(activity);
  }

  @Implementation
  protected void finishActivity(int request) {
    StackInstrumentation.stack.finishAsked(activity, request);
  }

  @Implementation
  @Override
  protected boolean isTaskRoot() {
    return StackInstrumentation.stack.isRoot(activity);
  }

  @Implementation
  @Override
  protected int getTaskId() {
    return StackInstrumentation.stack.taskId(activity);
  }

  @Implementation
  @Override
  protected boolean moveTaskToBack(boolean nonRoot) {
    return StackInstrumentation.stack.moveToBack(activity, nonRoot);
  }

  /** What every way to start a sender from an activity or a fragment comes to. */
  @Implementation
  protected void startIntentSenderForResultInner(
      IntentSender sender, String who, int request, Intent fill, int mask, int values, Bundle options)
      throws IntentSender.SendIntentException {
    StackInstrumentation.stack.send(activity, who, sender, request, fill, mask, values);
  }
}
