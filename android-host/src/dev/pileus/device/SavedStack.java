package dev.pileus.device;

import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.os.Bundle;
import android.os.Parcel;
import android.util.Log;
import dev.pileus.host.AppClassLoader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The app's activities as they lie in its folder while it does not run: tasks, intents, who waits for results, and
 * the state that each activity saved, and what waits until it is seen. Version 2.
 */
final class SavedStack {
  private static final String TAG = "SavedStack";
  private static final int VERSION = 2;
  /** Had nothing of what waits. */
  private static final int FIRST_VERSION = 1;
  /** What Android lets an app keep of one activity (the bound of a transaction). */
  private static final int MOST = 1 << 20;
  /** Of all of it (contracts/surface). */
  private static final int MOST_IN_ALL = 3_000_000;
  private static final int MOST_ENTRIES = 1000;

  private final Path file;
  private final Path tried;
  private int room;

  SavedStack(Path folder) {
    file = folder.resolve(".activities");
    tried = folder.resolve(".activities.tried");
  }

  /** Replaces what was kept; its size in bytes. What is frozen comes back only where that is asked for. */
  int write(List<Task> tasks, boolean frozen) throws IOException {
    Map<Entry, Pieces> kept = pieces(tasks);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(VERSION);
    out.writeBoolean(frozen);
    out.writeInt(tasks.size());
    for (Task task : tasks) {
      out.writeInt(task.id);
      text(out, task.affinity);
      out.writeLong(task.origin);
      out.writeInt(task.entries.size());
      for (Entry entry : task.entries) {
        write(out, entry, kept.get(entry));
      }
    }
    Path part = file.resolveSibling(".activities.part");
    try {
      Files.write(part, bytes.toByteArray());
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException full) {
      Files.deleteIfExists(part);
      throw full;
    }
    Files.deleteIfExists(tried);
    return bytes.size();
  }

  /** What is large of an activity, as far as there is room for it: results' intents, new intents. */
  private record Pieces(byte[] intent, byte[] state, List<byte[]> results, List<byte[]> news) {}

  /**
   * What is kept of each activity. All of them come back, so each has its bare intent; of the room that is left, the
   * activity in front takes first: what its intent carries, what waits for it, then its state. What lies lower goes
   * first.
   */
  private Map<Entry, Pieces> pieces(List<Task> tasks) {
    List<Entry> downward = new ArrayList<>();
    tasks.forEach(task -> downward.addAll(task.entries));
    Collections.reverse(downward);
    room = MOST_IN_ALL;
    Map<Entry, byte[]> bare = new IdentityHashMap<>();
    for (Entry entry : downward) {
      Intent intent = new Intent(entry.intent).replaceExtras((Bundle) null);
      intent.setClipData(null);
      bare.put(entry, parcelled(intent));
    }
    Map<Entry, Pieces> kept = new IdentityHashMap<>();
    for (Entry entry : downward) {
      byte[] intent = bare.get(entry);
      if (entry.intent.getExtras() != null || entry.intent.getClipData() != null) {
        byte[] whole = parcelled(entry.intent);
        intent = whole == null ? intent : whole;
      }
      List<byte[]> results = new ArrayList<>();
      entry.results.forEach(result -> results.add(parcelled(result.data())));
      List<byte[]> news = new ArrayList<>();
      entry.news.forEach(sent -> news.add(parcelled(sent)));
      byte[] state = entry.state == null ? null : parcelled(parcel -> parcel.writeBundle(entry.state));
      kept.put(entry, new Pieces(intent, state, results, news));
    }
    return kept;
  }

  private static void write(DataOutputStream out, Entry entry, Pieces kept) throws IOException {
    text(out, entry.id);
    piece(out, kept.intent);
    piece(out, kept.state);
    Entry.Reply reply = entry.reply;
    out.writeBoolean(reply != null);
    if (reply != null) {
      text(out, reply.entry());
      text(out, reply.who());
      out.writeInt(reply.request());
      out.writeLong(reply.start());
      text(out, reply.activity());
      text(out, reply.owner());
    }
    out.writeInt(entry.results.size());
    for (int i = 0; i < entry.results.size(); i++) {
      Entry.Result result = entry.results.get(i);
      text(out, result.who());
      out.writeInt(result.request());
      out.writeInt(result.code());
      piece(out, kept.results.get(i));
    }
    out.writeInt(kept.news.size());
    for (byte[] sent : kept.news) {
      piece(out, sent);
    }
  }

  /** What was kept; it does not come again if the app falls over before it has shown itself. */
  List<Task> read(Context context, boolean restore) {
    List<Task> tasks = new ArrayList<>();
    try {
      if (!Files.exists(file)) {
        return tasks;
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(file)));
      Files.move(file, tried, StandardCopyOption.REPLACE_EXISTING);
      int version = in.readInt();
      if (version < FIRST_VERSION || version > VERSION || in.readBoolean() && !restore) {
        forget();
        return tasks;
      }
      for (int left = in.readInt(); left > 0 && tasks.size() < MOST_ENTRIES; left--) {
        Task task = new Task(in.readInt(), text(in), in.readLong());
        for (int entries = in.readInt(); entries > 0; entries--) {
          Entry entry = entry(in, version, context);
          if (entry != null && task.entries.size() < MOST_ENTRIES) {
            task.entries.add(entry);
          }
        }
        if (!task.entries.isEmpty()) {
          tasks.add(task);
        }
      }
      return tasks;
    } catch (IOException | RuntimeException broken) {
      Log.w(TAG, "the activities that were kept cannot be read", broken);
      return new ArrayList<>();
    }
  }

  private static Entry entry(DataInputStream in, int version, Context context) throws IOException {
    String id = text(in);
    Intent intent = intent(in);
    Bundle state = parcelled(piece(in), parcel -> parcel.readBundle(AppClassLoader.instance()));
    Entry.Reply reply =
        in.readBoolean()
            ? new Entry.Reply(text(in), text(in), in.readInt(), in.readLong(), text(in), text(in))
            : null;
    List<Entry.Result> results = new ArrayList<>();
    for (int left = version == FIRST_VERSION ? 0 : in.readInt(); left > 0; left--) {
      results.add(new Entry.Result(text(in), in.readInt(), in.readInt(), intent(in)));
    }
    List<Intent> news = new ArrayList<>();
    for (int left = version == FIRST_VERSION ? 0 : in.readInt(); left > 0; left--) {
      Intent sent = intent(in);
      if (sent != null) {
        news.add(sent);
      }
    }
    if (intent == null) {
      return null;
    }
    try {
      context.getPackageManager().getActivityInfo(intent.getComponent(), 0);
    } catch (PackageManager.NameNotFoundException updated) {
      return null;
    }
    Entry entry = new Entry(context, id, intent, reply);
    entry.state = state;
    entry.results.addAll(results);
    entry.news.addAll(news);
    return entry;
  }

  private static Intent intent(DataInputStream in) throws IOException {
    Intent intent = parcelled(piece(in), Intent.CREATOR::createFromParcel);
    if (intent != null) {
      intent.setExtrasClassLoader(AppClassLoader.instance());
    }
    return intent;
  }

  /** The app has shown itself with what was kept: that is good for another time. */
  void proven() {
    try {
      if (Files.exists(tried) && !Files.exists(file)) {
        Files.move(tried, file);
      }
    } catch (IOException cause) {
      Log.w(TAG, "cannot be kept", cause);
    }
  }

  void forget() {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(tried);
    } catch (IOException cause) {
      Log.w(TAG, "cannot be removed", cause);
    }
  }

  private byte[] parcelled(Intent intent) {
    return intent == null ? null : parcelled(parcel -> intent.writeToParcel(parcel, 0));
  }

  /** Null where it holds what only lives in a process, or is too large. */
  private byte[] parcelled(Consumer<Parcel> writer) {
    Parcel parcel = Parcel.obtain();
    try {
      writer.accept(parcel);
      byte[] bytes = parcel.marshall();
      if (bytes.length <= Math.min(MOST, room)) {
        room -= bytes.length;
        return bytes;
      }
      Log.w(TAG, "state of " + bytes.length + " bytes is not kept");
    } catch (RuntimeException bound) {
      Log.w(TAG, "state that cannot be kept", bound);
    } finally {
      parcel.recycle();
    }
    return null;
  }

  private static <T> T parcelled(byte[] bytes, Function<Parcel, T> reader) {
    if (bytes == null) {
      return null;
    }
    Parcel parcel = Parcel.obtain(); // Not recycled: bundles are read from it when they are asked for.
    parcel.unmarshall(bytes, 0, bytes.length);
    parcel.setDataPosition(0);
    return reader.apply(parcel);
  }

  private static void piece(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) {
      out.write(bytes);
    }
  }

  private static byte[] piece(DataInputStream in) throws IOException {
    int size = in.readInt();
    if (size > MOST) {
      throw new IOException("a piece of " + size + " bytes");
    }
    return size < 0 ? null : in.readNBytes(size);
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    out.writeUTF(text == null ? "" : "=" + text);
  }

  private static String text(DataInputStream in) throws IOException {
    String text = in.readUTF();
    return text.isEmpty() ? null : text.substring(1);
  }
}
