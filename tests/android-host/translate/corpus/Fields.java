/** Fields of every type, static and not, read and written; first values; shadowed and inherited ones. */
public class Fields extends FieldsBase implements FieldsFace {
  static boolean z = true; static byte b = -5; static char c = 'ß'; static short s = -300; static int i = 70000;
  static long j = 1L << 40; static float f = 1.5f; static double d = -0.0; static String t = "text"; static Object n;
  static final int CONSTANT = 42; static final String WORD = "word\0\u00e9\ud83d\ude00\ud800";
  static final Class<?> TYPE = String.class;
  static volatile long v = Long.MIN_VALUE;
  boolean mz; byte mb; char mc; short ms; int mi; long mj; float mf; double md; String mt; int[] ma; final int fin;
  int same = 3;

  Fields(int by) {
    super(by);
    fin = by;
    mz = by > 3; mb = (byte) (by * 77); mc = (char) (by * 7777); ms = (short) (by * 7777); mi = by * 777777;
    mj = by * 7777777777L; mf = by / 3f; md = by / 7d; mt = "t" + by; ma = new int[] {by};
  }

  public static void run(StringBuilder out) {
    out.append(z).append(b).append((int) c).append(s).append(i).append(j).append(f).append(d).append(t).append(n);
    out.append(CONSTANT).append(WORD.length()).append(WORD.hashCode()).append(TYPE == String.class).append(v);
    for (int by = 0; by < 6; by++) {
      Fields one = new Fields(by);
      z = one.mz; b = one.mb; c = one.mc; s = one.ms; i = one.mi; j = one.mj; f = one.mf; d = one.md; t = one.mt;
      n = one.ma;
      out.append(z).append(b).append((int) c).append(s).append(i).append(j).append(f).append(d).append(t)
          .append(((int[]) n)[0]).append(one.fin).append(one.same).append(((FieldsBase) one).same)
          .append(one.inherited).append(FROM_FACE).append('\n');
      one.mb++; one.mc += 2; one.ms--; one.mj <<= 3; one.mf *= 2; one.md -= 1; one.mz = !one.mz; one.mi ^= 5;
      out.append(one.mb).append((int) one.mc).append(one.ms).append(one.mj).append(one.mf).append(one.md)
          .append(one.mz).append(one.mi).append('\n');
    }
    Fields none = by(0);
    try {
      out.append(none.mi);
    } catch (NullPointerException cause) {
      out.append("null read");
    }
    try {
      none.md = 3;
    } catch (NullPointerException cause) {
      out.append("null written");
    }
  }

  static Fields by(int n) {
    return n == 0 ? null : new Fields(n);
  }
}

class FieldsBase {
  int same = 9;
  protected long inherited;

  FieldsBase(int by) {
    inherited = by * 3L;
    touched();
  }

  void touched() {
    same++;
  }
}

interface FieldsFace {
  String FROM_FACE = new StringBuilder("face").reverse().toString();
}
