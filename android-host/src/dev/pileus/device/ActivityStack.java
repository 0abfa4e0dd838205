package dev.pileus.device;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.pm.ActivityInfo;
import android.content.pm.ResolveInfo;
import android.content.res.Configuration;
import android.util.Log;
import android.view.ViewRootImpl;
import dev.pileus.system.OtherApps;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.json.JSONArray;
import org.json.JSONObject;
import org.robolectric.util.ReflectionHelpers;

/** The app's activities, by task, the front one last. All of it on the main thread; starts happen in settle(). */
final class ActivityStack {
  /** Changes that an activity is told of; the window's own bounds and overlaid assets are none. */
  private static final int NOTICED =
      ~(ActivityInfo.CONFIG_WINDOW_CONFIGURATION | ActivityInfo.CONFIG_ASSETS_PATHS);

  private final Context context;
  private final ArrayDeque<Wish> wishes = new ArrayDeque<>();
  private final List<Task> tasks = new ArrayList<>();
  private final List<Entry> leaving = new ArrayList<>();
  private int lastTask;
  private boolean began;
  private boolean asleep = true;
  private boolean userLeaves;

  ActivityStack(Context context) {
    this.context = context;
  }

  List<Task> tasks() {
    return tasks;
  }

  /** An activity or another context of the app starts one: its own, or another app's. */
  void request(Activity caller, String who, Intent intent, int request) {
    Entry source = entry(caller);
    if (asleep && tasks.isEmpty()) {
      Log.w("ActivityStack", "Background activity launch blocked: " + intent);
      return;
    }
    Intent wanted = new Intent(intent);
    if (!own(wanted)) {
      ComponentName by = source == null ? null : source.intent.getComponent();
      OtherApps.Started started = OtherApps.start(wanted, by, source == null ? null : source.id, who, request);
      if (started.elsewhere()) {
        return;
      } else if (started.here() != null) {
        wanted.setComponent(started.here());
      } else if (OtherApps.known() || resolve(wanted) == null) {
        throw new ActivityNotFoundException("No Activity found to handle " + intent);
      }
    } else if (resolve(wanted) == null) {
      throw new ActivityNotFoundException("No Activity found to handle " + intent);
    }
    wishes.add(new Wish(source, source == null ? null : task(source), who, wanted, request, 0, null, null));
  }

  /** Another app, the shell or the system starts one of this app's. */
  void request(OtherApps.Start start) {
    if (start.entry() != null && byId(start.entry()) instanceof Entry source) {
      // Its own start, which came back from the owner's choice among apps.
      wishes.add(new Wish(source, task(source), start.who(), start.intent(), start.request(), 0, null, null));
      return;
    }
    int request = start.result() ? 0 : -1;
    wishes.add(
        new Wish(null, null, null, start.intent(), request, start.number(), start.activity(), start.owner()));
  }

  /** Opens the app itself: what there is of it comes to the front. */
  void open(Intent first) {
    wishes.add(Wish.first(first.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)));
  }

  /** The result of an activity of another app. */
  void result(OtherApps.Outcome outcome) {
    Entry entry = byId(outcome.entry());
    if (entry != null) {
      entry.results.add(
          new Entry.Result(outcome.who(), outcome.request(), outcome.code(), outcome.data()));
    }
  }

  Activity top() {
    List<Entry> all = all();
    return all.isEmpty() ? null : all.get(all.size() - 1).activity();
  }

  boolean empty() {
    return tasks.isEmpty() && wishes.isEmpty();
  }

  /** For the system's dump: tasks and their activities, with how much of them lives. */
  JSONArray described() {
    JSONArray all = new JSONArray();
    for (Task task : tasks) {
      JSONArray entries = new JSONArray();
      for (Entry entry : task.entries) {
        String name = entry.intent.getComponent().flattenToString();
        entries.put(new JSONObject(Map.of("name", name, "life", entry.life.name().toLowerCase(Locale.ROOT))));
      }
      Map<String, Object> fields = new HashMap<>(Map.of("id", task.id, "origin", task.origin, "entries", entries));
      if (task.affinity != null) {
        fields.put("affinity", task.affinity);
      }
      all.put(new JSONObject(fields));
    }
    return all;
  }

  /** Whether something waits to be started. */
  boolean asked() {
    return !wishes.isEmpty();
  }

  boolean finished() {
    return began && empty() && leaving.isEmpty();
  }

  /** The display, language or theme is another: activities that do not say otherwise begin anew. */
  void configure() {
    Configuration now = context.getResources().getConfiguration();
    for (Entry entry : all()) {
      if (entry.activity() == null) {
        continue;
      }
      int changed = entry.configuration.diff(now) & NOTICED;
      if (changed == 0) {
        continue;
      } else if ((changed & ~entry.info().getRealConfigChanged()) != 0) {
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

  /** It and those below it in its task that belong together with it. */
  void finishAffinity(Activity activity) {
    Entry entry = entry(activity);
    Task task = entry == null ? null : task(entry);
    for (int i = task == null ? -1 : task.entries.indexOf(entry); i >= 0; i--) {
      Entry below = task.entries.get(i);
      if (!Objects.equals(below.info().taskAffinity, entry.info().taskAffinity)) {
        return;
      }
      below.finish();
    }
  }

  /** The root takes its whole task with it. */
  void finishTask(Activity activity) {
    Entry entry = entry(activity);
    if (entry != null && task(entry).root() == entry) {
      List.copyOf(task(entry).entries).forEach(Entry::finish);
    } else {
      activity.finish();
    }
  }

  /** Those that an activity started for a result. */
  void finishAsked(Activity activity, int request) {
    Entry caller = entry(activity);
    for (Entry entry : all()) {
      Entry.Reply reply = entry.reply;
      if (caller != null && reply != null && caller.id.equals(reply.entry()) && reply.request() == request) {
        entry.finish();
      }
    }
  }

  boolean isRoot(Activity activity) {
    Entry entry = entry(activity);
    Task task = entry == null ? null : task(entry);
    return task != null && task.affinity != null && task.root() == entry;
  }

  int taskId(Activity activity) {
    Entry entry = entry(activity);
    return entry == null ? -1 : task(entry).id;
  }

  /** The task goes behind whatever is next: another of the app's, the app that it came from, or the home screen. */
  boolean moveToBack(Activity activity, boolean nonRoot) {
    Entry entry = entry(activity);
    if (entry == null || !(nonRoot || isRoot(activity))) {
      return false;
    }
    Task task = task(entry);
    tasks.remove(task);
    tasks.add(0, task);
    task.back = true;
    if (tasks.get(tasks.size() - 1).back) {
      OtherApps.behind(task.origin);
    }
    return true;
  }

  /** Nobody looks any more: everything stops and keeps its state. */
  void sleep() {
    asleep = true;
    List<Entry> all = all();
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).stop();
    }
  }

  void wake() {
    asleep = false;
    for (Task task : tasks) {
      task.back = false;
    }
  }

  /** Takes the tasks over that an earlier process left. */
  void adopt(List<Task> kept) {
    tasks.addAll(0, kept);
    began |= !kept.isEmpty();
    kept.forEach(task -> lastTask = Math.max(lastTask, task.id));
  }

  /** Everything ends; those that wait for results get none but that. */
  void finishAll() {
    all().forEach(Entry::finish);
    asleep = true;
    settle();
  }

  /** Everything ends, to come back from its state. */
  void dissolve() {
    List<Entry> all = all();
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).destroy();
    }
    tasks.clear();
  }

  /** Starts what was asked for and takes finished activities away, until nothing is left to do. */
  boolean settle() {
    boolean changed = false;
    while (true) {
      Entry ended = ended();
      if (ended != null) {
        remove(ended);
      } else if (!wishes.isEmpty()) {
        start(wishes.poll());
      } else if (!(emptied() || (!asleep && arrange()) || gone() || renew())) {
        return changed;
      }
      changed = true;
    }
  }

  private Entry ended() {
    List<Entry> all = all();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i).finishing()) {
        return all.get(i);
      }
    }
    return null;
  }

  private void start(Wish wish) {
    Intent intent = wish.intent();
    ActivityInfo info = resolve(intent);
    if (info == null) {
      throw new ActivityNotFoundException("No Activity found to handle " + intent);
    }
    intent.setClassName(info.packageName, info.name);
    Entry source = wish.source();
    Entry.Reply reply = reply(wish);
    boolean result = reply != null && reply.request() >= 0;
    if (result && (intent.getFlags() & Intent.FLAG_ACTIVITY_NEW_TASK) != 0) {
      answer(reply, Activity.RESULT_CANCELED, null);
      reply = null;
      result = false;
    }
    int mode = source == null ? ActivityInfo.LAUNCH_MULTIPLE : source.info().launchMode;
    Launch launch =
        Launch.decide(tasks, new Launch.Asked(intent, info, wish.from(), mode, wish.start(), result));
    began = true;
    userLeaves = source != null && (intent.getFlags() & Intent.FLAG_ACTIVITY_NO_USER_ACTION) == 0;
    Task task = launch.task() == null ? fresh(wish, info) : launch.task();
    tasks.remove(task);
    tasks.add(task);
    task.back = false;
    launch.ended().forEach(Entry::finish);
    Entry target = launch.target();
    if (target == null) {
      task.entries.add(new Entry(context, UUID.randomUUID().toString(), intent, reply));
      return;
    }
    task.entries.remove(target);
    if (launch.told()) {
      task.entries.add(target);
      target.news.add(intent);
    } else {
      task.entries.add(target);
    }
  }

  private Task fresh(Wish wish, ActivityInfo info) {
    boolean visit =
        new Launch.Asked(wish.intent(), info, null, 0, wish.start(), wish.request() >= 0).visit();
    return new Task(++lastTask, visit ? null : String.valueOf(info.taskAffinity), wish.start());
  }

  /** Whom the result goes to; one that forwards hands its own caller on. */
  private static Entry.Reply reply(Wish wish) {
    Entry source = wish.source();
    if (wish.start() != 0) {
      return new Entry.Reply(null, null, wish.request(), wish.start(), wish.activity(), wish.owner());
    } else if (source == null) {
      return null;
    } else if ((wish.intent().getFlags() & Intent.FLAG_ACTIVITY_FORWARD_RESULT) != 0) {
      Entry.Reply passed = source.reply;
      source.reply = null;
      return passed;
    }
    ComponentName by = source.intent.getComponent();
    String name = wish.request() < 0 ? null : by.flattenToString();
    return new Entry.Reply(source.id, wish.who(), wish.request(), 0, name, by.getPackageName());
  }

  private void remove(Entry entry) {
    Activity activity = entry.activity();
    int code = Activity.RESULT_CANCELED;
    Intent data = null;
    if (activity != null) {
      code = ReflectionHelpers.getField(activity, "mResultCode");
      data = ReflectionHelpers.getField(activity, "mResultData");
    }
    entry.pause(false);
    task(entry).entries.remove(entry);
    if (entry.reply != null) {
      answer(entry.reply, code, data);
    }
    leaving.add(entry);
  }

  private void answer(Entry.Reply reply, int code, Intent data) {
    if (reply.request() < 0) {
      return;
    } else if (reply.start() != 0) {
      OtherApps.done(reply.start(), code, data);
      return;
    }
    Entry caller = byId(reply.entry());
    if (caller != null) {
      caller.results.add(new Entry.Result(reply.who(), reply.request(), code, data));
    }
  }

  /** A task that has ended; the app that it came from is shown again. */
  private boolean emptied() {
    for (Task task : tasks) {
      if (task.entries.isEmpty()) {
        tasks.remove(task);
        if (task.origin != 0) {
          OtherApps.left(task.origin, tasks.isEmpty(), !asleep);
        }
        return true;
      }
    }
    return false;
  }

  /** Brings the top activity to the front, and stops those that it covers. */
  private boolean arrange() {
    List<Entry> all = all();
    if (all.isEmpty()) {
      return false;
    }
    int first = all.size() - 1;
    Entry top = all.get(first);
    boolean did = top.life != Entry.Life.RESUMED || !top.results.isEmpty() || !top.news.isEmpty();
    if (did) {
      boolean left = userLeaves;
      all.stream().filter(entry -> entry != top).forEach(entry -> entry.pause(left));
    }
    userLeaves = false;
    while (first > 0 && all.get(first).translucent()) {
      first--;
    }
    for (Entry entry : all.subList(first, all.size() - 1)) {
      if (entry.life == Entry.Life.KEPT || entry.life == Entry.Life.STOPPED) {
        entry.start();
        if (entry.finishing()) {
          return true;
        }
        entry.show();
        did = true;
      }
    }
    if (did) {
      top.resume();
    }
    if (top.finishing()) {
      return true;
    }
    while (first > 0 && all.get(first).translucent()) {
      first--;
    }
    for (Entry entry : all.subList(0, first)) {
      if (entry.life == Entry.Life.PAUSED || forgets(entry)) {
        entry.stop();
        if (forgets(entry)) {
          entry.finish();
        }
        did = true;
      }
    }
    return did;
  }

  private static boolean forgets(Entry entry) {
    return (entry.intent.getFlags() & Intent.FLAG_ACTIVITY_NO_HISTORY) != 0
        || (entry.info().flags & ActivityInfo.FLAG_NO_HISTORY) != 0;
  }

  private boolean gone() {
    boolean some = !leaving.isEmpty();
    List<Entry> last = List.copyOf(leaving);
    leaving.clear();
    last.forEach(Entry::destroy);
    return some;
  }

  /** Recreates one activity that is seen and out of date; those below wait until they are seen. */
  private boolean renew() {
    for (Entry entry : all()) {
      if (entry.stale && (entry.life == Entry.Life.PAUSED || entry.life == Entry.Life.RESUMED)) {
        entry.recreate();
        if (entry.activity() != top()) {
          entry.pause(false);
        }
        return true;
      }
    }
    return false;
  }

  private List<Entry> all() {
    List<Entry> all = new ArrayList<>();
    tasks.forEach(task -> all.addAll(task.entries));
    return all;
  }

  private Task task(Entry entry) {
    return tasks.stream().filter(task -> task.entries.contains(entry)).findFirst().orElse(null);
  }

  private Entry byId(String id) {
    return all().stream().filter(entry -> entry.id.equals(id)).findFirst().orElse(null);
  }

  private Entry entry(Activity activity) {
    return all().stream()
        .filter(entry -> activity != null && entry.activity() == activity)
        .findFirst()
        .orElse(null);
  }

  private boolean own(Intent intent) {
    String named = intent.getComponent() != null ? intent.getComponent().getPackageName() : intent.getPackage();
    return context.getPackageName().equals(named);
  }

  private ActivityInfo resolve(Intent intent) {
    ResolveInfo found = context.getPackageManager().resolveActivity(intent, 0);
    boolean own = found != null && found.activityInfo.packageName.equals(context.getPackageName());
    return own ? found.activityInfo : null;
  }
}
