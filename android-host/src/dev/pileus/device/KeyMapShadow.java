package dev.pileus.device;

import android.view.KeyEvent;
import org.robolectric.annotation.Implementation;
import org.robolectric.annotation.Implements;
import org.robolectric.shadows.ShadowKeyCharacterMap;

/** A key that is held with Ctrl, Alt or Meta is a shortcut and types nothing. */
@Implements(className = "android.view.KeyCharacterMap")
public class KeyMapShadow extends ShadowKeyCharacterMap {
  private static final int SHORTCUT =
      KeyEvent.META_CTRL_MASK | KeyEvent.META_ALT_MASK | KeyEvent.META_META_MASK;

  @Implementation
  protected static char nativeGetCharacter(long map, int key, int meta) {
    return (meta & SHORTCUT) != 0 ? 0 : ShadowKeyCharacterMap.nativeGetCharacter(map, key, meta);
  }
}
