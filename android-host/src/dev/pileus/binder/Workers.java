package dev.pileus.binder;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that serve calls. One-way calls of one node run one after the other, in their order. */
final class Workers {
  /** As many as Android gives an app's process. */
  private static final int THREADS = 16;

  private final Executor pool;
  private final Map<Integer, ArrayDeque<Runnable>> ordered = new HashMap<>();

  Workers() {
    ThreadPoolExecutor made =
        new ThreadPoolExecutor(
            THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Workers::thread);
    made.allowCoreThreadTimeOut(true);
    pool = made;
  }

  void run(Runnable work) {
    pool.execute(work);
  }

  void runInOrder(int node, Runnable work) {
    synchronized (ordered) {
      ArrayDeque<Runnable> queue = ordered.get(node);
      if (queue != null) {
        queue.add(work);
        return;
      }
      ordered.put(node, new ArrayDeque<>());
    }
    pool.execute(() -> serve(node, work));
  }

  /** Serves one, and hands on the next whatever became of this one. */
  private void serve(int node, Runnable work) {
    try {
      work.run();
    } finally {
      Runnable next;
      synchronized (ordered) {
        next = ordered.get(node).poll();
        if (next == null) {
          ordered.remove(node);
        }
      }
      if (next != null) {
        pool.execute(() -> serve(node, next));
      }
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "binder");
    thread.setDaemon(true);
    return thread;
  }
}
