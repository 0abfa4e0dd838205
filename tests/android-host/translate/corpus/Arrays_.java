/** Arrays of every type: made, filled, read, written, too short, of the wrong type and null. */
public class Arrays_ {
  static final byte[] BYTES = {1, -2, 3, 127, -128};
  static final boolean[] BITS = {true, false, true, true, false, true};
  static final char[] CHARS = {'a', '\uffff', 0, 'ß', 'z', '\u1234'};
  static final short[] SHORTS = {1, -1, 32767, -32768, 99};
  static final int[] INTS = {5, -6, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, 1};
  static final long[] LONGS = {1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40};
  static final float[] FLOATS = {1.5f, -0f, Float.NaN, Float.MAX_VALUE, 0};
  static final double[] DOUBLES = {1.5, -0d, Double.NaN, Double.MIN_VALUE, 1e300};
  static final int[] MANY = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, -31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 1 << 30, 51, 52, -1, 0, 128};
  static final byte[] MANY_BYTES = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, -31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, -128, 51, 52, -1};
  static final double[] MANY_DOUBLES = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, -31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, -0.0, 51, 52, Double.NaN};
  static final char[] MANY_CHARS = ("the quick brown fox jumps over the lazy dog and \u00ff\ufffe on".toCharArray());
  static final float[] MANY_FLOATS = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, -31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, -0f, 51, 52, 1e-45f};
  static final long[] MANY_LONGS = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, -31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 1L << 60, 51, 52, -9};
  static final short[] MANY_SHORTS = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    30, -31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, -30000, 51, 52, -9};

  public static void run(StringBuilder out) {
    out.append(java.util.Arrays.toString(BYTES)).append(java.util.Arrays.toString(BITS))
        .append(new String(CHARS).hashCode()).append(java.util.Arrays.toString(SHORTS))
        .append(java.util.Arrays.toString(INTS)).append(java.util.Arrays.toString(LONGS))
        .append(java.util.Arrays.toString(FLOATS)).append(java.util.Arrays.toString(DOUBLES))
        .append(java.util.Arrays.toString(MANY)).append(java.util.Arrays.toString(MANY_BYTES))
        .append(java.util.Arrays.toString(MANY_DOUBLES)).append(new String(MANY_CHARS))
        .append(java.util.Arrays.toString(MANY_FLOATS)).append(java.util.Arrays.toString(MANY_LONGS))
        .append(java.util.Arrays.toString(MANY_SHORTS)).append('\n');
    swap(out, 1, 2);
    for (int i = -1; i < 6; i++) {
      edge(out, i);
    }
    out.append(new int[0].length).append(new Object[3][4][].length).append(new long[2][3][0].length);
    String[] two = {"a", "b"};
    Object[] same = two;
    try {
      same[0] = 5;
    } catch (ArrayStoreException cause) {
      out.append(cause.getMessage());
    }
    try {
      out.append(new byte[two.length - 5].length);
    } catch (NegativeArraySizeException cause) {
      out.append("negative");
    }
    three(out, 1, 2, 3);
    int[] copy = INTS.clone();
    copy[0]++;
    copy[1] += copy[0]--;
    out.append(copy[0]).append(copy[1]).append(INTS[0]);
    float[][] grid = {{1, 2}, {3.5f, -0f}, null};
    grid[1][1] += 2;
    out.append(grid[1][1]).append(grid[0][0] == grid[1][0]).append(grid[2]);
    try {
      grid[2][0] = 1;
    } catch (NullPointerException cause) {
      out.append("npe");
    }
    nothing(out);
    merged(out, 1); merged(out, 2);
  }

  static void nothing(StringBuilder out) {
    int[] none = null; double[] nod = null; String[] nos = null; byte[] nob = null;
    try { out.append(none[0]); } catch (NullPointerException cause) { out.append('1'); }
    try { nod[0] = 1; } catch (NullPointerException cause) { out.append('2'); }
    try { out.append(nos[1].length()); } catch (NullPointerException cause) { out.append('3'); }
    try { out.append(nob.length); } catch (NullPointerException cause) { out.append('4'); }
    try { out.append(nod[3] + 1); } catch (NullPointerException cause) { out.append('5'); }
  }

  static void merged(StringBuilder out, int n) {
    Number[] numbers = n == 1 ? new Integer[] {n, null} : new Double[] {n * 1.5};
    out.append(numbers[0].intValue()).append(numbers.length);
    Object any = n == 1 ? new int[] {4} : "text";
    out.append(any instanceof int[] ? ((int[]) any)[0] : any.toString().length());
    Comparable<?>[] some = n == 1 ? new String[] {"x"} : new Long[] {5L};
    out.append(some[0]);
  }

  static void swap(StringBuilder out, int a, int b) {
    byte[] bs = BYTES.clone(); boolean[] zs = BITS.clone(); char[] cs = CHARS.clone(); short[] ss = SHORTS.clone();
    long[] js = LONGS.clone(); float[] fs = FLOATS.clone(); double[] ds = DOUBLES.clone();
    byte x = bs[a]; bs[a] = bs[b]; bs[b] = x;
    boolean z = zs[a]; zs[a] = !zs[b]; zs[b] = z;
    char c = cs[a]; cs[a] = cs[b]; cs[b] = c++;
    short s = ss[a]; ss[a] += ss[b]; ss[b] = s;
    long j = js[a]; js[a] *= js[b]; js[b] = j;
    float f = fs[a]; fs[a] = fs[b] * 2; fs[b] = f;
    double d = ds[a]; ds[a] = ds[b] + 1; ds[b] = d;
    out.append(java.util.Arrays.toString(bs)).append(java.util.Arrays.toString(zs)).append((int) cs[a])
        .append((int) cs[b]).append(java.util.Arrays.toString(ss)).append(java.util.Arrays.toString(js))
        .append(java.util.Arrays.toString(fs)).append(java.util.Arrays.toString(ds)).append('\n');
  }

  static void edge(StringBuilder out, int i) {
    try {
      out.append(BYTES[i]).append(BITS[i]).append((int) CHARS[i]).append(SHORTS[i]).append(INTS[i])
          .append(LONGS[i]).append(FLOATS[i]).append(DOUBLES[i]).append('\n');
    } catch (ArrayIndexOutOfBoundsException cause) {
      out.append(cause.getMessage()).append('\n');
    }
  }

  static void three(StringBuilder out, int a, int b, int c) {
    int[] some = {a, b, c};
    String[] words = {"a" + a, "b" + b, "c" + c};
    Object[] mixed = {a, "b", 3L, 'c', null, 1.5};
    int[][] deep = {{a}, {b, c}, {}};
    int[] six = {a, b, c, a, b, c, a + b};
    out.append(some[0] + some[1] * some[2]).append(words[2]).append(mixed.length).append(mixed[5])
        .append(deep[1][1]).append(deep[2].length).append(six[6]).append('\n');
  }
}
