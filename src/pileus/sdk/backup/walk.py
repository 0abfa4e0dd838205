"""What is in the folders of a backup, in their order; and how many bytes that will be. Blocks."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pileus.sdk.backup import source, tree
from pileus.sdk.backup.link import reason_of

if TYPE_CHECKING:
    from pileus.sdk.backup.save import Options


@dataclass
class _Place:
    """A folder on the way to what is backed up: `whole`, or only what is `below` it."""

    whole: bool = False
    below: dict[bytes, _Place] = field(default_factory=dict)


_Step = tuple[bytes, _Place | None, int | None]
"""A folder that waits, what of it is taken (None: all), and the device that it may not leave."""


class Walk:
    """Whoever walks says what becomes of each entry."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def walk(self) -> None:
        """Folders by names' bytes, each before those in it; what is on the way to the paths is told as well."""
        top = _Place()
        for path in self.options.paths:
            _lead(top, path)
        waiting: list[_Step] = [(b"", None if top.whole else top, None)]
        while waiting:
            path, place, device = waiting.pop()
            below = list(self._folder(path, place, device))
            waiting += reversed(below)

    def _folder(self, path: bytes, place: _Place | None, device: int | None) -> Iterator[_Step]:
        """Takes one folder; gives those in it that are to be taken."""
        self._begin(path)
        for name, status in self._entries(path, place):
            own = tree.join(path, name)
            inner = place.below[name] if place is not None else None
            if inner is None and self._left_out(own, status):
                continue
            on_the_way = inner is not None and not inner.whole and stat.S_ISDIR(status.st_mode)
            if not self._take(own, name, status, on_the_way=on_the_way):
                continue
            if on_the_way:
                yield own, inner, None
            elif self._entered(own, status, device):
                yield own, None, status.st_dev if device is None else device
        self._end(path)

    def _begin(self, path: bytes) -> None:
        """The folder is looked into; once at a time."""

    def _take(self, path: bytes, name: bytes, status: os.stat_result, *, on_the_way: bool) -> bool:
        """Takes what is in it; whether it is a folder."""
        raise NotImplementedError

    def _end(self, path: bytes) -> None:
        """All that is in the folder was taken."""

    def _only_tag(self, path: bytes) -> None:
        """Of a cache's folder its tag alone is taken."""

    def _skip(self, path: bytes, reason: str) -> None:
        """It could not be read."""

    def _entered(self, path: bytes, status: os.stat_result, device: int | None) -> bool:
        """Whether what is in a folder is taken; of a cache its tag alone is."""
        options = self.options
        if options.one_file_system and device is not None and status.st_dev != device:
            return False
        if any(os.path.lexists(self._place(path) + b"/" + one) for one in options.exclude_if_present):
            return False
        if options.exclude_caches and source.is_cache(self._place(path)):
            self._only_tag(path)
            return False
        return True

    def _entries(self, path: bytes, place: _Place | None) -> Iterator[tuple[bytes, os.stat_result]]:
        """Names in a folder with what lstat says, sorted; what cannot be asked is told."""
        if place is not None:
            for name in sorted(place.below):
                own = tree.join(path, name)
                try:
                    yield name, os.lstat(self._place(own))
                except OSError as error:
                    self._skip(b"/" + own, reason_of(error))
            return
        try:
            with os.scandir(self._place(path)) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._skip(b"/" + path, reason_of(error))
            return
        for entry in entries:
            try:
                yield entry.name, entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone since the folder was read: it need not be told
            except OSError as error:
                self._skip(b"/" + tree.join(path, entry.name), reason_of(error))

    def _place(self, path: bytes) -> bytes:
        """Where a path of the snapshot lies on this machine."""
        above, rest = path, b""
        while above:
            if above in self.options.places:
                return self.options.places[above] + rest
            above, _, last = above.rpartition(b"/")
            rest = b"/" + last + rest
        return b"/" + path

    def _left_out(self, path: bytes, status: os.stat_result) -> bool:
        options = self.options
        if options.excluded and options.excluded.match("/" + os.fsdecode(path)):
            return True
        larger = options.exclude_larger
        return larger is not None and stat.S_ISREG(status.st_mode) and status.st_size > larger


class Ahead(Walk):
    """Counts the bytes of files beside the backup that reads them; `total` is None until all are counted."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.total: int | None = None
        self._size, self._stopped = 0, False
        self._thread = threading.Thread(target=self.count, name="backup sizes", daemon=True)

    def __enter__(self) -> Ahead:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped = True
        self._thread.join()

    def count(self) -> None:
        """What the thread does; blocks."""
        self.walk()
        if not self._stopped:
            self.total = self._size

    def _folder(self, path: bytes, place: _Place | None, device: int | None) -> Iterator[_Step]:
        return iter(()) if self._stopped else super()._folder(path, place, device)

    def _take(self, path: bytes, name: bytes, status: os.stat_result, *, on_the_way: bool) -> bool:
        if stat.S_ISREG(status.st_mode):
            self._size += status.st_size
        return stat.S_ISDIR(status.st_mode)


def _lead(top: _Place, path: bytes) -> None:
    """Notes a path; one inside another that is taken whole adds nothing."""
    here = top
    for part in path.split(b"/"):
        if part and not here.whole:
            here = here.below.setdefault(part, _Place())
    here.whole = True
    here.below.clear()
