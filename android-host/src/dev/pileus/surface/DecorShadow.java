package dev.pileus.surface;

import android.view.SurfaceHolder;
import android.view.View;
import android.widget.FrameLayout;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowViewGroup;
import org.robolectric.util.ReflectionHelpers;

/** A window's root, whose surface the app may take: the framework's own has no pixels. */
@Implements(className = "com.android.internal.policy.DecorView")
public class DecorShadow extends ShadowViewGroup {
  @RealObject private FrameLayout self;

  @Implementation
  protected SurfaceHolder.Callback2 willYouTakeTheSurface() {
    Object window = ReflectionHelpers.getField(self, "mWindow");
    SurfaceHolder.Callback2 taker = ReflectionHelpers.getField(window, "mTakeSurfaceCallback");
    if (taker != null && self.getParent() == null) {
      TakenSurface.take((View) self, taker);
    }
    return null;
  }
}
