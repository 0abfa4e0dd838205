package dev.pileus.binder;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;

/** The process's socket to its system: whole messages, descriptors beside them (SCM_RIGHTS). */
public final class Socket {
  /** A message and its descriptors. */
  public record Packet(ByteBuffer body, int[] fds) {}

  private static final int BUFFER = 1 << 17;
  private static final int LIMIT = (1 << 20) + (56 << 10);
  static final int MAX_FDS = 64;
  private static final int EINTR = 4;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final MethodHandle SOCKET =
      Posix.find("socket", -1, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CONNECT =
      Posix.find("connect", -1, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SENDMSG =
      Posix.find("sendmsg", -1, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle RECVMSG =
      Posix.find("recvmsg", -1, JAVA_INT, ADDRESS, JAVA_INT);

  private final int fd;
  private final Side in = new Side();
  private final Side out = new Side();
  private final ArrayDeque<Integer> arrived = new ArrayDeque<>();
  private int start;
  private int end;

  public Socket(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Posix.state(arena);
      fd = Posix.checked((int) SOCKET.invokeExact(state, 1, 1 | Posix.O_CLOEXEC, 0), state, "socket");
      MemorySegment address = arena.allocate(110, 2);
      address.set(JAVA_SHORT, 0, (short) 1);
      byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
      MemorySegment.copy(MemorySegment.ofArray(name), 0, address, 2, name.length);
      Posix.checked((int) CONNECT.invokeExact(state, fd, address, 110), state, "connect " + path);
    } catch (IOException cause) {
      throw cause;
    } catch (Throwable cause) {
      throw new IOException(cause);
    }
  }

  /** Sends one message; the descriptors stay the caller's. */
  public void send(byte[] body, int[] fds) throws IOException {
    synchronized (out) {
      ByteBuffer head = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      byte[] size = head.putInt(body.length).array();
      int first = Math.min(body.length, BUFFER - 4);
      MemorySegment.copy(MemorySegment.ofArray(size), 0, out.data, 0, 4);
      MemorySegment.copy(MemorySegment.ofArray(body), 0, out.data, 4, first);
      write(first + 4, fds);
      for (int at = first; at < body.length; at += BUFFER) {
        int part = Math.min(body.length - at, BUFFER);
        MemorySegment.copy(MemorySegment.ofArray(body), at, out.data, 0, part);
        write(part, new int[0]);
      }
    }
  }

  /** The next message; one thread only. Throws EOFException at the end. */
  public Packet receive() throws IOException {
    ByteBuffer head = ByteBuffer.wrap(take(4)).order(ByteOrder.LITTLE_ENDIAN);
    int size = head.getInt();
    if (size < 1 || size > LIMIT) {
      throw new IOException("a message of " + size + " bytes");
    }
    return new Packet(ByteBuffer.wrap(take(size)).order(ByteOrder.LITTLE_ENDIAN), null);
  }

  /** Takes descriptors that came with the message that was received last. */
  int[] descriptors(int count) throws IOException {
    int[] taken = new int[count];
    for (int i = 0; i < count; i++) {
      if (arrived.isEmpty()) {
        throw new IOException("a message without its descriptors");
      }
      taken[i] = arrived.poll();
    }
    return taken;
  }

  private byte[] take(int count) throws IOException {
    byte[] taken = new byte[count];
    int have = 0;
    while (have < count) {
      if (start == end) {
        fill();
      }
      int part = Math.min(count - have, end - start);
      MemorySegment.copy(in.data, start, MemorySegment.ofArray(taken), have, part);
      start += part;
      have += part;
    }
    return taken;
  }

  private void fill() throws IOException {
    in.vector.set(JAVA_LONG, 8, BUFFER);
    in.header.set(ADDRESS, 32, in.control);
    in.header.set(JAVA_LONG, 40, in.control.byteSize());
    long got = in.call(RECVMSG, fd, MSG_CMSG_CLOEXEC);
    if (got == 0) {
      throw new EOFException("the system has hung up");
    }
    start = 0;
    end = (int) got;
    long length = in.header.get(JAVA_LONG, 40);
    if (length >= 16 && in.control.get(JAVA_INT, 12) == 1) {
      long bytes = in.control.get(JAVA_LONG, 0) - 16;
      for (long at = 0; at + 4 <= bytes; at += 4) {
        arrived.add(in.control.get(JAVA_INT, 16 + at));
      }
    }
  }

  private void write(int count, int[] fds) throws IOException {
    int done = 0;
    while (done < count) {
      boolean first = done == 0 && fds.length > 0;
      out.vector.set(ADDRESS, 0, out.data.asSlice(done));
      out.vector.set(JAVA_LONG, 8, count - done);
      out.header.set(ADDRESS, 32, first ? out.control : MemorySegment.NULL);
      out.header.set(JAVA_LONG, 40, first ? (16 + 4L * fds.length + 7) / 8 * 8 : 0);
      if (first) {
        out.control.set(JAVA_LONG, 0, 16 + 4L * fds.length);
        out.control.set(JAVA_INT, 8, 1); // SOL_SOCKET
        out.control.set(JAVA_INT, 12, 1); // SCM_RIGHTS
        for (int i = 0; i < fds.length; i++) {
          out.control.set(JAVA_INT, 16 + 4L * i, fds[i]);
        }
      }
      done += (int) out.call(SENDMSG, fd, MSG_NOSIGNAL);
    }
    out.vector.set(ADDRESS, 0, out.data);
  }

  /** The native memory of one direction: a struct msghdr with one struct iovec. */
  private static final class Side {
    final Arena arena = Arena.ofShared();
    final MemorySegment data = arena.allocate(BUFFER, 8);
    final MemorySegment control = arena.allocate(16 + 8 * MAX_FDS, 8);
    final MemorySegment vector = arena.allocate(16, 8);
    final MemorySegment header = arena.allocate(56, 8);
    final MemorySegment state = Posix.state(arena);

    Side() {
      vector.set(ADDRESS, 0, data);
      header.set(ADDRESS, 16, vector);
      header.set(JAVA_LONG, 24, 1);
    }

    long call(MethodHandle function, int fd, int flags) throws IOException {
      try {
        while (true) {
          long result = (long) function.invokeExact(state, fd, header, flags);
          if (result >= 0) {
            return result;
          } else if (Posix.errno(state) != EINTR) {
            throw new IOException("the system's socket: error " + Posix.errno(state));
          }
        }
      } catch (IOException cause) {
        throw cause;
      } catch (Throwable cause) {
        throw new IOException(cause);
      }
    }
  }
}
