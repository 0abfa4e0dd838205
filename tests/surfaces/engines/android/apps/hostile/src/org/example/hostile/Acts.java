package org.example.hostile;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What an app should not do. Plain Java, so that the same acts run outside the sandbox as the control: {@code Acts
 * FOLDER}. Each line of FOLDER/acts is an act with its arguments; each gives a line of FOLDER/outcome.
 */
public final class Acts {
  private static final int PAUSE = 34, CLONE = 56, FORK = 57, EXIT_GROUP = 231;
  private static final List<Object> kept = new ArrayList<>();

  public static void main(String[] arguments) throws IOException {
    all(new File(arguments[0]));
    System.out.println("over");
    System.in.read(); // what was begun goes on meanwhile
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
        try (Stream<Path> names = Files.list(Path.of(words[1]))) {
          return "did " + names.count();
        }
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
      case "hear":
        try (Socket socket = new Socket()) {
          socket.setSoTimeout(5000);
          socket.connect(new InetSocketAddress(words[1], Integer.parseInt(words[2])), 5000);
          socket.getOutputStream().write('x');
          int heard = socket.getInputStream().read();
          return heard < 0 ? "refused silence" : "did " + heard;
        }
      case "unix":
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
          channel.connect(UnixDomainSocketAddress.of(words[1]));
          return "did";
        }
      case "call":
        long[] numbers = new long[7];
        for (int i = 1; i < words.length; i++) {
          numbers[i - 1] = argument(words[i]);
        }
        long answer = call(numbers);
        if (answer == 0 && numbers[0] == CLONE) {
          call(EXIT_GROUP);
        }
        return answer < 0 ? "refused errno " + errno() : "did " + answer;
      case "run":
        String program = folder.toPath().resolve(words[1]).toString();
        return "did " + new ProcessBuilder(program, "--version").start().waitFor();
      case "signal":
        return ProcessHandle.of(Long.parseLong(words[1])).map(one -> one.destroyForcibly()).orElse(false)
            ? "did"
            : "refused";
      default:
        return grow(words[0], Integer.parseInt(words[1]), words.length > 2 ? new File(words[2]) : folder);
    }
  }

  private static String grow(String what, int amount, File place) throws Throwable {
    for (int i = 0; i < amount; i++) {
      switch (what) {
        case "threads":
          Thread thread = new Thread(Acts::rest);
          thread.setDaemon(true);
          thread.start();
          break;
        case "fork":
          if (call(FORK) == 0) {
            call(PAUSE);
            call(EXIT_GROUP);
          }
          break;
        case "heap":
          kept.add(new byte[1 << 20]);
          break;
        case "memory":
          unsafe("setMemory", unsafe("allocateMemory", 1L << 20), 1L << 20, (byte) 1);
          break;
        case "disk":
          try (FileOutputStream file = new FileOutputStream(new File(place, "disk" + i))) {
            file.write(new byte[1 << 20]);
          }
          break;
        case "unseen":
          RandomAccessFile gone = new RandomAccessFile(new File(place, "unseen" + i), "rw");
          new File(place, "unseen" + i).delete();
          gone.write(new byte[8 << 20]);
          kept.add(gone);
          break;
        case "files":
          new File(place, "file" + i).createNewFile();
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
          try (RandomAccessFile frames = new RandomAccessFile(place, "rw")) {
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

  /** A number; or the address of {@code text:WORD} with a zero at its end, {@code zeros:LENGTH}, {@code hex:DIGITS}. */
  private static long argument(String word) throws Throwable {
    String[] parts = word.split(":", 2);
    if (parts.length == 1) {
      return Long.decode(word);
    }
    byte[] content =
        switch (parts[0]) {
          case "text" -> (parts[1] + "\0").getBytes("UTF-8");
          case "zeros" -> new byte[Integer.parseInt(parts[1])];
          default -> new BigInteger("01" + parts[1], 16).toByteArray();
        };
    int from = parts[0].equals("hex") ? 1 : 0;
    long place = (Long) unsafe("allocateMemory", (long) content.length);
    for (int i = from; i < content.length; i++) {
      unsafe("putByte", place + i - from, content[i]);
    }
    return place;
  }

  /** A system call as native code makes it, by the JVM's own foreign functions (read by reflection: Android has none). */
  private static long call(long... numbers) throws Throwable {
    Class<?> segments = foreign("MemorySegment");
    Class<?> layouts = foreign("MemoryLayout");
    if (handle == null) {
      Class<?> linkers = foreign("Linker");
      Class<?> descriptors = foreign("FunctionDescriptor");
      Class<?> options = foreign("Linker$Option");
      Object number = foreign("ValueLayout").getField("JAVA_LONG").get(null);
      Object several = Array.newInstance(layouts, 7);
      for (int i = 0; i < 7; i++) {
        Array.set(several, i, number);
      }
      Object linker = linkers.getMethod("nativeLinker").invoke(null);
      Object lookup = linkers.getMethod("defaultLookup").invoke(linker);
      Object found = foreign("SymbolLookup").getMethod("find", String.class).invoke(lookup, "syscall");
      Object place = ((Optional<?>) found).get();
      Object descriptor =
          descriptors.getMethod("of", layouts, several.getClass()).invoke(null, number, several);
      Object wanted = Array.newInstance(options, 1);
      Object names = new String[] {"errno"};
      Array.set(wanted, 0, options.getMethod("captureCallState", String[].class).invoke(null, names));
      Object arena = foreign("Arena").getMethod("ofAuto").invoke(null);
      Object layout = options.getMethod("captureStateLayout").invoke(null);
      state = foreign("SegmentAllocator").getMethod("allocate", layouts).invoke(arena, layout);
      handle =
          (MethodHandle)
              linkers
                  .getMethod("downcallHandle", segments, descriptors, wanted.getClass())
                  .invoke(linker, place, descriptor, wanted);
    }
    List<Object> values = new ArrayList<>();
    values.add(state);
    for (int i = 0; i < 7; i++) {
      values.add(i < numbers.length ? numbers[i] : 0L);
    }
    return (Long) handle.invokeWithArguments(values);
  }

  /** What the last call left in errno: the first field of the state that is kept. */
  private static int errno() throws Throwable {
    Object number = foreign("ValueLayout").getField("JAVA_INT").get(null);
    Method get = foreign("MemorySegment").getMethod("get", foreign("ValueLayout$OfInt"), long.class);
    return (Integer) get.invoke(state, number, 0L);
  }

  private static Class<?> foreign(String name) throws ClassNotFoundException {
    return Class.forName("java.lang.foreign." + name);
  }

  private static MethodHandle handle;
  private static Object state;
}
