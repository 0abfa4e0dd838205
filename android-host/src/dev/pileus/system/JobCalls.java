package dev.pileus.system;

import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.pm.ParceledListSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;

/** IJobScheduler: the system keeps jobs and runs them when it is time. */
final class JobCalls extends Calls {
  private final SystemLink link;

  JobCalls(SystemLink link) {
    this.link = link;
  }

  @Override
  Object answer(String method, Object[] a) throws Exception {
    return switch (method) {
      case "schedule" -> schedule((JobInfo) a[1]);
      case "cancel" -> {
        link.call("cancelJob", new Message().put("id", a[1]));
        yield null;
      }
      case "cancelAll", "cancelAllInNamespace" -> {
        link.call("cancelJob", new Message().put("all", true));
        yield null;
      }
      case "getAllPendingJobsInNamespace" -> new ParceledListSlice<>(pending());
      case "getAllPendingJobs" -> Map.of("", new ParceledListSlice<>(pending()));
      case "getPendingJob" -> pending().stream().filter(job -> job.getId() == (Integer) a[1]).findFirst().orElse(null);
      default -> NOTHING;
    };
  }

  private int schedule(JobInfo job) {
    Message message = new Message().put("id", job.getId());
    message.put("component", Intents.name(job.getService()));
    message.put("delay_ms", job.isPeriodic() ? 0 : job.getMinLatencyMillis());
    message.put("period_ms", job.isPeriodic() ? job.getIntervalMillis() : 0);
    message.put("persisted", job.isPersisted()).put("backoff_ms", job.getInitialBackoffMillis());
    message.put("linear", job.getBackoffPolicy() == JobInfo.BACKOFF_POLICY_LINEAR);
    message.part("extras", parcel -> parcel.writePersistableBundle(job.getExtras()));
    message.part("raw", parcel -> job.writeToParcel(parcel, 0));
    int result = link.call("scheduleJob", message).fields.optInt("result");
    return result == 1 ? JobScheduler.RESULT_SUCCESS : JobScheduler.RESULT_FAILURE;
  }

  private List<JobInfo> pending() {
    Message answer = link.call("pendingJobs", new Message());
    JSONArray all = answer.fields.optJSONArray("jobs");
    List<JobInfo> jobs = new ArrayList<>();
    for (int i = 0; all != null && i < all.length(); i++) {
      jobs.add(answer.piece(all.optJSONObject(i), JobInfo.CREATOR::createFromParcel));
    }
    return jobs;
  }
}
