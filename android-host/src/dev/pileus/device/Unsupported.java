package dev.pileus.device;

import android.opengl.GLSurfaceView;
import android.view.SurfaceView;
import android.view.TextureView;
import android.view.View;
import android.view.ViewGroup;
import android.webkit.WebView;
import android.widget.VideoView;
import java.util.List;

/** What an app needs of a device that this one cannot give: it is said instead of showing nothing. */
final class Unsupported {
  private Unsupported() {}

  /** The reason why the windows cannot show all that is theirs, or null. */
  static String reason(List<Screen.Place> places) {
    for (Screen.Place place : places) {
      String reason = reason(place.view());
      if (reason != null) {
        return reason;
      }
    }
    return null;
  }

  /** The reason where an app failed for want of something that is not there, or null. */
  static String reason(Throwable cause) {
    for (Throwable one = cause; one != null; one = one.getCause()) {
      if (one instanceof UnsatisfiedLinkError) {
        return "It needs native code: " + one.getMessage();
      }
    }
    return null;
  }

  private static String reason(View view) {
    if (view.getVisibility() != View.VISIBLE) {
      return null;
    }
    String what =
        view instanceof WebView
            ? "a WebView"
            : view instanceof GLSurfaceView
                ? "OpenGL ES"
                : view instanceof VideoView
                    ? "video"
                    : view instanceof SurfaceView || view instanceof TextureView
                        ? "a surface of its own"
                        : null;
    if (what != null) {
      return "It draws with " + what + ", which is not there yet.";
    }
    if (view instanceof ViewGroup group) {
      for (int i = 0; i < group.getChildCount(); i++) {
        String reason = reason(group.getChildAt(i));
        if (reason != null) {
          return reason;
        }
      }
    }
    return null;
  }
}
