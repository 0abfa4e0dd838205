"""The page docs/android-compat.md, from what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pileus.surfaces.texts import sentence
from tools.compat.before import HEADING, PACKAGES, REFUSED, Before
from tools.compat.campaign import Found
from tools.compat.trial import NO, YES, Row

HEAD = Path(__file__).with_name("head.md")
APART, AS_ON_A_DEVICE = "apart", "as on a device"


@dataclass(frozen=True)
class Known:
    """By activity: why it ends by itself on a device as well, why it draws nothing there either, and what else is
    to be said of it."""

    device: Mapping[str, str]
    empty: Mapping[str, str]
    notes: Mapping[str, str]


def page(
    founds: Sequence[tuple[str, Found]],
    pictures: Mapping[str, Sequence[str]],
    known: Known,
    before: Before | None = None,
) -> str:
    """The whole page; `pictures` are the contact sheets of each package, `known` what is known of activities, and
    `before` says what was found of packages that were not tried now."""
    earlier = before or Before()
    rows, refusals, sections = [], [], []
    for key, found in founds:
        if found.rows:
            rows.append(_row(found, known))
            sections.append(_package(found, pictures.get(key, ()), known))
        elif found.refused:
            refusals.append(_line([found.name, found.refused.partition(": ")[2]]))
        else:
            rows += [line for line in [earlier.row(found.name)] if line]
            refusals += [line for line in [earlier.refusal(found.name)] if line]
            sections += [part for part in [earlier.section(found.name)] if part]
    parts = [HEAD.read_text(encoding="utf-8"), _overview(rows)]
    if refusals:
        parts.append(_refused(refusals))
    return "\n".join([*parts, *sections])


def start_of(row: Row, device: Mapping[str, str]) -> str:
    """The word in the column `starts`: yes, apart (it needs what is not there, and says so), as on a device (it
    falls over or ends itself there too), or what became of it."""
    status = row.finding.status
    if status == "unsupported" or (status == "ok" and row.lacks):
        return APART
    if status == "ok":
        return YES
    return AS_ON_A_DEVICE if row.finding.activity in device else status


def draws(row: Row, empty: Mapping[str, str]) -> str:
    """The word in the column `draws`."""
    finding = row.finding
    if finding.blank_below_bar is None or finding.status != "ok" or row.lacks:
        return ""
    if not finding.blank_below_bar:
        return YES
    return AS_ON_A_DEVICE if finding.activity in empty else "nothing"


def _overview(rows: Sequence[str]) -> str:
    lines = [
        f"{HEADING}{PACKAGES}",
        "",
        "| package | activities | start | draw | apart | as on a device | other | take input | rotate | return |",
        _rule(10),
    ]
    return "\n".join([*lines, *rows, ""])


def _row(found: Found, known: Known) -> str:
    starts = Counter(start_of(row, known.device) for row in found.rows)
    other = len(found.rows) - starts[YES] - starts[APART] - starts[AS_ON_A_DEVICE]
    drawn = sum(draws(row, known.empty) in (YES, AS_ON_A_DEVICE) for row in found.rows)
    shown = sum(row.finding.status == "ok" for row in found.rows)
    done = [sum(value == YES for value in column) for column in _columns(found)]
    counts = [len(found.rows), shown, drawn, starts[APART], starts[AS_ON_A_DEVICE], other]
    return _line([found.name, *counts, *done])


def _columns(found: Found) -> list[list[str]]:
    return [[getattr(row, name) for row in found.rows] for name in ("input", "rotates", "returns")]


def _refused(refusals: Sequence[str]) -> str:
    said = "Packages that are not taken, with the sentence that their owner reads."
    return "\n".join([f"{HEADING}{REFUSED}", "", said, "", "| package | why |", _rule(2), *refusals, ""])


def _package(found: Found, pictures: Sequence[str], known: Known) -> str:
    title = found.name if found.label in ("", found.name) else f"{found.name} ({found.label})"
    lines = [f"{HEADING}{title}", ""]
    lines += [f"![{found.name}: what each activity drew first](pictures/compat/{name})" for name in pictures]
    remarks = [_line([_short(row, found), remark]) for row in found.rows if (remark := _remark(row, known))]
    if remarks:
        lines += ["", "| activity | remark |", _rule(2), *remarks]
    lines += ["", "<details><summary>Each activity</summary>", ""]
    lines += ["| activity | starts | draws | input | rotates | returns | ms |", _rule(7)]
    lines += [_line(_cells(row, found, known)) for row in found.rows]
    return "\n".join([*lines, "", "</details>", ""])


def _cells(row: Row, found: Found, known: Known) -> list[object]:
    words = [value.partition(":")[0] for value in (row.input, row.rotates, row.returns)]
    cells = [_short(row, found), start_of(row, known.device), draws(row, known.empty), *words]
    return [*cells, row.finding.first_frame_ms or ""]


def _remark(row: Row, known: Known) -> str:
    finding = row.finding
    said = [known.notes.get(finding.activity, "")]
    if finding.status in ("crash", "finished"):
        said.append(known.device.get(finding.activity) or _first(finding.reason) or "it ended itself")
    elif finding.status == "unsupported":
        said.append(finding.reason)
    said += [f"on the screen: “{sentence(code)}”" for code in row.lacks]
    steps = {"input": row.input, "rotates": row.rotates, "returns": row.returns}
    said += [
        f"{name}: {_first(value.partition(': ')[2])}"
        for name, value in steps.items()
        if value.startswith(f"{NO}:")
    ]
    if draws(row, known.empty) not in (YES, ""):
        said.append(known.empty.get(finding.activity, "nothing is drawn below the bars"))
    return "; ".join(text for text in said if text)


def _short(row: Row, found: Found) -> str:
    return f"`{row.finding.activity.removeprefix(found.package + '.')}`"


def _first(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 200 else f"{line[:200]}…"


def _rule(columns: int) -> str:
    return "|" + "---|" * columns


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
