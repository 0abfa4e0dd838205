package dev.pileus.surface;

import android.content.res.Configuration;
import android.graphics.Canvas;
import android.graphics.Color;
import android.text.Layout;
import android.text.StaticLayout;
import android.text.TextPaint;
import android.view.View;
import java.util.EnumSet;
import java.util.Set;

/** What an app may need of a device that is not there; a panel in its place says so. */
public enum Gap {
  OPENGL,
  WEB,
  VIDEO,
  CAMERA,
  /** Drawn by something that cannot be told: native code, or nothing at all. */
  SURFACE,
  SOUND;

  private static final int PAPER = Color.rgb(0x2E, 0x31, 0x36);
  private static final int INK = Color.rgb(0xE4, 0xE6, 0xEA);
  private static final float TEXT_DP = 14;
  private static final float EDGE_DP = 12;
  private static final Set<Gap> SEEN = EnumSet.noneOf(Gap.class);
  private static boolean more;

  /** Its sentence's code, by which a probe hears of it too. */
  public String code() {
    return "gap-" + name().toLowerCase(java.util.Locale.ROOT);
  }

  public String sentence(Configuration shown) {
    return Sentences.of(code(), shown);
  }

  /** Fills the view with a panel; the canvas' origin is the view's. */
  void draw(Canvas canvas, View view) {
    met();
    float dp = view.getResources().getDisplayMetrics().density;
    int saved = canvas.save();
    canvas.clipRect(0, 0, view.getWidth(), view.getHeight());
    canvas.drawColor(PAPER);
    TextPaint ink = new TextPaint(TextPaint.ANTI_ALIAS_FLAG);
    ink.setColor(INK);
    ink.setTextSize(TEXT_DP * view.getResources().getConfiguration().fontScale * dp);
    int width = view.getWidth() - Math.round(2 * EDGE_DP * dp);
    if (width > 0) {
      String text = sentence(view.getResources().getConfiguration());
      StaticLayout lines =
          StaticLayout.Builder.obtain(text, 0, text.length(), ink, width)
              .setAlignment(Layout.Alignment.ALIGN_CENTER)
              .build();
      canvas.translate(EDGE_DP * dp, Math.max(0, (view.getHeight() - lines.getHeight()) / 2f));
      lines.draw(canvas);
    }
    canvas.restoreToCount(saved);
  }

  /** The app has come upon it. */
  public void met() {
    synchronized (SEEN) {
      more |= SEEN.add(this);
    }
  }

  /** Those that the app has come upon, where there are more than when this was asked last; else null. */
  public static Set<Gap> news() {
    synchronized (SEEN) {
      if (!more) {
        return null;
      }
      more = false;
      return EnumSet.copyOf(SEEN);
    }
  }
}
