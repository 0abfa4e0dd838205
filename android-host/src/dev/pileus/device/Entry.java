package dev.pileus.device;

import android.app.Activity;
import android.content.Context;
import android.content.Intent;
import android.content.pm.ActivityInfo;
import android.content.pm.PackageManager;
import android.content.res.Configuration;
import android.content.res.Resources;
import android.os.Build;
import android.os.Bundle;
import android.view.View;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.Robolectric;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/** One activity of a task. It lives, or only its intent and its saved state are kept. */
final class Entry {
  enum Life {
    KEPT,
    CREATED,
    STOPPED,
    PAUSED,
    RESUMED
  }

  /** Whom the result goes to: an entry of this process, or whoever made a start of the system's. */
  record Reply(String entry, String who, int request, long start, String activity, String owner) {}

  /** A result that waits until its receiver is on its way to the screen. */
  record Result(String who, int request, int code, Intent data) {}

  final String id;
  final Intent intent;
  final List<Result> results = new ArrayList<>();
  final List<Intent> news = new ArrayList<>();
  Reply reply;
  Life life = Life.KEPT;
  Bundle state;
  Configuration configuration;
  boolean stale;
  volatile boolean dropped;
  private final Context context;
  private volatile ActivityController<? extends Activity> controller;
  private boolean attached;

  Entry(Context context, String id, Intent intent, Reply reply) {
    this.context = context;
    this.id = id;
    this.intent = intent;
    this.reply = reply;
  }

  /** Null where only its state is kept. */
  Activity activity() {
    ActivityController<? extends Activity> now = controller;
    return now == null ? null : now.get();
  }

  boolean finishing() {
    Activity now = activity();
    return dropped || (now != null && now.isFinishing());
  }

  void finish() {
    Activity now = activity();
    if (now == null) {
      dropped = true;
      ActivityStack.nudge();
    } else {
      now.finish();
    }
  }

  ActivityInfo info() {
    Activity now = activity();
    if (now != null) {
      return ReflectionHelpers.getField(now, "mActivityInfo");
    }
    try {
      return context.getPackageManager().getActivityInfo(intent.getComponent(), 0);
    } catch (PackageManager.NameNotFoundException gone) {
      throw new IllegalStateException(gone);
    }
  }

  /** Something below it may be seen through or beside it. */
  boolean translucent() {
    Resources.Theme theme;
    if (controller != null) {
      theme = activity().getTheme();
    } else {
      theme = context.getResources().newTheme();
      int style = info().getThemeResource();
      if (style == 0) {
        return false;
      }
      theme.applyStyle(style, true);
    }
    int[] wanted = {android.R.attr.windowIsTranslucent, android.R.attr.windowIsFloating};
    boolean floats = controller != null && activity().getWindow().isFloating();
    return floats || is(theme, wanted[0]) || is(theme, wanted[1]);
  }

  private static boolean is(Resources.Theme theme, int attribute) {
    try (android.content.res.TypedArray found = theme.obtainStyledAttributes(new int[] {attribute})) {
      return found.getBoolean(0, false);
    }
  }

  /** Up to where it is seen without being in front. */
  void start() {
    if (life == Life.KEPT) {
      create();
    } else if (life == Life.STOPPED) {
      decor().setVisibility(View.VISIBLE);
      controller.restart().start();
      life = Life.PAUSED;
    }
  }

  private void create() {
    Bundle saved = state;
    state = null;
    controller = Robolectric.buildActivity(type(), intent);
    if (reply != null && reply.activity != null) {
      ActivityShadow shadow = Shadow.extract(activity());
      shadow.calledBy(reply.activity, reply.owner);
    }
    configuration = new Configuration(context.getResources().getConfiguration());
    life = Life.CREATED;
    controller.create(saved);
    if (activity().isFinishing()) {
      return;
    }
    controller.start();
    life = Life.PAUSED;
    if (saved != null) {
      controller.restoreInstanceState(saved);
    }
    controller.postCreate(saved);
  }

  private Class<? extends Activity> type() {
    ActivityInfo info = info();
    String name = info.targetActivity == null ? info.name : info.targetActivity;
    try {
      return Class.forName(name, true, context.getClassLoader()).asSubclass(Activity.class);
    } catch (ClassNotFoundException missing) {
      throw new IllegalStateException("the app has no class " + name, missing);
    }
  }

  /** In front; what was sent to it meanwhile comes first. */
  void resume() {
    start();
    if (finishing()) {
      return;
    }
    if (!results.isEmpty() || !news.isEmpty()) {
      pause(false);
      hear();
    }
    if (life == Life.RESUMED || finishing()) {
      return;
    }
    controller.resume();
    life = Life.RESUMED;
    if (finishing()) {
      return;
    }
    show();
    controller.topActivityResumed(true);
  }

  /** Its window comes to the screen. */
  void show() {
    if (!attached) {
      attached = true;
      controller.visible();
    }
  }

  private void hear() {
    List<Intent> sent = List.copyOf(news);
    news.clear();
    sent.forEach(controller::newIntent);
    List<Result> came = List.copyOf(results);
    results.clear();
    for (Result result : came) {
      ReflectionHelpers.callInstanceMethod(
          Activity.class,
          activity(),
          "dispatchActivityResult",
          ClassParameter.from(String.class, result.who),
          ClassParameter.from(int.class, result.request),
          ClassParameter.from(int.class, result.code),
          ClassParameter.from(Intent.class, result.data),
          ClassParameter.from(String.class, "RESULT"));
    }
  }

  void pause(boolean leaving) {
    if (life != Life.RESUMED) {
      return;
    }
    if (leaving) {
      controller.userLeaving();
    }
    controller.topActivityResumed(false);
    controller.pause();
    life = Life.PAUSED;
  }

  /** Out of sight; from here on it can come back from its state alone. */
  void stop() {
    pause(false);
    if (life != Life.PAUSED) {
      return;
    }
    // Until Android 9 the state was saved before the stop.
    boolean early = context.getApplicationInfo().targetSdkVersion < Build.VERSION_CODES.P;
    if (early) {
      save();
    }
    controller.stop();
    life = Life.STOPPED;
    if (!early) {
      save();
    }
    decor().setVisibility(View.INVISIBLE);
  }

  private void save() {
    state = new Bundle();
    controller.saveInstanceState(state);
  }

  void destroy() {
    if (controller == null) {
      return;
    }
    pause(false);
    if (life == Life.PAUSED) {
      controller.stop();
    }
    controller.destroy();
    controller = null;
    life = Life.KEPT;
  }

  /** A new activity in place of the old one, with the state that it saved. */
  void recreate() {
    stale = false;
    Activity old = activity();
    ReflectionHelpers.setField(Activity.class, old, "mChangingConfigurations", true);
    pause(false);
    controller.stop();
    save();
    Bundle saved = state;
    state = null;
    Object kept = ReflectionHelpers.callInstanceMethod(old, "retainNonConfigurationInstances");
    controller.destroy();
    controller = attach(old, kept);
    attached = false;
    configuration = new Configuration(context.getResources().getConfiguration());
    life = Life.CREATED;
    controller.create(saved);
    if (activity().isFinishing()) {
      return;
    }
    controller.start().restoreInstanceState(saved).postCreate(saved);
    life = Life.PAUSED;
    resume();
  }

  private static ActivityController<? extends Activity> attach(Activity old, Object kept) {
    Activity fresh = ReflectionHelpers.callConstructor(old.getClass());
    ActivityController<? extends Activity> controller =
        ReflectionHelpers.callConstructor(
            ActivityController.class,
            ClassParameter.from(Activity.class, fresh),
            ClassParameter.from(Intent.class, old.getIntent()));
    ReflectionHelpers.callInstanceMethod(
        ActivityController.class,
        controller,
        "attach",
        ClassParameter.from(Bundle.class, null),
        ClassParameter.from(Object.class, kept),
        ClassParameter.from(Configuration.class, null));
    return controller;
  }

  void adopt(Configuration now) {
    configuration = new Configuration(now);
    Resources own = activity().getResources();
    own.updateConfiguration(now, activity().getApplication().getResources().getDisplayMetrics());
  }

  private View decor() {
    return activity().getWindow().getDecorView();
  }
}
