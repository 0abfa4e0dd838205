package dev.pileus.device;

import android.app.Application;
import android.content.Intent;
import android.content.Context;
import android.os.Handler;
import android.os.Looper;
import android.os.SystemClock;
import dev.pileus.host.AppClassLoader;
import dev.pileus.host.LateManifest;
import dev.pileus.host.Link;
import dev.pileus.system.Framework;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
  /**
   * Milliseconds between the frames of an app that nobody sees. It still gets some: a window that waits for one holds
   * back all messages of its thread (a sync barrier), timers of the app included.
   */
  private static final long UNSEEN_FRAME = 250;

  private final LateManifest manifest;
  private Link link;
  private ActivityStack stack;
  private Screen screen;
  private Frames frames;
  private Input input;
  private JSONObject display;
  private boolean visible = true;
  private boolean stopping;
  private boolean shown;
  private boolean probe;
  private String title = "";

  public Device(LateManifest manifest) {
    this.manifest = manifest;
    ShadowView.setUseRealViewAnimations(true);
    ShadowView.setUseRealDrawTraversals(true);
    ShadowChoreographer.setPaused(true);
    ShadowChoreographer.setFrameDelay(Duration.ofMillis(16));
    ShadowLog.setCaptureLogsEnabled(false);
    Identity.apply();
  }

  @Override
  public void accept(String json, Link link) {
    this.link = link;
    try {
      start(new JSONObject(json));
      loop();
    } catch (Throwable cause) {
      cause.printStackTrace();
      link.send(0x47, 4, crash(cause));
      Runtime.getRuntime().halt(70);
    }
  }

  private void start(JSONObject start) throws Exception {
    display = start.getJSONObject("display");
    List<Path> jars = new ArrayList<>();
    JSONArray classes = start.getJSONArray("classes");
    for (int i = 0; i < classes.length(); i++) {
      jars.add(Path.of(classes.getString(i)));
    }
    AppClassLoader.instance().addApp(jars);
    String name = start.getString("package");
    probe = start.optBoolean("probe");
    manifest.choose(Path.of(start.getString("apk")), name, start.optInt("target_sdk", 36));
    RuntimeEnvironment.setTempDirectory(new DataFolder(Path.of(start.getString("data_dir"))));
    // The application is made as soon as the display is told of: it has to know its system by then.
    Framework.connect(Path.of(start.getString("system")));
    Display.apply(display);
    screen = new Screen(display.getInt("width"), display.getInt("height"));
    Context context = RuntimeEnvironment.getApplication();
    stack = new ActivityStack(context);
    StackInstrumentation.stack = stack;
    input = new Input(screen, this, link);
    JSONObject app = start.optJSONObject("app");
    Identity.name(context, app == null ? "" : app.optString("account"));
    Framework.ready();
    // Asynchronous, as real input is: else a window that waits for its next frame would hold it back.
    Handler handler = Handler.createAsync(Looper.getMainLooper());
    Thread reader = new Thread(() -> read(handler), "link");
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
    merge(start.getJSONObject("display"));
    screen.resize(display.getInt("width"), display.getInt("height"));
    visible = true;
    shown = false;
    Framework.onOpen(intent -> stack.request(null, null, intent, -1));
    List<Intent> sent = Framework.takeIntents();
    sent.forEach(intent -> stack.request(null, null, intent, -1));
    if (stack.top() == null && sent.isEmpty()) {
      Context context = RuntimeEnvironment.getApplication();
      stack.request(null, null, first(context, start, start.getString("package")), -1);
    }
  }

  /** The app goes on without a screen: what it has to do goes on, or the engine ends it. */
  private void leave() {
    stack.finishAll();
    stack.settle();
    frames = null;
    visible = false;
    stack = new ActivityStack(RuntimeEnvironment.getApplication());
    StackInstrumentation.stack = stack;
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
    while (!stopping) {
      looper.idle();
      boolean changed = stack.settle();
      if (stack.finished()) {
        link.send(0x47, 3, "{\"code\":\"finished\"}");
        leave();
      }
      if (changed) {
        retitle();
      }
      // Before its first window there is nothing to show: a black frame would be taken for the app's first.
      List<Screen.Place> places = screen.places();
      screen.focus(places);
      boolean drawable = !places.isEmpty() && !screen.opening();
      if (visible && screen.damaged && frames != null && frames.ready() && drawable) {
        frames.send(screen.draw(places), input.done());
        if (!shown) {
          shown = true;
          link.send(0x47, 1, "{}");
          String lacking = probe ? Unsupported.reason(places) : null;
          if (lacking != null) {
            link.send(0x47, 4, state("app-unsupported", lacking));
            Runtime.getRuntime().halt(0);
          }
        }
        input.report();
      }
      long next = looper.getNextScheduledTaskTime().toMillis();
      long vsync = ShadowChoreographer.getNextVsyncTime();
      if (vsync != 0 && !visible) {
        vsync += UNSEEN_FRAME;
      }
      long until = next == 0 || vsync == 0 ? Math.max(next, vsync) : Math.min(next, vsync);
      looper.poll(until == 0 ? 0 : Math.max(1, until - SystemClock.uptimeMillis()));
      long now = System.nanoTime();
      ShadowSystemClock.advanceBy(Duration.ofNanos(now - clock));
      clock = now;
    }
  }

  private void retitle() {
    CharSequence now = stack.top() == null ? "" : stack.top().getTitle();
    if (now != null && !title.contentEquals(now)) {
      title = now.toString();
      byte[] text = title.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      link.send(
          Link.message(0x4B, 8 + text.length).putInt(text.length).put(text).putInt(0).flip());
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
      case 0x82 -> stopping = true;
      case 0x84 -> leave();
      case 0x09 -> {
        visible = message.get() != 0;
        screen.damaged |= visible;
      }
      case 0x0F -> screen.damaged = true;
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
    merge(new JSONObject(Map.of("width", width, "height", height, "dpi", dpi)));
    screen.resize(width, height);
    ByteBuffer told = Link.message(0x4C, 7).putShort((short) width).putShort((short) height);
    link.send(told.putShort((short) dpi).put(rotation).flip());
  }

  private void configure(String json) {
    try {
      merge(new JSONObject(json));
    } catch (JSONException broken) {
      throw new IllegalArgumentException(broken);
    }
  }

  private void merge(JSONObject changed) {
    String zone = display.optString("time_zone");
    try {
      for (Iterator<String> names = changed.keys(); names.hasNext(); ) {
        String name = names.next();
        display.put(name, changed.get(name));
      }
    } catch (JSONException broken) {
      throw new IllegalArgumentException(broken);
    }
    Display.apply(display);
    Application application = RuntimeEnvironment.getApplication();
    application.onConfigurationChanged(application.getResources().getConfiguration());
    stack.configure();
    if (!zone.equals(display.optString("time_zone"))) {
      Framework.timeZone(display.optString("time_zone"));
    }
    screen.damaged = true;
  }

  void back() {
    screen.give(new android.view.KeyEvent(0, android.view.KeyEvent.KEYCODE_BACK));
    screen.give(new android.view.KeyEvent(1, android.view.KeyEvent.KEYCODE_BACK));
  }

  private static String crash(Throwable cause) {
    String lacking = Unsupported.reason(cause);
    if (lacking != null) {
      return state("app-unsupported", lacking);
    }
    Throwable root = cause;
    while (root.getCause() != null && root.getClass() == RuntimeException.class) {
      root = root.getCause();
    }
    return state("crash", root.toString());
  }

  private static String state(String code, String message) {
    return new JSONObject(Map.of("code", code, "message", message)).toString();
  }
}
