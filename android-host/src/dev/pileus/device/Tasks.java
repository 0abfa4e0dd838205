package dev.pileus.device;

import android.app.Activity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.json.JSONArray;
import org.json.JSONObject;

/** The app's tasks, the front one last. The main thread changes them, any may look. */
final class Tasks {
  final List<Task> list = new CopyOnWriteArrayList<>();

  boolean empty() {
    return list.isEmpty();
  }

  Task front() {
    return list.get(list.size() - 1);
  }

  void toFront(Task task) {
    list.remove(task);
    list.add(task);
    task.back = false;
  }

  void toBack(Task task) {
    list.remove(task);
    list.add(0, task);
    task.back = true;
  }

  /** All activities as they lie on each other, lowest first. */
  List<Entry> all() {
    List<Entry> all = new ArrayList<>();
    list.forEach(task -> all.addAll(task.entries));
    return all;
  }

  Task of(Entry entry) {
    return list.stream().filter(task -> task.entries.contains(entry)).findFirst().orElse(null);
  }

  Entry byId(String id) {
    return all().stream().filter(entry -> entry.id.equals(id)).findFirst().orElse(null);
  }

  Entry entry(Activity activity) {
    return all().stream()
        .filter(entry -> activity != null && entry.activity() == activity)
        .findFirst()
        .orElse(null);
  }

  /** Numbers of the starts that other apps made here, and that are not over. */
  JSONArray visits() {
    Set<Long> numbers = new TreeSet<>();
    list.forEach(task -> numbers.add(task.origin));
    all().stream().filter(entry -> entry.reply != null).forEach(entry -> numbers.add(entry.reply.start()));
    numbers.remove(0L);
    return new JSONArray(numbers);
  }

  /** For the system's dump: tasks and their activities, with how much of them lives. */
  JSONArray described() {
    JSONArray all = new JSONArray();
    for (Task task : list) {
      JSONArray entries = new JSONArray();
      for (Entry entry : task.entries) {
        String name = entry.intent.getComponent().flattenToString();
        entries.put(new JSONObject(Map.of("name", name, "life", entry.life.name().toLowerCase(Locale.ROOT))));
      }
      Map<String, Object> fields = new HashMap<>(Map.of("id", task.id, "origin", task.origin, "entries", entries));
      if (task.affinity != null) {
        fields.put("affinity", task.affinity);
      }
      all.put(new JSONObject(fields));
    }
    return all;
  }
}
