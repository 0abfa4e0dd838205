package dev.pileus.host;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The messages that only a host writes, byte by byte (contracts/surface/README.md); ready to be sent. */
public final class Told {
  private Told() {}

  /** The beginning of a text, of so many characters (UTF-16) at most; it ends with a whole one. */
  public static String cut(CharSequence text, int most) {
    return text.subSequence(0, edge(text, Math.min(most, text.length()))).toString();
  }

  /** The place, or the one before it where that would part a pair of surrogates. */
  public static int edge(CharSequence text, int at) {
    boolean parts = at > 0 && at < text.length() && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
    return parts ? at - 1 : at;
  }

  /** FRAME: {@code rects} holds x, y, width and height of each part that is new; none: all of it. */
  public static ByteBuffer frame(
      int slot, long number, long input, long micros, int width, int height, int stride, int[] rects) {
    ByteBuffer message = Link.message(0xC1, 36 + 2 * rects.length);
    message.put((byte) slot).putLong(number).putLong(input).putLong(micros);
    message.putShort((short) width).putShort((short) height).putInt(stride);
    message.put((byte) 0).putShort((short) (rects.length / 4));
    for (int part : rects) {
      message.putShort((short) part);
    }
    return message.flip();
  }

  /** IME: {@code caret} is x, y, width and height of the caret's line, held to what 16 bits hold. */
  public static ByteBuffer editor(
      boolean active, int type, int options, int[] caret, int start, int end, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = Link.message(0x48, 29 + bytes.length).put((byte) (active ? 1 : 0));
    message.putInt(type).putInt(options);
    for (int value : caret) {
      message.putShort((short) Math.max(0, Math.min(65535, value)));
    }
    return message.putInt(start).putInt(end).putInt(bytes.length).put(bytes).flip();
  }

  /** TITLE. */
  public static ByteBuffer title(String title, int colour) {
    byte[] bytes = title.getBytes(StandardCharsets.UTF_8);
    return Link.message(0x4B, 8 + bytes.length).putInt(bytes.length).put(bytes).putInt(colour).flip();
  }

  /** CONFIGURED. */
  public static ByteBuffer configured(int width, int height, int dpi, int rotation) {
    ByteBuffer message = Link.message(0x4C, 7).putShort((short) width).putShort((short) height);
    return message.putShort((short) dpi).put((byte) rotation).flip();
  }

  /** PONG. */
  public static ByteBuffer pong(long nonce) {
    return Link.message(0x4E, 8).putLong(nonce).flip();
  }
}
