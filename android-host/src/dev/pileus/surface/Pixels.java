package dev.pileus.surface;

import android.graphics.Bitmap;
import android.graphics.BlendMode;
import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Paint;
import android.graphics.Rect;
import android.os.Looper;
import android.os.SystemClock;
import android.view.View;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What an app draws on with a canvas of its own, from whichever thread: it draws on one bitmap, the window shows the
 * other. Whoever draws faster than it is shown waits, as for a buffer on a device; the main thread, which shows it,
 * never does.
 */
final class Pixels {
  /** Milliseconds after which a picture that nobody shows holds up the next one no longer. */
  private static final long UNSHOWN = 100;

  /** Milliseconds for which what nobody draws on stays black: then it says what is lacking. */
  private static final long BLACK = 1500;

  private static final Paint COPY = new Paint();
  private static final Paint SMOOTH = new Paint(Paint.FILTER_BITMAP_FLAG);

  static {
    COPY.setBlendMode(BlendMode.SRC);
  }

  private final ReentrantLock drawing = new ReentrantLock();
  private final View view;
  private Bitmap back;
  private Bitmap front;
  private boolean opaque = true;
  private boolean drawn;
  private boolean waits;
  private Gap lacks;
  private long since;

  /** The pixels that a view shows. */
  Pixels(View view) {
    this.view = view;
  }

  /** They are there for the app from now on; with some size. */
  void begin() {
    since = SystemClock.uptimeMillis();
    view.postDelayed(view::invalidate, BLACK);
  }

  /** What draws on them, and cannot here. */
  void lack(Gap gap) {
    lacks = gap;
    view.postInvalidate();
  }

  /** Another size in pixels, or none; what was drawn is gone. */
  void resize(int width, int height, boolean opaque) {
    drawing.lock();
    try {
      synchronized (this) {
        boolean none = width <= 0 || height <= 0;
        back = none ? null : Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888);
        front = none ? null : Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888);
        this.opaque = opaque;
        drawn = false;
        waits = false;
        notifyAll();
      }
    } finally {
      drawing.unlock();
    }
  }

  synchronized boolean there() {
    return back != null;
  }

  /** Something was drawn since it has this size. */
  synchronized boolean drawn() {
    return drawn;
  }

  /** A canvas on the picture as it was left; null where there is none. {@code part} may become what is drawn. */
  Canvas lock(Rect part) {
    if (Looper.getMainLooper().getThread() != Thread.currentThread()) {
      await();
    }
    drawing.lock();
    if (!there()) {
      drawing.unlock();
      return null;
    }
    Canvas canvas = new Canvas(back);
    if (part != null) {
      canvas.clipRect(part);
    }
    return canvas;
  }

  private synchronized void await() {
    long until = System.nanoTime() + UNSHOWN * 1_000_000;
    try {
      for (long left = UNSHOWN; waits && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  void post() {
    if (!drawing.isHeldByCurrentThread()) {
      throw new IllegalStateException("Surface was not locked");
    }
    synchronized (this) {
      new Canvas(front).drawBitmap(back, 0, 0, COPY);
      drawn = true;
      waits = true;
    }
    drawing.unlock();
    view.postInvalidate();
  }

  /** Draws them over the whole view: the picture, black while there is none yet, or what is lacking. */
  void show(Canvas canvas) {
    int saved = canvas.save();
    canvas.translate(view.getScrollX(), view.getScrollY());
    canvas.clipRect(0, 0, view.getWidth(), view.getHeight());
    boolean late = SystemClock.uptimeMillis() - since >= BLACK;
    if (there() && !draw(canvas)) {
      if (lacks != null || late) {
        (lacks == null ? Gap.SURFACE : lacks).draw(canvas, view);
      } else {
        canvas.drawColor(Color.BLACK);
      }
    }
    canvas.restoreToCount(saved);
  }

  private synchronized boolean draw(Canvas canvas) {
    if (!drawn) {
      return false;
    }
    if (opaque) {
      canvas.drawColor(Color.BLACK);
    }
    canvas.drawBitmap(front, null, new Rect(0, 0, view.getWidth(), view.getHeight()), SMOOTH);
    waits = false;
    notifyAll();
    return true;
  }

  /** Copies the picture into another. */
  synchronized void copy(Bitmap target) {
    if (drawn) {
      Rect whole = new Rect(0, 0, target.getWidth(), target.getHeight());
      new Canvas(target).drawBitmap(front, null, whole, SMOOTH);
    }
  }
}
