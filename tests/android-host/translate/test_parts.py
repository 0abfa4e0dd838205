"""Methods in parts: what the JVM has no room for in one method computes the same in several.

Programs are cut into far smaller parts than any real method, so that all of them go through it; then come methods
of the sizes that need it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from .sifting import Sieve
from .toolchain import Batch, Toolchain

NIGHTLY = "PILEUS_NIGHTLY" in os.environ
PART = re.compile(r"^  private static synthetic \S+\$part\d+\(I\[J\[Ljava/lang/Object;\)I$", re.MULTILINE)
NUMBERS = ("int", "long", "float", "double")

pytestmark = [
    pytest.mark.android,
    pytest.mark.slow,
    pytest.mark.xdist_group("translate"),
    pytest.mark.timeout(1800),
]


@pytest.mark.parametrize("portion", [1, 24])
def test_the_corpus_in_parts(corpus: Batch, portion: int) -> None:
    corpus.check(f"parts{portion}", corpus.d8("--debug"), portion=portion)
    assert parts(corpus.tools, f"parts{portion}.jar", "Control") > 100 // portion


def test_random_programs_in_parts(random_programs: Batch) -> None:
    random_programs.check("parts", random_programs.d8("--release"), portion=6)
    name = next(iter(random_programs.said))
    assert parts(random_programs.tools, "parts.jar", name) > 5


@pytest.mark.parametrize("portion", [1, 3])
def test_what_compilers_do_not_write_in_parts(assembled: Batch, portion: int) -> None:
    assembled.check(f"parts{portion}", assembled.classes, portion=portion)


@pytest.mark.timeout(1200)
def test_methods_of_the_largest_size(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As large as compilers write them: 50 to 64 KB. What D8 makes of them for debuggers takes more than that."""
    tools = Toolchain.of(tmp_path_factory.mktemp("largest"))
    sources = []
    for name, lines in {
        "Table": table(),
        "Steps": steps(),
        "Guarded": guarded(),
        "Built": built(),
        "Locked": locked(),
    }.items():
        sources.append(tools.folder / f"{name}.java")
        sources[-1].write_text("".join(lines))
    batch = Batch.compile(tools, {"ecj": sources}, Sieve(0))
    # D8 takes minutes for the two together.
    for mode in ("--debug", "--release") if NIGHTLY else ("--debug",):
        batch.check(mode, batch.d8(mode))
    cut = [name for name in batch.said if parts(tools, "--debug.jar", name) > 1]
    assert {"Built", "Locked"} <= set(cut)


def table() -> Iterator[str]:
    """A static initializer of objects."""
    yield "public class Table {\n  record Row(int n, String s, double d, int[] of) {}\n"
    yield "  static final Row[] ROWS = {\n"
    yield "".join(
        f'    new Row({40_000 + i}, "row {i}", {i}.5, new int[] {{{i}, -{i}, {i} << 3}}),\n' for i in range(1500)
    )
    yield "  };\n  public static void run(StringBuilder out) {\n    double sum = 0;\n"
    yield "    for (Row row : ROWS) sum += row.n() * row.d() + row.of()[1] + row.of()[2] + row.s().length();\n"
    yield "    out.append(ROWS.length).append(' ').append(sum);\n  }\n}\n"


def steps() -> Iterator[str]:
    """A state machine: a loop over a switch, with locals of every kind that live through all of it."""
    yield "public class Steps {\n  public static void run(StringBuilder out) {\n"
    yield "    int i = 1; long l = 2; float f = 3; double d = 4; boolean b = false;\n"
    yield '    String s = ""; Object o = out;\n'
    yield "    for (int at = 0; at < 1300; at++) {\n      switch (at) {\n"
    for at in range(1300):
        one, two = NUMBERS[at % 4], NUMBERS[at // 4 % 4]
        yield f"        case {at}: {one[0]} = ({one}) ({two[0]} * {at % 7 + 2} + i - {one[0]});"
        yield f" b = {one[0]} > {two[0]};"
        yield f' if (b) {{ s += "{at % 10}"; o = s; }} else o = Integer.valueOf(i);' if at % 9 == 0 else ""
        yield " break;\n" if at % 3 else " at += 2;\n"
    yield "      }\n    }\n    out.append(i).append(' ').append(l).append(' ').append(f).append(' ').append(d);\n"
    yield "    out.append(s).append(o).append(b);\n  }\n}\n"


def guarded() -> Iterator[str]:
    """Exceptions, in a method that gives something."""
    yield "public class Guarded {\n  static long all(int[] a, String s, long by, double d) throws Exception {\n"
    yield "    long sum = by; int caught = 0;\n    for (int i = 0; i < 3; i++) {\n      try {\n"
    for at in range(900):
        yield f"        try {{ sum += a[(i + {at}) % 5] * {at}L; }}"
        yield f" catch (IndexOutOfBoundsException e) {{ caught += {at}; sum ^= e.getMessage().length(); }}"
        yield f" finally {{ sum += i; d += {at}; }}\n" if at % 3 == 0 else "\n"
    yield "      } catch (ArithmeticException e) { sum--; }\n    }\n"
    yield "    if (caught < 0) throw new Exception(s);\n    return sum + caught + (long) d;\n  }\n"
    yield "  public static void run(StringBuilder out) throws Exception {\n"
    yield "    out.append(all(new int[] {1, 2, 3}, \"four\", 5L, 6.5)).append(' ');\n"
    yield '    try { all(null, "", 0, 0); } catch (NullPointerException e) { out.append("null"); }\n  }\n}\n'


def built() -> Iterator[str]:
    """A constructor that computes what its superclass's is given, fills final fields and may throw."""
    yield "public class Built extends java.util.ArrayList<Object> {\n"
    yield "  final long sum; final Object[] own; int n;\n"
    yield "  Built(int size, long by, String s) {\n"
    yield "    super(size > 3 ? size : s.length() + (int) by);\n    long sum = by;\n"
    for at in range(1600):
        yield f"    sum += n * {at}L + size; n ^= (int) sum >> {at % 31};\n"
        if at % 40 == 0:
            yield f"    try {{ add(s.charAt({at % 7})); }} catch (IndexOutOfBoundsException e) {{ n--; }}\n"
    yield "    if (by < 0) throw new IllegalStateException(s);\n"
    yield "    this.sum = sum; own = new Object[] {this, s};\n  }\n"
    yield "  public static void run(StringBuilder out) {\n"
    yield '    Built made = new Built(4, 5L, "six");\n'
    yield "    out.append(made.sum).append(made.n).append(made.size());\n"
    yield "    out.append(made.own[0] == made).append(made.own[1]);\n"
    yield '    try { new Built(1, -1L, "no"); }\n'
    yield "    catch (IllegalStateException e) { out.append(e.getMessage()); }\n  }\n}\n"


def locked() -> Iterator[str]:
    """A method that holds its receiver's monitor over all of it, and others within; it lets go where it throws."""
    yield "public class Locked {\n  int n;\n"
    yield "  synchronized long all(Object other, int[] a) {\n    long sum = 0; int size = a.length;\n"
    for at in range(1500):
        # Few that may throw: each is an edge of D8's out of the monitor, and it is slow where there are thousands.
        what = f"a[(n + {at}) % 5]" if at % 50 == 0 else f"((n + {at}) % 5 + size)"
        yield f"    sum += {what} * {at}L; n += {at % 3};\n"
        yield "    synchronized (other) { sum += held(other) + held(this); }\n" if at % 100 == 0 else ""
    yield "    return sum + held(other);\n  }\n"
    yield "  static int held(Object it) { return Thread.holdsLock(it) ? 1 : 0; }\n"
    yield "  public static void run(StringBuilder out) {\n"
    yield "    Locked it = new Locked(); Object other = new Object();\n"
    yield "    out.append(it.all(other, new int[] {1, 2, 3, 4, 5})).append(held(it) + held(other));\n"
    yield "    try { it.all(other, new int[] {1, 2}); }\n"
    yield "    catch (IndexOutOfBoundsException e) { out.append(held(it)); }\n"
    yield "    try { it.all(null, new int[5]); }\n"
    yield "    catch (NullPointerException e) { out.append(held(it)); }\n  }\n}\n"


def parts(tools: Toolchain, jar: str, name: str) -> int:
    """How many methods of a class are parts of others."""
    listing = tools.folder / f"{name}.listing"
    tools.java(tools.tools(), "dev.pileus.translate.Listing", tools.folder / jar, name, listing)
    return len(PART.findall(listing.read_text()))
