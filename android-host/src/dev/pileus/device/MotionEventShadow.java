package dev.pileus.device;

import android.view.MotionEvent;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowMotionEvent;

/** Where an event without a finger (a wheel's, a hovering mouse's) is dispatched to: what came knows no place for it. */
@Implements(className = "android.view.MotionEvent")
public class MotionEventShadow extends ShadowMotionEvent {
  @RealObject private MotionEvent self;

  @Implementation
  protected float getXDispatchLocation(int pointer) {
    return self.getX(pointer);
  }

  @Implementation
  protected float getYDispatchLocation(int pointer) {
    return self.getY(pointer);
  }
}
