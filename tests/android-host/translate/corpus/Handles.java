import java.lang.invoke.*;

/** Method handles and var handles, whose calls take and give what the call says. */
public class Handles {
  static int hits;
  int field = 5;
  static long shared = 7;

  static String join(String a, int b, long c, double d) { return a + b + c + d; }
  static void hit(int by) { hits += by; }
  int plus(int n) { return field + n; }

  public static void run(StringBuilder out) throws Throwable {
    MethodHandles.Lookup here = MethodHandles.lookup();
    MethodHandle join = here.findStatic(Handles.class, "join", MethodType.methodType(String.class, String.class, int.class, long.class, double.class));
    out.append((String) join.invokeExact("a", 1, 2L, 3.5));
    out.append((Object) join.invoke("b", (byte) 4, 5, 6f));
    MethodHandle hit = here.findStatic(Handles.class, "hit", MethodType.methodType(void.class, int.class));
    hit.invokeExact(3);
    hit.invoke((short) 4);
    MethodHandle plus = here.findVirtual(Handles.class, "plus", MethodType.methodType(int.class, int.class));
    out.append(hits).append((int) plus.invokeExact(new Handles(), 10));
    try {
      out.append((int) plus.invokeExact(new Handles(), 10L));
    } catch (WrongMethodTypeException cause) {
      out.append("wrong type");
    }
    out.append(plus.invokeWithArguments(new Handles(), 4));
    VarHandle field = here.findVarHandle(Handles.class, "field", int.class);
    VarHandle shared = here.findStaticVarHandle(Handles.class, "shared", long.class);
    VarHandle cells = MethodHandles.arrayElementVarHandle(double[].class);
    Handles one = new Handles();
    field.set(one, 8);
    out.append((boolean) field.compareAndSet(one, 8, 9)).append((int) field.get(one)).append((int) field.getAndAdd(one, 5)).append(one.field);
    shared.setVolatile(1L << 40);
    out.append((long) shared.getVolatile()).append((long) shared.getAndSet(3L)).append(Handles.shared);
    double[] row = {1, 2};
    cells.set(row, 1, 2.5);
    out.append((double) cells.get(row, 1)).append(row[1]);
  }
}
