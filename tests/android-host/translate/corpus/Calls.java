import java.util.function.*;
import java.util.*;

/** Calls of every sort: static, virtual, super, interface, default, private, wide, of many parameters; lambdas. */
public class Calls extends CallsBase implements CallsFace, CallsOther {
  public static void run(StringBuilder out) {
    Calls one = new Calls();
    out.append(one.name()).append(one.greet("x")).append(CallsFace.make(3)).append(one.both()).append(((CallsBase) one).name())
        .append(((CallsFace) one).greet("y")).append(one.hidden(2)).append(one.twice(4L, 2.5, 3, 1.5f)).append('\n');
    out.append(many(1, 2L, 3f, 4d, (byte) 5, (short) 6, 'c', true, "s", new int[] {9}, 10, 11L, 12d, null, 15))
        .append(sum(1, 2, 3, 4, 5, 6, 7)).append(sum()).append(narrow((byte) 200, (char) 70000, (short) 40000, 1 == 1));
    lambdas(out); inner(out); generics(out); strings(out); statics(out); boxes(out); recursion(out);
    Object o = one;
    out.append(o.equals(one)).append(o.hashCode() == one.hashCode()).append(one.toString().length() > 0);
    for (CallsShape s : new CallsShape[] {new CallsSquare(3), new CallsCircle(2), new CallsShape() { double area() { return -1; } }})
      out.append(s.area()).append(s.describe()).append(' ');
  }

  @Override public String name() { return "sub+" + super.name(); }
  @Override public String greet(String who) { return CallsFace.super.greet(who) + CallsOther.super.greet(who); }
  private int hidden(int n) { return n <= 0 ? 0 : n + hidden(n - 1); }
  String both() { return CallsFace.super.id() + id(); }
  public String id() { return "id"; }

  static String many(int a, long b, float c, double d, byte e, short f, char g, boolean h, String i, int[] j, int k, long l, double m, Object n, int o) {
    return a + " " + b + c + d + e + f + g + h + i + j[0] + k + l + m + n + o;
  }

  static int sum(int... all) { int s = 0; for (int i : all) s += i; return s; }
  static String narrow(byte b, char c, short s, boolean z) { return b + " " + (int) c + s + z; }

  static void lambdas(StringBuilder out) {
    int base = out.length() % 7 + 3; long wide = 1L << 35; String word = "w";
    IntUnaryOperator add = x -> x + base;
    Supplier<String> text = () -> word + wide;
    BiFunction<Integer, Integer, Integer> times = (a, b) -> a * b + base;
    Function<String, Integer> length = String::length;
    Supplier<List<String>> fresh = ArrayList::new;
    Runnable nothing = () -> out.append("ran");
    nothing.run();
    List<String> list = fresh.get();
    list.add("ccc"); list.add("a"); list.add("bb");
    list.sort(Comparator.comparing(length).thenComparing(Comparator.naturalOrder()));
    out.append(add.andThen(x -> x * 2).applyAsInt(5)).append(text.get()).append(times.apply(6, 7)).append(list);
    Function<Integer, Function<Integer, Integer>> curried = a -> b -> a - b;
    out.append(curried.apply(9).apply(4)).append(list.stream().map(String::toUpperCase).reduce("", String::concat));
  }

  int count = 5;
  class Inner { int times(int n) { count += n; return count * n; } class Deep { int sum() { return count + times(1); } } }
  static class Nested { private int secret = 7; private static int hush(int n) { return n + 1; } }

  static void inner(StringBuilder out) {
    Calls outer = new Calls();
    Inner inner = outer.new Inner();
    out.append(inner.times(3)).append(inner.new Deep().sum()).append(new Nested().secret++).append(Nested.hush(2));
    Nested n = new Nested(); n.secret += 5; out.append(n.secret);
    int local = 9;
    class Local { int get() { return local + n.secret; } }
    out.append(new Local().get());
    Iterator<Integer> it = new Iterator<Integer>() { int i = 0; public boolean hasNext() { return i < 3; } public Integer next() { return i++ * local; } };
    while (it.hasNext()) out.append(it.next());
  }

  static <T extends Comparable<T>> T max(List<? extends T> all) { T best = null; for (T one : all) if (best == null || one.compareTo(best) > 0) best = one; return best; }

  static void generics(StringBuilder out) {
    Map<String, List<Integer>> map = new TreeMap<>();
    for (int i = 0; i < 10; i++) map.computeIfAbsent(i % 3 == 0 ? "fizz" : "other", k -> new ArrayList<>()).add(i);
    out.append(map).append(max(Arrays.asList(3, 9, 2))).append(max(Arrays.asList("a", "zz", "m")));
    for (Map.Entry<String, List<Integer>> e : map.entrySet()) out.append(e.getKey().length() * e.getValue().size());
  }

  static void strings(StringBuilder out) {
    String s = "a"; s += 1; s += 2L; s += 'c'; s += 1.5f; s += null; s += true; s += new char[0].length;
    out.append(s).append(s.substring(2)).append("x".equals(s)).append("lit" == "lit").append(("li" + "t").intern() == "lit")
        .append(String.format(Locale.ROOT, "%d %s %.2f", 5, "s", 1.25)).append("\u0000\u00ff\uffff\ud83d".length());
  }

  static int initialized;
  static class Lazy { static int value = ++initialized; static int get() { return value; } static { value += 100; } }

  static void statics(StringBuilder out) { out.append(initialized); out.append(Lazy.get()).append(initialized).append(Lazy.get()); 
    out.append(new Late(note(out, "arg")).n); }
  static int note(StringBuilder out, String s) { out.append(s); log = out; return 5; }
  static StringBuilder log = new StringBuilder();
  static class Late { static { log.append("late init"); } int n; Late(int n) { this.n = n; log.append("made"); } }

  static void boxes(StringBuilder out) {
    Integer a = 127, b = 127; Long c = 5L; Character d = 'x'; Boolean e = a.equals(b); Double f = 2.0; Byte g = (byte) 3; Short h = 4; Float i = 1f;
    out.append(a == b).append(a + c).append((char) (d + 1)).append(e ? f : 1).append(g * h / i);
    Integer none = null;
    try { int n = none; } catch (NullPointerException cause) { out.append("unboxed null"); }
    Object o = e ? 1 : "s"; out.append(o); o = e ? (Object) 'c' : 2.5; out.append(o);
  }

  static void recursion(StringBuilder out) { out.append(ack(2, 3)).append(hanoi(5, 'a', 'b', 'c')); }
  static int ack(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1)); }
  static long hanoi(int n, char a, char b, char c) { return n == 0 ? 0 : hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a); }
  private double twice(long a, double b, int c, float d) { return a * b + c * d + helper(b, a, d, c); }
  private static double helper(double a, long b, float c, int d) { return a - b - c - d; }
}

class CallsBase { public String name() { return "base"; } }
interface CallsFace { default String greet(String who) { return "hi " + who + id(); } default String id() { return "face"; } static String make(int n) { return "made" + helper(n); } private static int helper(int n) { return n * 2; } }
interface CallsOther { default String greet(String who) { return "yo " + who + own(); } private String own() { return "own"; } }
abstract class CallsShape { abstract double area(); String describe() { return "" + area() / 2; } }
class CallsSquare extends CallsShape { final double side; CallsSquare(double side) { this.side = side; } double area() { return side * side; } }
class CallsCircle extends CallsShape { final int r; CallsCircle(int r) { this.r = r; } double area() { return 3 * r * r; } @Override String describe() { return "circle" + super.describe(); } }
