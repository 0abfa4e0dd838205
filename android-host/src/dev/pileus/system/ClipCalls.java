package dev.pileus.system;

import android.content.ClipData;
import android.content.ClipDescription;

/** IClipboard: the account's clipboard, one for all its apps and its devices. */
final class ClipCalls extends Calls {
  private final SystemLink link;

  ClipCalls(SystemLink link) {
    this.link = link;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    switch (method) {
      case "setPrimaryClip", "setPrimaryClipAsPackage" -> set((ClipData) a[0]);
      case "clearPrimaryClip" -> link.call("setClip", new Message().put("text", ""));
      case "getPrimaryClip" -> {
        return get();
      }
      case "getPrimaryClipDescription" -> {
        ClipData clip = get();
        return clip == null ? null : clip.getDescription();
      }
      case "hasPrimaryClip" -> {
        return get() != null;
      }
      case "hasClipboardText" -> {
        ClipData clip = get();
        return clip != null && clip.getItemAt(0).getText() != null && clip.getItemAt(0).getText().length() > 0;
      }
      case "addPrimaryClipChangedListener" ->
          link.call("listenClip", new Message().binder("listener", binder(a[0])));
      case "removePrimaryClipChangedListener" ->
          link.call("unlistenClip", new Message().binder("listener", binder(a[0])));
      default -> {
        return NOTHING;
      }
    }
    return null;
  }

  private void set(ClipData clip) {
    CharSequence text = clip.getItemCount() == 0 ? "" : clip.getItemAt(0).coerceToText(AppThread.context());
    Message message = new Message().put("text", text == null ? "" : text.toString());
    link.call("setClip", message.part("clip", parcel -> clip.writeToParcel(parcel, 0)));
  }

  private ClipData get() {
    Message answer = link.call("getClip", new Message());
    if (answer.has("clip")) {
      return answer.piece("clip", ClipData.CREATOR::createFromParcel);
    }
    String text = answer.text("text");
    return text == null
        ? null
        : new ClipData("", new String[] {ClipDescription.MIMETYPE_TEXT_PLAIN}, new ClipData.Item(text));
  }
}
