"""Folders to back up: the same for every run of a seed. Half a minute for one gigabyte.

20,113 files with 1.08 GB: small ones of text and of noise, photographs, videos, a mailbox, a database.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

MB = 1_000_000
SMALL = 20_000
PHOTOS, PHOTO = 100, 5 * MB
VIDEOS, VIDEO = 11, 22 * MB
MAILBOX = 50 * MB
DATABASE = 25_600
PAGE = 4096
"""Pages of 4 KiB, a third of each noise."""
VOCABULARY = 20_000
OLD = 1_600_000_000
"""Seconds since 1970: the oldest file's time."""


class Words:
    """Words in an order that never repeats; they compress about as prose does."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        letters = b"abcdefghijklmnopqrstuvwxyz"
        self._words = [bytes(dice.choices(letters, k=dice.randint(2, 9))) for _ in range(VOCABULARY)]
        total, self._weights = 0.0, []
        for number in range(VOCABULARY):
            total += 1 / (number + 1)
            self._weights.append(total)
        self._held = b""

    def take(self, size: int) -> bytes:
        while len(self._held) < size:
            more = self._dice.choices(self._words, cum_weights=self._weights, k=200_000)
            self._held += b" ".join(more) + b"\n"
        taken, self._held = self._held[:size], self._held[size:]
        return taken


def write(folder: Path, seed: int = 1, scale: float = 1.0) -> None:
    """The first generation; `scale` makes less of everything."""
    dice = random.Random(seed)
    words = Words(dice)
    for number in range(int(SMALL * scale)):
        path = small(folder, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        size = min(int(dice.lognormvariate(8.4, 1.2)) + 20, 200_000)
        keep(path, words.take(size) if number % 2 else dice.randbytes(size), dice)
    for kind, count, size in (("photos", PHOTOS, PHOTO), ("videos", VIDEOS, VIDEO)):
        (folder / kind).mkdir()
        for number in range(max(1, int(count * scale))):
            keep(folder / kind / f"{number:04}.bin", dice.randbytes(int(size * dice.uniform(0.8, 1.2))), dice)
    (folder / "mail").mkdir()
    keep(folder / "mail" / "inbox", words.take(int(MAILBOX * scale)), dice)
    keep(folder / "mail" / "index.db", b"".join(pages(dice, int(DATABASE * scale))), dice)


def edit(folder: Path, seed: int = 1, scale: float = 1.0) -> None:
    """The second generation: 5 % of the small files, some pages, an insertion, 2.5 MB over, 13 MB new."""
    dice = random.Random(seed + 1)
    words = Words(dice)
    for number in dice.sample(range(int(SMALL * scale)), int(SMALL * scale) // 20):
        path = small(folder, number)
        data = bytearray(path.read_bytes())
        place = dice.randrange(len(data))
        data[place:place] = words.take(dice.randint(10, 200))
        path.write_bytes(data)
    database = folder / "mail" / "index.db"
    with database.open("r+b") as file:
        for page in pages(dice, int(200 * scale) + 1):
            file.seek(dice.randrange(database.stat().st_size // PAGE) * PAGE)
            file.write(page)
    inbox = folder / "mail" / "inbox"
    data = bytearray(inbox.read_bytes())
    data[len(data) // 3 : len(data) // 3] = words.take(1000)
    inbox.write_bytes(data)
    with (folder / "videos" / "0000.bin").open("r+b") as file:
        file.seek(3 * MB)
        file.write(dice.randbytes(int(2.5 * MB * scale) + 1))
    (folder / "photos" / "new.bin").write_bytes(dice.randbytes(int(13 * MB * scale) + 1))


def small(folder: Path, number: int) -> Path:
    return folder / "documents" / f"{number % 97:02}" / f"{number // 97 % 11:02}" / f"note {number}.txt"


def pages(dice: random.Random, count: int) -> Iterator[bytes]:
    for number in range(count):
        noise = dice.randbytes(PAGE // 3)
        yield noise + (b"row %d of a table;" % number * (PAGE // 10))[: PAGE - len(noise)]


def keep(path: Path, data: bytes, dice: random.Random) -> None:
    path.write_bytes(data)
    time = OLD * 10**9 + dice.randrange(10**17)
    os.utime(path, ns=(time, time))


def totals(folder: Path) -> tuple[int, int]:
    """Files and bytes."""
    sizes = [path.lstat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
