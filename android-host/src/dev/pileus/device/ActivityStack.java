package dev.pileus.device;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.Context;
import android.content.Intent;
import android.content.pm.ActivityInfo;
import android.content.pm.ResolveInfo;
import android.view.View;
import android.view.WindowManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.android.controller.ActivityController;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/** The app's activities, lowest first. All of it on the main thread; starts happen in settle(). */
final class ActivityStack {
  private record Wish(Activity caller, String who, Intent intent, int request) {}

  static final class Entry {
    final ActivityController<? extends Activity> controller;
    final Wish wish;
    boolean stopped;

    Entry(ActivityController<? extends Activity> controller, Wish wish) {
      this.controller = controller;
      this.wish = wish;
    }

    Activity activity() {
      return controller.get();
    }
  }

  private final Context context;
  private final ArrayDeque<Wish> wishes = new ArrayDeque<>();
  private final List<Entry> entries = new ArrayList<>();
  private boolean began;

  ActivityStack(Context context) {
    this.context = context;
  }

  void request(Activity caller, String who, Intent intent, int request) {
    if (resolve(intent) == null) {
      throw new ActivityNotFoundException("No Activity found to handle " + intent);
    }
    wishes.add(new Wish(caller, who, new Intent(intent), request));
  }

  Activity top() {
    return entries.isEmpty() ? null : entries.get(entries.size() - 1).activity();
  }

  boolean finished() {
    return began && entries.isEmpty() && wishes.isEmpty();
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
      } else {
        return changed;
      }
      changed = true;
    }
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
    entries.add(entry);
    controller.create();
    accelerate(controller.get());
    if (controller.get().isFinishing()) {
      return;
    }
    controller.start().postCreate(null).resume();
    if (controller.get().isFinishing()) {
      return;
    }
    controller.visible().topActivityResumed(true);
    focus(entry, true);
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
      focus(below, true);
    } else {
      deliver(entry, code, data);
    }
    if (!entry.stopped) {
      entry.controller.stop();
    }
    entry.controller.destroy();
  }

  private void deliver(Entry entry, int code, Intent data) {
    if (entry.wish.request < 0 || entry.wish.caller == null || entry.wish.caller.isDestroyed()) {
      return;
    }
    ReflectionHelpers.callInstanceMethod(
        Activity.class,
        entry.wish.caller,
        "dispatchActivityResult",
        ClassParameter.from(String.class, entry.wish.who),
        ClassParameter.from(int.class, entry.wish.request),
        ClassParameter.from(int.class, code),
        ClassParameter.from(Intent.class, data),
        ClassParameter.from(String.class, "RESULT"));
  }

  private void stop(Entry entry) {
    focus(entry, false);
    entry.controller.stop();
    entry.stopped = true;
    entry.activity().getWindow().getDecorView().setVisibility(View.INVISIBLE);
  }

  private static void focus(Entry entry, boolean has) {
    if (entry.activity().getWindow().getDecorView().getViewRootImpl() != null) {
      entry.controller.windowFocusChanged(has);
    }
  }

  private static boolean translucent(Activity activity) {
    return activity.getWindow().isFloating()
        || activity
            .getTheme()
            .obtainStyledAttributes(new int[] {android.R.attr.windowIsTranslucent})
            .getBoolean(0, false);
  }

  private static void accelerate(Activity activity) {
    activity.getWindow().addFlags(WindowManager.LayoutParams.FLAG_HARDWARE_ACCELERATED);
  }

  private ActivityInfo resolve(Intent intent) {
    ResolveInfo found = context.getPackageManager().resolveActivity(intent, 0);
    return found == null ? null : found.activityInfo;
  }
}
