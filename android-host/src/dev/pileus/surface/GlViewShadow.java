package dev.pileus.surface;

import android.graphics.Canvas;
import android.opengl.GLSurfaceView;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;

/** There is no OpenGL: its surface never comes, so that its renderer is never called, and a panel says so. */
@Implements(className = "android.opengl.GLSurfaceView")
public class GlViewShadow extends SurfaceViewShadow {
  @RealObject private GLSurfaceView self;

  @Implementation
  protected void onPause() {
    // It would wait for the thread that draws.
  }

  @Implementation
  protected void onResume() {
    // As onPause.
  }

  @Implementation
  @Override
  protected void updateSurface() {}

  @Override
  void show(Canvas canvas) {
    Gap.OPENGL.draw(canvas, self);
  }
}
