package org.example.errands;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;

/** What the buttons of the notification do. */
public final class Post extends BroadcastReceiver {
  @Override
  public void onReceive(Context context, Intent intent) {
    if ("0".equals(intent.getAction())) {
      Pigeons.post(context, intent.getStringExtra("title"), "Fed", "More", "Let it fly");
    } else {
      Pigeons.cancel(context);
    }
  }
}
