package dev.pileus.teller;

import android.app.job.JobParameters;
import android.app.job.JobService;

/** A job that says what it was given. */
public class Work extends JobService {
  @Override
  public boolean onStartJob(JobParameters parameters) {
    Teller.tell(this, "job " + parameters.getJobId() + " " + parameters.getExtras().getString("word"));
    new Thread(
            () -> {
              jobFinished(parameters, false);
              Teller.tell(this, "job done");
            })
        .start();
    return true;
  }

  @Override
  public boolean onStopJob(JobParameters parameters) {
    return true;
  }
}
