package dev.pileus.surface;

import android.graphics.Canvas;
import android.graphics.Rect;
import android.graphics.SurfaceTexture;
import android.view.Surface;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowNativeSurface;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/** A surface with pixels behind it; any other is as the framework has it. */
@Implements(className = "android.view.Surface", callNativeMethodsByDefault = true)
public class SurfaceShadow extends ShadowNativeSurface {
  private static final Map<SurfaceTexture, Pixels> TEXTURES = Collections.synchronizedMap(new WeakHashMap<>());

  @RealObject private Surface self;
  private Pixels pixels;
  private boolean released;

  /** A surface that shows on these pixels. */
  static Surface of(Pixels pixels) {
    Surface made = ReflectionHelpers.callConstructor(Surface.class);
    ((SurfaceShadow) Shadow.extract(made)).pixels = pixels;
    return made;
  }

  /** Surfaces of this texture show on these pixels. */
  static void know(SurfaceTexture texture, Pixels pixels) {
    TEXTURES.put(texture, pixels);
  }

  @Implementation
  protected void __constructor__(SurfaceTexture texture) {
    pixels = TEXTURES.get(texture);
    if (pixels == null) {
      Shadow.invokeConstructor(Surface.class, self, ClassParameter.from(SurfaceTexture.class, texture));
    }
  }

  @Implementation
  protected boolean isValid() {
    return pixels == null ? real().isValid() : !released && pixels.there();
  }

  @Implementation
  protected Canvas lockCanvas(Rect part) {
    return pixels == null ? real().lockCanvas(part) : locked(part);
  }

  @Implementation
  protected Canvas lockHardwareCanvas() {
    return pixels == null ? real().lockHardwareCanvas() : locked(null);
  }

  private Canvas locked(Rect part) {
    Canvas canvas = released ? null : pixels.lock(part);
    if (canvas == null) {
      throw new IllegalStateException("Surface has already been released.");
    }
    return canvas;
  }

  @Implementation
  @Override
  protected void unlockCanvasAndPost(Canvas canvas) {
    if (pixels == null) {
      super.unlockCanvasAndPost(canvas);
    } else {
      pixels.post();
    }
  }

  @Implementation
  @Override
  protected void release() {
    released = true;
    if (pixels == null) {
      super.release();
    }
  }

  private Real real() {
    return Reflector.reflector(Real.class, self);
  }

  @ForType(Surface.class)
  interface Real {
    @Direct
    boolean isValid();

    @Direct
    Canvas lockCanvas(Rect part);

    @Direct
    Canvas lockHardwareCanvas();
  }
}
