package dev.pileus.binder;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;

/** The system calls that the JDK has no class for: descriptors as numbers. Linux on x86-64. */
public final class Posix {
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_TRUNC = 01000;
  public static final int O_APPEND = 02000;
  public static final int O_CLOEXEC = 02000000;
  private static final int O_TMPFILE = 020200000;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int MADV_DONTNEED = 4;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN = find("open", 2, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = find("close", -1, JAVA_INT);
  private static final MethodHandle FCNTL = find("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle PIPE = find("pipe2", -1, ADDRESS, JAVA_INT);
  private static final MethodHandle PAIR =
      find("socketpair", -1, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle FSTAT = find("fstat", -1, JAVA_INT, ADDRESS);
  private static final MethodHandle TRIM = find("malloc_trim", -1, JAVA_LONG);
  private static final MethodHandle ADVISE = find("madvise", -1, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final Field FD = field();

  private Posix() {}

  /** A handle of a C function that gives an int or a long as long; -1 is a failure. */
  static MethodHandle find(String name, int variadicFrom, MemoryLayout... arguments) {
    Linker.Option capture = Linker.Option.captureCallState("errno");
    Linker.Option[] options =
        variadicFrom < 0
            ? new Linker.Option[] {capture}
            : new Linker.Option[] {capture, Linker.Option.firstVariadicArg(variadicFrom)};
    boolean wide = name.endsWith("msg");
    return LINKER.downcallHandle(
        LINKER.defaultLookup().find(name).orElseThrow(),
        FunctionDescriptor.of(wide ? JAVA_LONG : JAVA_INT, arguments),
        options);
  }

  static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /** Gives free pages of native memory back to the machine: malloc_trim(3). */
  public static void trim() {
    try (Arena arena = Arena.ofConfined()) {
      int unused = (int) TRIM.invokeExact(state(arena), 0L);
    } catch (Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }

  /** Takes pages of a file that were never written to out of this process; they come back when they are read. */
  public static void unmap(long from, long to) {
    try (Arena arena = Arena.ofConfined()) {
      int unused = (int) ADVISE.invokeExact(state(arena), from, to - from, MADV_DONTNEED);
    } catch (Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }

  public static int open(String path, int flags, int mode) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = state(arena);
      int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags | O_CLOEXEC, mode);
      return checked(fd, state, "open " + path);
    } catch (IOException cause) {
      throw cause;
    } catch (Throwable cause) {
      throw new IOException(cause);
    }
  }

  public static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int ignored = (int) CLOSE.invokeExact(state(arena), fd);
    } catch (Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }

  public static int dup(int fd) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = state(arena);
      return checked((int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 0), state, "dup");
    } catch (IOException cause) {
      throw cause;
    } catch (Throwable cause) {
      throw new IOException(cause);
    }
  }

  /** The reading end and the writing end. */
  public static int[] pipe() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = state(arena);
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      checked((int) PIPE.invokeExact(state, ends, O_CLOEXEC), state, "pipe");
      return ends.toArray(JAVA_INT);
    } catch (IOException cause) {
      throw cause;
    } catch (Throwable cause) {
      throw new IOException(cause);
    }
  }

  public static int[] socketPair() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = state(arena);
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      int type = SOCK_STREAM | O_CLOEXEC;
      checked((int) PAIR.invokeExact(state, AF_UNIX, type, 0, ends), state, "socketpair");
      return ends.toArray(JAVA_INT);
    } catch (IOException cause) {
      throw cause;
    } catch (Throwable cause) {
      throw new IOException(cause);
    }
  }

  /** Size in bytes of a regular file, else -1. */
  public static long size(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(144, 8); // struct stat: st_mode at 24, st_size at 48
      int done = (int) FSTAT.invokeExact(state(arena), fd, status);
      boolean regular = done == 0 && (status.get(JAVA_INT, 24) & 0170000) == 0100000;
      return regular ? status.get(JAVA_LONG, 48) : -1;
    } catch (Throwable cause) {
      throw new IllegalStateException(cause);
    }
  }

  /** A file in memory that has no name. */
  public static int memory() throws IOException {
    return open("/tmp", O_RDWR | O_TMPFILE, 0600);
  }

  public static FileDescriptor descriptor(int fd) {
    try {
      FileDescriptor made = new FileDescriptor();
      FD.setInt(made, fd);
      return made;
    } catch (IllegalAccessException cause) {
      throw new IllegalStateException(cause);
    }
  }

  public static int number(FileDescriptor descriptor) {
    try {
      return descriptor == null ? -1 : FD.getInt(descriptor);
    } catch (IllegalAccessException cause) {
      throw new IllegalStateException(cause);
    }
  }

  static void set(FileDescriptor descriptor, int fd) {
    try {
      FD.setInt(descriptor, fd);
    } catch (IllegalAccessException cause) {
      throw new IllegalStateException(cause);
    }
  }

  static int checked(int result, MemorySegment state, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": error " + errno(state));
    }
    return result;
  }

  private static Field field() {
    try {
      Field found = FileDescriptor.class.getDeclaredField("fd");
      found.setAccessible(true);
      return found;
    } catch (NoSuchFieldException cause) {
      throw new IllegalStateException(cause);
    }
  }
}
