package dev.pileus.system;

import android.app.ActivityThread;
import android.app.IActivityManager;
import android.app.IAlarmManager;
import android.app.INotificationManager;
import android.app.job.IJobScheduler;
import android.content.ContentResolver;
import android.content.Context;
import android.content.IClipboard;
import android.content.IContentService;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.content.pm.ProviderInfo;
import android.os.IInterface;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.robolectric.shadows.ShadowProcess;
import org.robolectric.shadows.ShadowServiceManager;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/** Ties the framework of this process to its account's system. */
public final class Framework {
  private static Framework current;
  private final AppThread thread = new AppThread();
  private final SystemLink link;
  private final Neighbours neighbours = new Neighbours();

  private Framework(Path socket) throws IOException {
    link = new SystemLink(socket, thread);
    thread.link(link);
  }

  /** Connects, before the application is made: it has to know who it is. */
  public static void connect(Path socket) throws IOException {
    Framework made = new Framework(socket);
    ShadowProcess.setUid(made.link.uid());
    ShadowProcess.setPid(made.link.pid());
    NoticeCalls notices = new NoticeCalls(made.link);
    ActivityCalls calls = new ActivityCalls(made.link, made.thread, notices);
    IActivityManager activities = calls.as(IActivityManager.class);
    ManagerShadow.service = activities;
    ShadowServiceManager.addBinderService("activity", IActivityManager.class, activities);
    IContentService content = new ContentCalls(made.link).as(IContentService.class);
    ShadowServiceManager.addBinderService("content", IContentService.class, content);
    ReflectionHelpers.setStaticField(ContentResolver.class, "sContentService", content);
    serve("alarm", IAlarmManager.class, new AlarmCalls(made.link));
    serve("clipboard", IClipboard.class, new ClipCalls(made.link));
    serve("jobscheduler", IJobScheduler.class, new JobCalls(made.link));
    serve("notification", INotificationManager.class, notices);
    current = made;
  }

  /** Services that take everything and say nothing, until there is an account to connect to. */
  public static void alone() {
    IContentService content = new Silent().as(IContentService.class);
    ShadowServiceManager.addBinderService("content", IContentService.class, content);
    ReflectionHelpers.setStaticField(ContentResolver.class, "sContentService", content);
    serve("alarm", IAlarmManager.class, new Silent());
    serve("clipboard", IClipboard.class, new Silent());
    serve("jobscheduler", IJobScheduler.class, new Silent());
    serve("notification", INotificationManager.class, new Silent());
  }

  private static <T extends IInterface> void serve(String name, Class<T> type, Calls calls) {
    ShadowServiceManager.addBinderService(name, type, calls.as(type));
  }

  /** Makes the app's providers, as Android does between the application's making and its onCreate. */
  public static void installProviders(Context application) {
    if (current == null) {
      return;
    }
    List<ProviderInfo> providers = new ArrayList<>();
    try {
      String name = application.getPackageName();
      PackageInfo found =
          application.getPackageManager().getPackageInfo(name, PackageManager.GET_PROVIDERS);
      for (ProviderInfo info : found.providers == null ? new ProviderInfo[0] : found.providers) {
        info.applicationInfo = application.getApplicationInfo();
        if (info.enabled) {
          providers.add(info);
        }
      }
    } catch (PackageManager.NameNotFoundException cause) {
      throw new IllegalStateException(cause);
    }
    providers.sort((a, b) -> Integer.compare(b.initOrder, a.initOrder));
    ReflectionHelpers.callInstanceMethod(
        ActivityThread.class, AppThread.activityThread(), "installContentProviders",
        ClassParameter.from(Context.class, application), ClassParameter.from(List.class, providers));
  }

  /** The owner is in another time zone: the app hears of it from the system. */
  public static void timeZone(String zone) {
    if (current != null) {
      current.link.tell("timeZone", new Message().put("zone", zone));
    }
  }

  /** Makes the other apps known that this one may see. */
  public static void learnPackages(Context application) {
    if (current != null) {
      current.neighbours.learn(application, current.link);
    }
  }

  /** Null until there is a system. */
  static SystemLink link() {
    return current == null ? null : current.link;
  }

  /** The application runs: its components may be started. */
  public static void ready() {
    if (current != null) {
      current.link.tell("ready", new Message());
    }
  }
}
