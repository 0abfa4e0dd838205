package dev.pileus.surface;

import android.graphics.Canvas;
import android.view.SurfaceHolder;
import android.view.View;
import android.view.ViewTreeObserver;
import java.util.Map;
import java.util.WeakHashMap;

/** The surface of a whole window that the app has taken over: its views draw nothing, the app does. */
public final class TakenSurface
    implements View.OnAttachStateChangeListener,
        ViewTreeObserver.OnPreDrawListener,
        ViewTreeObserver.OnWindowVisibilityChangeListener {
  private static final Map<View, TakenSurface> ALL = new WeakHashMap<>();

  private final Holder holder;

  private TakenSurface(View root, SurfaceHolder.Callback2 taker) {
    holder = new Holder(root);
    holder.addCallback(taker);
  }

  static void take(View root, SurfaceHolder.Callback2 taker) {
    TakenSurface taken = new TakenSurface(root, taker);
    root.addOnAttachStateChangeListener(taken);
    if (root.isAttachedToWindow()) {
      taken.onViewAttachedToWindow(root);
    }
  }

  /** Draws the surface of a window that was taken over; nothing for any other. */
  public static void draw(Canvas canvas, View root) {
    TakenSurface taken = ALL.get(root);
    if (taken != null) {
      taken.holder.show(canvas);
    }
  }

  @Override
  public void onViewAttachedToWindow(View root) {
    ALL.put(root, this);
    root.getViewTreeObserver().addOnPreDrawListener(this);
    root.getViewTreeObserver().addOnWindowVisibilityChangeListener(this);
  }

  @Override
  public void onViewDetachedFromWindow(View root) {
    holder.follow(false, 0, 0);
    ALL.remove(root); // It holds its key, so that nothing else would ever let it go.
  }

  @Override
  public boolean onPreDraw() {
    View root = holder.view();
    holder.follow(root.getVisibility() == View.VISIBLE, root.getWidth(), root.getHeight());
    return true;
  }

  @Override
  public void onWindowVisibilityChanged(int visibility) {
    if (visibility != View.VISIBLE) {
      holder.follow(false, 0, 0);
    }
  }
}
