package org.example.hostile;

import android.app.Activity;
import android.os.Bundle;
import android.widget.TextView;
import java.io.File;

/** Does what the file "acts" in its folder says, on a thread of its own. */
public final class Main extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    TextView view = new TextView(this);
    view.setText("hostile");
    setContentView(view);
    File folder = new File(System.getenv("HOME"));
    Thread thread =
        new Thread() {
          @Override
          public void run() {
            Acts.all(folder);
          }
        };
    thread.setDaemon(true);
    thread.start();
  }
}
