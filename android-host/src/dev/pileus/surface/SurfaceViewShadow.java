package dev.pileus.surface;

import android.graphics.Canvas;
import android.view.SurfaceHolder;
import android.view.SurfaceView;
import android.view.View;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowView;
import org.robolectric.util.reflector.Accessor;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/**
 * A SurfaceView whose surface is drawn where the view is, below its window's other views: there is no composer that
 * would show it through a hole.
 */
@Implements(className = "android.view.SurfaceView")
public class SurfaceViewShadow extends ShadowView {
  @RealObject private SurfaceView self;
  private Holder holder;
  private boolean inside;

  Holder holder() {
    if (holder == null) {
      holder = new Holder(self);
    }
    return holder;
  }

  @Implementation
  protected SurfaceHolder getHolder() {
    return holder();
  }

  @Implementation
  protected void onMeasure(int widthSpec, int heightSpec) {
    Real real = real();
    real.setRequestedWidth(holder().width());
    real.setRequestedHeight(holder().height());
    real.onMeasure(widthSpec, heightSpec);
  }

  @Implementation
  protected void updateSurface() {
    Real real = real();
    if (real.getHaveFrame()) {
      holder().follow(real.getRequestedVisible(), self.getWidth(), self.getHeight());
    }
  }

  @Implementation
  protected void draw(Canvas canvas) {
    if (inside) { // The view's own part, as when it is shown to have the focus.
      Reflector.reflector(RealView.class, self).draw(canvas);
      return;
    }
    inside = true;
    try {
      show(canvas);
      real().draw(canvas);
    } finally {
      inside = false;
    }
  }

  @Implementation
  protected void dispatchDraw(Canvas canvas) {
    if (!inside) {
      show(canvas);
    }
    real().dispatchDraw(canvas);
  }

  void show(Canvas canvas) {
    holder().show(canvas);
  }

  private Real real() {
    return Reflector.reflector(Real.class, self);
  }

  @ForType(View.class)
  interface RealView {
    @Direct
    void draw(Canvas canvas);
  }

  @ForType(SurfaceView.class)
  interface Real {
    @Accessor("mHaveFrame")
    boolean getHaveFrame();

    @Accessor("mRequestedVisible")
    boolean getRequestedVisible();

    @Accessor("mRequestedWidth")
    void setRequestedWidth(int width);

    @Accessor("mRequestedHeight")
    void setRequestedHeight(int height);

    @Direct
    void onMeasure(int widthSpec, int heightSpec);

    @Direct
    void draw(Canvas canvas);

    @Direct
    void dispatchDraw(Canvas canvas);
  }
}
