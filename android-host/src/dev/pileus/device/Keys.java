package dev.pileus.device;

import android.view.KeyEvent;

/** USB HID usages (HID Usage Tables 1.5, page 0x07) to Android's key codes. */
final class Keys {
  private static final int[] CONTROL = {
    KeyEvent.KEYCODE_ENTER, KeyEvent.KEYCODE_ESCAPE, KeyEvent.KEYCODE_DEL, KeyEvent.KEYCODE_TAB,
    KeyEvent.KEYCODE_SPACE, KeyEvent.KEYCODE_MINUS, KeyEvent.KEYCODE_EQUALS,
    KeyEvent.KEYCODE_LEFT_BRACKET, KeyEvent.KEYCODE_RIGHT_BRACKET, KeyEvent.KEYCODE_BACKSLASH,
    KeyEvent.KEYCODE_BACKSLASH, KeyEvent.KEYCODE_SEMICOLON, KeyEvent.KEYCODE_APOSTROPHE,
    KeyEvent.KEYCODE_GRAVE, KeyEvent.KEYCODE_COMMA, KeyEvent.KEYCODE_PERIOD,
    KeyEvent.KEYCODE_SLASH, KeyEvent.KEYCODE_CAPS_LOCK,
  };
  private static final int[] MOVE = {
    KeyEvent.KEYCODE_INSERT, KeyEvent.KEYCODE_MOVE_HOME, KeyEvent.KEYCODE_PAGE_UP,
    KeyEvent.KEYCODE_FORWARD_DEL, KeyEvent.KEYCODE_MOVE_END, KeyEvent.KEYCODE_PAGE_DOWN,
    KeyEvent.KEYCODE_DPAD_RIGHT, KeyEvent.KEYCODE_DPAD_LEFT, KeyEvent.KEYCODE_DPAD_DOWN,
    KeyEvent.KEYCODE_DPAD_UP,
  };
  private static final int[] MODIFIER = {
    KeyEvent.KEYCODE_CTRL_LEFT, KeyEvent.KEYCODE_SHIFT_LEFT, KeyEvent.KEYCODE_ALT_LEFT,
    KeyEvent.KEYCODE_META_LEFT, KeyEvent.KEYCODE_CTRL_RIGHT, KeyEvent.KEYCODE_SHIFT_RIGHT,
    KeyEvent.KEYCODE_ALT_RIGHT, KeyEvent.KEYCODE_META_RIGHT,
  };

  private Keys() {}

  static int code(int usage) {
    int key = usage & 0xFFFF;
    if (usage >>> 16 != 7) {
      return KeyEvent.KEYCODE_UNKNOWN;
    } else if (key >= 0x04 && key <= 0x1D) {
      return KeyEvent.KEYCODE_A + key - 0x04;
    } else if (key >= 0x1E && key <= 0x26) {
      return KeyEvent.KEYCODE_1 + key - 0x1E;
    } else if (key == 0x27) {
      return KeyEvent.KEYCODE_0;
    } else if (key >= 0x28 && key <= 0x39) {
      return CONTROL[key - 0x28];
    } else if (key >= 0x3A && key <= 0x45) {
      return KeyEvent.KEYCODE_F1 + key - 0x3A;
    } else if (key >= 0x49 && key <= 0x52) {
      return MOVE[key - 0x49];
    } else if (key >= 0xE0 && key <= 0xE7) {
      return MODIFIER[key - 0xE0];
    }
    return KeyEvent.KEYCODE_UNKNOWN;
  }

  static int meta(int modifiers) {
    int meta = 0;
    meta |= (modifiers & 1) != 0 ? KeyEvent.META_SHIFT_ON | KeyEvent.META_SHIFT_LEFT_ON : 0;
    meta |= (modifiers & 2) != 0 ? KeyEvent.META_CTRL_ON | KeyEvent.META_CTRL_LEFT_ON : 0;
    meta |= (modifiers & 4) != 0 ? KeyEvent.META_ALT_ON | KeyEvent.META_ALT_LEFT_ON : 0;
    meta |= (modifiers & 8) != 0 ? KeyEvent.META_META_ON | KeyEvent.META_META_LEFT_ON : 0;
    return meta | ((modifiers & 16) != 0 ? KeyEvent.META_CAPS_LOCK_ON : 0);
  }
}
