package dev.pileus.device;

import android.content.Intent;

/**
 * An activity that is to be started.
 *
 * @param source the entry that asks; null where none does
 * @param from its task, which may be empty by the time
 * @param request below 0 where no result is awaited
 * @param start the system's number, where another app asks
 * @param activity that app's activity, as package/class
 * @param owner that app's package
 */
record Wish(
    Entry source, Task from, String who, Intent intent, int request, long start, String activity, String owner) {
  static Wish first(Intent intent) {
    return new Wish(null, null, null, intent, -1, 0, null, null);
  }
}
