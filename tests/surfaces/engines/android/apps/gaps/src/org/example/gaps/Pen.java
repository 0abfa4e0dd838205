package org.example.gaps;

import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Paint;
import android.view.SurfaceHolder;

/** Draws on a surface as games do: a thread that fills it with a colour, and counts its pictures in a bar. */
final class Pen implements SurfaceHolder.Callback2 {
  private final int colour;
  private volatile Thread drawing;

  Pen(int colour) {
    this.colour = colour;
  }

  @Override
  public void surfaceCreated(SurfaceHolder holder) {
    drawing = new Thread(() -> draw(holder));
    drawing.start();
  }

  private void draw(SurfaceHolder holder) {
    Paint bar = new Paint();
    bar.setColor(Color.WHITE);
    for (int count = 0; drawing == Thread.currentThread(); count++) {
      Canvas canvas = holder.lockCanvas();
      if (canvas == null) {
        return;
      }
      canvas.drawColor(colour);
      canvas.drawRect(0, 0, count % canvas.getWidth(), 4, bar);
      holder.unlockCanvasAndPost(canvas);
    }
  }

  @Override
  public void surfaceChanged(SurfaceHolder holder, int format, int width, int height) {
    if (width != holder.getSurfaceFrame().width() || !holder.getSurface().isValid()) {
      throw new IllegalStateException("the surface is not as it was said");
    }
  }

  @Override
  public void surfaceDestroyed(SurfaceHolder holder) {
    Thread last = drawing;
    drawing = null;
    try {
      last.join();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  @Override
  public void surfaceRedrawNeeded(SurfaceHolder holder) {}
}
