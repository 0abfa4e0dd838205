package dev.pileus.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowEqualizer;

/** An equalizer of silence, with the bands of the one that Android has (AOSP: EffectBundle.h), all of them level. */
@Implements(className = "android.media.audiofx.Equalizer")
public class EqualizerShadow extends ShadowEqualizer {
  private static final int NUMBER = 0;
  private static final int RANGE = 1;
  private static final int LEVEL = 2;
  private static final int CENTRE = 3;

  /** In millihertz. */
  private static final int[] CENTRES = {60_000, 230_000, 910_000, 3_600_000, 14_000_000};

  /** In millibels, up and down. */
  private static final short MOST = 1500;

  @Override
  protected Optional<ByteBuffer> getDefaultParameter(ByteBuffer asked) {
    ByteBuffer words = asked.duplicate().order(ByteOrder.nativeOrder());
    words.rewind();
    ByteBuffer answer = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
    switch (words.getInt()) {
      case NUMBER -> answer.putShort((short) CENTRES.length);
      case RANGE -> answer.putShort((short) -MOST).putShort(MOST);
      case LEVEL -> answer.putShort((short) 0);
      case CENTRE -> answer.putInt(CENTRES[words.getInt()]);
      default -> {
        return super.getDefaultParameter(asked);
      }
    }
    return Optional.of(ByteBuffer.wrap(Arrays.copyOf(answer.array(), answer.position())));
  }
}
