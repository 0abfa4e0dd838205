package dev.pileus.media;

import android.content.Context;
import android.media.MediaPlayer;
import android.view.SurfaceHolder;
import android.widget.Toast;
import dev.pileus.surface.Gap;
import dev.pileus.surface.Holder;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.annotation.RealObject;
import org.robolectric.shadows.ShadowMediaPlayer;
import org.robolectric.util.reflector.Direct;
import org.robolectric.util.reflector.ForType;
import org.robolectric.util.reflector.Reflector;

/**
 * Plays without a sound and without a picture, and says so. Nothing reads the media, so that how long they are is not
 * known: it plays as a live stream does, until it is stopped.
 */
@Implements(className = "android.media.MediaPlayer")
public class PlayerShadow extends ShadowMediaPlayer {
  /** The framework's word for a length that is not known. */
  private static final int UNKNOWN = -1;

  private static boolean said;

  @RealObject private MediaPlayer self;

  /** Takes every medium. */
  public static void open() {
    setMediaInfoProvider(source -> new MediaInfo(Integer.MAX_VALUE, 0));
  }

  @Implementation
  @Override
  protected int getDuration() {
    super.getDuration(); // Its states are the framework's.
    return UNKNOWN;
  }

  @Implementation
  @Override
  protected void start() {
    super.start();
    Gap.SOUND.met();
    if (!said) {
      said = true;
      Context context = RuntimeEnvironment.getApplication();
      String text = Gap.SOUND.sentence(context.getResources().getConfiguration());
      Toast.makeText(context, text, Toast.LENGTH_LONG).show();
    }
  }

  @Implementation
  protected void setDisplay(SurfaceHolder holder) {
    if (holder instanceof Holder known) {
      known.lack(Gap.VIDEO);
    }
    Reflector.reflector(Real.class, self).setDisplay(holder);
  }

  @ForType(MediaPlayer.class)
  interface Real {
    @Direct
    void setDisplay(SurfaceHolder holder);
  }
}
