package dev.pileus.device;

import android.content.Intent;
import android.content.pm.ActivityInfo;
import java.util.ArrayList;
import java.util.List;

/** Brings the lives of activities in line with where they lie: the top one in front, what it covers stopped. */
final class Arrangement {
  private final List<Entry> leaving = new ArrayList<>();
  private boolean userLeaves;

  /** The next activity that comes to the front was started, with the owner's will or without. */
  void starts(boolean userLeaves) {
    this.userLeaves = userLeaves;
  }

  /** One that was taken out of its task; it ends after the next one has come. */
  void leaves(Entry entry) {
    leaving.add(entry);
  }

  boolean idle() {
    return leaving.isEmpty();
  }

  /** Brings the top activity to the front, and stops those that it covers. */
  boolean arrange(List<Entry> all) {
    if (all.isEmpty()) {
      return false;
    }
    int first = all.size() - 1;
    Entry top = all.get(first);
    boolean did = top.life != Entry.Life.RESUMED || !top.results.isEmpty() || !top.news.isEmpty();
    if (did) {
      boolean left = userLeaves;
      all.stream().filter(entry -> entry != top).forEach(entry -> entry.pause(left));
    }
    userLeaves = false;
    while (first > 0 && all.get(first).translucent()) {
      first--;
    }
    for (Entry entry : all.subList(first, all.size() - 1)) {
      if (entry.life == Entry.Life.KEPT || entry.life == Entry.Life.STOPPED) {
        entry.start();
        if (entry.finishing()) {
          return true;
        }
        entry.show();
        did = true;
      }
    }
    if (did) {
      top.resume();
    }
    if (top.finishing()) {
      return true;
    }
    while (first > 0 && all.get(first).translucent()) {
      first--;
    }
    for (Entry entry : all.subList(0, first)) {
      if (entry.life == Entry.Life.PAUSED || forgets(entry)) {
        entry.stop();
        if (forgets(entry)) {
          entry.finish();
        }
        did = true;
      }
    }
    return did;
  }

  private static boolean forgets(Entry entry) {
    return (entry.intent.getFlags() & Intent.FLAG_ACTIVITY_NO_HISTORY) != 0
        || (entry.info().flags & ActivityInfo.FLAG_NO_HISTORY) != 0;
  }

  /** Ends those that were taken away, once the next one has come. */
  boolean gone() {
    boolean some = !leaving.isEmpty();
    List<Entry> last = List.copyOf(leaving);
    leaving.clear();
    last.forEach(Entry::destroy);
    return some;
  }

  /** Recreates one activity that is seen and out of date; those below wait until they are seen. */
  boolean renew(List<Entry> all) {
    for (Entry entry : all) {
      if (entry.stale && (entry.life == Entry.Life.PAUSED || entry.life == Entry.Life.RESUMED)) {
        entry.recreate();
        if (entry != all.get(all.size() - 1)) {
          entry.pause(false);
        }
        return true;
      }
    }
    return false;
  }
}
