/** What the random programs share: shapes to call, bounds on how long they run, and how they say values. */
class Support {
  static StringBuilder out;
  static int left;
  static final Object LOCK = new Object();

  interface Shape {
    double area(float scale);
    default int sides(long n) { return (int) (n ^ hashed()); }
    private int hashed() { return (int) area(1.5f); }
  }
  static abstract class Base implements Shape {
    final int size; long count;
    Base(int size) { this.size = size; count = size * 3L; }
    public int sides(long n) { count += n; return (int) count + Shape.super.sides(n); }
  }
  static final class Square extends Base {
    Square(int side) { super(side); }
    public double area(float scale) { return size * (double) size * scale; }
  }
  static final class Round extends Base {
    float r = 0.5f;
    Round(int r) { super(r + 1); this.r *= r; }
    public double area(float scale) { return r > scale ? r : scale - size; }
    public int sides(long n) { return super.sides(n + 1) - 1; }
  }
  interface Op { int on(int n); }
  static int apply(Op op, int n) { return op.on(n) + op.on(n + 1); }
  static Object obj(Object o) { return o; }
  static boolean fuel() { if (left-- <= 0) throw new IllegalStateException("fuel"); return true; }
  static int at(int[] a, int i) { return a[i % 4]; }
  static long at(long[] a, int i) { return a[i % 4]; }
  static float at(float[] a, int i) { return a[i % 4]; }
  static double at(double[] a, int i) { return a[i % 4]; }
  static void tell(RuntimeException e) {
    boolean told = e instanceof IllegalStateException || e instanceof ArithmeticException;
    out.append(e.getClass().getName()).append(told ? e.getMessage() : "").append('\n');
  }
  static void say(Object o) {
    if (o instanceof Shape) { out.append(((Shape) o).area(2)).append(((Shape) o).sides(5)); }
    else if (o instanceof int[]) out.append(java.util.Arrays.toString((int[]) o));
    else if (o instanceof long[]) out.append(java.util.Arrays.toString((long[]) o));
    else if (o instanceof float[]) out.append(java.util.Arrays.toString((float[]) o));
    else if (o instanceof double[]) out.append(java.util.Arrays.toString((double[]) o));
    else out.append(o);
    out.append('\n');
  }
}
