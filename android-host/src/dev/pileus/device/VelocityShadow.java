package dev.pileus.device;

import android.view.MotionEvent;
import android.view.VelocityTracker;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowVelocityTracker;

/** How fast fingers move, as Android's own tracker sees it: one that rested has no speed from before. */
@Implements(VelocityTracker.class)
public class VelocityShadow extends ShadowVelocityTracker {
  /** After so long without a movement a pointer has stopped (ASSUME_POINTER_STOPPED_TIME of VelocityTracker.cpp). */
  static final long STOPPED_MS = 40;

  private long moved;

  @Override
  @Implementation
  protected void addMovement(MotionEvent event) {
    if (event != null) {
      if (event.getActionMasked() == MotionEvent.ACTION_MOVE && event.getEventTime() - moved > STOPPED_MS) {
        clear();
      }
      moved = event.getEventTime();
    }
    super.addMovement(event);
  }
}
