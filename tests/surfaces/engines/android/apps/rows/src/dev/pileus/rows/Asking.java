package dev.pileus.rows;

import android.app.Activity;
import android.app.PendingIntent;
import android.content.Intent;
import android.os.Bundle;
import androidx.activity.ComponentActivity;
import androidx.activity.result.ActivityResultLauncher;
import androidx.activity.result.IntentSenderRequest;
import androidx.activity.result.contract.ActivityResultContracts;

/** Asks by a sender, as sign-in and pickers do, and shows the answer as its title. */
public class Asking extends ComponentActivity {
  private final ActivityResultLauncher<IntentSenderRequest> launcher =
      registerForActivityResult(
          new ActivityResultContracts.StartIntentSenderForResult(),
          result -> setTitle(result.getResultCode() + " " + result.getData().getStringExtra("text")));

  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    setTitle("asks");
    if (state == null) {
      Intent asked = new Intent(this, Answer.class);
      PendingIntent pending = PendingIntent.getActivity(this, 0, asked, PendingIntent.FLAG_MUTABLE);
      Intent more = new Intent().putExtra("text", "西湖");
      launcher.launch(new IntentSenderRequest.Builder(pending).setFillInIntent(more).build());
    }
  }

  /** Gives back what it was given. */
  public static class Answer extends Activity {
    @Override
    protected void onCreate(Bundle state) {
      super.onCreate(state);
      setResult(5, new Intent().putExtra("text", getIntent().getStringExtra("text")));
      finish();
    }
  }
}
