package dev.pileus.surface;

import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.graphics.Rect;
import android.graphics.SurfaceTexture;
import android.view.TextureView;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowTextureView;
import org.robolectric.util.reflector.Accessor;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/** A TextureView that shows what was drawn on it by canvases; what else would draw on it is not there. */
@Implements(className = "android.view.TextureView")
public class TextureViewShadow extends ShadowTextureView {
  @RealObject private TextureView self;
  private Pixels pixels;
  private int width;
  private int height;

  @Implementation
  protected void draw(Canvas canvas) {
    if (self.getWidth() <= 0 || self.getHeight() <= 0) {
      return;
    }
    follow();
    pixels.show(canvas);
  }

  /** Its texture comes with its first frame, and goes when the view itself lets go of it. */
  private void follow() {
    Real real = Reflector.reflector(Real.class, self);
    boolean fresh = real.getSurface() == null;
    if (fresh) {
      SurfaceTexture texture = new SurfaceTexture(false);
      pixels = new Pixels(self);
      SurfaceShadow.know(texture, pixels);
      real.setSurface(texture);
      width = 0;
      pixels.begin();
    } else if (pixels == null) {
      // The app's own, which was given to the view.
      pixels = new Pixels(self);
      SurfaceShadow.know(real.getSurface(), pixels);
    }
    if (width != self.getWidth() || height != self.getHeight()) {
      width = self.getWidth();
      height = self.getHeight();
      pixels.resize(width, height, self.isOpaque());
    }
    TextureView.SurfaceTextureListener listener = self.getSurfaceTextureListener();
    if (fresh && listener != null) {
      listener.onSurfaceTextureAvailable(self.getSurfaceTexture(), width, height);
    }
  }

  @Implementation
  protected Canvas lockCanvas(Rect part) {
    return self.isAvailable() && pixels != null ? pixels.lock(part) : null;
  }

  @Implementation
  protected void unlockCanvasAndPost(Canvas canvas) {
    if (canvas != null && pixels != null) {
      pixels.post();
    }
  }

  @Implementation
  protected Bitmap getBitmap(Bitmap bitmap) {
    if (bitmap != null && pixels != null) {
      pixels.copy(bitmap);
    }
    return bitmap;
  }

  @ForType(TextureView.class)
  interface Real {
    @Accessor("mSurface")
    SurfaceTexture getSurface();

    @Accessor("mSurface")
    void setSurface(SurfaceTexture texture);
  }
}
