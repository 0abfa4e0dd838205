package dev.pileus.host;

import dev.pileus.binder.Posix;
import java.util.concurrent.TimeUnit;

/** Gives memory back when an app has come to rest; it waits without waking up while nothing moves. */
final class Rest {
  private static final long AFTER_SECONDS = 4;
  private static final long WORTH_BYTES = 8 << 20;
  private final Object lock = new Object();
  private boolean moved;
  private long left;

  /** Starts to watch. */
  void watch() {
    Thread thread = new Thread(this::run, "rest");
    thread.setDaemon(true);
    thread.start();
  }

  /** Something was sent. */
  void moved() {
    synchronized (lock) {
      if (!moved) {
        moved = true;
        lock.notify();
      }
    }
  }

  private void run() {
    try {
      while (true) {
        synchronized (lock) {
          while (!moved) {
            lock.wait();
          }
        }
        do {
          synchronized (lock) {
            moved = false;
          }
          TimeUnit.SECONDS.sleep(AFTER_SECONDS);
        } while (movedAgain());
        collect();
        Posix.trim();
        ArchivePages.release();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean movedAgain() {
    synchronized (lock) {
      return moved;
    }
  }

  private void collect() {
    Runtime heap = Runtime.getRuntime();
    if (heap.totalMemory() - heap.freeMemory() - left < WORTH_BYTES) {
      return;
    }
    // Twice: what finalizers held becomes garbage at the first.
    System.gc();
    System.runFinalization();
    System.gc();
    left = heap.totalMemory() - heap.freeMemory();
  }
}
