package dev.pileus.system;

import android.app.AlarmManager;
import android.app.PendingIntent;
import android.os.SystemClock;

/** IAlarmManager: alarms at times of the wall clock, which outlive every process. */
final class AlarmCalls extends Calls {
  private final SystemLink link;

  AlarmCalls(SystemLink link) {
    this.link = link;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    switch (method) {
      case "set" -> set((Integer) a[1], (Long) a[2], (Long) a[4], (PendingIntent) a[6], a[7]);
      case "remove" -> link.call("cancelAlarm", which((PendingIntent) a[0], a[1]));
      case "canScheduleExactAlarms", "hasScheduleExactAlarm" -> {
        return true;
      }
      default -> {
        return NOTHING;
      }
    }
    return null;
  }

  /** (package, type, at, window, interval, flags, operation, listener, tag, workSource, clock). */
  private void set(int type, long at, long interval, PendingIntent operation, Object listener) {
    boolean elapsed = type == AlarmManager.ELAPSED_REALTIME || type == AlarmManager.ELAPSED_REALTIME_WAKEUP;
    long wall = elapsed ? System.currentTimeMillis() + at - SystemClock.elapsedRealtime() : at;
    link.call("setAlarm", which(operation, listener).put("at_ms", Math.max(0, wall)).put("interval_ms", interval));
  }

  private static Message which(PendingIntent operation, Object listener) {
    Message message = new Message().binder("listener", binder(listener));
    return operation == null
        ? message
        : message.binder("operation", operation.getTarget().asBinder());
  }
}
