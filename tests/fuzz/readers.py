"""What is fuzzed in Python: any bytes are read, or refused by a typed error with a sentence.

`drive.py` gives them to libFuzzer.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from pileus.carrier import pdu
from pileus.carrier.errors import PduError
from pileus.carrier.network import Carrier
from pileus.carrier.parts import join
from pileus.carrier.timer import ManualTimer
from pileus.core.clock import ManualClock
from pileus.core.errors import PileusError
from pileus.surfaces.engines.android import apk, axml, icon
from pileus.surfaces.engines.android.archive import Archive
from pileus.surfaces.engines.android.resources import Resources

RESOURCES = (0x7F080052, 0x7F0B0001, 0x7F0B0100, 0x7F010000, 0x01010000)


def manifest(data: bytes) -> None:
    """A binary XML document."""
    root = axml.parse(data)
    for element in root.find("application"):
        element.text("label")


def table(data: bytes) -> None:
    """A resource table; references may lead in circles."""
    found = Resources(data)
    for resource in RESOURCES:
        found.best(resource)
        found.by_language(resource)
        found.resolve(found.best(resource, "zh", "CN", 320))


def package(data: bytes) -> None:
    """A whole package, signed or not, and its icon."""
    with tempfile.NamedTemporaryFile(suffix=".apk", dir=os.environ.get("PILEUS_FUZZ_DIR")) as file:
        path = Path(file.name)
        path.write_bytes(data)
        try:
            apk.check(path)
        except PileusError as refused:
            if not said(refused):
                raise AssertionError(f"no sentence: {refused!r}") from refused
        with Archive(path) as archive:
            icon.draw(archive, apk.read(archive).icon)


def message(data: bytes) -> None:
    """A short message in either direction, and its text; what is read is written and read again."""
    for read in (pdu.read_deliver, pdu.read_submit):
        try:
            found = read(data)
            again = read(found.encode())
        except PduError:
            continue
        if again.body != found.body:
            raise AssertionError(f"{found!r} became {again!r}")
        join([found.body])
    with contextlib.suppress(PduError):
        pdu.read_report(data)
    pdu.without_centre(data)


def terminal(data: bytes) -> None:
    """Bytes from a terminal: the modem answers, and goes on to answer."""
    clock = ManualClock()
    timer = ManualTimer(clock)
    carrier = Carrier(clock, timer)
    phone = carrier.handset("+447700900001", pin="1234" if data[:1] == b"P" else None)
    carrier.handset("+447700900002")
    said = bytearray()
    phone.modem.terminal.output = said.extend
    for piece in data.split(b"\n"):
        phone.modem.terminal.feed(piece)
        timer.advance(1)
    phone.modem.terminal.feed(b"\r\x1b\r")  # whatever was begun ends: a line, then data that it asked for
    said.clear()
    phone.modem.terminal.feed(b"\rATE0\r")
    if not said.endswith(b"OK\r\n"):
        raise AssertionError(f"no answer: {bytes(said)!r}")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "manifest": manifest,
    "table": table,
    "apk": package,
    "message": message,
    "terminal": terminal,
}


def once(target: str, data: bytes) -> None:
    """One input; raises what must not be."""
    try:
        TARGETS[target](data)
    except PileusError as refused:
        if not said(refused):
            raise AssertionError(f"no sentence: {refused!r}") from refused


def said(refused: PileusError) -> bool:
    return bool(refused.code and refused.detail and len(refused.detail) > 5)
