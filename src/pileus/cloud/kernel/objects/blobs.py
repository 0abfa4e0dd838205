"""Where packs lie: named, immutable byte strings. Every implementation passes tests/conformance/object_store.

All calls block and may run in any thread.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, GenericError
from obstore.store import LocalStore

from pileus.core.durable import fsync, make_folder
from pileus.core.errors import Conflict, NotFound, StoreUnavailable

OS_ERROR = re.compile(r"\(os error (\d+)\)")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")

LEFT_SECONDS = 3600.0
PROBE = "probe/changed"
Exposure = Literal["overwrite", "delete", "versions", "folder"]
"""`folder`: there are no keys; whoever gets into this machine can do both.
`versions`: a blob can be hidden behind a later version or a mark of deletion, and the earlier one is kept.
Whether that one can be deleted is not tried: obstore deletes no versions."""


@dataclass(frozen=True)
class Blob:
    name: str
    size: int
    modified_ms: int


class BlobStore(Protocol):
    """Blobs are never changed once made; names are lower-case parts joined by `/`.

    Every call may raise `StoreUnavailable`: the store does not answer at present.
    """

    ahead: int
    """Packs of one writer that may be put at once: over a slow line two would take twice as long each."""

    def put(self, name: str, data: bytes | bytearray) -> None:
        """Durable when it returns, and seen whole or not at all; raises `Conflict` where the name is taken, and
        `OSError` where the system has no room for it."""
        ...

    def get(self, name: str) -> bytes:
        """Raises `NotFound`."""
        ...

    def read(self, name: str, start: int, length: int) -> bytes:
        """Part of a blob, short or empty where it ends before; raises `NotFound`."""
        ...

    def list(self, prefix: str) -> Iterator[Blob]:
        """Blobs in the folder `prefix`, in no order; those made or deleted meanwhile may be in it or not."""
        ...

    def delete(self, name: str) -> None:
        """Durable when it returns; nothing happens where it is gone already."""
        ...

    def exposures(self) -> tuple[Exposure, ...]:
        """What whoever has this store's keys could do to its blobs; none where all of it is refused."""
        ...

    def tidy(self) -> None:
        """Removes what puts left that were cut off `LEFT_SECONDS` ago or more; none of it has a name."""
        ...


class StoredBlobs:
    """Blobs in any store that obstore speaks to (S3 and others are durable when they answer)."""

    ahead = 1

    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, name: str, data: bytes | bytearray) -> None:
        with self._answering():
            try:
                obstore.put(self._store, _checked(name), data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                raise Conflict("blob-exists", f"There is a blob {name} already.") from None

    def get(self, name: str) -> bytes:
        with self._answering():
            try:
                return bytes(obstore.get(self._store, _checked(name)).bytes())
            except FileNotFoundError:
                raise _missing(name) from None

    def read(self, name: str, start: int, length: int) -> bytes:
        if length == 0:
            return b""
        with self._answering():
            try:
                return bytes(obstore.get_range(self._store, _checked(name), start=start, length=length))
            except FileNotFoundError:
                raise _missing(name) from None
            except BaseError:
                if start < obstore.head(self._store, name)["size"]:
                    raise
                return b""  # a range behind the end is an error for obstore

    def list(self, prefix: str) -> Iterator[Blob]:
        with self._answering():
            for page in obstore.list(self._store, prefix=_checked(prefix)):
                for one in page:
                    yield Blob(one["path"], one["size"], int(one["last_modified"].timestamp() * 1000))

    def delete(self, name: str) -> None:
        with self._answering():
            try:
                obstore.delete(self._store, _checked(name))
            except FileNotFoundError:
                return

    def tidy(self) -> None:
        """Nothing: a store keeps what came whole."""

    def exposures(self) -> tuple[Exposure, ...]:
        """What whoever has these keys can do to a blob that is there, tried on one that means nothing.

        The store is to have just answered, so that a failure is a refusal.
        """
        with suppress(Conflict):
            self.put(PROBE, b"0")
        with self._answering():
            version = obstore.head(self._store, PROBE)["version"]
        first = self.get(PROBE)
        found = []
        with suppress(BaseError, OSError):
            other = b"1" if first == b"0" else b"0"
            obstore.put(self._store, PROBE, other, mode="overwrite", use_multipart=False)
            if self.get(PROBE) != first:
                found.append(self._exposure("overwrite", version, first))
        try:
            with suppress(StoreUnavailable):
                self.delete(PROBE)
            self.get(PROBE)
        except NotFound:
            found.append(self._exposure("delete", version, first))
        return tuple(dict.fromkeys(found))

    def _exposure(self, done: Exposure, version: str | None, first: bytes) -> Exposure:
        """A store that keeps versions has lost nothing by it: the earlier one is there."""
        if version is None:
            return done
        try:
            kept = bytes(obstore.get(self._store, PROBE, options={"version": version}).bytes())
        except (BaseError, FileNotFoundError):
            return done
        return "versions" if kept == first else done

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """What obstore cannot do after its own tries, told as this border tells it."""
        try:
            yield
        except (BaseError, FileNotFoundError) as error:  # a list of a bucket that is not there
            raise StoreUnavailable() from error


class LocalBlobs(StoredBlobs):
    """Blobs as files: a part beside is written and fsynced, then linked to the name, and its folder fsynced.

    So a name never shows bytes that a power cut can take; obstore, which reads, lists and deletes, does not fsync.
    """

    ahead = 2

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        super().__init__(LocalStore(prefix=str(folder)))

    def put(self, name: str, data: bytes | bytearray) -> None:
        path = self._folder / _checked(name)
        make_folder(path.parent)
        part = path.with_name(f"{path.name}#{secrets.randbelow(1 << 62)}")  # such names obstore does not list
        try:
            part.write_bytes(data)
            fsync(part)
            os.link(part, path)
        except FileExistsError:
            raise Conflict("blob-exists", f"There is a blob {name} already.") from None
        finally:
            part.unlink(missing_ok=True)
        fsync(path.parent)

    def read(self, name: str, start: int, length: int) -> bytes:
        """By the system itself: it copies once."""
        try:
            file = os.open(self._folder / _checked(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise _missing(name) from None
        try:
            return os.pread(file, length, start)
        finally:
            os.close(file)

    def delete(self, name: str) -> None:
        """What a power cut brought back after it was noted as deleted, nobody would delete again."""
        super().delete(name)
        with suppress(FileNotFoundError):
            fsync((self._folder / name).parent)

    def exposures(self) -> tuple[Exposure, ...]:
        return ("folder",)

    def tidy(self) -> None:
        """The parts of puts that were killed."""
        before = time.time() - LEFT_SECONDS
        for path in self._folder.rglob("*#*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except GenericError as error:
            raise _refused(error, self._folder) from error


class MemoryBlobs:
    """Blobs in this process, for tests; lost with it."""

    ahead = 1

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes | bytearray) -> None:
        kept = bytes(memoryview(data))
        with self._lock:
            if _checked(name) in self._blobs:
                raise Conflict("blob-exists", f"There is a blob {name} already.")
            self._blobs[name] = kept

    def get(self, name: str) -> bytes:
        try:
            return self._blobs[_checked(name)]
        except KeyError:
            raise _missing(name) from None

    def read(self, name: str, start: int, length: int) -> bytes:
        return self.get(name)[start : start + length]

    def list(self, prefix: str) -> Iterator[Blob]:
        folder = _checked(prefix) + "/"
        with self._lock:
            found = [Blob(name, len(data), 0) for name, data in self._blobs.items() if name.startswith(folder)]
        yield from found

    def delete(self, name: str) -> None:
        with self._lock:
            self._blobs.pop(_checked(name), None)

    def exposures(self) -> tuple[Exposure, ...]:
        """Whoever has this process has all of it."""
        return ("overwrite", "delete")

    def tidy(self) -> None:
        """Nothing: what is put is there at once."""


def _checked(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not a blob's name")
    return name


def _refused(error: BaseError, path: Path) -> Exception:
    """What the system refused as the `OSError` that it was; obstore tells its number in the text alone."""
    found = OS_ERROR.search(str(error))
    return OSError(int(found[1]), os.strerror(int(found[1])), str(path)) if found else error


def _missing(name: str) -> NotFound:
    return NotFound("blob-missing", f"There is no blob {name}.")
