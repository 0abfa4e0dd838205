package dev.pileus.device;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.IntentSender;
import android.content.pm.ActivityInfo;
import android.content.pm.ResolveInfo;
import android.content.res.Configuration;
import android.os.Handler;
import android.os.IBinder;
import android.os.Looper;
import android.util.Log;
import android.view.View;
import android.view.ViewRootImpl;
import dev.pileus.system.OtherApps;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.json.JSONArray;
import org.robolectric.util.ReflectionHelpers;

/**
 * The app's activities, by task, the front one last. Only the main thread changes it, in settle(); what activities ask
 * for comes from any thread, and wakes that one.
 */
final class ActivityStack {
  /** Changes that an activity is told of; the window's own bounds and overlaid assets are none. */
  private static final int NOTICED =
      ~(ActivityInfo.CONFIG_WINDOW_CONFIGURATION | ActivityInfo.CONFIG_ASSETS_PATHS);

  private final Context context;
  private final Queue<Wish> wishes = new ConcurrentLinkedQueue<>();
  private final Tasks tasks = new Tasks();
  private final Arrangement arrangement = new Arrangement();
  private int lastTask;
  private boolean began;
  private volatile boolean asleep = true;
  private volatile Transition next;

  ActivityStack(Context context) {
    this.context = context;
  }

  List<Task> tasks() {
    return tasks.list;
  }

  /** An activity or another context of the app starts one: its own, or another app's. */
  void request(Activity caller, String who, Intent intent, int request) {
    Entry source = tasks.entry(caller);
    if (asleep && tasks.empty()) {
      Log.w("ActivityStack", "Background activity launch blocked: " + intent);
      return;
    }
    if (source != null && Permissions.asks(intent)) {
      Entry.Result answer = Permissions.answer(context, who, intent, request);
      onMain(() -> source.results.add(answer));
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
    wish(new Wish(source, source == null ? null : tasks.of(source), who, wanted, request, 0, null, null));
  }

  private void wish(Wish wish) {
    wishes.add(wish);
    nudge();
  }

  /** Lets the main thread, which may wait for a message, look again at what there is to do. Callable from any. */
  static void nudge() {
    Handler.createAsync(Looper.getMainLooper()).post(() -> {});
  }

  private static void onMain(Runnable change) {
    if (Looper.getMainLooper().isCurrentThread()) {
      change.run();
    } else {
      Handler.createAsync(Looper.getMainLooper()).post(change);
    }
  }

  /** An activity, or (null) another context of the app, starts what a sender stands for. */
  void send(Activity caller, String who, IntentSender sender, int request, Intent fill, int mask, int values)
      throws IntentSender.SendIntentException {
    Entry source = tasks.entry(caller);
    ComponentName by = source == null ? null : source.intent.getComponent();
    OtherApps.send(sender, by, source == null ? null : source.id, who, request, fill, mask, values);
  }

  /** The entry of the activity with this token; null where there is none. */
  String entry(IBinder token) {
    for (Entry entry : tasks.all()) {
      Activity activity = entry.activity();
      if (activity != null && ReflectionHelpers.getField(activity, "mToken") == token) {
        return entry.id;
      }
    }
    return null;
  }

  /** Another app, the shell or the system starts one of this app's. */
  void request(OtherApps.Start start) {
    if (start.entry() != null && tasks.byId(start.entry()) instanceof Entry source) {
      // Its own start, which came back from the owner's choice among apps.
      wish(new Wish(source, tasks.of(source), start.who(), start.intent(), start.request(), 0, null, null));
      return;
    }
    int request = start.result() ? 0 : -1;
    wish(new Wish(null, null, null, start.intent(), request, start.number(), start.activity(), start.owner()));
  }

  /** Opens the app itself: what there is of it comes to the front. */
  void open(Intent first) {
    wish(Wish.first(first.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)));
  }

  /** The result of an activity of another app. */
  void result(OtherApps.Outcome outcome) {
    Entry entry = tasks.byId(outcome.entry());
    if (entry != null) {
      entry.results.add(
          new Entry.Result(outcome.who(), outcome.request(), outcome.code(), outcome.data()));
    }
  }

  /** The entry of the activity with this window; null where it is another's. */
  Entry entry(View decor) {
    for (Entry entry : tasks.all()) {
      if (entry.activity() != null && entry.activity().getWindow().peekDecorView() == decor) {
        return entry;
      }
    }
    return null;
  }

  List<Entry> entries() {
    return tasks.all();
  }

  /** The next activity that comes or goes does it like this. */
  void override(Transition next) {
    this.next = next;
  }

  /** How an activity comes or goes, where the app has asked for a way; what was asked for once is over with it. */
  Transition transition(Activity activity, boolean opens) {
    Transition once = next;
    next = null;
    return once != null || activity == null ? once : ActivityShadow.transition(activity, opens);
  }

  Activity top() {
    List<Entry> all = tasks.all();
    return all.isEmpty() ? null : all.get(all.size() - 1).activity();
  }

  boolean empty() {
    return tasks.empty() && wishes.isEmpty();
  }

  /** For the system's dump. */
  JSONArray described() {
    return tasks.described();
  }

  JSONArray visits() {
    return tasks.visits();
  }

  /** Whether something waits to be started. */
  boolean asked() {
    return !wishes.isEmpty();
  }

  boolean finished() {
    return began && empty() && arrangement.idle();
  }

  /** The display, language or theme is another: activities that do not say otherwise begin anew. */
  void configure() {
    Configuration now = context.getResources().getConfiguration();
    for (Entry entry : tasks.all()) {
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
    Entry entry = tasks.entry(activity);
    if (entry != null) {
      entry.stale = true;
    }
  }

  /** It and those below it in its task that belong together with it. */
  void finishAffinity(Activity activity) {
    Entry entry = tasks.entry(activity);
    Task task = entry == null ? null : tasks.of(entry);
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
    Entry entry = tasks.entry(activity);
    if (entry != null && tasks.of(entry).root() == entry) {
      List.copyOf(tasks.of(entry).entries).forEach(Entry::finish);
    } else {
      activity.finish();
    }
  }

  /** Those that an activity started for a result. */
  void finishAsked(Activity activity, int request) {
    Entry caller = tasks.entry(activity);
    for (Entry entry : tasks.all()) {
      Entry.Reply reply = entry.reply;
      if (caller != null && reply != null && caller.id.equals(reply.entry()) && reply.request() == request) {
        entry.finish();
      }
    }
  }

  boolean isRoot(Activity activity) {
    Entry entry = tasks.entry(activity);
    Task task = entry == null ? null : tasks.of(entry);
    return task != null && task.affinity != null && task.root() == entry;
  }

  int taskId(Activity activity) {
    Entry entry = tasks.entry(activity);
    return entry == null ? -1 : tasks.of(entry).id;
  }

  /** The task goes behind whatever is next: another of the app's, the app that it came from, or the home screen. */
  boolean moveToBack(Activity activity, boolean nonRoot) {
    Entry entry = tasks.entry(activity);
    if (entry == null || !(nonRoot || isRoot(activity))) {
      return false;
    }
    onMain(() -> toBack(entry));
    return true;
  }

  private void toBack(Entry entry) {
    Task task = tasks.of(entry);
    if (task == null) {
      return;
    }
    tasks.toBack(task);
    if (tasks.front().back) {
      OtherApps.behind(task.origin);
    }
  }

  /** Nobody looks any more: everything stops and keeps its state. */
  void sleep() {
    asleep = true;
    List<Entry> all = tasks.all();
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).stop();
    }
  }

  void wake() {
    asleep = false;
    for (Task task : tasks.list) {
      task.back = false;
    }
  }

  /** Takes the tasks over that an earlier process left. */
  void adopt(List<Task> kept) {
    tasks.list.addAll(0, kept);
    began |= !kept.isEmpty();
    kept.forEach(task -> lastTask = Math.max(lastTask, task.id));
  }

  /** Everything ends; those that wait for results get none but that. */
  void finishAll() {
    while (!wishes.isEmpty()) {
      start(wishes.poll()); // So that whoever waits for its result is answered.
    }
    tasks.all().forEach(Entry::finish);
    asleep = true;
    settle();
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
      } else if (!emptied() && !arranged()) {
        return changed;
      }
      changed = true;
    }
  }

  private boolean arranged() {
    return !asleep && arrangement.arrange(tasks.all())
        || arrangement.gone()
        || arrangement.renew(tasks.all());
  }

  private Entry ended() {
    List<Entry> all = tasks.all();
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
        Launch.decide(tasks.list, new Launch.Asked(intent, info, wish.from(), mode, wish.start(), result));
    began = true;
    arrangement.starts(source != null && (intent.getFlags() & Intent.FLAG_ACTIVITY_NO_USER_ACTION) == 0);
    Task task = launch.task() == null ? fresh(wish, info) : launch.task();
    tasks.toFront(task);
    launch.ended().forEach(Entry::finish);
    Entry target = launch.target();
    if (target == null) {
      task.entries.add(new Entry(context, UUID.randomUUID().toString(), intent, reply));
      return;
    }
    task.entries.remove(target);
    task.entries.add(target);
    if (launch.told()) {
      target.news.add(intent);
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
    tasks.of(entry).entries.remove(entry);
    if (entry.reply != null) {
      answer(entry.reply, code, data);
    }
    arrangement.leaves(entry);
  }

  private void answer(Entry.Reply reply, int code, Intent data) {
    if (reply.request() < 0) {
      return;
    } else if (reply.start() != 0) {
      OtherApps.done(reply.start(), code, data);
      return;
    }
    Entry caller = tasks.byId(reply.entry());
    if (caller != null) {
      caller.results.add(new Entry.Result(reply.who(), reply.request(), code, data));
    }
  }

  /** A task that has ended; the app that it came from is shown again. */
  private boolean emptied() {
    for (Task task : tasks.list) {
      if (task.entries.isEmpty()) {
        tasks.list.remove(task);
        if (task.origin != 0) {
          OtherApps.left(task.origin, tasks.empty(), !asleep);
        }
        return true;
      }
    }
    return false;
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
