package dev.pileus.host;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The host's side of the host link (contracts/surface/README.md). Reads may block; writes lock. */
public final class Link {
  private static final int MESSAGE_LIMIT = 64 << 20;
  private final SocketChannel channel;
  private final Rest rest = new Rest();

  public Link(Path path) throws IOException {
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(path));
    rest.watch();
  }

  /** The next message, or null when the supervisor has hung up. */
  public ByteBuffer read() throws IOException {
    ByteBuffer head = fill(4);
    if (head == null) {
      return null;
    }
    int size = head.getInt();
    if (size < 1 || size > MESSAGE_LIMIT) {
      throw new IOException("a message of " + size + " bytes");
    }
    ByteBuffer body = fill(size);
    if (body == null) {
      throw new EOFException("a message was cut off");
    }
    return body;
  }

  public synchronized void send(ByteBuffer body) {
    rest.moved();
    try {
      ByteBuffer head = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      head.putInt(body.remaining()).flip();
      ByteBuffer[] both = {head, body};
      while (body.hasRemaining()) {
        channel.write(both);
      }
    } catch (IOException gone) {
      Runtime.getRuntime().halt(0);
    }
  }

  public void send(int type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    send(message(type, 4 + bytes.length).putInt(bytes.length).put(bytes).flip());
  }

  public void send(int type, int first, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    send(message(type, 5 + bytes.length).put((byte) first).putInt(bytes.length).put(bytes).flip());
  }

  public static ByteBuffer message(int type, int size) {
    return ByteBuffer.allocate(1 + size).order(ByteOrder.LITTLE_ENDIAN).put((byte) type);
  }

  public static String text(ByteBuffer message) {
    byte[] bytes = new byte[message.getInt()];
    message.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private ByteBuffer fill(int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return null;
      }
    }
    return buffer.flip();
  }
}
