package dev.pileus.device;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.Context;
import android.content.Intent;
import android.content.pm.ActivityInfo;
import android.content.pm.ResolveInfo;
import android.content.res.Configuration;
import android.content.res.Resources;
import android.os.Bundle;
import android.view.View;
import android.view.ViewRootImpl;
import dev.pileus.system.Framework;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/** The app's activities, lowest first. All of it on the main thread; starts happen in settle(). */
final class ActivityStack {
  private record Wish(Entry caller, String who, Intent intent, int request) {}

  static final class Entry {
    ActivityController<? extends Activity> controller;
    final Wish wish;
    Configuration configuration;
    boolean stopped;
    boolean stale;

    Entry(ActivityController<? extends Activity> controller, Wish wish) {
      this.controller = controller;
      this.wish = wish;
    }

    Activity activity() {
      return controller.get();
    }

    /** A new activity in place of the old one, with the state that it saved. */
    void recreate(Configuration now) {
      stale = false;
      Activity old = activity();
      ReflectionHelpers.setField(Activity.class, old, "mChangingConfigurations", true);
      controller.pause().stop();
      Bundle state = new Bundle();
      controller.saveInstanceState(state);
      Object kept = ReflectionHelpers.callInstanceMethod(old, "retainNonConfigurationInstances");
      controller.destroy();
      controller = attach(old, kept);
      configuration = new Configuration(now);
      controller.create(state);
      if (activity().isFinishing()) {
        return;
      }
      controller.start().restoreInstanceState(state).postCreate(state).resume();
      controller.visible().topActivityResumed(true);
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

    ActivityInfo info() {
      return ReflectionHelpers.getField(activity(), "mActivityInfo");
    }

    void adopt(Configuration now) {
      configuration = new Configuration(now);
      Resources own = activity().getResources();
      own.updateConfiguration(now, activity().getApplication().getResources().getDisplayMetrics());
    }
  }

  /** Changes that an activity is told of; the window's own bounds and overlaid assets are none. */
  private static final int NOTICED =
      ~(ActivityInfo.CONFIG_WINDOW_CONFIGURATION | ActivityInfo.CONFIG_ASSETS_PATHS);

  private final Context context;
  private final ArrayDeque<Wish> wishes = new ArrayDeque<>();
  private final List<Entry> entries = new ArrayList<>();
  private boolean began;

  ActivityStack(Context context) {
    this.context = context;
  }

  void request(Activity caller, String who, Intent intent, int request) {
    if (resolve(intent) == null) {
      if (Framework.open(intent)) {
        return;
      }
      throw new ActivityNotFoundException("No Activity found to handle " + intent);
    }
    wishes.add(new Wish(entry(caller), who, new Intent(intent), request));
  }

  Activity top() {
    return entries.isEmpty() ? null : entries.get(entries.size() - 1).activity();
  }

  boolean finished() {
    return began && entries.isEmpty() && wishes.isEmpty();
  }

  /** The display, language or theme is another: activities that do not say otherwise begin anew. */
  void configure() {
    Configuration now = context.getResources().getConfiguration();
    for (Entry entry : entries) {
      ActivityInfo info = entry.info();
      int changed = entry.configuration.diff(now) & NOTICED;
      if (changed == 0) {
        continue;
      } else if ((changed & ~info.getRealConfigChanged()) != 0) {
        entry.stale = true;
        continue;
      }
      entry.adopt(now);
      entry.activity().onConfigurationChanged(now);
      ViewRootImpl root = entry.activity().getWindow().getDecorView().getViewRootImpl();
      if (root != null) {
        root.updateConfiguration(android.view.Display.INVALID_DISPLAY);
      }
    }
  }

  void recreate(Activity activity) {
    Entry entry = entry(activity);
    if (entry != null) {
      entry.stale = true;
    }
  }

  void finishAll() {
    entries.forEach(entry -> entry.activity().finish());
  }

  boolean isRoot(Activity activity) {
    return !entries.isEmpty() && entries.get(0) == entry(activity);
  }

  private Entry entry(Activity activity) {
    for (Entry entry : entries) {
      if (activity != null && entry.activity() == activity) {
        return entry;
      }
    }
    return null;
  }

  /** Starts what was asked for and takes finished activities away, until nothing is left to do. */
  boolean settle() {
    boolean changed = false;
    while (true) {
      Entry ended = null;
      for (int i = entries.size() - 1; i >= 0 && ended == null; i--) {
        ended = entries.get(i).activity().isFinishing() ? entries.get(i) : null;
      }
      if (ended != null) {
        remove(ended);
      } else if (!wishes.isEmpty()) {
        start(wishes.poll());
      } else if (!renew()) {
        return changed;
      }
      changed = true;
    }
  }

  /** Recreates one activity that is seen and out of date; those below wait until they are seen. */
  private boolean renew() {
    for (Entry entry : entries) {
      if (entry.stale && !entry.stopped) {
        entry.recreate(context.getResources().getConfiguration());
        if (entry.activity() != top()) {
          entry.controller.pause();
        }
        return true;
      }
    }
    return false;
  }

  private void start(Wish wish) {
    ActivityInfo info = resolve(wish.intent);
    wish.intent.setClassName(info.packageName, info.name);
    Entry below = entries.isEmpty() ? null : entries.get(entries.size() - 1);
    boolean single =
        info.launchMode == ActivityInfo.LAUNCH_SINGLE_TOP
            || (wish.intent.getFlags() & Intent.FLAG_ACTIVITY_SINGLE_TOP) != 0;
    if (single && below != null && below.activity().getClass().getName().equals(info.name)) {
      below.controller.newIntent(wish.intent);
      return;
    }
    if (below != null) {
      below.controller.userLeaving().pause();
    }
    ActivityController<? extends Activity> controller;
    try {
      Class<? extends Activity> type =
          Class.forName(info.name, true, context.getClassLoader()).asSubclass(Activity.class);
      controller = org.robolectric.Robolectric.buildActivity(type, wish.intent);
    } catch (ClassNotFoundException missing) {
      throw new IllegalStateException("the app has no class " + info.name, missing);
    }
    began = true;
    Entry entry = new Entry(controller, wish);
    entry.configuration = new Configuration(context.getResources().getConfiguration());
    entries.add(entry);
    controller.create();
    if (controller.get().isFinishing()) {
      return;
    }
    controller.start().postCreate(null).resume();
    if (controller.get().isFinishing()) {
      return;
    }
    controller.visible().topActivityResumed(true);
    if (below != null && !translucent(controller.get())) {
      stop(below);
    }
  }

  private void remove(Entry entry) {
    boolean wasTop = entry == entries.get(entries.size() - 1);
    Activity activity = entry.activity();
    entries.remove(entry);
    int code = ReflectionHelpers.getField(activity, "mResultCode");
    Intent data = ReflectionHelpers.getField(activity, "mResultData");
    if (wasTop && activity.getWindow().getDecorView().isAttachedToWindow()) {
      entry.controller.pause();
    }
    Entry below = entries.isEmpty() ? null : entries.get(entries.size() - 1);
    if (wasTop && below != null) {
      if (below.stopped) {
        below.stopped = false;
        below.activity().getWindow().getDecorView().setVisibility(View.VISIBLE);
        below.controller.restart().start();
      }
      deliver(entry, code, data);
      below.controller.resume().topActivityResumed(true);
    } else {
      deliver(entry, code, data);
    }
    if (!entry.stopped) {
      entry.controller.stop();
    }
    entry.controller.destroy();
  }

  private void deliver(Entry entry, int code, Intent data) {
    if (entry.wish.request < 0 || !entries.contains(entry.wish.caller)) {
      return;
    }
    ReflectionHelpers.callInstanceMethod(
        Activity.class,
        entry.wish.caller.activity(),
        "dispatchActivityResult",
        ClassParameter.from(String.class, entry.wish.who),
        ClassParameter.from(int.class, entry.wish.request),
        ClassParameter.from(int.class, code),
        ClassParameter.from(Intent.class, data),
        ClassParameter.from(String.class, "RESULT"));
  }

  private void stop(Entry entry) {
    entry.controller.stop();
    entry.stopped = true;
    entry.activity().getWindow().getDecorView().setVisibility(View.INVISIBLE);
  }

  private static boolean translucent(Activity activity) {
    return activity.getWindow().isFloating()
        || activity
            .getTheme()
            .obtainStyledAttributes(new int[] {android.R.attr.windowIsTranslucent})
            .getBoolean(0, false);
  }

  private ActivityInfo resolve(Intent intent) {
    ResolveInfo found = context.getPackageManager().resolveActivity(intent, 0);
    return found == null ? null : found.activityInfo;
  }
}
