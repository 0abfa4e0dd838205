package org.example.errands;

import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.content.Context;
import android.content.Intent;
import android.os.Bundle;

/** Posts a notification that is answered by its buttons. */
public final class Pigeons extends Screen {
  private static final int NUMBER = 1;

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    setTitle(say("Pigeons", "信鸽"));
    button("Send a pigeon", "放飞信鸽", () -> post(this, say("A pigeon waits", "信鸽等候"), say("It is hungry", "它饿了"),
        say("Feed it", "喂食"), say("Let it fly", "放飞")));
  }

  static void post(Context context, String title, String text, String... actions) {
    NotificationManager manager = context.getSystemService(NotificationManager.class);
    manager.createNotificationChannel(
        new NotificationChannel("post", title, NotificationManager.IMPORTANCE_DEFAULT));
    Notification.Builder builder =
        new Notification.Builder(context, "post")
            .setSmallIcon(android.R.drawable.ic_dialog_email)
            .setContentTitle(title)
            .setContentText(text);
    for (int at = 0; at < actions.length; at++) {
      Intent intent = new Intent(context, Post.class).setAction("" + at).putExtra("title", title);
      PendingIntent pressed = PendingIntent.getBroadcast(context, at, intent, PendingIntent.FLAG_IMMUTABLE);
      builder.addAction(new Notification.Action.Builder(null, actions[at], pressed).build());
    }
    manager.notify(NUMBER, builder.build());
  }

  static void cancel(Context context) {
    context.getSystemService(NotificationManager.class).cancel(NUMBER);
  }
}
