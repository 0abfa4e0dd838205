package dev.pileus.device;

import android.graphics.Bitmap;
import android.graphics.BitmapShader;
import android.graphics.Canvas;
import android.graphics.Paint;
import android.graphics.Rect;
import android.graphics.Shader;
import android.os.SystemClock;
import android.view.View;
import android.view.animation.Animation;
import android.view.animation.Transformation;

/** One window on its way onto the screen or off it. */
final class Move {
  /** Milliseconds after which a style's animation is cut off (AOSP: AppTransition.MAX_APP_TRANSITION_DURATION). */
  private static final long LONGEST = 3000;

  private final Animation animation;
  private final Transformation now = new Transformation();
  private final long began = SystemClock.uptimeMillis();
  private final long length;
  private float part;

  /** `frame` is the window's on a screen of so many pixels. */
  Move(Animation animation, Rect frame, int width, int height) {
    this.animation = animation;
    animation.initialize(frame.width(), frame.height(), width, height);
    animation.restrictDuration(LONGEST);
    animation.setStartTime(began);
    length = Math.max(1, animation.computeDurationHint());
  }

  /** Moves on to where it is at a time; true where it has come to its end. */
  boolean over(long time) {
    part = Math.min(1, (float) (time - began) / length);
    return !animation.getTransformation(time, now);
  }

  /** How much of its time is over, up to 1. */
  float part() {
    return part;
  }

  /** Draws a window's picture where it is now; with the shadow of its view, where there is one. */
  void draw(Canvas canvas, Bitmap picture, Rect frame, View shadow) {
    int alpha = Math.round(255 * Math.max(0, Math.min(1, now.getAlpha())));
    int saved = canvas.save();
    canvas.translate(frame.left, frame.top);
    if (animation.getExtensionEdges() != 0) {
      // Its edges reach on, so that nothing is seen beside it.
      BitmapShader shader = new BitmapShader(picture, Shader.TileMode.CLAMP, Shader.TileMode.CLAMP);
      shader.setLocalMatrix(now.getMatrix());
      Paint paint = new Paint();
      paint.setShader(shader);
      paint.setAlpha(alpha);
      canvas.drawRect(0, 0, picture.getWidth(), picture.getHeight(), paint);
    } else {
      canvas.concat(now.getMatrix());
      if (now.hasClipRect()) {
        canvas.clipRect(now.getClipRect());
      }
      if (alpha < 255) {
        canvas.saveLayerAlpha(null, alpha);
      }
      if (shadow != null) {
        Shadows.draw(canvas, shadow);
      }
      canvas.drawBitmap(picture, 0, 0, new Paint(Paint.FILTER_BITMAP_FLAG));
    }
    canvas.restoreToCount(saved);
  }
}
