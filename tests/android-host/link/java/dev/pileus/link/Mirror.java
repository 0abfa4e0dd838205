package dev.pileus.link;

import dev.pileus.host.Link;
import dev.pileus.host.Told;
import java.nio.ByteBuffer;
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
        case 0x48 -> link.send(editor(message));
        case 0x4B -> {
          String title = Link.text(message);
          link.send(Told.title(title, message.getInt()));
        }
        case 0x10 -> link.send(Told.pong(message.getLong()));
        case 0x07 -> link.send(Told.configured(half(message), half(message), half(message), message.get()));
        case 0xC1 -> link.send(frame(message));
        default -> link.send(Link.message(type, message.remaining()).put(message).flip());
      }
    }
  }

  private static ByteBuffer editor(ByteBuffer message) {
    boolean active = message.get() != 0;
    int type = message.getInt();
    int options = message.getInt();
    int[] caret = {half(message), half(message), half(message), half(message)};
    int start = message.getInt();
    int end = message.getInt();
    return Told.editor(active, type, options, caret, start, end, Link.text(message));
  }

  private static ByteBuffer frame(ByteBuffer message) {
    int slot = message.get();
    long number = message.getLong();
    long input = message.getLong();
    long micros = message.getLong();
    int width = half(message);
    int height = half(message);
    int stride = message.getInt();
    message.get(); // BGRA, the only format that there is
    int[] rects = new int[4 * half(message)];
    for (int i = 0; i < rects.length; i++) {
      rects[i] = half(message);
    }
    return Told.frame(slot, number, input, micros, width, height, stride, rects);
  }

  private static int half(ByteBuffer message) {
    return message.getShort() & 0xFFFF;
  }
}
