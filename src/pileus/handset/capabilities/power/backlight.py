"""The screen's brightness as the kernel shows it (Documentation/ABI/stable/sysfs-class-backlight)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from pileus.handset.capabilities.power import rules


@dataclass(frozen=True)
class Backlight:
    folder: Path
    most: int

    @property
    def name(self) -> str:
        return self.folder.name

    def percent(self) -> int | None:
        """None where it cannot be read any more."""
        raw = _number(self.folder / "brightness")
        return None if raw is None else rules.to_percent(raw, self.most)

    def write(self, raw: int) -> None:
        """Past the login manager, where the daemon may. Raises `OSError`."""
        (self.folder / "brightness").write_text(f"{raw}\n", encoding="ascii")


def find(folder: Path) -> Backlight | None:
    """The best one below `/sys/class/backlight`."""
    kinds: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            with contextlib.suppress(OSError, ValueError):
                kinds[path.name] = (path / "type").read_text(encoding="ascii").strip()
    name = rules.best(kinds)
    most = _number(folder / name / "max_brightness") if name else None
    return Backlight(folder / name, most) if most and most > 0 else None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
