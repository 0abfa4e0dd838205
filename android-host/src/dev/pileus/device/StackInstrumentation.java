package dev.pileus.device;

import android.app.Activity;
import android.app.ActivityOptions;
import android.app.Application;
import android.content.Context;
import android.content.Intent;
import android.os.Bundle;
import android.os.IBinder;
import android.os.UserHandle;
import android.view.WindowManager;
import dev.pileus.system.Framework;
import org.robolectric.android.internal.RoboMonitoringInstrumentation;

/** Hands every startActivity to the stack instead of recording it. */
public final class StackInstrumentation extends RoboMonitoringInstrumentation {
  static ActivityStack stack;

  /** Without acceleration nothing would be drawn. */
  @Override
  public void callActivityOnCreate(Activity activity, Bundle state) {
    super.callActivityOnCreate(activity, state);
    activity.getWindow().addFlags(WindowManager.LayoutParams.FLAG_HARDWARE_ACCELERATED);
  }

  @Override
  public void callApplicationOnCreate(Application application) {
    Framework.learnPackages(application);
    Framework.installProviders(application);
    super.callApplicationOnCreate(application);
  }

  @Override
  public ActivityResult execStartActivity(
      Context who, IBinder thread, IBinder token, Activity target, Intent intent, int request,
      Bundle options) {
    stack.request(target, null, intent, request);
    transition(options);
    return null;
  }

  @Override
  public ActivityResult execStartActivity(
      Context who, IBinder thread, IBinder token, String target, Intent intent, int request,
      Bundle options) {
    Activity caller = who instanceof Activity activity ? activity : null;
    stack.request(caller, target, intent, request);
    transition(options);
    return null;
  }

  /** The way in that a start's options ask for. */
  private static void transition(Bundle options) {
    ActivityOptions asked = ActivityOptions.fromBundle(options);
    if (asked != null && asked.getAnimationType() == ActivityOptions.ANIM_CUSTOM) {
      stack.override(new Transition(asked.getCustomEnterResId(), asked.getCustomExitResId()));
    }
  }

  @Override
  public ActivityResult execStartActivity(
      Context who, IBinder thread, IBinder token, String target, Intent intent, int request,
      Bundle options, UserHandle user) {
    return execStartActivity(who, thread, token, target, intent, request, options);
  }

  @Override
  public int execStartActivitiesAsUser(
      Context who, IBinder thread, IBinder token, Activity target, Intent[] intents, Bundle options, int user) {
    Activity caller = target != null || !(who instanceof Activity activity) ? target : activity;
    for (Intent intent : intents) {
      stack.request(caller, null, intent, -1);
    }
    transition(options);
    return 0;
  }
}
