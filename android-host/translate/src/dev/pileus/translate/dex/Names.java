package dev.pileus.translate.dex;

/** Modified UTF-8, and which names a JVM takes. */
public final class Names {
  private Names() {}

  /** The string whose UTF-16 length and bytes begin at {@code at}; an unpaired surrogate is kept. */
  static String decode(Bytes bytes, int at) {
    Cursor cursor = bytes.from(at);
    int length = cursor.count();
    char[] out = new char[length];
    for (int i = 0; i < length; i++) {
      int first = cursor.u1();
      if (first != 0 && first < 0x80) {
        out[i] = (char) first;
      } else if (first >> 5 == 6) {
        out[i] = (char) ((first & 0x1f) << 6 | next(cursor));
      } else if (first >> 4 == 14) {
        out[i] = (char) ((first & 0x0f) << 12 | next(cursor) << 6 | next(cursor));
      } else {
        throw new BadDex("A string at " + at + " is not in modified UTF-8.");
      }
    }
    if (cursor.u1() != 0) {
      throw new BadDex("A string at " + at + " is longer than it says.");
    }
    return new String(out);
  }

  private static int next(Cursor cursor) {
    int part = cursor.u1();
    if (part >> 6 != 2) {
      throw new BadDex("A string at " + cursor.place() + " is not in modified UTF-8.");
    }
    return part & 0x3f;
  }

  /** A field or method name without the characters that JVMS 4.2.2 forbids. */
  public static boolean isMember(String name) {
    if (name.equals("<init>") || name.equals("<clinit>")) {
      return true;
    }
    for (int i = 0; i < name.length(); i++) {
      if (".;[/<>".indexOf(name.charAt(i)) >= 0) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  /** A type's descriptor, {@code V} too. */
  public static boolean isType(String descriptor) {
    int at = 0;
    while (at < descriptor.length() && descriptor.charAt(at) == '[') {
      at++;
    }
    if (at > 255 || at == descriptor.length()) {
      return false;
    }
    if (descriptor.charAt(at) != 'L') {
      return descriptor.length() == at + 1
          && (at == 0 ? "VZBSCIJFD" : "ZBSCIJFD").indexOf(descriptor.charAt(at)) >= 0;
    }
    int last = descriptor.length() - 1;
    boolean begun = false;
    for (int i = at + 1; i < last; i++) {
      char c = descriptor.charAt(i);
      if (c == '/' ? !begun : c == '.' || c == ';' || c == '[') {
        return false;
      }
      begun = c != '/';
    }
    return begun && descriptor.charAt(last) == ';';
  }

  /** {@code java/lang/String} of {@code Ljava/lang/String;}; an array keeps its descriptor, as class files do. */
  public static String internal(String descriptor) {
    return descriptor.charAt(0) == 'L' ? descriptor.substring(1, descriptor.length() - 1) : descriptor;
  }
}
