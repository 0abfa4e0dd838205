package dev.pileus.device;

import android.content.Context;
import android.graphics.PixelFormat;
import android.os.Handler;
import android.os.Looper;
import android.view.Gravity;
import android.view.View;
import android.view.WindowManager;
import android.widget.Toast;
import android.widget.ToastPresenter;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadow.api.Shadow;
import org.robolectric.shadows.ShadowToast;

/** Shows a toast as a window above all others that takes no touch, for 2 or 3.5 s. */
@Implements(className = "android.widget.Toast")
public class ToastShadow extends ShadowToast {
  private static final int BELOW_DP = 64;
  private static View shown;
  private static Runnable end;
  @RealObject private Toast real;
  private CharSequence text = "";

  @Implementation
  protected static Toast makeText(Context context, CharSequence text, int duration) {
    Toast toast = new Toast(context);
    toast.setDuration(duration);
    ((ToastShadow) Shadow.extract(toast)).text = text;
    return toast;
  }

  @Implementation
  protected static Toast makeText(Context context, int text, int duration) {
    return makeText(context, context.getResources().getText(text), duration);
  }

  @Implementation
  @Override
  protected void setText(CharSequence text) {
    this.text = text;
  }

  @Implementation
  @Override
  protected void setText(int text) {
    this.text = RuntimeEnvironment.getApplication().getText(text);
  }

  @Implementation
  @Override
  protected void show() {
    new Handler(Looper.getMainLooper()).post(this::appear);
  }

  @Implementation
  @Override
  protected void cancel() {
    new Handler(Looper.getMainLooper()).post(ToastShadow::vanish);
  }

  private void appear() {
    vanish();
    Context context = RuntimeEnvironment.getApplication();
    View own = getView();
    View view = own != null ? own : ToastPresenter.getTextToastView(context, text);
    WindowManager.LayoutParams params =
        new WindowManager.LayoutParams(
            WindowManager.LayoutParams.WRAP_CONTENT,
            WindowManager.LayoutParams.WRAP_CONTENT,
            WindowManager.LayoutParams.TYPE_TOAST,
            WindowManager.LayoutParams.FLAG_NOT_FOCUSABLE
                | WindowManager.LayoutParams.FLAG_NOT_TOUCHABLE
                | WindowManager.LayoutParams.FLAG_HARDWARE_ACCELERATED,
            PixelFormat.TRANSLUCENT);
    params.windowAnimations = android.R.style.Animation_Toast;
    int density = context.getResources().getConfiguration().densityDpi;
    params.gravity = getGravity() == 0 ? Gravity.BOTTOM | Gravity.CENTER_HORIZONTAL : getGravity();
    params.x = getXOffset();
    params.y = getGravity() == 0 ? BELOW_DP * density / 160 : getYOffset();
    context.getSystemService(WindowManager.class).addView(view, params);
    shown = view;
    end = ToastShadow::vanish;
    new Handler(Looper.getMainLooper())
        .postDelayed(end, real.getDuration() == Toast.LENGTH_LONG ? 3500 : 2000);
  }

  private static void vanish() {
    if (end != null) {
      new Handler(Looper.getMainLooper()).removeCallbacks(end);
    }
    View view = shown;
    shown = null;
    end = null;
    if (view != null && view.isAttachedToWindow()) {
      view.getContext().getSystemService(WindowManager.class).removeViewImmediate(view);
    }
  }
}
