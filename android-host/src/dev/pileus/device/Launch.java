package dev.pileus.device;

import static android.content.Intent.FLAG_ACTIVITY_CLEAR_TASK;
import static android.content.Intent.FLAG_ACTIVITY_CLEAR_TOP;
import static android.content.Intent.FLAG_ACTIVITY_MULTIPLE_TASK;
import static android.content.Intent.FLAG_ACTIVITY_NEW_TASK;
import static android.content.Intent.FLAG_ACTIVITY_REORDER_TO_FRONT;
import static android.content.Intent.FLAG_ACTIVITY_SINGLE_TOP;

import android.content.ComponentName;
import android.content.Intent;
import android.content.pm.ActivityInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Where a started activity goes: launch modes, flags and affinities (AOSP: ActivityStarter). Changes nothing.
 *
 * @param task where it goes; null for a new one
 * @param target the activity that is there already and gets the intent, or comes to the front; null for a new one
 * @param told whether the target hears of the intent
 * @param ended what has to go
 */
record Launch(Task task, Entry target, boolean told, List<Entry> ended) {
  /** What is asked for: from which task (null for none), by another app's start, with a result awaited. */
  record Asked(Intent intent, ActivityInfo info, Task from, int fromMode, long start, boolean result) {
    boolean has(int flag) {
      return (intent.getFlags() & flag) != 0;
    }

    boolean single() {
      return info.launchMode >= ActivityInfo.LAUNCH_SINGLE_TASK;
    }

    boolean singleTop() {
      return has(FLAG_ACTIVITY_SINGLE_TOP) || info.launchMode == ActivityInfo.LAUNCH_SINGLE_TOP;
    }

    /** It becomes a part of the task of the app that starts it. */
    boolean visit() {
      return start != 0 && !has(FLAG_ACTIVITY_NEW_TASK) && (!single() || result);
    }

    boolean newTask() {
      return has(FLAG_ACTIVITY_NEW_TASK)
          || single()
          || from == null
          || fromMode == ActivityInfo.LAUNCH_SINGLE_INSTANCE;
    }

    ComponentName name() {
      return intent.getComponent();
    }
  }

  static Launch decide(List<Task> tasks, Asked asked) {
    if (asked.visit()) {
      return fresh(null);
    }
    if (asked.newTask() && !asked.result) {
      Task found = asked.has(FLAG_ACTIVITY_MULTIPLE_TASK) && !asked.single() ? null : find(tasks, asked);
      return found == null ? fresh(null) : into(found, asked);
    }
    Task own = asked.from;
    if (own == null) {
      return fresh(null);
    }
    if (asked.has(FLAG_ACTIVITY_CLEAR_TOP)) {
      Launch cleared = clear(own, asked);
      if (cleared != null) {
        return cleared;
      }
    } else if (asked.has(FLAG_ACTIVITY_REORDER_TO_FRONT)) {
      Entry found = own.last(asked.name());
      if (found != null) {
        return new Launch(own, found, true, List.of());
      }
    }
    return top(own, asked);
  }

  /** Into a task that is brought to the front for it. */
  private static Launch into(Task task, Asked asked) {
    if (asked.has(FLAG_ACTIVITY_CLEAR_TASK)) {
      return new Launch(task, null, false, List.copyOf(task.entries));
    }
    if (asked.has(FLAG_ACTIVITY_CLEAR_TOP) || asked.single()) {
      Launch cleared = clear(task, asked);
      return cleared == null ? fresh(task) : cleared;
    }
    Launch top = top(task, asked);
    if (top.target == null && task.root() != null && task.root().intent.filterEquals(asked.intent)) {
      return new Launch(task, task.top(), false, List.of());
    }
    return top;
  }

  private static Launch top(Task task, Asked asked) {
    Entry top = task.last(asked.name());
    boolean there = top != null && top == task.top() && asked.singleTop() && !asked.result;
    return there ? new Launch(task, top, true, List.of()) : fresh(task);
  }

  /** Takes away what lies above the activity; null where it is not in the task. */
  private static Launch clear(Task task, Asked asked) {
    Entry found = task.last(asked.name());
    if (found == null) {
      return null;
    }
    List<Entry> ended = new ArrayList<>(task.above(found));
    if (asked.info.launchMode == ActivityInfo.LAUNCH_MULTIPLE && !asked.singleTop()) {
      ended.add(found);
      return new Launch(task, null, false, ended);
    }
    return new Launch(task, found, true, ended);
  }

  private static Task find(List<Task> tasks, Asked asked) {
    boolean alone = asked.info.launchMode == ActivityInfo.LAUNCH_SINGLE_INSTANCE;
    for (int i = tasks.size() - 1; i >= 0; i--) {
      Task task = tasks.get(i);
      Entry root = task.root();
      if (alone ? task.last(asked.name()) != null : root != null && open(root) && same(task, asked)) {
        return task;
      }
    }
    return null;
  }

  private static boolean same(Task task, Asked asked) {
    return task.affinity != null && Objects.equals(task.affinity, asked.info.taskAffinity);
  }

  /** Nothing else comes into the task of a single instance. */
  private static boolean open(Entry root) {
    return root.info().launchMode != ActivityInfo.LAUNCH_SINGLE_INSTANCE;
  }

  private static Launch fresh(Task task) {
    return new Launch(task, null, false, List.of());
  }
}
