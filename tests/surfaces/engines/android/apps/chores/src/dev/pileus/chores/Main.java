package dev.pileus.chores;

import android.os.Bundle;
import android.widget.TextView;
import androidx.activity.ComponentActivity;
import androidx.work.Data;
import androidx.work.ExistingWorkPolicy;
import androidx.work.OneTimeWorkRequest;
import androidx.work.WorkInfo;
import androidx.work.WorkManager;
import java.util.concurrent.TimeUnit;

/** Has two pieces of work done, one after the other; its title is what came of the second. */
public class Main extends ComponentActivity {
  @Override
  protected void onCreate(Bundle state) {
    super.onCreate(state);
    TextView text = new TextView(this);
    setContentView(text);
    Data three = new Data.Builder().putInt(Twice.NUMBER, 3).build();
    OneTimeWorkRequest first = new OneTimeWorkRequest.Builder(Twice.class).setInputData(three).build();
    OneTimeWorkRequest later =
        new OneTimeWorkRequest.Builder(Twice.class).setInitialDelay(300, TimeUnit.MILLISECONDS).build();
    WorkManager work = WorkManager.getInstance(this);
    work.beginUniqueWork("twice", ExistingWorkPolicy.REPLACE, first).then(later).enqueue();
    work.getWorkInfoByIdLiveData(later.getId()).observe(this, info -> {
      if (info != null) {
        boolean done = info.getState() == WorkInfo.State.SUCCEEDED;
        String told = done ? "done " + info.getOutputData().getInt(Twice.NUMBER, 0) : info.getState().name();
        text.setText(told);
        setTitle(told);
      }
    });
  }
}
