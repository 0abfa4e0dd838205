"""What is fuzzed in Python: any bytes are read, or refused by a typed error with a sentence.

`drive.py` gives them to libFuzzer.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

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


TARGETS: dict[str, Callable[[bytes], None]] = {"manifest": manifest, "table": table, "apk": package}


def once(target: str, data: bytes) -> None:
    """One input; raises what must not be."""
    try:
        TARGETS[target](data)
    except PileusError as refused:
        if not said(refused):
            raise AssertionError(f"no sentence: {refused!r}") from refused


def said(refused: PileusError) -> bool:
    return bool(refused.code and refused.detail and len(refused.detail) > 5)
