package dev.pileus.system;

import android.app.job.IJobCallback;
import android.app.job.IJobService;
import android.app.job.JobParameters;
import android.content.ComponentName;
import android.net.Uri;
import android.os.IBinder;
import android.os.PersistableBundle;
import android.os.RemoteException;
import dev.pileus.host.AppClassLoader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.robolectric.util.ReflectionHelpers;
import org.robolectric.util.ReflectionHelpers.ClassParameter;

/** Runs the app's jobs: the system has bound the JobService and says when it starts and must stop. */
final class Jobs {
  private final AppThread thread;
  private final Map<Integer, JobParameters> running = new ConcurrentHashMap<>();

  Jobs(AppThread thread) {
    this.thread = thread;
  }

  void take(String method, Message message) throws RemoteException {
    int job = message.fields.optInt("job");
    IBinder service = message.binder("service");
    IJobService target = IJobService.Stub.asInterface(service);
    if (method.equals("stopJob")) {
      JobParameters parameters = running.get(job);
      if (parameters != null) {
        target.stopJob(parameters);
      }
      return;
    }
    PersistableBundle extras =
        message.piece("extras", parcel -> parcel.readPersistableBundle(AppClassLoader.instance()));
    JobParameters parameters = ReflectionHelpers.newInstance(JobParameters.class);
    ReflectionHelpers.setField(parameters, "jobId", message.fields.optInt("id"));
    ReflectionHelpers.setField(parameters, "extras", extras == null ? new PersistableBundle() : extras);
    ReflectionHelpers.setField(parameters, "transientExtras", new android.os.Bundle());
    ReflectionHelpers.setField(parameters, "overrideDeadlineExpired", message.fields.optBoolean("deadline"));
    ReflectionHelpers.setField(parameters, "callback", new Callback(job).asBinder());
    running.put(job, parameters);
    target.startJob(parameters);
  }

  private final class Callback extends IJobCallback.Default {
    private final int job;
    private final android.os.Binder binder = new android.os.Binder();

    Callback(int job) {
      this.job = job;
      binder.attachInterface(this, IJobCallback.class.getName());
    }

    @Override
    public IBinder asBinder() {
      return binder;
    }

    @Override
    public void acknowledgeStartMessage(int id, boolean ongoing) {
      if (!ongoing) {
        ended(false);
      }
    }

    @Override
    public void acknowledgeStopMessage(int id, boolean again) {
      ended(again);
    }

    @Override
    public void jobFinished(int id, boolean again) {
      ended(again);
    }

    private void ended(boolean again) {
      running.remove(job);
      thread.link().tell("jobFinished", new Message().put("job", job).put("again", again));
    }
  }
}
