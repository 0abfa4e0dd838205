package dev.pileus.link;

import dev.pileus.host.Link;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Takes each message apart with the host's own code, and sends it back as the host would write it. */
public final class Mirror {
  private Mirror() {}

  public static void main(String[] arguments) throws Exception {
    Link link = new Link(Path.of(arguments[0]));
    for (ByteBuffer message = link.read(); message != null; message = link.read()) {
      int type = message.get() & 0xFF;
      switch (type) {
        case 0x0D, 0x4D, 0x80, 0xC0 -> link.send(type, Link.text(message));
        case 0x47, 0xC3 -> {
          int first = message.get() & 0xFF;
          link.send(type, first, Link.text(message));
        }
        case 0x4B -> {
          byte[] title = Link.text(message).getBytes(StandardCharsets.UTF_8);
          ByteBuffer told = Link.message(type, 8 + title.length).putInt(title.length).put(title);
          link.send(told.putInt(message.getInt()).flip());
        }
        case 0x10 -> link.send(Link.message(0x4E, 8).putLong(message.getLong()).flip());
        case 0x07 -> {
          ByteBuffer told = Link.message(0x4C, 7).putShort(message.getShort());
          told.putShort(message.getShort()).putShort(message.getShort());
          link.send(told.put(message.get()).flip());
        }
        default -> link.send(Link.message(type, message.remaining()).put(message).flip());
      }
    }
  }
}
