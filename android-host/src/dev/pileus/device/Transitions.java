package dev.pileus.device;

import android.R;
import android.app.Activity;
import android.content.Context;
import android.content.Intent;
import android.content.res.TypedArray;
import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Rect;
import android.os.SystemClock;
import android.provider.Settings;
import android.util.Log;
import android.view.View;
import android.view.WindowManager.LayoutParams;
import android.view.animation.Animation;
import android.view.animation.AnimationUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How windows come and go: by the animations that their styles name or that the app asks for, as a device's window
 * manager plays them (AOSP: TransitionAnimation, WindowStateAnimator). A window that has gone is played from its last
 * picture.
 */
final class Transitions {
  /** A window that was drawn; of an activity's own window, the activity and its entry. */
  private record Seen(Screen.Place place, Activity activity, Entry entry) {
    View view() {
      return place.view();
    }

    boolean isActivity() {
      return entry != null && place.params().type == LayoutParams.TYPE_BASE_APPLICATION;
    }
  }

  /** A window that has gone: drawn over or under another one, or (null) above all. */
  private record Going(Bitmap picture, Rect frame, float dim, Move move, View by, boolean over) {}

  /** Windows on top that are drawn for themselves; each takes a picture of its size. */
  private static final int LAYERS = 8;

  private final Supplier<ActivityStack> stack;
  private final Set<View> floating = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<View, Move> coming = new IdentityHashMap<>();
  private final Map<View, Bitmap> layers = new IdentityHashMap<>();
  private final List<Going> going = new ArrayList<>();
  private List<Seen> before = List.of();
  private Set<Entry> entries = Set.of();

  Transitions(Supplier<ActivityStack> stack) {
    this.stack = stack;
  }

  /** What is shown next is another picture altogether: nothing leads over to it. */
  void cut() {
    coming.clear();
    going.clear();
    layers.clear();
    floating.clear();
    before = List.of();
    entries = Set.of();
  }

  boolean running() {
    return !coming.isEmpty() || !going.isEmpty();
  }

  /** Sees what has come and gone since the last picture, and how far those are that move. */
  void follow(List<Screen.Place> places, Bitmap last) {
    List<Seen> now = places.stream().map(this::seen).toList();
    if (!before.isEmpty()) {
      change(now, last);
    }
    stack.get().override(null); // What was asked for is for what has changed by now, or for nothing.
    before = now;
    entries = Set.copyOf(stack.get().entries());
    Set<View> there = places.stream().map(Screen.Place::view).collect(Collectors.toSet());
    long time = SystemClock.uptimeMillis();
    coming.entrySet().removeIf(one -> !there.contains(one.getKey()) || one.getValue().over(time));
    going.removeIf(one -> one.move.over(time));
    floating.clear();
    places.stream()
        .skip(Math.max(0, places.size() - LAYERS))
        .filter(place -> floats(place) && fits(place, last))
        .forEach(place -> floating.add(place.view()));
    layers.keySet().removeIf(view -> !floating.contains(view) && !coming.containsKey(view));
  }

  private void change(List<Seen> now, Bitmap last) {
    List<Seen> came = without(now, before);
    List<Seen> went = without(before, now);
    if (came.isEmpty() && went.isEmpty() || still(before.get(0).view().getContext())) {
      return;
    }
    Seen activity = top(went);
    activities(top(came), activity, now, last);
    came.stream().filter(one -> !one.isActivity()).forEach(one -> enter(one, animation(one, R.attr.windowEnterAnimation), last));
    // What lay on an activity that has gone is in the picture of that.
    List<Seen> own = activity == null ? before : before.subList(0, before.indexOf(activity));
    for (Seen one : went) {
      if (!one.isActivity() && own.contains(one)) {
        leave(one, animation(one, R.attr.windowExitAnimation), last, null, true);
      }
    }
  }

  private Seen seen(Screen.Place place) {
    Entry entry = stack.get().entry(place.view());
    return new Seen(place, entry == null ? null : entry.activity(), entry);
  }

  private static List<Seen> without(List<Seen> all, List<Seen> others) {
    return all.stream().filter(one -> others.stream().noneMatch(other -> other.view() == one.view())).toList();
  }

  private static Seen top(List<Seen> all) {
    return all.stream().filter(Seen::isActivity).reduce((lower, upper) -> upper).orElse(null);
  }

  /** The owner wants no movement. */
  private static boolean still(Context context) {
    String scale = Settings.Global.TRANSITION_ANIMATION_SCALE;
    return Settings.Global.getFloat(context.getContentResolver(), scale, 1) == 0;
  }

  /** One activity takes the place of another; of one that begins anew nothing is to be seen. */
  private void activities(Seen came, Seen went, List<Seen> now, Bitmap last) {
    if (came == null && went == null || came != null && went != null && came.entry == went.entry) {
      return;
    }
    boolean covered = went != null && stack.get().entries().contains(went.entry);
    boolean opens = went == null || covered || came != null && !entries.contains(came.entry);
    Seen first = opens && came != null ? came : went;
    Transition asked = stack.get().transition(first.activity, opens);
    boolean none = (first.entry.intent.getFlags() & Intent.FLAG_ACTIVITY_NO_ANIMATION) != 0;
    if (asked == null && opens && none) {
      return;
    }
    if (came != null) {
      Animation enter =
          asked != null
              ? load(first, asked.enter())
              : animation(first, opens ? R.attr.activityOpenEnterAnimation : R.attr.activityCloseEnterAnimation);
      // One that floats has the animations of a window.
      boolean window = enter == null && asked == null;
      enter(came, window ? animation(came, R.attr.windowEnterAnimation) : enter, last);
    }
    if (went != null) {
      Animation exit =
          asked != null
              ? load(first, asked.exit())
              : animation(first, opens ? R.attr.activityOpenExitAnimation : R.attr.activityCloseExitAnimation);
      boolean window = exit == null && asked == null && !opens;
      Seen by = opens ? came : top(now);
      leave(went, window ? animation(went, R.attr.windowExitAnimation) : exit, last, by, !opens);
    }
  }

  private void enter(Seen one, Animation animation, Bitmap last) {
    if (animation != null && fits(one.place, last)) {
      coming.put(one.view(), new Move(animation, one.place.frame(), last.getWidth(), last.getHeight()));
    }
  }

  private void leave(Seen one, Animation animation, Bitmap last, Seen by, boolean over) {
    Rect frame = new Rect(one.place.frame());
    Bitmap own = layers.remove(one.view());
    if (own == null && frame.intersect(0, 0, last.getWidth(), last.getHeight())) {
      own = Bitmap.createBitmap(last, frame.left, frame.top, frame.width(), frame.height());
    }
    if (animation != null && own != null) {
      if (going.size() == LAYERS) {
        going.remove(0);
      }
      Move move = new Move(animation, frame, last.getWidth(), last.getHeight());
      going.add(new Going(own, frame, dim(one.place), move, by == null ? null : by.view(), over));
    }
  }

  private static float dim(Screen.Place place) {
    boolean dims = (place.params().flags & LayoutParams.FLAG_DIM_BEHIND) != 0;
    return dims ? place.params().dimAmount : 0;
  }

  private static Animation animation(Seen one, int attribute) {
    int style = one.place.params().windowAnimations;
    if (style == 0) {
      return null;
    }
    try (TypedArray found = one.view().getContext().obtainStyledAttributes(style, new int[] {attribute})) {
      return load(one, found.getResourceId(0, 0));
    }
  }

  /** Null where there is none, or what is there is no animation: that is no reason to fall, on a device neither. */
  private static Animation load(Seen one, int resource) {
    if (resource == 0) {
      return null;
    }
    try {
      return AnimationUtils.loadAnimation(one.view().getContext(), resource);
    } catch (RuntimeException wrong) {
      Log.w("Transitions", "Unable to load animation", wrong);
      return null;
    }
  }

  /** A window that does not fill the screen, or lies on an activity, is drawn for itself: it may go alone. */
  private static boolean floats(Screen.Place place) {
    return place.params().type != LayoutParams.TYPE_BASE_APPLICATION;
  }

  /** Its picture takes about what the screen's does; one that is much larger stands still. */
  private static boolean fits(Screen.Place place, Bitmap screen) {
    Rect frame = place.frame();
    return frame.width() <= 2 * screen.getWidth() && frame.height() <= 2 * screen.getHeight();
  }

  /** Draws a window, with those that go right below and over it; `paint` draws it alone, into its own corner. */
  void draw(Canvas canvas, Screen.Place place, Consumer<Canvas> paint) {
    gone(canvas, one -> one.by == place.view() && !one.over);
    Move move = coming.get(place.view());
    dim(canvas, dim(place) * (move == null ? 1 : move.part()));
    Rect frame = place.frame();
    boolean whole = frame.width() >= canvas.getWidth() && frame.height() >= canvas.getHeight();
    int saved = canvas.save();
    if (frame.isEmpty() || move == null && !floating.contains(place.view())) {
      canvas.translate(frame.left, frame.top);
      canvas.clipRect(0, 0, frame.width(), frame.height());
      paint.accept(canvas);
    } else {
      Bitmap layer = layer(place);
      paint.accept(new Canvas(layer));
      if (move != null) {
        move.draw(canvas, layer, frame, whole ? null : place.view());
      } else {
        canvas.translate(frame.left, frame.top);
        if (!whole) {
          Shadows.draw(canvas, place.view());
        }
        canvas.drawBitmap(layer, 0, 0, null);
      }
    }
    canvas.restoreToCount(saved);
    gone(canvas, one -> one.by == place.view() && one.over);
  }

  /** Draws those that go from above all. */
  void finish(Canvas canvas) {
    gone(canvas, one -> one.by == null);
  }

  private void gone(Canvas canvas, Predicate<Going> which) {
    for (Going one : going) {
      if (which.test(one)) {
        dim(canvas, one.dim * (1 - one.move.part()));
        one.move.draw(canvas, one.picture, one.frame, null);
      }
    }
  }

  private static void dim(Canvas canvas, float amount) {
    if (amount > 0) {
      canvas.drawColor(Color.argb(Math.round(255 * amount), 0, 0, 0));
    }
  }

  /** An empty picture of the window's size. */
  private Bitmap layer(Screen.Place place) {
    Rect frame = place.frame();
    Bitmap layer = layers.get(place.view());
    if (layer == null || layer.getWidth() != frame.width() || layer.getHeight() != frame.height()) {
      layer = Bitmap.createBitmap(frame.width(), frame.height(), Bitmap.Config.ARGB_8888);
      layers.put(place.view(), layer);
    } else {
      layer.eraseColor(Color.TRANSPARENT);
    }
    return layer;
  }
}
