package dev.pileus.media;

import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowVisualizer;

/** A visualizer of silence, with the limits that devices have (AOSP: Visualizer_cpp.h, effect_visualizer.h). */
@Implements(className = "android.media.audiofx.Visualizer")
public class VisualizerShadow extends ShadowVisualizer {
  /** Samples in a capture. */
  private static final int FEWEST = 128;

  private static final int MOST = 1024;

  /** In millihertz. */
  private static final int RATE = 20_000;

  @Implementation
  protected static int[] getCaptureSizeRange() {
    return new int[] {FEWEST, MOST};
  }

  @Implementation
  protected static int getMaxCaptureRate() {
    return RATE;
  }
}
