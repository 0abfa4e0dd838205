package dev.pileus.steps;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.app.Service;
import android.content.ActivityNotFoundException;
import android.content.ClipData;
import android.content.Intent;
import android.content.IntentSender;
import android.content.pm.PackageManager;
import android.net.Uri;
import android.os.IBinder;
import android.os.Parcel;

/** Has the activity in front do what an intent's action says, in words. */
public class Hand extends Service {
  @Override
  public int onStartCommand(Intent intent, int flags, int startId) {
    String[] words = intent.getAction().split(" ");
    Steps front = Steps.front;
    try {
      act(words, front);
    } catch (ActivityNotFoundException none) {
      front.tell("nothing answers");
    } catch (SecurityException refused) {
      front.tell("refused");
    }
    stopSelf(startId);
    return START_NOT_STICKY;
  }

  private void act(String[] words, Steps front) {
    switch (words[0]) {
      case "go" -> {
        Intent intent = named(words[1]).setFlags(Integer.decode(words[2]));
        front.startActivityForResult(intent, Integer.parseInt(words[3]));
      }
      case "sender" -> send(front, words[1], Integer.parseInt(words[2]));
      case "give" -> give(front, Integer.parseInt(words[1]));
      case "title" -> front.setTitle(words[1]);
      case "broken" -> {
        Intent intent = named(words[1]).putExtra("text", "whole");
        intent.setClipData(new ClipData("x", new String[] {"text/plain"}, new ClipData.Item(new Broken())));
        front.startActivityForResult(intent, 7);
      }
      case "view" -> front.startActivityForResult(new Intent(Intent.ACTION_VIEW, Uri.parse(words[1])), 9);
      case "send" -> {
        Intent intent = new Intent(Intent.ACTION_SEND).setType("text/plain").putExtra("text", "西湖");
        front.startActivityForResult(words[1].equals("choose") ? Intent.createChooser(intent, "Share it") : intent, 8);
      }
      case "answer" -> {
        String text = words.length > 2 ? words[2] : front.getIntent().getStringExtra("text");
        front.setResult(Integer.parseInt(words[1]), new Intent().putExtra("text", text));
        front.finish();
      }
      case "finish" -> front.finish();
      case "affinity" -> front.finishAffinity();
      case "behind" -> front.tell("behind " + front.moveTaskToBack(true));
      case "count" -> front.count++;
      case "load" -> front.ballast = new byte[Integer.parseInt(words[1])];
      case "task" -> front.tell("task " + front.getTaskId() + " root " + front.isTaskRoot());
      case "look" -> look(words[1], front);
      case "notify" -> post();
      case "pressed" -> write("pressed");
      case "dismissed" -> write("dismissed");
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  /** Opens an activity by a sender: "used" is one that can be used no more. */
  private void send(Steps front, String name, int request) {
    boolean used = name.equals("used");
    int flags = PendingIntent.FLAG_MUTABLE | PendingIntent.FLAG_ONE_SHOT;
    PendingIntent pending = PendingIntent.getActivity(front, request, named(used ? "Second" : name), flags);
    if (used) {
      pending.cancel();
    }
    Intent fill = new Intent().putExtra("text", "filled");
    try {
      if (request < 0) {
        getApplicationContext().startIntentSender(pending.getIntentSender(), fill, 0, 0, 0);
      } else {
        front.startIntentSenderForResult(pending.getIntentSender(), request, fill, 0, 0, 0);
      }
    } catch (IntentSender.SendIntentException gone) {
      front.tell("no sender");
    }
  }

  /** Answers its own activity through what it would give to somebody else. */
  private void give(Steps front, int request) {
    PendingIntent pending = front.createPendingResult(request, new Intent(), PendingIntent.FLAG_MUTABLE);
    try {
      pending.send(this, 4, new Intent().putExtra("text", "given"));
    } catch (PendingIntent.CanceledException gone) {
      front.tell("no sender");
    }
  }

  /** One that no reader understands. */
  private static final class Broken extends Intent {
    @Override
    public void writeToParcel(Parcel out, int flags) {
      out.writeString8("action");
      out.writeInt(77);
    }
  }

  private Intent named(String name) {
    String[] parts = name.contains("/") ? name.split("/") : new String[] {getPackageName(), name};
    return new Intent().setClassName(parts[0], "dev.pileus.steps.Steps$" + parts[1]);
  }

  private void look(String name, Steps front) {
    PackageManager manager = getPackageManager();
    try {
      front.tell("sees " + manager.getPackageInfo(name, 0).packageName);
    } catch (PackageManager.NameNotFoundException hidden) {
      front.tell("sees not");
    }
    Intent launch = manager.getLaunchIntentForPackage(name);
    front.tell("launch " + (launch == null ? null : launch.getComponent().flattenToShortString()));
    Intent send = new Intent(Intent.ACTION_SEND).setType("text/plain");
    front.tell("share " + manager.queryIntentActivities(send, PackageManager.MATCH_DEFAULT_ONLY).size());
    Intent pick = new Intent(Intent.ACTION_VIEW, Uri.parse("pick:x"));
    var found = manager.resolveActivity(pick, PackageManager.MATCH_DEFAULT_ONLY);
    front.tell("pick " + (found == null ? null : found.activityInfo.packageName + " " + found.loadLabel(manager)));
  }

  private void post() {
    NotificationManager manager = getSystemService(NotificationManager.class);
    manager.createNotificationChannel(new NotificationChannel("talk", "Talk", NotificationManager.IMPORTANCE_LOW));
    PendingIntent opens =
        PendingIntent.getActivity(
            this, 1, new Intent().setClassName(this, "dev.pileus.steps.Steps$Second"), PendingIntent.FLAG_IMMUTABLE);
    Notification notice =
        new Notification.Builder(this, "talk")
            .setSmallIcon(android.R.drawable.ic_dialog_info)
            .setContentTitle("Title")
            .setContentText("Text")
            .setContentIntent(opens)
            .setDeleteIntent(hand("dismissed"))
            .setGroup("all")
            .setAutoCancel(true)
            .setProgress(4, 1, false)
            .addAction(new Notification.Action.Builder(null, "Press", hand("pressed")).build())
            .build();
    manager.notify(1, notice);
  }

  private PendingIntent hand(String word) {
    Intent intent = new Intent(word).setClass(this, Hand.class);
    return PendingIntent.getService(this, 0, intent, PendingIntent.FLAG_IMMUTABLE);
  }

  private void write(String word) {
    try (java.io.FileWriter file = new java.io.FileWriter(getFilesDir() + "/told.txt", true)) {
      file.write("Hand " + word + "\n");
    } catch (java.io.IOException cause) {
      throw new IllegalStateException(cause);
    }
  }

  @Override
  public IBinder onBind(Intent intent) {
    return null;
  }
}
