package dev.pileus.translate;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs programs of a jar: {@code RunAll IN.jar NAMES.txt OUT.txt}. Each name is a class with a method
 * {@code static void run(StringBuilder)}; what it wrote, and what it threw, follows a line with its name.
 */
public final class RunAll {
  private static final long PATIENCE = 20_000;

  public static void main(String[] arguments) throws Exception {
    List<String> names = Files.readAllLines(Path.of(arguments[1]));
    URL[] urls = {Path.of(arguments[0]).toUri().toURL()};
    try (PrintStream out = new PrintStream(Files.newOutputStream(Path.of(arguments[2])), false, "UTF-8");
        URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      for (String name : names) {
        out.println("== " + name + "\n" + said(loader, name, PATIENCE));
      }
    }
    System.exit(0);
  }

  /** What one program says. */
  static String said(ClassLoader loader, String name, long patience) throws InterruptedException {
    StringBuilder said = new StringBuilder();
    Thread thread = new Thread(null, () -> run(loader, name, said), name, 4 << 20);
    thread.setDaemon(true);
    thread.start();
    thread.join(patience);
    return thread.isAlive() ? "never ended" : said.toString();
  }

  private static void run(ClassLoader loader, String name, StringBuilder said) {
    try {
      Class.forName(name, true, loader).getMethod("run", StringBuilder.class).invoke(null, said);
    } catch (InvocationTargetException cause) {
      said.append("\nthrew ").append(told(cause.getCause()));
    } catch (Throwable cause) {
      said.append("\nfailed ").append(told(cause));
    }
  }

  /** The class and the message of an exception; of a broken class file the place too, for whoever looks. */
  private static String told(Throwable cause) {
    if (!(cause instanceof LinkageError)) {
      return cause.getClass().getName() + ": " + cause.getMessage();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    cause.printStackTrace(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
