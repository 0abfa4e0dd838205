package dev.pileus.host;

import java.util.List;
import java.util.Set;

/** What {@link Fakes} replaces and leaves alone so that components live in processes of their own. */
final class SystemShadows {
  /** Run as they are: they ask the system, which answers (dev.pileus.system). */
  static final Set<String> REAL =
      Set.of(
          "android.app.AlarmManager",
          "android.app.IntentService",
          "android.app.JobSchedulerImpl",
          "android.app.NotificationManager",
          "android.app.PendingIntent",
          "android.app.Service",
          "android.app.job.JobScheduler",
          "android.app.job.JobService",
          "android.content.BroadcastReceiver",
          "android.content.BroadcastReceiver.PendingResult",
          "android.content.ClipboardManager",
          "android.content.ContentResolver",
          "android.os.Messenger");

  static final List<String> OURS =
      List.of(
          "dev.pileus.binder.BinderShadow",
          "dev.pileus.binder.FileShadow",
          "dev.pileus.binder.ParcelShadow",
          "dev.pileus.binder.QueryShadow",
          "dev.pileus.binder.WindowShadow",
          "dev.pileus.system.ContextShadow",
          "dev.pileus.system.ManagerShadow",
          "dev.pileus.system.PermissionShadow");

  private SystemShadows() {}
}
