package dev.pileus.device;

import android.os.SystemClock;
import java.time.Duration;
import org.robolectric.shadows.ShadowChoreographer;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/**
 * When the next frame comes: at once after a rest, else a frame's time after the last one. The framework's own clock
 * of frames would let each wait a whole one from when it was asked for.
 */
final class Beat {
  private static final long FRAME = 16;
  /** Milliseconds between frames at least, where a finger waits for the next one. */
  private static final long LEAST = 3;
  /**
   * Milliseconds between the frames of an app that nobody sees. It still gets some: a window that waits for one holds
   * back all messages of its thread (a sync barrier), timers of the app included.
   */
  private static final long UNSEEN_FRAME = 250;

  private long last;
  private long missed;
  private int count;

  /** Called before the app runs, which may ask for a frame then. */
  void ready() {
    long wait = Math.max(0, last + FRAME - SystemClock.uptimeMillis());
    ShadowChoreographer.setFrameDelay(Duration.ofMillis(Math.min(FRAME, wait)));
  }

  /** A finger waits for the frame that was asked for: it need not keep the time of an animation. */
  void hasten() {
    long asked = ShadowChoreographer.getNextVsyncTime();
    long soon = Math.max(SystemClock.uptimeMillis(), last + LEAST);
    if (asked > soon) {
      ReflectionHelpers.callStaticMethod(
          ShadowChoreographer.class,
          "setNextVsyncTimeNanos",
          ClassParameter.from(long.class, soon * 1_000_000));
    }
  }

  /** When the frame comes that was asked for; 0 where none was. */
  long next(boolean visible) {
    long asked = ShadowChoreographer.getNextVsyncTime();
    return asked == 0 || visible ? asked : asked + UNSEEN_FRAME;
  }

  /** Whether it is time; for one that nobody takes only once. */
  boolean due(long next) {
    return next != 0 && next <= SystemClock.uptimeMillis() && next != missed;
  }

  /** Called when time has passed: `asked` is what was to come then. */
  void passed(long asked) {
    if (asked != 0 && ShadowChoreographer.getNextVsyncTime() == 0) {
      last = asked;
      count++;
    } else {
      missed = asked;
    }
  }

  /** How many frames there were. */
  int count() {
    return count;
  }
}
