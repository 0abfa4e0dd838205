package dev.pileus.chores;

import android.content.Context;
import androidx.work.Data;
import androidx.work.Worker;
import androidx.work.WorkerParameters;

/** Doubles a number. */
public class Twice extends Worker {
  static final String NUMBER = "number";

  public Twice(Context context, WorkerParameters given) {
    super(context, given);
  }

  @Override
  public Result doWork() {
    int number = getInputData().getInt(NUMBER, 0);
    return Result.success(new Data.Builder().putInt(NUMBER, 2 * number).build());
  }
}
