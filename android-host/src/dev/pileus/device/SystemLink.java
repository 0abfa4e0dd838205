package dev.pileus.device;

import dev.pileus.host.Link;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.json.JSONException;
import org.json.JSONObject;

/** Calls of the app to its account's system (CALL and REPLY); a parcel is a JSON object. Any thread. */
final class SystemLink {
  private final Link link;
  private final AtomicInteger last = new AtomicInteger();
  private final Map<Integer, Consumer<JSONObject>> waiting = new ConcurrentHashMap<>();

  SystemLink(Link link) {
    this.link = link;
  }

  /** A call that wants no answer. */
  void tell(String service, int code, JSONObject parcel) {
    call(last.incrementAndGet(), true, service, code, parcel);
  }

  /** The answer goes to {@code then} on the link's thread, null where the system has none. */
  void ask(String service, int code, JSONObject parcel, Consumer<JSONObject> then) {
    int number = last.incrementAndGet();
    waiting.put(number, then);
    call(number, false, service, code, parcel);
  }

  /** Takes a REPLY; its type has been read. */
  void reply(ByteBuffer message) {
    Consumer<JSONObject> then = waiting.remove(message.getInt());
    boolean fine = message.get() == 0;
    String parcel = Link.text(message);
    if (then == null) {
      return;
    }
    try {
      then.accept(fine ? new JSONObject(parcel.isEmpty() ? "{}" : parcel) : null);
    } catch (JSONException broken) {
      then.accept(null);
    }
  }

  private void call(int number, boolean oneWay, String service, int code, JSONObject parcel) {
    byte[] name = service.getBytes(StandardCharsets.UTF_8);
    byte[] body = parcel.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = Link.message(0xC2, 17 + name.length + body.length);
    message.putInt(number).put((byte) (oneWay ? 1 : 0));
    message.putInt(name.length).put(name).putInt(code);
    message.putInt(body.length).put(body);
    link.send(message.flip());
  }
}
