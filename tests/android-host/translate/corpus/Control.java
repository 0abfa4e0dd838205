/** Switches, loops, conditions, and comparisons with zero on either side. */
public class Control {
  public static void run(StringBuilder out) {
    for (int i = -3; i < 12; i++) {
      out.append(dense(i)).append(sparse(i * 1000)).append(mixed(i)).append(text("k" + i)).append(one(i)).append(' ');
    }
    out.append(sparse(Integer.MIN_VALUE)).append(sparse(Integer.MAX_VALUE)).append(text("kitten")).append(text("Aa"))
        .append(text("BB")).append(kind(Kind.TWO)).append(kind(Kind.ONE)).append(top(Integer.MAX_VALUE)).append(top(5));
    nested(out);
    out.append(gcd(1071, 462)).append(fib(20)).append(collatz(27)).append(both(null, null)).append(both("a", null))
        .append(both("a", "a")).append(both(null, "b")).append('\n');
    for (int i = -2; i <= 2; i++) {
      out.append(zero(i)).append(zero((long) i)).append(zero(i / 2f)).append(zero(i / 2d)).append(' ');
    }
    out.append(zero(Float.NaN)).append(zero(Double.NaN)).append(poly(true)).append(poly(false)).append(loop(5))
        .append(floats(3)).append(floats(0)).append(shared(2));
  }

  enum Kind { ONE, TWO, THREE }

  static int kind(Kind kind) {
    switch (kind) {
      case ONE: return 1;
      case TWO: return 2;
      default: return 9;
    }
  }

  static int top(int n) {
    switch (n) {
      case Integer.MAX_VALUE: return 1;
      case Integer.MAX_VALUE - 1: return 2;
      case Integer.MAX_VALUE - 2: return 3;
      default: return 0;
    }
  }

  static String dense(int n) {
    switch (n) {
      case 0: return "zero";
      case 1: case 2: return "few";
      case 3: n += 10;
      case 4: return "four" + n;
      case 6: break;
      case 7: n = -n;
      default: return "other" + n;
    }
    return "six";
  }

  static int sparse(int n) {
    switch (n) {
      case Integer.MIN_VALUE: return -9;
      case -2000: return -2;
      case 0: return 0;
      case 5000: return 5;
      case 9000: n++; break;
      case Integer.MAX_VALUE: return 9;
    }
    return n / 7;
  }

  static int one(int n) {
    switch (n) { case 4: return 1; }
    switch (n) { default: n++; }
    return n;
  }

  static String mixed(int n) {
    String said = n < 0 ? "neg" : n > 5 ? "big" : n == 3 ? null : "mid";
    return said == null ? "none" : said;
  }

  static int text(String s) {
    switch (s) {
      case "k1": return 1;
      case "k2": return 2;
      case "kitten": return 3;
      case "Aa": return 4;
      case "BB": return 5;
      default: return 0;
    }
  }

  static void nested(StringBuilder out) {
    outer:
    for (int i = 0; i < 5; i++) {
      int j = 0;
      while (true) {
        if (j == i) continue outer;
        if (i * j > 6) break outer;
        do {
          out.append(i).append(j);
          j++;
        } while (j < 2 && i > 1);
      }
    }
    for (long k = 5; k > 0; k -= 2) out.append(k);
    for (float k = 0; k < 1; k += 0.3f) out.append(k);
    for (double k = 10; !(k < 1); k /= 3) out.append(k);
  }

  static int gcd(int a, int b) { return b == 0 ? a : gcd(b, a % b); }
  static long fib(int n) { long a = 0, b = 1; while (n-- > 0) { long c = a + b; a = b; b = c; } return a; }
  static int collatz(int n) { int steps = 0; for (; n != 1; steps++) n = (n & 1) == 0 ? n >> 1 : 3 * n + 1; return steps; }

  static String both(Object a, Object b) {
    return (a == b ? "same" : "other") + (a != null ? 1 : 0) + (null == b ? 1 : 0) + (a != null && b != null && a.equals(b));
  }

  static String zero(int x) { return (0 > x ? "<" : 0 < x ? ">" : "=") + (0 >= x) + (0 <= x) + (x != 0); }
  static String zero(long x) { return (0 > x ? "<" : 0 < x ? ">" : "=") + (0 >= x) + (0 <= x) + (x != 0); }
  static String zero(float x) { return (0 > x ? "<" : 0 < x ? ">" : "=") + (0 >= x) + (0 <= x) + (x != 0); }
  static String zero(double x) { return (0 > x ? "<" : 0 < x ? ">" : "=") + (0 >= x) + (0 <= x) + (x != 0); }

  // One constant as an int, a float and null; and constants that meet.
  static String poly(boolean which) {
    int i = 0; float f = 0; Object o = null; long j = 0; double d = 0;
    int k = which ? 1 : 2; float g = which ? 1.5f : 2; long l = which ? 5 : 1L << 33; double e = which ? 0 : 1e9;
    String s = which ? null : "s";
    for (int n = 0; n < 3; n++) { i += k; f += g; j += l; d += e; o = s; }
    return i + " " + f + " " + j + " " + d + " " + o;
  }

  static float loop(int n) { float sum = 0; int i = 0; while (i < n) { sum += i; i++; } return sum; }
  static float floats(int n) { float x = n > 0 ? 1 : 0; int y = n > 0 ? 1 : 0; return y == 1 ? x + y : x - y; }

  static String shared(int n) {
    int one = 1065353216; float f = 1.0f; int z = 0; float fz = 0f; String s = null; double d = 1.0;
    long j = 4607182418800017408L;
    for (int k = 0; k < n; k++) { one++; f++; z--; fz--; d++; j++; s = s + k; }
    return one + " " + f + " " + z + " " + fz + " " + s + " " + d + " " + j;
  }
}
