package dev.pileus.device;

import android.view.Display;
import android.view.View;
import android.view.ViewGroup;
import android.view.Window;
import android.view.WindowManagerGlobal;
import java.util.List;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowWindowManagerGlobal;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/** An app has so many windows at once and no more: each is drawn and measured by the one main thread. */
@Implements(className = "android.view.WindowManagerGlobal")
public class WindowsShadow extends ShadowWindowManagerGlobal {
  /** A device gives out before: each window takes descriptors of its process and of the system's. */
  private static final int MOST = 100;

  @RealObject private WindowManagerGlobal real;

  /** The app opened more than that. */
  static final class TooMany extends IllegalStateException {
    private TooMany() {
      super("more than " + MOST + " windows");
    }
  }

  @Implementation
  protected void addView(View view, ViewGroup.LayoutParams params, Display display, Window parent, int user) {
    List<View> views = ReflectionHelpers.getField(real, "mViews");
    if (views.size() >= MOST) {
      throw new TooMany();
    }
    Reflector.reflector(Real.class, real).addView(view, params, display, parent, user);
  }

  @ForType(WindowManagerGlobal.class)
  interface Real {
    @Direct
    void addView(View view, ViewGroup.LayoutParams params, Display display, Window parent, int user);
  }
}
