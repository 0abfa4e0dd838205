package org.example.edges;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.Intent;
import android.os.Bundle;
import android.os.Handler;
import android.os.HandlerThread;
import android.os.Looper;
import android.view.MotionEvent;
import android.widget.EditText;
import android.widget.TextView;
import java.io.FileWriter;
import java.io.IOException;

/** What an app may do and few do, each in an activity of its own; what has to be known of it is written down. */
public final class Edges {
  private Edges() {}

  private abstract static class Edge extends Activity {
    final Handler main = new Handler(Looper.getMainLooper());

    @Override
    protected void onCreate(Bundle state) {
      super.onCreate(state);
      setTitle(getClass().getSimpleName());
      TextView text = new TextView(this);
      text.setText(getClass().getSimpleName());
      setContentView(text);
    }

    @Override
    public boolean dispatchTouchEvent(MotionEvent event) {
      if (event.getActionMasked() == MotionEvent.ACTION_DOWN) {
        begin();
      }
      return super.dispatchTouchEvent(event);
    }

    /** Called when it is touched. */
    void begin() {}

    /** Runs in a thread of its own after a while in which nothing else moves. */
    void later(Runnable work) {
      new Thread(
              () -> {
                try {
                  Thread.sleep(1500);
                } catch (InterruptedException never) {
                  throw new IllegalStateException(never);
                }
                work.run();
              },
              "later")
          .start();
    }

    void tell(String line) {
      try (FileWriter file = new FileWriter(System.getenv("HOME") + "/told", true)) {
        file.write(line + "\n");
      } catch (IOException full) {
        throw new IllegalStateException(full);
      }
    }
  }

  /** A text field with so many times some text, and the caret at a place. */
  public static final class Text extends Activity {
    @Override
    protected void onCreate(Bundle state) {
      super.onCreate(state);
      EditText field = new EditText(this);
      field.setMaxLines(4);
      field.setText(getIntent().getStringExtra("text").repeat(getIntent().getIntExtra("times", 1)));
      field.setSelection(getIntent().getIntExtra("caret", 0));
      setContentView(field);
      field.requestFocus();
    }
  }

  /** Has a title that nobody can read to its end. */
  public static final class Titled extends Edge {
    @Override
    void begin() {
      setTitle("x" + "😀".repeat(100_000));
    }
  }

  /** As such screens are often written: a thread sleeps, then opens the next activity and finishes this one. */
  public static final class Splash extends Edge {
    @Override
    void begin() {
      later(
          () -> {
            try {
              startActivity(new Intent("org.example.edges.NOTHING").setPackage(getPackageName()));
            } catch (ActivityNotFoundException none) {
              tell("nothing answers");
            }
            startActivity(new Intent(this, Next.class));
            finish();
          });
    }

    @Override
    protected void onDestroy() {
      super.onDestroy();
      tell("destroyed");
    }
  }

  public static final class Next extends Edge {}

  /** Finishes itself from a thread. */
  public static final class Brief extends Edge {
    @Override
    void begin() {
      later(this::finish);
    }
  }

  /** Asks for permissions from a thread. */
  public static final class Asks extends Edge {
    @Override
    void begin() {
      later(() -> requestPermissions(new String[] {"android.permission.CAMERA"}, 7));
    }

    @Override
    public void onRequestPermissionsResult(int request, String[] names, int[] held) {
      setTitle("answered " + request + " " + held[0] + " " + Looper.getMainLooper().isCurrentThread());
    }
  }

  /** Throws, on one of its threads, with a handler of its own or without. */
  public static final class Throws extends Edge {
    @Override
    void begin() {
      Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
      String own = getIntent().getStringExtra("handler");
      if (own != null) {
        Thread.setDefaultUncaughtExceptionHandler(
            (thread, cause) -> {
              tell(thread.getName() + " " + cause.getMessage());
              if (own.equals("tells")) {
                before.uncaughtException(thread, cause);
              }
              main.post(() -> setTitle("lives"));
            });
      }
      Runnable fall =
          () -> {
            String words = getIntent().getStringExtra("words");
            throw new IllegalStateException(words.repeat(getIntent().getIntExtra("times", 1)));
          };
      switch (getIntent().getStringExtra("on")) {
        case "main" -> fall.run();
        case "thread" -> new Thread(fall, "worker").start();
        default -> {
          HandlerThread looper = new HandlerThread("looper");
          looper.start();
          new Handler(looper.getLooper()).post(fall);
        }
      }
    }
  }
}
