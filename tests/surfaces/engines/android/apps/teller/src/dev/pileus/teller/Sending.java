package dev.pileus.teller;

import static dev.pileus.teller.Teller.tell;

import android.app.AlarmManager;
import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.BroadcastReceiver;
import android.content.ClipData;
import android.content.ClipboardManager;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.os.Bundle;
import android.os.PersistableBundle;
import java.util.concurrent.CountDownLatch;

/** What an app asks of the system for later, or for others. */
final class Sending {
  private final Context context;

  Sending(Context context) {
    this.context = context;
  }

  /** An ordered broadcast through three receivers, two of them here. */
  void broadcast() throws InterruptedException {
    Context application = context.getApplicationContext();
    IntentFilter first = new IntentFilter("dev.pileus.ASK");
    first.setPriority(9);
    BroadcastReceiver local =
        new BroadcastReceiver() {
          @Override
          public void onReceive(Context where, Intent intent) {
            tell("local heard " + intent.getStringExtra("word") + " ordered " + isOrderedBroadcast());
            if (isOrderedBroadcast()) {
              setResult(getResultCode() + 10, getResultData() + ">local", getResultExtras(true));
            }
          }
        };
    application.registerReceiver(local, first, Context.RECEIVER_EXPORTED);
    CountDownLatch done = new CountDownLatch(1);
    BroadcastReceiver last =
        new BroadcastReceiver() {
          @Override
          public void onReceive(Context where, Intent intent) {
            Bundle extras = getResultExtras(true);
            tell("result " + getResultCode() + " " + getResultData() + " " + extras.getString("ear"));
            done.countDown();
          }
        };
    Intent ask = new Intent("dev.pileus.ASK").putExtra("word", "hello");
    application.sendOrderedBroadcast(ask, null, last, null, 100, "start", null);
    done.await();
    CountDownLatch again = new CountDownLatch(1);
    Intent named = new Intent(ask).setComponent(
        new ComponentName("dev.pileus.talker", "dev.pileus.talker.Ear"));
    application.sendOrderedBroadcast(
        named, null,
        new BroadcastReceiver() {
          @Override
          public void onReceive(Context where, Intent intent) {
            tell("named " + getResultCode() + " " + getResultData() + " "
                + getResultExtras(true).getString("ear"));
            again.countDown();
          }
        },
        null, 1, "start", null);
    again.await();
    application.unregisterReceiver(local);
    try {
      application.sendBroadcast(new Intent(Intent.ACTION_BOOT_COMPLETED));
    } catch (SecurityException refused) {
      tell("boot refused");
    }
  }

  private PendingIntent later(String action, int flags) {
    Intent intent = new Intent(action).setClass(context, Teller.class).putExtra("word", action);
    return PendingIntent.getService(context, 7, intent, flags);
  }

  void alarm() {
    AlarmManager alarms = context.getSystemService(AlarmManager.class);
    long at = System.currentTimeMillis() + 1000;
    alarms.set(AlarmManager.RTC_WAKEUP, at, later("rung", PendingIntent.FLAG_IMMUTABLE));
    PendingIntent never = later("never", PendingIntent.FLAG_IMMUTABLE);
    alarms.set(AlarmManager.RTC_WAKEUP, at, never);
    alarms.cancel(never);
  }

  void job() {
    PersistableBundle extras = new PersistableBundle();
    extras.putString("word", "work");
    JobInfo job =
        new JobInfo.Builder(3, new ComponentName(context, Work.class))
            .setExtras(extras)
            .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
            .build();
    JobScheduler jobs = context.getSystemService(JobScheduler.class);
    tell("scheduled " + jobs.schedule(job) + " pending " + jobs.getAllPendingJobs().size());
  }

  /** In an hour: nothing of the app is to live until then. */
  void later() {
    PersistableBundle extras = new PersistableBundle();
    extras.putString("word", "later");
    JobInfo job =
        new JobInfo.Builder(4, new ComponentName(context, Work.class))
            .setExtras(extras)
            .setMinimumLatency(3_600_000)
            .build();
    tell("scheduled " + context.getSystemService(JobScheduler.class).schedule(job));
  }

  /** What the owner sees while the service is in the foreground. */
  Notification steady() {
    context
        .getSystemService(NotificationManager.class)
        .createNotificationChannel(
            new NotificationChannel("s", "Steady", NotificationManager.IMPORTANCE_LOW));
    return new Notification.Builder(context, "s")
        .setSmallIcon(android.R.drawable.ic_dialog_info)
        .setContentTitle("Steady")
        .build();
  }

  void notice() {
    NotificationManager manager = context.getSystemService(NotificationManager.class);
    manager.createNotificationChannel(
        new NotificationChannel("c", "Channel", NotificationManager.IMPORTANCE_DEFAULT));
    tell("channel " + manager.getNotificationChannel("c").getName());
    Notification.Action press =
        new Notification.Action.Builder(null, "Press", later("pressed", PendingIntent.FLAG_IMMUTABLE))
            .build();
    manager.notify(
        "tag", 5,
        new Notification.Builder(context, "c")
            .setSmallIcon(android.R.drawable.ic_dialog_info)
            .setContentTitle("Title 西湖")
            .setContentText("Text")
            .addAction(press)
            .build());
    tell("active " + manager.getActiveNotifications().length);
  }

  /** More than the system takes of one package; what it left out is none that there is. */
  void crowd() {
    NotificationManager manager = context.getSystemService(NotificationManager.class);
    manager.createNotificationChannel(
        new NotificationChannel("d", "Crowd", NotificationManager.IMPORTANCE_DEFAULT));
    manager.cancelAll();
    for (int i = 0; i < 60; i++) {
      manager.notify(
          i,
          new Notification.Builder(context, "d")
              .setSmallIcon(android.R.drawable.ic_dialog_info)
              .setContentTitle("One of many")
              .setContentIntent(later("pressed", PendingIntent.FLAG_IMMUTABLE))
              .setAutoCancel(true)
              .build());
    }
    active();
  }

  void active() {
    NotificationManager manager = context.getSystemService(NotificationManager.class);
    tell("active " + manager.getActiveNotifications().length);
  }

  void senders() {
    PendingIntent one = later("same", PendingIntent.FLAG_MUTABLE);
    PendingIntent two = later("same", PendingIntent.FLAG_MUTABLE);
    tell("equal " + one.equals(two) + " by " + one.getCreatorPackage() + " " + one.isImmutable());
    tell("none " + PendingIntent.getService(
        context, 99, new Intent("x").setClass(context, Teller.class),
        PendingIntent.FLAG_NO_CREATE | PendingIntent.FLAG_IMMUTABLE));
    one.cancel();
    try {
      two.send();
    } catch (PendingIntent.CanceledException cancelled) {
      tell("cancelled");
    }
    try {
      PendingIntent.getService(context, 1, new Intent("x"), 0);
    } catch (IllegalArgumentException unsaid) {
      tell("neither refused");
    }
  }

  void copy() {
    ClipboardManager clipboard = context.getSystemService(ClipboardManager.class);
    clipboard.setPrimaryClip(ClipData.newPlainText("label", "copied 西湖"));
    tell("clip " + (clipboard.getPrimaryClip() == null ? "of nobody's" : "of another's"));
  }
}
