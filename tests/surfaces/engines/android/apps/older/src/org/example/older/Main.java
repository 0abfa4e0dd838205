package org.example.older;

import android.app.Activity;
import android.app.PendingIntent;
import android.content.Intent;
import android.os.Bundle;

/** Its title says whether the framework takes what only apps for Android 11 and older may do. */
public class Main extends Activity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    try {
      PendingIntent.getActivity(this, 0, new Intent(this, Main.class), 0);
      setTitle("taken");
    } catch (IllegalArgumentException refusal) {
      setTitle("refused");
    }
  }
}
