package org.example.flood;

import android.app.Activity;
import android.app.AlertDialog;
import android.app.Notification;
import android.app.NotificationChannel;
import android.app.NotificationManager;
import android.os.Bundle;
import android.os.Handler;
import android.os.Looper;
import android.util.Log;
import android.widget.TextView;
import java.io.File;
import java.io.FileWriter;
import java.io.IOException;
import java.nio.file.Files;

/** Activities that take too much, each of one kind, and one that only draws. How much: the file "amount". */
public final class Floods {
  private Floods() {}

  private abstract static class Flood extends Activity {
    private final Handler main = new Handler(Looper.getMainLooper());
    private TextView text;

    @Override
    protected void onCreate(Bundle state) {
      super.onCreate(state);
      text = new TextView(this);
      text.setText(getClass().getSimpleName());
      text.setTextSize(40);
      setContentView(text);
      begin();
    }

    /** Called before its picture is there. */
    void begin() {
      main.postDelayed(this::flood, 300);
    }

    void flood() {}

    void draw(int number) {
      text.setText(Integer.toString(number));
      main.postDelayed(() -> draw(number + 1), 50);
    }

    File folder() {
      return new File(System.getenv("HOME"));
    }

    int amount() {
      try {
        return Integer.parseInt(Files.readString(folder().toPath().resolve("amount")).trim());
      } catch (IOException none) {
        return 1000;
      }
    }

    /** What it has done so far. */
    void did(int count) {
      try (FileWriter file = new FileWriter(new File(folder(), "did"))) {
        file.write(Integer.toString(count));
      } catch (IOException full) {
        throw new IllegalStateException(full);
      }
    }
  }

  /** Counts, and draws each number. */
  public static final class Calm extends Flood {
    @Override
    void begin() {
      draw(0);
    }
  }

  /** Opens dialogs without end. */
  public static class Windows extends Flood {
    @Override
    void flood() {
      int amount = amount();
      for (int i = 0; i < amount; i++) {
        open(i);
        did(i + 1);
      }
      draw(0);
    }

    void open(int number) {
      new AlertDialog.Builder(this).setMessage("Window " + number).show();
    }
  }

  /** The same, undismayed when one does not open. */
  public static final class Caught extends Windows {
    @Override
    void open(int number) {
      try {
        super.open(number);
      } catch (RuntimeException refused) {
        throw new Refused();
      }
    }

    @Override
    void flood() {
      try {
        super.flood();
      } catch (Refused over) {
        draw(0);
      }
    }
  }

  private static final class Refused extends RuntimeException {}

  /** Notifies again and again, then says that it is through. */
  public static final class Notices extends Flood {
    @Override
    void flood() {
      NotificationManager manager = getSystemService(NotificationManager.class);
      manager.createNotificationChannel(
          new NotificationChannel("flood", "Flood", NotificationManager.IMPORTANCE_DEFAULT));
      int amount = amount();
      for (int i = 0; i < amount; i++) {
        Notification notice =
            new Notification.Builder(this, "flood")
                .setSmallIcon(android.R.drawable.ic_dialog_info)
                .setContentTitle("Notice " + i)
                .build();
        manager.notify(i % 500, notice);
      }
      did(amount);
      draw(0);
    }
  }

  /** Writes lines by all the ways that there are, from a thread that never rests. */
  public static final class Lines extends Flood {
    @Override
    void flood() {
      Thread thread = new Thread(this::write);
      thread.setDaemon(true);
      thread.start();
      draw(0);
    }

    private void write() {
      String line = "x".repeat(1000);
      int amount = amount();
      for (int i = 1; i <= amount; i++) {
        System.out.println(line);
        System.err.println(line);
        Log.e("flood", line);
        if (i % 100 == 0 || i == amount) {
          did(i);
        }
      }
    }
  }

  /** Falls over as it starts, unless that is to happen no time. */
  public static final class Throws extends Flood {
    @Override
    void begin() {
      if (amount() > 0) {
        throw new IllegalStateException("not today");
      }
      draw(0);
    }
  }

  /** Comes back from its start after as many rounds as it is told, which may be never (below 0). */
  public static final class Never extends Flood {
    @Override
    void begin() {
      int rounds = amount();
      long at = 1;
      while (at != 0 && (rounds < 0 || rounds-- > 0)) {
        at = at * 31 | 1;
      }
      draw(0);
    }
  }
}
