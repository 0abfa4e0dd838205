package dev.pileus.device;

import android.os.SystemClock;
import android.text.Editable;
import android.text.TextUtils;
import android.view.InputDevice;
import android.view.KeyEvent;
import android.view.MotionEvent;
import android.view.ViewConfiguration;
import android.view.View;
import android.view.inputmethod.EditorInfo;
import android.view.inputmethod.InputConnection;
import android.widget.TextView;
import dev.pileus.host.Link;
import dev.pileus.host.Told;
import java.nio.ByteBuffer;
import org.robolectric.RuntimeEnvironment;
import org.robolectric.shadows.ShadowChoreographer;

/** Turns the input messages of the surface wire format into the framework's events. */
final class Input {
  /** Of a long text, so many characters before and after the caret are told; in UTF-8 less than 64 KiB. */
  private static final int AROUND = 8192;

  private final Screen screen;
  private final Device device;
  private final Link link;
  private final Beat beat;
  private boolean owed;
  private int owedSince;
  private long done;
  private long downAt;
  private long movedAt;
  private long ahead;
  private View editor;
  private EditorInfo info;
  private InputConnection connection;
  private String said = "";
  private int from;

  Input(Screen screen, Device device, Link link, Beat beat) {
    this.screen = screen;
    this.device = device;
    this.link = link;
    this.beat = beat;
  }

  long done() {
    return done;
  }

  void take(int type, ByteBuffer message) {
    switch (type) {
      case 0x03 -> touch(message);
      case 0x04 -> key(message);
      case 0x05 -> text(message);
      case 0x08 -> {
        done = message.getLong();
        device.back();
      }
      case 0x0E -> scroll(message);
      default -> {}
    }
    // A frame follows each input, so that its number comes back even where nothing changed.
    if (type == 0x03 || type == 0x04 || type == 0x05 || type == 0x08 || type == 0x0E) {
      owed = true;
      owedSince = beat.count();
    }
  }

  /** Whether an input waits for its answer, and no frame is on its way that would be one. */
  boolean owes() {
    return owed && (ShadowChoreographer.getNextVsyncTime() == 0 || beat.count() > owedSince);
  }

  boolean waits() {
    return owed;
  }

  void answered() {
    owed = false;
  }

  private void touch(ByteBuffer message) {
    done = message.getLong();
    long sent = message.getLong() / 1000;
    int action = message.get();
    int changed = message.get();
    int count = message.get();
    MotionEvent.PointerProperties[] names = new MotionEvent.PointerProperties[count];
    MotionEvent.PointerCoords[] places = new MotionEvent.PointerCoords[count];
    for (int i = 0; i < count; i++) {
      names[i] = new MotionEvent.PointerProperties();
      names[i].id = message.get() & 0xFF;
      names[i].toolType = MotionEvent.TOOL_TYPE_FINGER;
      places[i] = new MotionEvent.PointerCoords();
      places[i].x = message.getFloat();
      places[i].y = message.getFloat();
      places[i].pressure = (message.getShort() & 0xFFFF) / 65535f;
      places[i].size = 0.1f;
    }
    long before = movedAt;
    long now = when(sent, action == 0 && count == 1);
    if (action == 2 && now - before > VelocityShadow.STOPPED_MS) {
      // A finger on glass is never quite still; a browser tells of no movement where there is hardly one.
      give(MotionEvent.ACTION_MOVE, now, names, places);
    }
    int what = action;
    if (action == 0) {
      what = count == 1 ? MotionEvent.ACTION_DOWN : MotionEvent.ACTION_POINTER_DOWN | changed << 8;
      downAt = count == 1 ? now : downAt;
    } else if (action == 1) {
      what = MotionEvent.ACTION_MOVE;
    } else if (action == 2) {
      what = count == 1 ? MotionEvent.ACTION_UP : MotionEvent.ACTION_POINTER_UP | changed << 8;
    }
    give(what, now, names, places);
  }

  private void give(
      int action, long at, MotionEvent.PointerProperties[] names, MotionEvent.PointerCoords[] places) {
    screen.touch(
        MotionEvent.obtain(
            downAt, at, action, names.length, names, places, 0, 0, 1, 1, 0, 0,
            InputDevice.SOURCE_TOUCHSCREEN, 0));
  }

  /**
   * When the finger was there, by this clock. Messages come in heaps; velocities need the device's own
   * distances in time, even where that leads a little into the future.
   */
  private long when(long sent, boolean first) {
    long now = SystemClock.uptimeMillis();
    ahead = first ? sent - now : ahead;
    movedAt = first ? now : Math.max(movedAt, sent - ahead);
    return movedAt;
  }

  private void scroll(ByteBuffer message) {
    done = message.getLong();
    MotionEvent.PointerProperties name = new MotionEvent.PointerProperties();
    name.id = 0;
    name.toolType = MotionEvent.TOOL_TYPE_MOUSE;
    MotionEvent.PointerCoords place = new MotionEvent.PointerCoords();
    place.x = message.getFloat();
    place.y = message.getFloat();
    // An axis counts a wheel's steps, and up is positive; what comes are pixels, as in a browser.
    ViewConfiguration steps = ViewConfiguration.get(RuntimeEnvironment.getApplication());
    place.setAxisValue(
        MotionEvent.AXIS_HSCROLL, message.getFloat() / steps.getScaledHorizontalScrollFactor());
    place.setAxisValue(
        MotionEvent.AXIS_VSCROLL, -message.getFloat() / steps.getScaledVerticalScrollFactor());
    long now = SystemClock.uptimeMillis();
    screen.touch(
        MotionEvent.obtain(
            now, now, MotionEvent.ACTION_SCROLL, 1, new MotionEvent.PointerProperties[] {name},
            new MotionEvent.PointerCoords[] {place}, 0, 0, 1, 1, 0, 0, InputDevice.SOURCE_MOUSE, 0));
  }

  private void key(ByteBuffer message) {
    done = message.getLong();
    int action = message.get();
    int usage = message.getInt();
    int modifiers = message.getInt();
    int codepoint = message.getInt();
    int repeat = message.get() & 0xFF;
    find();
    if (codepoint >= 32 && codepoint != 127 && (modifiers & 14) == 0 && connection != null) {
      if (action == 0) {
        connection.commitText(new String(Character.toChars(codepoint)), 1);
      }
      return;
    }
    int code = Keys.code(usage);
    long now = SystemClock.uptimeMillis();
    screen.give(new KeyEvent(now, now, action, code, repeat, Keys.meta(modifiers)));
  }

  private void text(ByteBuffer message) {
    done = message.getLong();
    int kind = message.get();
    int a = message.getInt();
    int b = message.getInt();
    String text = Link.text(message);
    find();
    if (connection == null) {
      return;
    }
    switch (kind) {
      case 0 -> connection.commitText(text, a == 0 ? 1 : a);
      case 1 -> connection.setComposingText(text, a == 0 ? 1 : a);
      case 2 -> connection.finishComposingText();
      case 3 -> connection.deleteSurroundingTextInCodePoints(a, b);
      case 4 -> connection.setSelection(from + a, from + b);
      case 5 -> connection.performEditorAction(a);
      default -> {}
    }
  }

  /** Finds the focused editor and keeps one connection to it as long as it has the focus. */
  private void find() {
    Screen.Place place = screen.focused();
    View view = place == null ? null : place.view().findFocus();
    if (view != null && !view.onCheckIsTextEditor()) {
      view = null;
    }
    if (view == editor) {
      return;
    }
    editor = view;
    info = new EditorInfo();
    connection = view == null ? null : view.onCreateInputConnection(info);
  }

  /** Sends IME where the editor, its text or its selection changed. */
  void report() {
    find();
    Editable content = editor instanceof TextView t ? t.getEditableText() : null;
    int start = content == null ? -1 : android.text.Selection.getSelectionStart(content);
    int end = content == null ? -1 : android.text.Selection.getSelectionEnd(content);
    int first = 0;
    int last = content == null ? 0 : content.length();
    if (last > 2 * AROUND) {
      first = Told.edge(content, Math.max(0, end - AROUND));
      last = Told.edge(content, Math.min(last, Math.max(0, end) + AROUND));
    }
    String text = content == null ? "" : TextUtils.substring(content, first, last);
    int[] caret = new int[4];
    if (editor instanceof TextView field && field.getLayout() != null && end >= 0) {
      int line = field.getLayout().getLineForOffset(end);
      int[] at = new int[2];
      field.getLocationOnScreen(at);
      caret[0] =
          at[0] + field.getTotalPaddingLeft() - field.getScrollX()
              + (int) field.getLayout().getPrimaryHorizontal(end);
      caret[1] =
          at[1] + field.getTotalPaddingTop() - field.getScrollY()
              + field.getLayout().getLineTop(line);
      caret[2] = 2;
      caret[3] = field.getLayout().getLineBottom(line) - field.getLayout().getLineTop(line);
    }
    String now =
        System.identityHashCode(editor) + " " + start + " " + end + " "
            + java.util.Arrays.toString(caret) + text;
    if (editor == null) {
      now = "";
    }
    if (now.equals(said)) {
      return;
    }
    said = now;
    from = first;
    boolean active = editor != null;
    int type = active ? info.inputType : 0;
    int options = active ? info.imeOptions : 0;
    link.send(
        Told.editor(
            active, type, options, caret, within(text, first, start), within(text, first, end), text));
  }

  /** A place in the part of a text that begins at {@code first}; -1 stays. */
  private static int within(String part, int first, int at) {
    return at < 0 ? -1 : Math.max(0, Math.min(part.length(), at - first));
  }
}
