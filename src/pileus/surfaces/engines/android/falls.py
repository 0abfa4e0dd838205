"""Why an app fell over, from what its process printed: the first lines of the last exception that nobody caught.

The words are the app's own, so they are bounded, printable, and shorn of what may be somebody's secret.
"""

from __future__ import annotations

import re

LINES, LINE = 9, 200
"""Lines that are kept, and characters of each."""
SAID = 4
"""Lines of an exception's own words."""
FRAMES = 2
"""Frames of the exception, and of its innermost cause."""

_THROWN = re.compile(r"(?:Exception in thread \"[^\"]*\" )?(?:[A-Za-z_$][\w$]*\.)+[A-Za-z_$][\w$]*(?::.*)?")
_CAUSE = "Caused by: "
_FRAME = re.compile(r"\tat ")
_SECRET = re.compile(
    r"(?<=://)[^\s/@]+@"  # who signs in to an address
    r"|(?<=[?#])[^\s\"')]+"  # what an address asks for
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?i:(?<=password[=:])|(?<=token[=:])|(?<=secret[=:])|(?<=key[=:]))\s*\S+"
    r"|\b(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[\w-]{24,}\b"  # what looks like a key
)


def first_lines(printed: str) -> str:
    """The exception, a few of its frames, and its innermost cause; empty where there is none."""
    lines = printed.splitlines()
    starts = [number for number, line in enumerate(lines) if _THROWN.fullmatch(line) and _head(lines[number:])]
    if not starts:
        return ""
    trace = lines[starts[-1] :]
    kept = _head(trace)
    causes = [number for number, line in enumerate(trace) if line.startswith(_CAUSE)]
    if causes:
        kept += _head(trace[causes[-1] :])
    return "\n".join(_shown(line) for line in kept[:LINES])


def innermost(printed: str) -> str:
    """What the innermost cause of that exception says, in one line; empty where it has no cause."""
    causes = [line for line in first_lines(printed).splitlines() if line.startswith(_CAUSE)]
    return causes[-1].removeprefix(_CAUSE) if causes else ""


def _head(trace: list[str]) -> list[str]:
    """What was thrown, in one line or several, and the frames nearest to it; empty where none follow."""
    said = next((number for number, line in enumerate(trace[: SAID + 1]) if _FRAME.match(line)), 0)
    frames = [line for line in trace[said : said + FRAMES] if _FRAME.match(line)]
    return trace[:said] + frames if said else []


def _shown(line: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in line.replace("\t", "  "))
    return _SECRET.sub("…", plain)[:LINE]
