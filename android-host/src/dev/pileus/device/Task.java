package dev.pileus.device;

import android.content.ComponentName;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * Activities that belong together, lowest first. A task of the app's own has an affinity; a visit has none: it is
 * this app's part of a task that another app began.
 */
final class Task {
  final int id;
  final String affinity;
  /** The system's number of the start that another app made it with; 0 for none. */
  final long origin;
  final List<Entry> entries = new CopyOnWriteArrayList<>();
  /** It was moved behind the home screen. */
  boolean back;

  Task(int id, String affinity, long origin) {
    this.id = id;
    this.affinity = affinity;
    this.origin = origin;
  }

  Entry top() {
    return entries.isEmpty() ? null : entries.get(entries.size() - 1);
  }

  Entry root() {
    return entries.stream().findFirst().orElse(null);
  }

  Entry last(ComponentName name) {
    return last(entry -> entry.intent.getComponent().equals(name));
  }

  List<Entry> above(Entry entry) {
    return List.copyOf(entries.subList(entries.indexOf(entry) + 1, entries.size()));
  }

  private Entry last(Predicate<Entry> holds) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(i);
      if (!entry.finishing() && holds.test(entry)) {
        return entry;
      }
    }
    return null;
  }
}
