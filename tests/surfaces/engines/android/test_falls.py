"""Why an app fell over, from what its process printed."""

from __future__ import annotations

from pileus.surfaces.engines.android.falls import LINE, LINES, first_lines, innermost
from pileus.surfaces.engines.android.probe import caused

PRINTED = """\
11-28 18:17:49.936     2    14 I java    : locale list changing from [] to [en-US]
java.lang.IllegalStateException: an older one
\tat org.example.Old.run(Old.java:1)
FATAL EXCEPTION: main
java.lang.RuntimeException: Unable to start activity
\tat android.app.ActivityThread.performLaunchActivity(ActivityThread.java:4280)
\tat android.app.ActivityThread.handleLaunchActivity(ActivityThread.java:4467)
\tat android.os.Looper.loop(Looper.java:1)
Caused by: org.example.Middle
\tat org.example.Main.middle(Main.java:7)
\t... 3 more
Caused by: java.lang.NoSuchFieldException: CREATOR
\tat java.base/java.lang.Class.getField(Class.java:2068)
\t... 105 more
"""


def test_the_last_exception_and_its_innermost_cause_are_told() -> None:
    assert first_lines(PRINTED).splitlines() == [
        "java.lang.RuntimeException: Unable to start activity",
        "  at android.app.ActivityThread.performLaunchActivity(ActivityThread.java:4280)",
        "  at android.app.ActivityThread.handleLaunchActivity(ActivityThread.java:4467)",
        "Caused by: java.lang.NoSuchFieldException: CREATOR",
        "  at java.base/java.lang.Class.getField(Class.java:2068)",
    ]


def test_a_trial_names_the_cause_behind_what_fell() -> None:
    assert innermost(PRINTED) == "java.lang.NoSuchFieldException: CREATOR"
    assert caused("It fell", PRINTED) == "It fell ← java.lang.NoSuchFieldException: CREATOR"
    assert caused("It fell: java.lang.NoSuchFieldException: CREATOR", PRINTED).count("CREATOR") == 1
    assert caused("It fell", "nothing of use\n") == "It fell"


def test_words_in_several_lines_belong_to_it() -> None:
    printed = "org.example.Odd: one\ntwo\n\tat org.example.Main.run(Main.java:7)\n"
    assert first_lines(printed).splitlines()[:2] == ["org.example.Odd: one", "two"]


def test_without_an_exception_there_is_nothing() -> None:
    assert first_lines("") == ""
    assert first_lines("a line\norg.example.Name: no frame follows\n") == ""


def test_it_is_bounded_and_printable() -> None:
    printed = f"a.B: {'x y' * 999}\x1b[31m\n" + "\tat a.B.c(B.java:1)\n" * 999
    lines = first_lines(printed).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= LINE
    assert "\x1b" not in "".join(lines)


def test_what_may_be_a_secret_is_left_out() -> None:
    words = (
        "https://mei:pass@example.org/a?code=77 failed for mei@example.org with "
        "token=abc and password: hunter2 and eyJhbGciOiJIUzI1NiIsInR5cCI6 in androidx.compose.Main2Activity"
    )
    said = first_lines(f"java.io.IOException: {words}\n\tat a.B.c(B.java:1)\n")
    for secret in ("pass@", "77", "mei@example.org", "abc", "hunter2", "eyJh"):
        assert secret not in said
    assert "example.org/a?" in said
    assert "androidx.compose.Main2Activity" in said
