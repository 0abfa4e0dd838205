package org.example.hostile;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What an app should not do. Plain Java, so that the same acts run outside the sandbox as the control: {@code Acts
 * FOLDER}. Each line of FOLDER/acts is an act with its arguments; each gives a line of FOLDER/outcome.
 */
public final class Acts {
  private static final List<Object> kept = new ArrayList<>();

  public static void main(String[] arguments) {
    all(new File(arguments[0]));
    System.out.println("over");
    Runtime.getRuntime().halt(0);
  }

  static void all(File folder) {
    try (FileOutputStream outcome = new FileOutputStream(new File(folder, "outcome"))) {
      for (String line : Files.readAllLines(folder.toPath().resolve("acts"))) {
        String[] words = line.split(" ");
        String said;
        try {
          said = act(words, folder);
        } catch (Throwable refused) {
          said = "refused " + refused;
        }
        outcome.write((words[0] + " " + said.replace('\n', ' ') + "\n").getBytes("UTF-8"));
      }
      outcome.write("over\n".getBytes("UTF-8"));
    } catch (Exception cause) {
      cause.printStackTrace();
    }
  }

  private static String act(String[] words, File folder) throws Throwable {
    switch (words[0]) {
      case "read":
        try (FileInputStream file = new FileInputStream(words[1])) {
          return "did " + file.read();
        }
      case "list":
        String[] names = new File(words[1]).list();
        return names == null ? "refused" : "did " + names.length;
      case "write":
        try (FileOutputStream file = new FileOutputStream(words[1], true)) {
          file.write('x');
          return "did";
        }
      case "link":
        Path link = folder.toPath().resolve("link-" + words[1].replace('/', '-'));
        Files.createSymbolicLink(link, Path.of(words[1]));
        return "did " + Files.newInputStream(link).read();
      case "connect":
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress(words[1], Integer.parseInt(words[2])), 3000);
          return "did";
        }
      case "unix":
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
          channel.connect(UnixDomainSocketAddress.of(words[1]));
          return "did";
        }
      case "call":
        long[] numbers = new long[7];
        for (int i = 1; i < words.length; i++) {
          numbers[i - 1] = Long.decode(words[i]);
        }
        long answer = call(numbers);
        return answer < 0 ? "refused" : "did " + answer;
      case "run":
        return "did " + new ProcessBuilder(words[1], "--version").start().waitFor();
      case "signal":
        return ProcessHandle.of(Long.parseLong(words[1])).map(one -> one.destroyForcibly()).orElse(false)
            ? "did"
            : "refused";
      default:
        return grow(words[0], Integer.parseInt(words[1]), folder);
    }
  }

  private static String grow(String what, int amount, File folder) throws Throwable {
    for (int i = 0; i < amount; i++) {
      switch (what) {
        case "threads":
          Thread thread = new Thread(Acts::rest);
          thread.setDaemon(true);
          thread.start();
          break;
        case "fork":
          if (call(57) == 0) {
            call(34);
            call(231);
          }
          break;
        case "heap":
          kept.add(new byte[1 << 20]);
          break;
        case "memory":
          unsafe("setMemory", unsafe("allocateMemory", 1L << 20), 1L << 20, (byte) 1);
          break;
        case "disk":
        case "tmp":
          File place = what.equals("tmp") ? new File("/tmp") : folder;
          try (FileOutputStream file = new FileOutputStream(new File(place, what + i))) {
            file.write(new byte[1 << 20]);
          }
          break;
        case "unseen":
          RandomAccessFile gone = new RandomAccessFile(new File(folder, "unseen" + i), "rw");
          new File(folder, "unseen" + i).delete();
          gone.write(new byte[8 << 20]);
          kept.add(gone);
          break;
        case "files":
          new File(folder, "file" + i).createNewFile();
          break;
        case "open":
          kept.add(new FileInputStream("/dev/null"));
          break;
        case "spin":
          Thread spinning = new Thread(Acts::spin);
          spinning.setDaemon(true);
          spinning.start();
          break;
        case "stretch":
          try (RandomAccessFile frames = new RandomAccessFile("/link/frames", "rw")) {
            frames.setLength(frames.length() + (1 << 20));
          }
          break;
        default:
          return "unknown";
      }
    }
    return "did " + amount;
  }

  private static void rest() {
    try {
      Thread.sleep(600_000);
    } catch (InterruptedException over) {
      return;
    }
  }

  private static void spin() {
    long at = 1;
    while (at != 0) {
      at = at * 31 | 1;
    }
  }

  private static Object unsafe(String name, Object... values) throws Throwable {
    Field field = Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe");
    field.setAccessible(true);
    for (Method method : field.getType().getMethods()) {
      if (method.getName().equals(name) && method.getParameterCount() == values.length) {
        return method.invoke(field.get(null), values);
      }
    }
    throw new NoSuchMethodException(name);
  }

  /** A system call as native code makes it, by the JVM's own foreign functions (read by reflection: Android has none). */
  private static long call(long... numbers) throws Throwable {
    if (handle == null) {
      Class<?> linkers = Class.forName("java.lang.foreign.Linker");
      Class<?> layouts = Class.forName("java.lang.foreign.MemoryLayout");
      Class<?> segments = Class.forName("java.lang.foreign.MemorySegment");
      Class<?> descriptors = Class.forName("java.lang.foreign.FunctionDescriptor");
      Class<?> options = Class.forName("java.lang.foreign.Linker$Option");
      Object number = Class.forName("java.lang.foreign.ValueLayout").getField("JAVA_LONG").get(null);
      Object several = Array.newInstance(layouts, 7);
      for (int i = 0; i < 7; i++) {
        Array.set(several, i, number);
      }
      Object linker = linkers.getMethod("nativeLinker").invoke(null);
      Object lookup = linkers.getMethod("defaultLookup").invoke(linker);
      Object found =
          Class.forName("java.lang.foreign.SymbolLookup").getMethod("find", String.class).invoke(lookup, "syscall");
      Object place = ((java.util.Optional<?>) found).get();
      Object descriptor =
          descriptors.getMethod("of", layouts, several.getClass()).invoke(null, number, several);
      Object none = Array.newInstance(options, 0);
      handle =
          (MethodHandle)
              linkers
                  .getMethod("downcallHandle", segments, descriptors, none.getClass())
                  .invoke(linker, place, descriptor, none);
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      values.add(i < numbers.length ? numbers[i] : 0L);
    }
    return (Long) handle.invokeWithArguments(values);
  }

  private static MethodHandle handle;
}
