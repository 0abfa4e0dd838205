package dev.pileus.device;

import android.graphics.drawable.AnimatedVectorDrawable;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowNativeAnimatedVectorDrawable;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/**
 * Animated vectors (every spinner, every check mark that is drawn) move on the main thread: the thread that would
 * move them elsewhere is not there, and what came with the framework only notes that one was started.
 */
@Implements(
    className = "android.graphics.drawable.AnimatedVectorDrawable",
    callNativeMethodsByDefault = true)
public class AnimatedVectorShadow extends ShadowNativeAnimatedVectorDrawable {
  @RealObject private AnimatedVectorDrawable self;

  @Implementation
  @Override
  protected void start() {
    Real real = Reflector.reflector(Real.class, self);
    real.forceAnimationOnUI();
    real.start();
  }

  @Implementation
  protected void reverse() {
    Real real = Reflector.reflector(Real.class, self);
    real.forceAnimationOnUI();
    real.reverse();
  }

  @Implementation
  @Override
  protected void stop() {
    Reflector.reflector(Real.class, self).stop();
  }

  @ForType(AnimatedVectorDrawable.class)
  interface Real {
    void forceAnimationOnUI();

    @Direct
    void start();

    @Direct
    void reverse();

    @Direct
    void stop();
  }
}
