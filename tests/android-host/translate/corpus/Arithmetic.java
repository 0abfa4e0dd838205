/** Every operator of every primitive type, on values that are at the edges. */
public class Arithmetic {
  static final int[] INTS = {0, 1, -1, 2, 7, -8, 31, 32, 33, 127, 128, -129, 255, 32767, 32768, 65535,
    123456789, Integer.MAX_VALUE, Integer.MIN_VALUE};
  static final long[] LONGS = {0, 1, -1, 63, 64, 65, 1L << 31, 1L << 32, -(1L << 33), 0x123456789abcdefL,
    Long.MAX_VALUE, Long.MIN_VALUE};
  static final float[] FLOATS = {0f, -0f, 1f, -1.5f, 3.4e38f, 1e-45f, Float.NaN, Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY, 16777217f, 2147483648f};
  static final double[] DOUBLES = {0d, -0d, 1d, -2.5d, 1.7e308, 4.9e-324, Double.NaN,
    Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 9.007199254740993e15, 9.3e18};

  public static void run(StringBuilder out) {
    for (int a : INTS) {
      unary(out, a);
      for (int b : INTS) {
        binary(out, a, b);
      }
    }
    for (long a : LONGS) {
      unary(out, a);
      for (long b : LONGS) {
        binary(out, a, b);
      }
    }
    for (float a : FLOATS) {
      unary(out, a);
      for (float b : FLOATS) {
        binary(out, a, b);
      }
    }
    for (double a : DOUBLES) {
      unary(out, a);
      for (double b : DOUBLES) {
        binary(out, a, b);
      }
    }
    literals(out);
  }

  static void unary(StringBuilder out, int a) {
    out.append(-a).append(' ').append(~a).append(' ').append((long) a).append(' ').append((float) a)
        .append(' ').append((double) a).append(' ').append((byte) a).append(' ').append((int) (char) a)
        .append(' ').append((short) a).append('\n');
  }

  static void unary(StringBuilder out, long a) {
    out.append(-a).append(' ').append(~a).append(' ').append((int) a).append(' ').append((float) a)
        .append(' ').append((double) a).append('\n');
  }

  static void unary(StringBuilder out, float a) {
    out.append(-a).append(' ').append((int) a).append(' ').append((long) a).append(' ')
        .append((double) a).append('\n');
  }

  static void unary(StringBuilder out, double a) {
    out.append(-a).append(' ').append((int) a).append(' ').append((long) a).append(' ')
        .append((float) a).append('\n');
  }

  static void binary(StringBuilder out, int a, int b) {
    out.append(a + b).append(' ').append(a - b).append(' ').append(a * b).append(' ').append(a & b)
        .append(' ').append(a | b).append(' ').append(a ^ b).append(' ').append(a << b).append(' ')
        .append(a >> b).append(' ').append(a >>> b).append(' ').append(a < b).append(a <= b)
        .append(a > b).append(a >= b).append(a == b).append(a != b);
    try {
      out.append(a / b).append(' ').append(a % b);
    } catch (ArithmeticException cause) {
      out.append(cause.getMessage());
    }
    int c = a;
    c += b; out.append(c).append(' '); c -= a; out.append(c).append(' '); c *= a; c ^= b; c |= 5; c &= 0xfff;
    c <<= b; c >>= a; c >>>= 3;
    out.append(c).append('\n');
    if (b != 0) { c = a; c /= b; out.append(c); c = a; c %= b; out.append(c); }
    if (0 > a) out.append("neg"); if (0 < b) out.append("pos"); if (0 >= a) out.append("np");
    if (0 <= b) out.append("nn"); if (a == 0) out.append("z"); if (b != 0) out.append("nz");
  }

  static void binary(StringBuilder out, long a, long b) {
    out.append(a + b).append(' ').append(a - b).append(' ').append(a * b).append(' ').append(a & b)
        .append(' ').append(a | b).append(' ').append(a ^ b).append(' ').append(a << (int) b).append(' ')
        .append(a >> (int) b).append(' ').append(a >>> (int) b).append(' ').append(a << b).append(a < b)
        .append(a <= b).append(a > b).append(a >= b).append(a == b).append(a != b);
    try {
      out.append(a / b).append(' ').append(a % b);
    } catch (ArithmeticException cause) {
      out.append(cause.getMessage());
    }
    long c = a;
    c += b; c -= 3; c *= a; c ^= b; c |= 5; c &= 0xfffffffffL; c <<= 3; c >>= 1; c >>>= 2;
    out.append(c).append('\n');
    if (b != 0) { c = a; c /= b; out.append(c); c = a; c %= b; out.append(c); }
    c = a - b; c >>>= (int) b; out.append(c); c = a + b; c >>= (int) a; out.append(c); c <<= (int) a; out.append(c);
  }

  static void binary(StringBuilder out, float a, float b) {
    out.append(a + b).append(' ').append(a - b).append(' ').append(a * b).append(' ').append(a / b)
        .append(' ').append(a % b).append(' ').append(a < b).append(a <= b).append(a > b).append(a >= b)
        .append(a == b).append(a != b).append('\n');
    out.append(!(a < b)).append(!(a > b)).append(a < b ? 1 : 2).append(a > b ? 1 : 2);
    float c = a;
    c += b; c -= 1.5f; c *= b; c /= 3f; c %= 7f;
    out.append(c).append(Float.floatToRawIntBits(-a)).append('\n');
  }

  static void binary(StringBuilder out, double a, double b) {
    out.append(a + b).append(' ').append(a - b).append(' ').append(a * b).append(' ').append(a / b)
        .append(' ').append(a % b).append(' ').append(a < b).append(a <= b).append(a > b).append(a >= b)
        .append(a == b).append(a != b).append('\n');
    out.append(!(a < b)).append(!(a > b)).append(a < b ? 1 : 2).append(a > b ? 1 : 2);
    double c = a;
    c += b; c -= 1.5; c *= b; c /= 3; c %= 7;
    out.append(c).append(Double.doubleToRawLongBits(-a)).append('\n');
  }

  static void literals(StringBuilder out) {
    int a = INTS.length * 37 - 5;
    out.append(a + 1).append(' ').append(a + 1000).append(' ').append(5 - a).append(' ').append(3000 - a)
        .append(' ').append(a * 7).append(' ').append(a * 777).append(' ').append(a / 3).append(' ')
        .append(a / 300).append(' ').append(a % 5).append(' ').append(a % 555).append(' ').append(a & 15)
        .append(' ').append(a & 4095).append(' ').append(a | 9).append(' ').append(a | 999).append(' ')
        .append(a ^ 3).append(' ').append(a ^ 3333).append(' ').append(a << 3).append(' ').append(a >> 2)
        .append(' ').append(a >>> 1).append('\n');
    out.append(1L).append(70000L).append(1L << 50).append(0x7ff0000000000000L).append(-7L)
        .append(1f).append(2.5f).append(3.1e10).append(1e100).append(1.0).append('c').append((byte) 5);
  }
}
