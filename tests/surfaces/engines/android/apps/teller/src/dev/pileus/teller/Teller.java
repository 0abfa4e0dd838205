package dev.pileus.teller;

import android.app.Service;
import android.content.Context;
import android.content.Intent;
import android.os.IBinder;
import java.io.File;
import java.io.FileWriter;
import java.io.PrintWriter;

/** Does what its start's action names, in a thread of its own, and writes down what came of it. */
public class Teller extends Service {
  private static Teller living;
  private Binding binding;

  @Override
  public void onCreate() {
    living = this;
    binding = new Binding(this);
  }

  @Override
  public int onStartCommand(Intent intent, int flags, int start) {
    if (intent != null && intent.getAction() != null) {
      String action = intent.getAction();
      new Thread(() -> run(action)).start();
    }
    return START_NOT_STICKY;
  }

  private void run(String action) {
    try {
      switch (action) {
        case "bind" -> binding.bind();
        case "talk" -> binding.talk();
        case "order" -> binding.order();
        case "fall" -> binding.fall();
        case "errors" -> binding.errors();
        case "back" -> binding.back();
        case "many" -> binding.many();
        case "cycle" -> binding.cycle();
        case "crowd" -> new Sending(this).crowd();
        case "active" -> new Sending(this).active();
        case "unbind" -> binding.unbind();
        case "provider" -> new Reading(this).run();
        case "observe" -> new Reading(this).observe();
        case "broadcast" -> new Sending(this).broadcast();
        case "alarm" -> new Sending(this).alarm();
        case "job" -> new Sending(this).job();
        case "later" -> new Sending(this).later();
        case "steady" -> startForeground(9, new Sending(this).steady());
        case "calm" -> stopForeground(STOP_FOREGROUND_REMOVE);
        case "notify" -> new Sending(this).notice();
        case "senders" -> new Sending(this).senders();
        case "copy" -> new Sending(this).copy();
        default -> {}
      }
      tell(action + " done");
    } catch (Throwable cause) {
      tell(action + " failed: " + cause);
      cause.printStackTrace();
    }
  }

  static void tell(String line) {
    tell(living, line);
  }

  static synchronized void tell(Context context, String line) {
    File file = new File(context.getFilesDir(), "told.txt");
    try (PrintWriter out = new PrintWriter(new FileWriter(file, true))) {
      out.println(line);
    } catch (java.io.IOException cause) {
      throw new IllegalStateException(cause);
    }
  }

  @Override
  public IBinder onBind(Intent intent) {
    return null;
  }
}
