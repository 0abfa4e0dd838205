package dev.pileus.device;

import android.content.ClipData;
import android.content.ClipboardManager;
import android.content.Context;
import dev.pileus.host.Link;
import java.nio.ByteBuffer;
import java.util.Map;
import org.json.JSONObject;

/** The clipboard between the app, the account and the device that looks. On the main thread. */
final class Clipboard {
  private static final String SERVICE = "clipboard";
  private static final int SET = 1;
  private static final int GET = 2;
  private final Context context;
  private final ClipboardManager manager;
  private final SystemLink system;
  private String known = "";

  Clipboard(Context context, SystemLink system, android.os.Handler handler) {
    this.context = context;
    this.system = system;
    manager = context.getSystemService(ClipboardManager.class);
    manager.addPrimaryClipChangedListener(this::changed);
    system.ask(
        SERVICE, GET, new JSONObject(),
        answer -> handler.post(() -> set(answer == null ? "" : answer.optString("text"))));
  }

  /** Takes a CLIPBOARD of the device; only text is understood. */
  void take(ByteBuffer message) {
    if (Link.text(message).startsWith("text/")) {
      set(Link.text(message));
    }
  }

  private void set(String text) {
    if (!text.isEmpty() && !text.equals(known)) {
      known = text;
      manager.setPrimaryClip(ClipData.newPlainText("", text));
    }
  }

  private void changed() {
    ClipData clip = manager.getPrimaryClip();
    CharSequence text =
        clip == null || clip.getItemCount() == 0 ? "" : clip.getItemAt(0).coerceToText(context);
    if (text != null && !known.contentEquals(text)) {
      known = text.toString();
      system.tell(SERVICE, SET, new JSONObject(Map.of("text", known)));
    }
  }
}
