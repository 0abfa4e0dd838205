import java.io.IOException;

/** try, catch, finally, nested and returning; what the JVM throws by itself; monitors. */
public class Exceptions {
  static int closed;

  public static void run(StringBuilder out) {
    out.append(rest(0)).append(rest(4)).append(rest(0L)).append(rest(9L)).append(third(0));
    for (int i = 0; i < 9; i++) {
      try {
        out.append(step(out, i));
      } catch (RuntimeException | Error cause) {
        out.append("!").append(cause.getMessage());
      } finally {
        out.append(";");
      }
    }
    out.append(order(out)).append(inLoop(out)).append(swallow()).append(state(out, 0)).append(state(out, 3)).append(state(out, 4));
    try { resources(out, true); } catch (Exception cause) { out.append(cause.getMessage()).append(cause.getSuppressed().length); }
    try { resources(out, false); } catch (Exception cause) { out.append("never"); }
    out.append(closed);
    locked(out);
    cast(out, "text"); cast(out, 5); cast(out, null);
    try { deep(0); } catch (StackOverflowError cause) { out.append("deep"); }
    try { throw null; } catch (NullPointerException cause) { out.append("thrown null"); }
    try { sneak(out, null); } catch (Throwable cause) { out.append(cause.getClass().getName()); }
    out.append(empty(0)).append(empty(1)).append(twice(0)).append(twice(1)).append(wide(0)).append(wide(3));
    try { synchronizedThrow(out, null); } catch (NullPointerException cause) { out.append("null lock"); }
    try { synchronizedThrow(out, "x"); } catch (IllegalStateException cause) { out.append(Thread.holdsLock("x")); }
  }

  static int rest(int n) { try { n = 7 % n; } catch (ArithmeticException cause) { return -5; } return n; }
  static long rest(long n) { try { n %= n; } catch (ArithmeticException cause) { return -6; } return n; }
  static int third(int n) { try { n /= n; } catch (ArithmeticException cause) { return -7; } return n; }

  static int step(StringBuilder out, int n) {
    try {
      out.append('a');
      switch (n) {
        case 0: return 10 / n;
        case 1: throw new IllegalStateException("one");
        case 2: return new int[1][0].length + "abc".charAt(7);
        case 3: return (Integer) (Object) "x";
        case 4: throw new Error("four");
        case 5: return ((String) null).length();
        case 6: throw new IOException("six");
        case 7: return 7;
      }
      out.append('b');
      n *= 2;
    } catch (ArithmeticException cause) {
      out.append(cause.getMessage());
      n = -1;
    } catch (IllegalStateException | ClassCastException cause) {
      out.append(cause instanceof IllegalStateException ? "state" : "cast");
      return n;
    } catch (IOException cause) {
      try {
        throw new RuntimeException(cause.getMessage() + "!", cause);
      } finally {
        out.append("io");
      }
    } finally {
      out.append('f');
      if (n == 5) {
        return 55;
      }
    }
    return n + 100;
  }

  static String order(StringBuilder out) {
    try {
      return say(out, "return");
    } finally {
      say(out, "finally");
    }
  }

  static String say(StringBuilder out, String what) { out.append(what); return what; }

  static int inLoop(StringBuilder out) {
    int n = 0;
    for (int i = 0; i < 4; i++) {
      try {
        if (i == 1) continue;
        if (i == 3) break;
        n += i;
      } finally {
        n += 10;
      }
    }
    return n;
  }

  @SuppressWarnings("finally")
  static int swallow() {
    for (int i = 0; ; i++) {
      try {
        throw new RuntimeException();
      } finally {
        if (i < 3) continue;
        return i;
      }
    }
  }

  // What a handler sees is what the registers held before what threw.
  static String state(StringBuilder out, int n) {
    int a = 1; long b = 2; Object c = "none"; double d = 0;
    try {
      a = 5;
      c = out;
      a = a / n;
      b = 1L << 40;
      c = new int[n - 1];
      d = ((int[]) c)[2];
      c = "done";
      a = Integer.parseInt("x" + n);
    } catch (ArithmeticException cause) {
      return "A" + a + b + (c == out) + d;
    } catch (ArrayIndexOutOfBoundsException cause) {
      return "B" + a + b + ((int[]) c).length + d;
    } catch (RuntimeException cause) {
      return "C" + a + b + c + d;
    }
    return "D";
  }

  static int empty(int n) {
    try { if (n == 0) return 1; } finally { }
    try { n = 5 / (n - 1); } catch (ArithmeticException ignored) { }
    return n;
  }

  static int twice(int n) {
    int r = 0;
    try {
      try { r = 1 / n; } catch (ArithmeticException cause) { r = 2; throw cause; } finally { r += 10; }
    } catch (RuntimeException cause) { r += 100; }
    return r;
  }

  static double wide(int n) {
    long j = 7; double d = 1.5;
    try { j = 100 / n; d = j; n = 1 / (n - 3); } catch (ArithmeticException cause) { return j + d; }
    return d;
  }

  static void resources(StringBuilder out, boolean fail) throws Exception {
    try (AutoCloseable one = () -> { closed++; if (fail) throw new IOException("close"); }; AutoCloseable two = () -> closed += 10) {
      out.append(one != two);
      if (fail) throw new Exception("body");
    }
  }

  static final Object LOCK = new Object();

  static void locked(StringBuilder out) {
    synchronized (LOCK) {
      out.append(Thread.holdsLock(LOCK));
      synchronized (out) {
        try {
          synchronized (LOCK) { out.append(Thread.holdsLock(out)); throw new RuntimeException("in"); }
        } catch (RuntimeException cause) { out.append(cause.getMessage()).append(Thread.holdsLock(LOCK)); }
      }
      out.append(Thread.holdsLock(out));
    }
    out.append(Thread.holdsLock(LOCK)).append(new Exceptions().method(out)).append(staticMethod());
  }

  static void synchronizedThrow(StringBuilder out, Object lock) {
    synchronized (lock) { if (lock != out) throw new IllegalStateException("held"); }
  }

  synchronized boolean method(StringBuilder out) { return Thread.holdsLock(this); }
  static synchronized boolean staticMethod() { return Thread.holdsLock(Exceptions.class); }

  static void cast(StringBuilder out, Object what) {
    out.append(what instanceof String).append(what instanceof Comparable).append(what instanceof Integer);
    try {
      String s = (String) what;
      out.append(s);
      Comparable<?> c = (Comparable<?>) what;
      out.append(c);
    } catch (ClassCastException cause) {
      out.append("not a string");
    }
  }

  static int deep(int n) { return deep(n + 1) + 1; }

  static <T extends Throwable> void sneak(StringBuilder out, T none) throws T {
    @SuppressWarnings("unchecked") T one = (T) new IOException("sneaked");
    throw one;
  }
}
