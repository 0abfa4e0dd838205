package dev.pileus.device;

import android.content.Intent;
import android.content.Context;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import dev.pileus.host.AppClassLoader;
import dev.pileus.host.LateManifest;
import dev.pileus.host.Link;
import dev.pileus.host.Told;
import dev.pileus.media.PlayerShadow;
import dev.pileus.surface.Gap;
import dev.pileus.surface.Sentences;
import dev.pileus.system.Framework;
import dev.pileus.system.OtherApps;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowChoreographer;
import org.robolectric.shadows.ShadowLog;
import org.robolectric.shadows.ShadowPausedLooper;
import org.robolectric.shadows.ShadowSystemClock;
import org.robolectric.shadows.ShadowView;

/** One app on one screen. Everything here runs on the sandbox's main thread. */
public final class Device implements BiConsumer<String, Link> {
  /** Milliseconds after which activities that nobody sees stop: a connection that comes back at once costs nothing. */
  private static final long UNSEEN_STOP = 1000;

  private static final int NOT_KEPT = -1;

  /** Characters of a title that are told. */
  private static final int LONGEST_TITLE = 200;

  private final LateManifest manifest;
  private final Beat beat = new Beat();
  private Link link;
  private ActivityStack stack;
  private Screen screen;
  private Frames frames;
  private Input input;
  private Look look;
  private volatile SavedStack saved;
  private Handler main;
  private boolean visible = true;
  private boolean stopping;
  private boolean shown;
  private boolean probe;
  private String title = "";
  private final Runnable unseen = () -> keep(false);

  public Device(LateManifest manifest) {
    this.manifest = manifest;
    ShadowView.setUseRealViewAnimations(true);
    ShadowView.setUseRealDrawTraversals(true);
    ShadowChoreographer.setPaused(true);
    ShadowLog.setCaptureLogsEnabled(false);
    Identity.apply();
    PlayerShadow.open();
  }

  @Override
  public void accept(String json, Link link) {
    this.link = link;
    Uncaught uncaught = new Uncaught(link, this::forget);
    Thread.setDefaultUncaughtExceptionHandler(uncaught);
    try {
      start(new JSONObject(json));
      loop();
    } catch (Throwable cause) {
      uncaught.end(cause);
    }
  }

  /** It may have been the state that it fell over. */
  private void forget() {
    if (saved != null) {
      saved.forget();
    }
    OtherApps.fell();
  }

  private void start(JSONObject start) throws Exception {
    List<Path> jars = new ArrayList<>();
    JSONArray classes = start.getJSONArray("classes");
    for (int i = 0; i < classes.length(); i++) {
      jars.add(Path.of(classes.getString(i)));
    }
    AppClassLoader.instance().addApp(jars);
    String name = start.getString("package");
    probe = start.optBoolean("probe");
    Sentences.learn(start.optJSONObject("texts"));
    manifest.choose(Path.of(start.getString("apk")), name, start.optInt("target_sdk", 36));
    Path data = Path.of(start.getString("data_dir"));
    RuntimeEnvironment.setTempDirectory(new DataFolder(data));
    DiskShadow.bind(data, start.optLong("disk", Long.MAX_VALUE));
    saved = new SavedStack(data);
    // The application is made as soon as the display is told of: it has to know its system by then.
    Framework.connect(Path.of(start.getString("system")));
    look = new Look(start.getJSONObject("display"));
    screen = new Screen(look.width(), look.height(), () -> stack);
    Context context = RuntimeEnvironment.getApplication();
    stack = new ActivityStack(context);
    StackInstrumentation.stack = stack;
    input = new Input(screen, this, link, beat);
    JSONObject app = start.optJSONObject("app");
    Identity.name(context, app == null ? "" : app.optString("account"));
    Framework.ready();
    // Asynchronous, as real input is: else a window that waits for its next frame would hold it back.
    main = Handler.createAsync(Looper.getMainLooper());
    Thread reader = new Thread(() -> read(main), "link");
    reader.setDaemon(true);
    reader.start();
    visible = false;
    if (!start.isNull("frames")) {
      show(start);
    }
  }

  /** The app gets its screen: at once, or after it has run without one. */
  private void show(JSONObject start) throws JSONException, java.io.IOException {
    JSONObject places = start.getJSONObject("frames");
    frames =
        new Frames(
            link, Path.of(places.getString("path")), places.getInt("slots"),
            places.getInt("slot_bytes"));
    change(start.getJSONObject("display"));
    screen.resize(look.width(), look.height());
    visible = true;
    shown = false;
    Context context = RuntimeEnvironment.getApplication();
    boolean restore = start.optBoolean("restore");
    if (stack.empty()) {
      stack.adopt(saved.read(context, restore));
      OtherApps.kept(stack.visits(), true);
    }
    stack.wake();
    OtherApps.on(asked -> stack.request(asked), outcome -> stack.result(outcome), token -> stack.entry(token));
    OtherApps.take();
    // What was frozen is where it was left, which may be a visit of another app's.
    if (!stack.asked() && (!restore || stack.empty())) {
      stack.open(first(context, start, start.getString("package")));
    }
  }

  /** The app goes on without a screen: what it has to do goes on, or the engine ends it. */
  private void leave() {
    stack.finishAll();
    OtherApps.over();
    forgetKept();
    frames = null;
    visible = false;
    screen.leave();
    main.removeCallbacks(unseen);
    stack = new ActivityStack(RuntimeEnvironment.getApplication());
    StackInstrumentation.stack = stack;
  }

  /** Kind 1: keeps the activities for the START that asks for them; 0: forgets them. */
  private void stop(int kind) {
    int size = kind == 1 ? keep(true) : 0;
    if (size == NOT_KEPT) {
      link.send(0x47, 1, "{\"code\":\"not-kept\"}");
      if (visible) {
        stack.wake();
      }
      return;
    }
    OtherApps.over();
    if (kind == 1) {
      link.send(0x47, 2, "{\"code\":\"kept\",\"bytes\":" + size + "}");
    } else {
      forgetKept();
    }
    stopping = true;
  }

  private void forgetKept() {
    saved.forget();
    OtherApps.kept(new JSONArray(), false);
  }

  /** Stops all activities and keeps their states; the size of what is kept, or NOT_KEPT. */
  private int keep(boolean frozen) {
    stack.sleep();
    stack.settle();
    try {
      int size = stack.empty() ? 0 : saved.write(stack.tasks(), frozen);
      OtherApps.kept(stack.visits(), false);
      return size;
    } catch (java.io.IOException full) {
      full.printStackTrace();
      return NOT_KEPT;
    }
  }

  private void see(boolean now) {
    visible = now;
    main.removeCallbacks(unseen);
    if (now) {
      stack.wake();
      screen.damaged = true;
    } else {
      screen.cut();
      main.postDelayed(unseen, UNSEEN_STOP);
    }
  }

  private void showLater(String json) {
    try {
      show(new JSONObject(json));
    } catch (JSONException | java.io.IOException cause) {
      throw new IllegalStateException(cause);
    }
  }

  private static Intent first(Context context, JSONObject start, String name)
      throws JSONException {
    String activity = start.isNull("activity") ? "" : start.optString("activity", "");
    if (!activity.isEmpty()) {
      Intent intent = new Intent(Intent.ACTION_MAIN);
      give(intent, start.optJSONObject("extras"));
      return intent.setClassName(name, activity.startsWith(".") ? name + activity : activity);
    }
    return new Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER).setPackage(name);
  }

  /** What a caller of the activity would hand over: texts and whole numbers. */
  private static void give(Intent intent, JSONObject extras) throws JSONException {
    if (extras == null) {
      return;
    }
    for (Iterator<String> names = extras.keys(); names.hasNext(); ) {
      String name = names.next();
      if (extras.get(name) instanceof Integer number) {
        intent.putExtra(name, (int) number);
      } else {
        intent.putExtra(name, extras.getString(name));
      }
    }
  }

  private void loop() {
    ShadowPausedLooper looper = Shadow.extract(Looper.getMainLooper());
    long clock = System.nanoTime();
    while (true) {
      beat.ready();
      looper.idle();
      if (stopping) {
        return;
      }
      boolean changed = stack.settle();
      if (stack.finished()) {
        OtherApps.over();
        link.send(0x47, 3, "{\"code\":\"finished\"}");
        leave();
      }
      retitle();
      if (changed) {
        OtherApps.report(stack.described());
      }
      // Before its first window there is nothing to show: a black frame would be taken for the app's first.
      List<Screen.Place> places = screen.places();
      screen.focus(places);
      boolean drawable = !places.isEmpty() && !screen.opening();
      if (visible && drawable && frames != null && frames.ready() && answer(places)) {
        if (!shown) {
          shown = true;
          link.send(0x47, 1, "{}");
          saved.proven();
        }
        Set<Gap> gaps = probe ? Gap.news() : null;
        if (gaps != null) {
          JSONArray codes = new JSONArray(gaps.stream().map(Gap::code).toList());
          link.send(0x47, 1, "{\"lacks\":" + codes + "}");
        }
        input.report();
      }
      if (visible && input.waits()) {
        beat.hasten();
      }
      long next = looper.getNextScheduledTaskTime().toMillis();
      long vsync = beat.next(visible);
      long until = next == 0 || vsync == 0 ? Math.max(next, vsync) : Math.min(next, vsync);
      if (!beat.due(vsync)) {
        looper.poll(until == 0 ? 0 : Math.max(1, until - SystemClock.uptimeMillis()));
      }
      long asked = ShadowChoreographer.getNextVsyncTime();
      long now = System.nanoTime();
      ShadowSystemClock.advanceBy(Duration.ofNanos(now - clock));
      clock = now;
      beat.passed(asked);
    }
  }

  /**
   * Sends what changed, and says which input it is the answer to. One that has asked for a frame is answered by that
   * frame; one that has changed nothing by the last picture.
   */
  private boolean answer(List<Screen.Place> places) {
    boolean owed = input.owes();
    if (screen.damaged || owed && !frames.canRepeat()) {
      frames.send(screen.draw(places), input.done());
    } else if (owed) {
      frames.repeat(input.done());
    } else {
      return false;
    }
    input.answered();
    return true;
  }

  private void retitle() {
    CharSequence whole = stack.top() == null ? "" : stack.top().getTitle();
    String now = whole == null ? title : Told.cut(whole, LONGEST_TITLE);
    if (!title.equals(now)) {
      title = now;
      link.send(Told.title(title, 0));
    }
  }

  private void read(Handler handler) {
    try {
      ByteBuffer message = link.read();
      while (message != null) {
        ByteBuffer one = message;
        handler.post(() -> take(one));
        message = link.read();
      }
    } catch (java.io.IOException gone) {
      gone.printStackTrace();
    }
    Runtime.getRuntime().halt(0);
  }

  private void take(ByteBuffer message) {
    int type = message.get() & 0xFF;
    switch (type) {
      case 0x80 -> showLater(Link.text(message));
      case 0x81 -> {
        if (frames != null) {
          frames.release(message.get() & 0xFF);
        }
      }
      case 0x82 -> stop(message.get());
      case 0x84 -> leave();
      case 0x09 -> see(message.get() != 0);
      case 0x0F -> {
        screen.damaged = true;
        if (frames != null) {
          frames.forget();
        }
      }
      case 0x10 -> link.send(Told.pong(message.getLong()));
      case 0x07 -> resize(message);
      case 0x0D -> configure(Link.text(message));
      default -> input.take(type, message);
    }
  }

  private void resize(ByteBuffer message) {
    int width = message.getShort() & 0xFFFF;
    int height = message.getShort() & 0xFFFF;
    int dpi = message.getShort() & 0xFFFF;
    byte rotation = message.get();
    change(new JSONObject(Map.of("width", width, "height", height, "dpi", dpi)));
    screen.resize(width, height);
    link.send(Told.configured(width, height, dpi, rotation));
  }

  private void configure(String json) {
    try {
      change(new JSONObject(json));
    } catch (JSONException broken) {
      throw new IllegalArgumentException(broken);
    }
  }

  private void change(JSONObject changed) {
    look.change(changed, stack);
    screen.damaged = true;
  }

  void back() {
    screen.give(new android.view.KeyEvent(0, android.view.KeyEvent.KEYCODE_BACK));
    screen.give(new android.view.KeyEvent(1, android.view.KeyEvent.KEYCODE_BACK));
  }
}
