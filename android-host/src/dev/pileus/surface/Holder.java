package dev.pileus.surface;

import android.graphics.Canvas;
import android.graphics.PixelFormat;
import android.graphics.Rect;
import android.view.Surface;
import android.view.SurfaceHolder;
import android.view.View;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The surface of a view or of a whole window: there while that is seen, and drawn by canvases. */
public final class Holder implements SurfaceHolder {
  private final List<Callback> callbacks = new CopyOnWriteArrayList<>();
  private final View view;
  private final Pixels pixels;
  private final Surface surface;
  private final Rect frame = new Rect();
  private int width = -1;
  private int height = -1;
  private int format = PixelFormat.OPAQUE;
  private int shownFormat;
  private boolean created;
  private boolean creating;

  Holder(View view) {
    this.view = view;
    pixels = new Pixels(view);
    surface = SurfaceShadow.of(pixels);
  }

  /** What draws on it, and cannot here. */
  public void lack(Gap gap) {
    pixels.lack(gap);
  }

  View view() {
    return view;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** Brings it in line with what shows it: seen or not, and how large. */
  void follow(boolean seen, int shownWidth, int shownHeight) {
    int wide = width > 0 ? width : shownWidth;
    int high = height > 0 ? height : shownHeight;
    boolean wanted = seen && wide > 0 && high > 0;
    boolean same = created && frame.width() == wide && frame.height() == high && shownFormat == format;
    if (created && !wanted) {
      created = false;
      callbacks.forEach(each -> each.surfaceDestroyed(this));
      pixels.resize(0, 0, true);
    } else if (wanted && !same) {
      change(wide, high);
    }
  }

  private void change(int wide, int high) {
    boolean before = created;
    frame.set(0, 0, wide, high);
    shownFormat = format;
    pixels.resize(wide, high, !PixelFormat.formatHasAlpha(format));
    created = true;
    if (!before) {
      pixels.begin();
      creating = true;
      callbacks.forEach(each -> each.surfaceCreated(this));
    }
    callbacks.forEach(each -> each.surfaceChanged(this, format, wide, high));
    creating = false;
    for (Callback each : callbacks) {
      if (each instanceof Callback2 redraws) {
        redraws.surfaceRedrawNeededAsync(this, view::postInvalidate);
      }
    }
  }

  /** Draws it over the whole view. */
  void show(Canvas canvas) {
    pixels.show(canvas);
  }

  @Override
  public void addCallback(Callback callback) {
    if (!callbacks.contains(callback)) {
      callbacks.add(callback);
    }
  }

  @Override
  public void removeCallback(Callback callback) {
    callbacks.remove(callback);
  }

  @Override
  public boolean isCreating() {
    return creating;
  }

  @Override
  @Deprecated
  public void setType(int type) {}

  @Override
  public void setFixedSize(int width, int height) {
    if (this.width != width || this.height != height) {
      this.width = width;
      this.height = height;
      view.requestLayout();
    }
  }

  @Override
  public void setSizeFromLayout() {
    setFixedSize(-1, -1);
  }

  @Override
  public void setFormat(int format) {
    this.format = format == PixelFormat.UNKNOWN ? PixelFormat.OPAQUE : format;
    view.requestLayout();
  }

  @Override
  public void setKeepScreenOn(boolean on) {
    view.post(() -> view.setKeepScreenOn(on));
  }

  @Override
  public Canvas lockCanvas() {
    return lockCanvas(null);
  }

  @Override
  public Canvas lockCanvas(Rect part) {
    return pixels.lock(part);
  }

  @Override
  public Canvas lockHardwareCanvas() {
    return pixels.lock(null);
  }

  @Override
  public void unlockCanvasAndPost(Canvas canvas) {
    pixels.post();
  }

  @Override
  public Rect getSurfaceFrame() {
    return frame;
  }

  @Override
  public Surface getSurface() {
    return surface;
  }
}
