package dev.pileus.device;

import dev.pileus.host.Link;

/**
 * What nobody caught, on whichever thread, is told and ends the process, as Android's RuntimeInit has it. An app that
 * sets a handler of its own comes first, and finds this one as the default before it.
 */
final class Uncaught implements Thread.UncaughtExceptionHandler {
  private final Link link;
  private final Runnable before;

  Uncaught(Link link, Runnable before) {
    this.link = link;
    this.before = before;
  }

  @Override
  public synchronized void uncaughtException(Thread thread, Throwable cause) {
    try {
      System.err.println("FATAL EXCEPTION: " + thread.getName());
      cause.printStackTrace();
      before.run();
      link.send(0x47, 4, Fall.of(cause));
    } finally {
      Runtime.getRuntime().halt(Fall.status(cause));
    }
  }

  /** On the main thread, which an app has to have: it ends even where the app's own handler lets it live. */
  void end(Throwable cause) {
    Thread main = Thread.currentThread();
    before.run();
    try {
      main.getUncaughtExceptionHandler().uncaughtException(main, cause);
    } catch (Throwable worse) {
      worse.printStackTrace();
    }
    uncaughtException(main, cause);
  }
}
