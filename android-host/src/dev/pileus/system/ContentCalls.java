package dev.pileus.system;

import android.net.Uri;
import org.json.JSONArray;

/** IContentService: observers of data, across processes. */
final class ContentCalls extends Calls {
  private final SystemLink link;

  ContentCalls(SystemLink link) {
    this.link = link;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    switch (method) {
      case "registerContentObserver" ->
          link.call(
              "observe",
              new Message().put("uri", a[0].toString()).put("below", a[1]).binder("observer", binder(a[2])));
      case "unregisterContentObserver" ->
          link.call("unobserve", new Message().binder("observer", binder(a[0])));
      case "notifyChange" -> {
        JSONArray uris = new JSONArray();
        for (Uri uri : (Uri[]) a[0]) {
          uris.put(uri.toString());
        }
        Message message = new Message().put("uris", uris).put("self", a[2]).put("flags", a[3]);
        link.call("notifyChange", message.binder("observer", binder(a[1])));
      }
      default -> {
        return NOTHING;
      }
    }
    return null;
  }
}
