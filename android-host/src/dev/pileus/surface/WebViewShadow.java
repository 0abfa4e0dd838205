package dev.pileus.surface;

import android.graphics.Canvas;
import android.view.View;
import android.webkit.WebView;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowWebView;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/** There is no browser inside apps: a panel stands where the page would be. */
@Implements(className = "android.webkit.WebView")
public class WebViewShadow extends ShadowWebView {
  /** How high a page is whose height nobody sets. */
  private static final int HEIGHT_DP = 160;

  @RealObject private WebView self;

  /** Its browser would say how large it is, and would place it. */
  @Implementation
  protected void onMeasure(int widthSpec, int heightSpec) {
    int high = Math.round(HEIGHT_DP * self.getResources().getDisplayMetrics().density);
    int width = View.getDefaultSize(0, widthSpec);
    self.new PrivateAccess().setMeasuredDimension(width, View.getDefaultSize(high, heightSpec));
  }

  @Implementation
  protected boolean setFrame(int left, int top, int right, int bottom) {
    return self.new PrivateAccess().super_setFrame(left, top, right, bottom);
  }

  @Implementation
  protected void dispatchDraw(Canvas canvas) {
    Gap.WEB.draw(canvas, self);
    Reflector.reflector(Real.class, self).dispatchDraw(canvas);
  }

  @ForType(WebView.class)
  interface Real {
    @Direct
    void dispatchDraw(Canvas canvas);
  }
}
