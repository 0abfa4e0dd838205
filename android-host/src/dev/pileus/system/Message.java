package dev.pileus.system;

import android.os.IBinder;
import android.os.Parcel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * What this process and its system say to each other: fields that both read (JSON), and pieces that only
 * processes read (parcelled). A piece is named in the fields by where it lies behind them.
 */
final class Message {
  final JSONObject fields;
  private final Parcel tail;
  private final int start;

  Message() {
    fields = new JSONObject();
    tail = Parcel.obtain();
    start = 0;
  }

  private Message(JSONObject fields, Parcel parcel, int start) {
    this.fields = fields;
    tail = parcel;
    this.start = start;
  }

  /** Reads a message; the parcel has to live as long as its pieces are asked for. */
  static Message of(Parcel parcel) {
    parcel.setDataPosition(0);
    byte[] json = parcel.createByteArray();
    if (json == null) {
      return new Message(new JSONObject(), parcel, parcel.dataSize());
    }
    try {
      String text = new String(json, StandardCharsets.UTF_8);
      return new Message(new JSONObject(text), parcel, parcel.dataPosition());
    } catch (JSONException cause) {
      throw new IllegalArgumentException(cause);
    }
  }

  Message put(String name, Object value) {
    try {
      fields.put(name, value);
      return this;
    } catch (JSONException cause) {
      throw new IllegalArgumentException(cause);
    }
  }

  Message binder(String name, IBinder binder) {
    return binder == null ? this : part(name, parcel -> parcel.writeStrongBinder(binder));
  }

  /** Adds a piece that the system passes on unread. */
  Message part(String name, Consumer<Parcel> writer) {
    return put(name, place(writer));
  }

  JSONObject place(Consumer<Parcel> writer) {
    Parcel part = Parcel.obtain();
    try {
      writer.accept(part);
      int at = tail.dataSize();
      tail.setDataPosition(at);
      tail.appendFrom(part, 0, part.dataSize());
      return new JSONObject().put("at", at).put("size", part.dataSize());
    } catch (JSONException cause) {
      throw new IllegalArgumentException(cause);
    } finally {
      part.recycle();
    }
  }

  void writeTo(Parcel parcel) {
    parcel.writeByteArray(fields.toString().getBytes(StandardCharsets.UTF_8));
    parcel.appendFrom(tail, 0, tail.dataSize());
    tail.recycle();
  }

  IBinder binder(String name) {
    return piece(fields.optJSONObject(name), Parcel::readStrongBinder);
  }

  <T> T piece(String name, Function<Parcel, T> reader) {
    return piece(fields.optJSONObject(name), reader);
  }

  <T> T piece(JSONObject place, Function<Parcel, T> reader) {
    if (place == null) {
      return null;
    }
    tail.setDataPosition(start + place.optInt("at"));
    return reader.apply(tail);
  }

  String text(String name) {
    return fields.isNull(name) ? null : fields.optString(name);
  }

  boolean has(String name) {
    return !fields.isNull(name);
  }
}
