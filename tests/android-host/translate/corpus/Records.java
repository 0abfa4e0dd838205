import java.util.List;
import java.util.Objects;

/** Records, which D8 writes anew or leaves to ObjectMethods, and sealed types that a switch takes apart. */
public class Records {
  sealed interface Form permits Line, Spot, Group {}
  record Line(int from, long to, String name) implements Form {
    Line {
      if (from < 0) throw new IllegalArgumentException("from");
    }
    Line(String name) { this(0, 1L << 40, name); }
  }
  record Spot(double x, float y, boolean seen, char mark) implements Form {
    static final Spot HERE = new Spot(-0.0, Float.NaN, true, 'h');
    public float y() { return y + 1; }
  }
  record Group(List<Form> all, int[] sizes) implements Form {
    @Override public boolean equals(Object o) { return o instanceof Group g && g.all.equals(all); }
    @Override public int hashCode() { return Objects.hash(all); }
  }
  record Empty() {}

  static String said(Form form) {
    return switch (form) {
      case Line(int from, long to, String name) when from > 1 -> "far " + from + to + name;
      case Line line -> line.name() + line.to();
      case Spot(double x, float y, boolean seen, char mark) -> mark + " " + x + y + seen;
      case Group group -> group.all().size() + "" + group.sizes().length;
    };
  }

  public static void run(StringBuilder out) {
    Form[] forms = {
      new Line("one"), new Line(2, 3, null), Spot.HERE, new Spot(0.0, 1, false, '0'),
      new Group(List.of(new Line("in")), new int[] {1}),
    };
    for (Form form : forms) out.append(said(form)).append('\n');
    out.append(forms[0]).append(forms[1]).append(forms[2]).append(new Empty()).append('\n');
    // Not by NaN and minus zero: D8 writes a comparison of numbers, where ObjectMethods compares as Float does.
    out.append(forms[0].equals(new Line("one"))).append(forms[3].equals(new Spot(0.0, 1, false, '0')));
    out.append(forms[3].equals(new Spot(0.5, 1, false, '0'))).append(forms[4].equals(forms[4]));
    out.append(forms[0].hashCode() == new Line("one").hashCode()).append(new Empty().equals(new Empty()));
    try {
      new Line(-1, 0, "");
    } catch (IllegalArgumentException e) {
      out.append(e.getMessage());
    }
  }
}
