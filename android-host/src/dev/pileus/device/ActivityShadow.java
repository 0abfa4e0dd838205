package dev.pileus.device;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.ComponentName;
import android.content.Intent;
import android.content.IntentSender;
import android.os.Bundle;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
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

  /** Sends it; the result of an activity that is opened this way is not passed back. */
  @Implementation
  @Override
  public void startIntentSenderForResult(
      IntentSender sender, int request, Intent fill, int mask, int values, int extra, Bundle options) {
    try {
      sender.sendIntent(activity, 0, fill, null, null);
    } catch (IntentSender.SendIntentException gone) {
      throw new ActivityNotFoundException(String.valueOf(gone));
    }
  }
}
