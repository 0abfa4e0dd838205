"""Tries packages and keeps what was found below build/compat: a file of rows for each, and pictures."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pileus.core.errors import PileusError
from pileus.core.settings import Settings
from pileus.surfaces.engine import Display
from pileus.surfaces.engines.android.probe import Extras, Probe
from tools.compat.fixtures import Fixture
from tools.compat.trial import Row, Trial

DISPLAY = Display(480, 800, dpi=240)
KNOWN = Path(__file__).with_name("known.toml")


class Found(msgspec.Struct):
    """What is known of a package: `refused` says why it was not taken; `rows` are its activities'."""

    group: str
    name: str
    refused: str = ""
    label: str = ""
    package: str = ""
    activities: list[str] = msgspec.field(default_factory=list)
    rows: list[Row] = msgspec.field(default_factory=list)


async def campaign(settings: Settings, chosen: Sequence[Fixture], only: Sequence[str], out: Path) -> None:
    """Tries each activity, or those whose names end in one of `only`; keeps after each what is known by then."""
    for fixture in chosen:
        probe = Probe(settings, DISPLAY)
        try:
            async with probe.data() as data:
                await _package(probe, fixture, only, data, out)
        finally:
            await probe.close()


async def _package(probe: Probe, fixture: Fixture, only: Sequence[str], data: Path, out: Path) -> None:
    found = Found(fixture.group, fixture.name)
    pictures = folder(out, fixture)
    await asyncio.to_thread(pictures.mkdir, parents=True, exist_ok=True)
    try:
        file = await asyncio.to_thread(fixture.file)
        meta, found.activities = await probe.prepare(file, lambda _phase, _part: None)
    except PileusError as error:
        found.refused = f"{error.code}: {error.detail}"
        keep(out, fixture, found)
        return
    found.label, found.package = meta.label, meta.package
    before = {row.finding.activity: row for row in kept(out, fixture).rows} if only else {}
    trial = Trial(probe, meta, DISPLAY, data)
    rows = dict(before)
    for activity in found.activities:
        if only and not activity.endswith(tuple(only)):
            continue
        row = await trial.of(activity, extras(activity), pictures)
        rows[activity] = row
        found.rows = [rows[name] for name in found.activities if name in rows]
        keep(out, fixture, found)
        said = [row.finding.status, row.input, row.rotates, row.returns, row.finding.reason]
        print(fixture.name, activity, *(f"[{word}]" for word in said), flush=True)


def extras(activity: str) -> Extras:
    """What its callers give it."""
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))["extras"].get(activity, {})  # type: ignore[no-any-return]


def known(part: str) -> dict[str, str]:
    """What a part of known.toml says, by activity."""
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))[part]  # type: ignore[no-any-return]


def folder(out: Path, fixture: Fixture) -> Path:
    """Where the pictures of a package are."""
    return out / fixture.key


def keep(out: Path, fixture: Fixture, found: Found) -> None:
    (out / f"{fixture.key}.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))


def kept(out: Path, fixture: Fixture) -> Found:
    """What was found earlier; nothing where it was not tried."""
    path = out / f"{fixture.key}.json"
    if not path.exists():
        return Found(fixture.group, fixture.name)
    return msgspec.json.decode(path.read_bytes(), type=Found)
