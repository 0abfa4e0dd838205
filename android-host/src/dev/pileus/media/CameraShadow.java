package dev.pileus.media;

import android.view.SurfaceHolder;
import dev.pileus.surface.Gap;
import dev.pileus.surface.Holder;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowCamera;

/** A camera that shows nothing; where its picture would be, that is said. */
@Implements(className = "android.hardware.Camera")
public class CameraShadow extends ShadowCamera {
  @Implementation
  @Override
  protected void setPreviewDisplay(SurfaceHolder holder) {
    super.setPreviewDisplay(holder);
    if (holder instanceof Holder known) {
      known.lack(Gap.CAMERA);
    }
  }
}
