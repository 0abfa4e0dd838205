"""The page docs/android-compat.md, from what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.compat.campaign import Found
from tools.compat.trial import NO, YES, Row

HEAD = Path(__file__).with_name("head.md")


@dataclass(frozen=True)
class Known:
    """By activity: why it falls over on a device as well, and what else is to be said of it."""

    device: Mapping[str, str]
    notes: Mapping[str, str]


def page(founds: Sequence[tuple[str, Found]], pictures: Mapping[str, Sequence[str]], known: Known) -> str:
    """The whole page; `pictures` are the contact sheets of each package, `known` what was known before."""
    tried = [(key, found) for key, found in founds if found.rows]
    refused = [found for _, found in founds if found.refused]
    parts = [HEAD.read_text(encoding="utf-8"), _overview(tried, known.device)]
    if refused:
        parts.append(_refused(refused))
    parts += [_package(found, pictures.get(key, ()), known) for key, found in tried]
    return "\n".join(parts)


def start_of(row: Row, device: Mapping[str, str]) -> str:
    """The word in the column `starts`."""
    status = row.finding.status
    if status == "ok":
        return YES
    if status == "unsupported":
        return "apart"
    if status == "crash" and row.finding.activity in device:
        return "as on a device"
    return status


def _overview(tried: Sequence[tuple[str, Found]], device: Mapping[str, str]) -> str:
    lines = [
        "## All packages",
        "",
        "| package | activities | start | apart | as on a device | other | draw | take input | rotate | return |",
        _rule(10),
    ]
    for _, found in tried:
        starts = Counter(start_of(row, device) for row in found.rows)
        other = len(found.rows) - starts[YES] - starts["apart"] - starts["as on a device"]
        drawn = sum(row.finding.blank_below_bar is False for row in found.rows)
        done = [sum(value == YES for value in column) for column in _columns(found)]
        cells = [
            found.name,
            len(found.rows),
            starts[YES],
            starts["apart"],
            starts["as on a device"],
            other,
            drawn,
            *done,
        ]
        lines.append(_line(cells))
    return "\n".join([*lines, ""])


def _columns(found: Found) -> list[list[str]]:
    return [[getattr(row, name) for row in found.rows] for name in ("input", "rotates", "returns")]


def _refused(refused: Sequence[Found]) -> str:
    lines = ["## Refused", "", "Packages that are not taken, with the sentence that their owner reads.", ""]
    lines += ["| package | why |", _rule(2)]
    lines += [_line([found.name, found.refused.partition(": ")[2]]) for found in refused]
    return "\n".join([*lines, ""])


def _package(found: Found, pictures: Sequence[str], known: Known) -> str:
    title = found.name if found.label in ("", found.name) else f"{found.name} ({found.label})"
    lines = [f"## {title}", ""]
    lines += [f"![{found.name}: what each activity drew first](pictures/compat/{name})" for name in pictures]
    remarks = [_line([_short(row, found), remark]) for row in found.rows if (remark := _remark(row, known))]
    if remarks:
        lines += ["", "| activity | remark |", _rule(2), *remarks]
    lines += ["", "<details><summary>Each activity</summary>", ""]
    lines += ["| activity | starts | draws | input | rotates | returns | ms |", _rule(7)]
    lines += [_line(_cells(row, found, known.device)) for row in found.rows]
    return "\n".join([*lines, "", "</details>", ""])


def _cells(row: Row, found: Found, device: Mapping[str, str]) -> list[object]:
    finding = row.finding
    draws = {None: "", True: "nothing", False: YES}[finding.blank_below_bar]
    words = [value.partition(":")[0] for value in (row.input, row.rotates, row.returns)]
    return [_short(row, found), start_of(row, device), draws, *words, finding.first_frame_ms or ""]


def _remark(row: Row, known: Known) -> str:
    finding = row.finding
    said = [known.notes.get(finding.activity, "")]
    if finding.status == "crash":
        said.append(known.device.get(finding.activity) or _first(finding.reason))
    elif finding.status == "finished":
        said.append("it ended itself")
    elif finding.status == "unsupported":
        said.append(finding.reason)
    steps = {"input": row.input, "rotates": row.rotates, "returns": row.returns}
    said += [
        f"{name}: {_first(value.partition(': ')[2])}"
        for name, value in steps.items()
        if value.startswith(f"{NO}:")
    ]
    if finding.blank_below_bar:
        said.append("nothing is drawn below the bars")
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
