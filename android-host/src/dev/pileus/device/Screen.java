package dev.pileus.device;

import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Rect;
import android.os.SystemClock;
import android.view.Choreographer;
import android.view.Gravity;
import android.view.InputEvent;
import android.view.InputEventReceiver;
import android.view.MotionEvent;
import android.view.View;
import android.view.ViewRootImpl;
import android.view.WindowManager;
import android.view.WindowManagerGlobal;
import dev.pileus.surface.TakenSurface;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Supplier;
import java.util.Collections;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/** All windows of the app, lowest first, drawn into one picture with their dimming. */
final class Screen {
  /** A window and where it lies; the frame is in surface pixels. */
  record Place(View view, ViewRootImpl root, WindowManager.LayoutParams params, Rect frame) {}

  private static final long PATIENCE_MS = 1000;

  int width;
  int height;
  boolean damaged = true;
  private Bitmap bitmap;
  private final Map<View, Long> watched = new WeakHashMap<>();
  private final Set<View> drawn = Collections.newSetFromMap(new WeakHashMap<>());
  private Place touched;
  private ViewRootImpl focused;
  private ViewRootImpl given;
  private List<Rect> lay = List.of();
  private final Transitions transitions;
  private boolean moving;

  Screen(int width, int height, Supplier<ActivityStack> stack) {
    transitions = new Transitions(stack);
    resize(width, height);
  }

  void resize(int width, int height) {
    this.width = width;
    this.height = height;
    bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888);
    transitions.cut();
    damaged = true;
  }

  /** Nobody looks: what comes next has not come from here, and is not held for it. */
  void cut() {
    transitions.cut();
  }

  /** The app goes on without a screen: what was shown is held no longer. */
  void leave() {
    cut();
    touched = null;
    focused = null;
    given = null;
  }

  /** The visible windows that have drawn themselves, lowest first; new ones are watched from now on. */
  List<Place> places() {
    WindowManagerGlobal global = WindowManagerGlobal.getInstance();
    List<View> views = ReflectionHelpers.getField(global, "mViews");
    List<ViewRootImpl> roots = ReflectionHelpers.getField(global, "mRoots");
    List<WindowManager.LayoutParams> params = ReflectionHelpers.getField(global, "mParams");
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < views.size(); i++) {
      View view = views.get(i);
      if (watched.putIfAbsent(view, SystemClock.uptimeMillis()) == null) {
        WeakReference<View> weak = new WeakReference<>(view);
        view.getViewTreeObserver().addOnDrawListener(() -> drew(weak.get()));
      }
      if (view.getVisibility() == View.VISIBLE && drawn.contains(view)) {
        places.add(new Place(view, roots.get(i), params.get(i), frame(view, params.get(i))));
      }
    }
    List<Rect> now = places.stream().map(Place::frame).toList();
    if (!now.equals(lay)) {
      lay = now;
      damaged = true;
    }
    return places;
  }

  /** A window was opened and has not drawn itself yet: the old picture stays for a moment. */
  boolean opening() {
    long now = SystemClock.uptimeMillis();
    for (Map.Entry<View, Long> entry : watched.entrySet()) {
      View view = entry.getKey();
      if (view.isAttachedToWindow()
          && view.getVisibility() == View.VISIBLE
          && !drawn.contains(view)
          && now - entry.getValue() < PATIENCE_MS) {
        return true;
      }
    }
    return false;
  }

  private void drew(View view) {
    damaged = true;
    drawn.add(view);
  }

  /** Draws the windows, lowest first, those on their way where they are by now. */
  Bitmap draw(List<Place> places) {
    damaged = false;
    transitions.follow(places, bitmap);
    Canvas canvas = new Canvas(bitmap);
    canvas.drawColor(Color.BLACK);
    for (Place place : places) {
      tell(place);
      transitions.draw(canvas, place, own -> paint(own, place.view));
    }
    transitions.finish(canvas);
    if (transitions.running() && !moving) {
      moving = true;
      Choreographer.getInstance().postFrameCallback(this::moved);
    }
    return bitmap;
  }

  private static void paint(Canvas canvas, View view) {
    view.draw(canvas);
    TakenSurface.draw(canvas, view);
  }

  private void moved(long time) {
    moving = false;
    damaged = true;
  }

  /** Sends a pointer event to the window that its gesture began in. */
  void touch(MotionEvent event) {
    int action = event.getActionMasked();
    if (action == MotionEvent.ACTION_DOWN || action == MotionEvent.ACTION_SCROLL || touched == null) {
      touched = target(event);
    }
    if (touched != null) {
      event.offsetLocation(-touched.frame.left, -touched.frame.top);
      give(touched.root, event);
    }
  }

  /** Sends a key or another event without a place to the window on top that takes the focus. */
  void give(InputEvent event) {
    Place place = focused();
    if (place != null) {
      give(place.root, event);
    }
  }

  /** At once, not when the looper comes to it: text goes straight to its field, and would overtake what waits. */
  private void give(ViewRootImpl root, InputEvent event) {
    given = root;
    ReflectionHelpers.callInstanceMethod(
        root,
        "enqueueInputEvent",
        ClassParameter.from(InputEvent.class, event),
        ClassParameter.from(InputEventReceiver.class, null),
        ClassParameter.from(int.class, 0),
        ClassParameter.from(boolean.class, true));
  }

  /** Gives the keyboard's focus to the window on top that takes it; all windows follow the touch mode. */
  void focus(List<Place> places) {
    if (given != null) {
      if (given.getView() != null) {
        TouchMode.follow(given);
      } else {
        given = null;
      }
    }
    Place place = focused(places);
    ViewRootImpl now = place == null ? null : place.root;
    if (now != focused) {
      ViewRootImpl before = focused;
      focused = now;
      if (before != null && before.getView() != null) {
        before.windowFocusChanged(false);
      }
      if (now != null) {
        now.windowFocusChanged(true);
      }
    }
  }

  Place focused() {
    return focused(places());
  }

  private static Place focused(List<Place> places) {
    for (int i = places.size() - 1; i >= 0; i--) {
      if ((places.get(i).params.flags & WindowManager.LayoutParams.FLAG_NOT_FOCUSABLE) == 0) {
        return places.get(i);
      }
    }
    return null;
  }

  private Place target(MotionEvent event) {
    List<Place> places = places();
    for (int i = places.size() - 1; i >= 0; i--) {
      Place place = places.get(i);
      int flags = place.params.flags;
      if ((flags & WindowManager.LayoutParams.FLAG_NOT_TOUCHABLE) != 0) {
        continue;
      }
      boolean inside = place.frame.contains((int) event.getX(), (int) event.getY());
      boolean modal =
          (flags
                  & (WindowManager.LayoutParams.FLAG_NOT_TOUCH_MODAL
                      | WindowManager.LayoutParams.FLAG_NOT_FOCUSABLE))
              == 0;
      if (inside || modal) {
        return place;
      }
      if ((flags & WindowManager.LayoutParams.FLAG_WATCH_OUTSIDE_TOUCH) != 0) {
        MotionEvent outside = MotionEvent.obtain(event);
        outside.setAction(MotionEvent.ACTION_OUTSIDE);
        outside.offsetLocation(-place.frame.left, -place.frame.top);
        place.root.enqueueInputEvent(outside);
      }
    }
    return null;
  }

  private Rect frame(View view, WindowManager.LayoutParams params) {
    Rect frame = new Rect();
    int gravity = params.gravity == 0 ? Gravity.CENTER : params.gravity;
    if (params.width == -1 && params.height == -1) {
      frame.set(0, 0, view.getWidth(), view.getHeight());
    } else {
      Rect whole = new Rect(0, 0, width, height);
      Gravity.apply(
          gravity, view.getWidth(), view.getHeight(), whole, params.x, params.y, frame);
      if ((params.flags & WindowManager.LayoutParams.FLAG_LAYOUT_NO_LIMITS) == 0) {
        Gravity.applyDisplay(gravity, whole, frame);
      }
    }
    return frame;
  }

  /** Lets the views of the window know where they are on the screen. */
  private static void tell(Place place) {
    Object info = ReflectionHelpers.getField(place.root, "mAttachInfo");
    ReflectionHelpers.setField(info, "mWindowLeft", place.frame.left);
    ReflectionHelpers.setField(info, "mWindowTop", place.frame.top);
  }
}
