package dev.pileus.device;

import android.graphics.Canvas;
import android.graphics.Color;
import android.graphics.Outline;
import android.graphics.Paint;
import android.graphics.Rect;
import android.view.View;
import android.view.ViewGroup;

/** The shadow below a window that floats; a canvas without a renderer draws none by itself. */
final class Shadows {
  private static final int DEPTH = 3;
  private static final int COLOUR = Color.argb(70, 0, 0, 0);

  private Shadows() {}

  /** Draws it where the window's first raised view is; the canvas' origin is the window's. */
  static void draw(Canvas canvas, View window) {
    View raised = raised(window, DEPTH);
    if (raised == null) {
      return;
    }
    Outline outline = new Outline();
    raised.getOutlineProvider().getOutline(raised, outline);
    Rect rect = new Rect();
    if (!outline.getRect(rect) || rect.isEmpty()) {
      return;
    }
    for (View view = raised; view != window; view = (View) view.getParent()) {
      rect.offset(view.getLeft(), view.getTop());
    }
    float height = raised.getElevation();
    float radius = Math.max(0, outline.getRadius());
    Paint paint = new Paint(Paint.ANTI_ALIAS_FLAG);
    paint.setColor(Color.WHITE);
    paint.setShadowLayer(height, 0, height / 3, COLOUR);
    canvas.drawRoundRect(rect.left, rect.top, rect.right, rect.bottom, radius, radius, paint);
  }

  private static View raised(View view, int depth) {
    if (view.getElevation() > 0 && view.getVisibility() == View.VISIBLE) {
      return view;
    }
    if (depth > 0 && view instanceof ViewGroup group) {
      for (int i = 0; i < group.getChildCount(); i++) {
        View found = raised(group.getChildAt(i), depth - 1);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }
}
