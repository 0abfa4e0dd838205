package dev.pileus.system;

import android.app.ActivityManager;
import android.app.Instrumentation;
import android.content.ComponentName;
import android.content.Intent;
import android.content.IntentSender;
import android.os.IBinder;
import android.util.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.json.JSONArray;
import org.json.JSONObject;

/** Activities across apps: what this app starts elsewhere, what others start here, and the results of both. */
public final class OtherApps {
  /**
   * @param elsewhere another app, the owner's choice or the device's browser takes it from here
   * @param here the activity of this app that an implicit intent means
   */
  public record Started(boolean elsewhere, ComponentName here) {}

  /**
   * An activity of this app that is to be started.
   *
   * @param number the system's number of it; 0 where nobody waits for anything
   * @param activity whose activity asks, as package/class; null for none
   * @param entry set where this app itself asked, and the owner chose it among others
   */
  public record Start(
      long number, Intent intent, String activity, String owner, boolean result, String entry, String who,
      int request) {}

  /** What became of an activity that an entry of this app's started elsewhere. */
  public record Outcome(String entry, String who, int request, int code, Intent data) {}

  static volatile Consumer<Start> opener = start -> {};
  static volatile Consumer<Outcome> hearer = outcome -> {};
  private static volatile Function<IBinder, String> namer = token -> null;
  /** Up to which number the activities have what the system gave them, or leave it alone; on the main thread. */
  private static int taken;

  private OtherApps() {}

  /** Whether there is a system to ask. */
  public static boolean known() {
    return Framework.link() != null;
  }

  /** Who starts and who hears, on the main thread; and who knows an activity's entry by its token. */
  public static void on(Consumer<Start> starts, Consumer<Outcome> outcomes, Function<IBinder, String> entries) {
    opener = starts;
    hearer = outcomes;
    namer = entries;
  }

  /** The entry of an activity of this app's; null where its token is none. */
  static String entry(IBinder token) {
    return token == null ? null : namer.apply(token);
  }

  /** Starts what a sender stands for, as its maker; {@code by} and {@code entry} are null outside of activities. */
  public static void send(
      IntentSender sender, ComponentName by, String entry, String who, int request, Intent fill, int mask,
      int values)
      throws IntentSender.SendIntentException {
    Message message = new Message().binder("sender", Calls.binder(sender.getTarget()));
    if (fill != null) {
      String type = fill.resolveTypeIfNeeded(AppThread.context().getContentResolver());
      message.put("intent", Intents.write(message, fill, type));
    }
    message.put("mask", mask).put("values", values).put("activity", Intents.name(by));
    message.put("entry", entry).put("who", who).put("request", request);
    int result = Framework.link().call("startSender", message).fields.optInt("result");
    if (result == ActivityManager.START_CANCELED) {
      throw new IntentSender.SendIntentException();
    }
    Instrumentation.checkStartActivityResult(result, null);
  }

  /** Asks the system for an activity that is not named to be this app's own. */
  public static Started start(Intent intent, ComponentName by, String entry, String who, int request) {
    if (!known()) {
      return new Started(false, null);
    }
    Message message = new Message();
    Intent wanted = intent;
    if (Intent.ACTION_CHOOSER.equals(intent.getAction()) && intent.getComponent() == null) {
      wanted = intent.getParcelableExtra(Intent.EXTRA_INTENT, Intent.class);
      CharSequence title = intent.getCharSequenceExtra(Intent.EXTRA_TITLE);
      message.put("choose", true).put("title", title == null ? "" : title.toString());
    }
    if (wanted == null) {
      return new Started(false, null);
    }
    String type = wanted.resolveTypeIfNeeded(AppThread.context().getContentResolver());
    message.put("intent", Intents.write(message, wanted, type)).put("activity", Intents.name(by));
    message.put("entry", entry).put("who", who).put("request", request);
    Message answer = Framework.link().call("startActivity", message);
    return new Started(answer.fields.optBoolean("elsewhere"), Intents.component(answer.text("here")));
  }

  /** An activity that another app started has ended; only where that app waits for a result. */
  public static void done(long start, int code, Intent data) {
    Message message = new Message().put("start", start).put("code", code);
    if (data != null) {
      message.put("intent", Intents.write(message, data, null));
    }
    Framework.link().call("activityDone", message);
  }

  /**
   * Nothing is left of what another app started: that app is shown again.
   *
   * @param over this app has no activity at all any more
   * @param shown somebody was looking
   */
  public static void left(long start, boolean over, boolean shown) {
    Message message = new Message().put("start", start).put("over", over).put("shown", shown);
    taken = Math.max(taken, Framework.link().call("taskLeft", message.put("taken", taken)).fields.optInt("number"));
  }

  /** The activities end: what is on its way to them is for the next screen. */
  public static void over() {
    if (!known()) {
      return;
    }
    try {
      Message answer = Framework.link().call("activitiesOver", new Message().put("taken", taken));
      taken = Math.max(taken, answer.fields.optInt("number"));
    } catch (RuntimeException gone) {
      Log.w("OtherApps", "the system has ended first", gone);
    }
  }

  /**
   * What lies on the disk of this app's tasks, once its process is gone: the system answers for all others.
   *
   * @param visits numbers of the starts of other apps that come back with them
   * @param fresh the activities begin with these
   */
  public static void kept(JSONArray visits, boolean fresh) {
    if (known()) {
      Framework.link().tell("visitsKept", new Message().put("visits", visits).put("fresh", fresh));
    }
  }

  /** The app falls over: what was on its way to it is not tried again, and nothing of it comes back. */
  public static void fell() {
    if (!known()) {
      return;
    }
    try {
      Framework.link().tell("visitsKept", new Message().put("visits", new JSONArray()).put("fell", true));
    } catch (RuntimeException gone) {
      Log.w("OtherApps", "the system has ended first", gone);
    }
  }

  /** Whether what the system sends counts: not what it has taken back. */
  private static boolean takes(int number) {
    boolean fresh = number == 0 || number > taken;
    taken = Math.max(taken, number);
    return fresh;
  }

  /** Opens, on the main thread, what a message of the system's says. */
  static void open(Start start, int number) {
    if (takes(number)) {
      opener.accept(start);
    }
  }

  /** Hears, on the main thread, of the result that a message of the system's brings. */
  static void hear(Outcome outcome, int number) {
    if (takes(number)) {
      hearer.accept(outcome);
    }
  }

  /** This app's task goes out of sight, and lives on. */
  public static void behind(long start) {
    if (known()) {
      Framework.link().tell("taskBehind", new Message().put("start", start));
    }
  }

  /** Tells the system which tasks there are, for whoever asks it. */
  public static void report(JSONArray tasks) {
    if (known()) {
      Framework.link().tell("tasks", new Message().put("tasks", tasks).put("taken", taken));
    }
  }

  /** What others have sent to the app's activities while it had no screen. */
  public static void take() {
    if (!known()) {
      return;
    }
    Message answer;
    do {
      answer = Framework.link().call("takeActivities", new Message());
      for (JSONObject each : list(answer, "outcomes")) {
        hearer.accept(outcome(answer, each));
      }
      for (JSONObject each : list(answer, "starts")) {
        opener.accept(start(answer, each));
      }
      taken = Math.max(taken, answer.fields.optInt("number"));
    } while (answer.fields.optBoolean("more"));
  }

  static Start start(Message message, JSONObject fields) {
    return new Start(
        fields.optLong("start"),
        Intents.read(message, fields.optJSONObject("intent")),
        text(fields, "activity"),
        text(fields, "owner"),
        fields.optBoolean("result"),
        text(fields, "entry"),
        text(fields, "who"),
        fields.optInt("request", -1));
  }

  static Outcome outcome(Message message, JSONObject fields) {
    return new Outcome(
        text(fields, "entry"),
        text(fields, "who"),
        fields.optInt("request"),
        fields.optInt("code"),
        Intents.read(message, fields.optJSONObject("intent")));
  }

  private static String text(JSONObject fields, String name) {
    return fields.isNull(name) ? null : fields.optString(name);
  }

  private static List<JSONObject> list(Message answer, String name) {
    JSONArray all = answer.fields.optJSONArray(name);
    List<JSONObject> found = new ArrayList<>();
    for (int i = 0; all != null && i < all.length(); i++) {
      found.add(all.optJSONObject(i));
    }
    return found;
  }
}
