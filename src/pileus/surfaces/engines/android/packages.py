"""Installed packages by content, in `data_dir/android/packages/SHA256`: base.apk, classes.jar, meta.json,
manifest.json and icon.webp.

A folder is made under another name and renamed when it is whole, so what has its name may be used; it is
shared by all accounts that installed the same file, and never changes but for a newer translation.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec

from pileus.core import durable, trees
from pileus.core.errors import Invalid
from pileus.core.settings import Settings
from pileus.surfaces.engines.android import apk, jars, reading, sandbox
from pileus.surfaces.engines.android.apk import Checked
from pileus.surfaces.engines.android.bounds import MB, Bounds
from pileus.surfaces.engines.android.java import Runtime
from pileus.surfaces.engines.android.sandbox import Mount, Plan
from pileus.surfaces.engines.android.system.manifest import BadRecord, keep, kept

FORMAT = 1
OLD = ".old.part"
"""How the name of a package ends while a newer translation takes its place."""
TRANSLATE_WITHIN = 600.0
TRANSLATOR = Bounds(memory=2500 * MB, disk=4096 * MB)
MOST_LOGGED = 20

_log = logging.getLogger(__name__)

Progress = Callable[[str, float], Awaitable[None]]


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What meta.json holds."""

    format: int = FORMAT
    sha256: str
    translator: str
    size: int
    package: str
    version_code: int
    version_name: str
    min_sdk: int
    target_sdk: int
    label: str
    labels: dict[str, str]
    permissions: list[str]
    activity: str
    libraries: dict[str, list[str]]
    signer: str
    scheme: str
    earlier_signers: list[str]
    untranslated: int = 0
    """Members of its code that have no translation; a method among them throws when it is called."""


class Failure(msgspec.Struct, frozen=True):
    """A member of a package's code that has no translation, and why."""

    member: str
    why: str


class PackageStore:
    """The packages of a cloud."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data_dir / "android" / "packages"

    def place(self, sha256: str) -> Path:
        return self.folder / sha256

    def meta(self, sha256: str) -> Meta | None:
        """What is known of a package that is there; None where it is not."""
        try:
            return msgspec.json.decode((self.place(sha256) / "meta.json").read_bytes(), type=Meta)
        except (OSError, msgspec.DecodeError):
            return None

    def clean(self) -> None:
        """Removes what was half done when the process ended; call it before anything is added.

        A package whose newer translation had not taken its place yet is put back: accounts have it.
        """
        for old in self.folder.glob(f"*{OLD}"):
            place = self.place(old.name.removesuffix(OLD))
            if not place.exists():
                old.rename(place)
        for path in self.folder.glob("*.part"):
            with contextlib.suppress(OSError):
                trees.remove(path)

    def remove(self, sha256: str) -> None:
        """Removes a package that nobody has installed any more."""
        gone = self.folder / f"{sha256}.gone.part"
        with contextlib.suppress(FileNotFoundError):
            self.place(sha256).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    async def add(self, file: Path, sha256: str, checked: Checked, runtime: Runtime, progress: Progress) -> Meta:
        """Translates a checked package unless it is there already; moves nothing, copies `file`."""
        version = await asyncio.to_thread(runtime.translator_version)
        async with _alone(self.folder.with_name("translating") / sha256):
            known = self.meta(sha256)
            if known is not None and known.translator == version:
                await keep_manifest(self.place(sha256), known.package)
                return known
            return await self._add(file, sha256, checked, runtime, version, progress)

    async def _add(
        self, file: Path, sha256: str, checked: Checked, runtime: Runtime, version: str, progress: Progress
    ) -> Meta:
        part = self.folder / f"{sha256}.part"
        await asyncio.to_thread(_fresh, part)
        try:
            await asyncio.to_thread(_copy, file, part / "base.apk")
            await progress("translate", 0.0)
            failures = await translate(runtime, part / "base.apk", part / "classes.jar", progress)
            for failure in failures[:MOST_LOGGED]:
                _log.warning("%s: %s was not translated: %s", sha256, failure.member, failure.why)
            await keep_manifest(part, checked.apk.package)
            picture = await reading.icon(part / "base.apk", checked.apk.icon)
            meta = await asyncio.to_thread(_describe, part, sha256, version, checked, len(failures), picture)
            await asyncio.to_thread(_publish, part, self.place(sha256))
        finally:
            await asyncio.to_thread(trees.remove, part)
        return meta


async def keep_manifest(folder: Path, package: str) -> None:
    """Writes what the system has to know of a package into its folder, where it is not there yet; raises as
    `reading.check` does."""
    try:
        await asyncio.to_thread(kept, folder, package)
    except (BadRecord, OSError):
        found = await reading.manifest(folder / "base.apk", package)
        await asyncio.to_thread(keep, folder, found)


@contextlib.asynccontextmanager
async def _alone(lock: Path) -> AsyncIterator[None]:
    """Waits until no other process translates the same package (a probe and a server may share a folder)."""
    lock.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor = await asyncio.to_thread(_held, lock)
    try:
        yield
    finally:
        _let_go(lock, descriptor)  # at once: all threads may wait for it


def _let_go(lock: Path, descriptor: int) -> None:
    lock.unlink(missing_ok=True)
    os.close(descriptor)


def _held(lock: Path) -> int:
    """The lock, open and held. Whoever had it before has removed its file: then it is another one. Blocks."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


async def translate(runtime: Runtime, package: Path, target: Path, progress: Progress) -> list[Failure]:
    """Runs the translator in a sandbox; what has no translation. Raises `Invalid` (`apk-not-translated`) with its
    last words."""
    out = target.parent / "out"
    out.mkdir(mode=0o700)
    mounts = [*runtime.mounts(), Mount(package, "/in/base.apk"), Mount(out, "/out", writable=True)]
    lines: asyncio.Queue[str] = asyncio.Queue()
    failures: list[Failure] = []
    command = runtime.translator(["/in/base.apk", "/out/classes.jar"])
    plan = Plan(command, mounts, environment={"LC_ALL": "C.UTF-8"}, bounds=TRANSLATOR)
    box = await sandbox.launch(plan, lines.put_nowait)
    ending = asyncio.ensure_future(box.wait())
    try:
        async with asyncio.timeout(TRANSLATE_WITHIN):
            while not ending.done():
                line = asyncio.ensure_future(lines.get())
                await asyncio.wait({line, ending}, return_when=asyncio.FIRST_COMPLETED)
                if line.done() and (fraction := _fraction(line.result())) is not None:
                    await progress("translate", fraction)
                elif line.done():
                    failures += _failure(line.result())
                line.cancel()
    except TimeoutError:
        raise Invalid("apk-not-translated", "Translating the package took too long.") from None
    finally:
        await box.kill()
        ending.cancel()
    while not lines.empty():
        failures += _failure(lines.get_nowait())
    made = out / "classes.jar"
    if await box.wait() != 0 or not _is_file(made):
        last = box.log.strip().rpartition("\n")[2][:300]
        raise Invalid("apk-not-translated", f"The package's code could not be translated: {last or 'no reason'}")
    made.replace(target)
    for path in (target, package):
        path.chmod(0o644)
        if os.getuid() == 0:
            os.chown(path, 0, 0)
    await asyncio.to_thread(trees.remove, out)
    return failures


def _is_file(path: Path) -> bool:
    """Not a link: what was translated could have taken the translator over, and made one to a file of ours."""
    try:
        about = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(about.st_mode) and about.st_nlink == 1


def _failure(line: str) -> list[Failure]:
    word, _, told = line.strip().partition(" ")
    if word != "failed":
        return []
    try:
        return [msgspec.json.decode(told, type=Failure)]
    except msgspec.DecodeError:
        return [Failure(member="?", why=told[:300])]


def _fraction(line: str) -> float | None:
    word, _, number = line.strip().partition(" ")
    if word != "progress":
        return None
    try:
        return min(max(float(number), 0.0), 1.0)
    except ValueError:
        return None


def _fresh(part: Path) -> None:
    trees.remove(part)
    part.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part.mkdir(mode=0o755)
    part.chmod(0o755)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o644)


def _describe(
    part: Path, sha256: str, version: str, checked: Checked, untranslated: int, picture: bytes | None
) -> Meta:
    found, signer = checked.apk, checked.signer
    meta = Meta(
        sha256=sha256,
        translator=version,
        size=sum(path.stat().st_size for path in part.iterdir()),
        package=found.package,
        version_code=found.version_code,
        version_name=found.version_name,
        min_sdk=found.min_sdk,
        target_sdk=found.target_sdk,
        label=found.label,
        labels=found.labels,
        permissions=list(found.permissions),
        activity=found.launcher.target or found.launcher.name,
        libraries={abi: list(names) for abi, names in found.libraries.items()},
        signer=signer.digest,
        scheme=signer.scheme,
        earlier_signers=list(signer.earlier),
        untranslated=untranslated,
    )
    if picture:
        (part / "icon.webp").write_bytes(picture)
    (part / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(meta)))
    return meta


def _publish(part: Path, place: Path) -> None:
    old = place.with_name(place.name + OLD)
    with contextlib.suppress(FileNotFoundError):
        place.rename(old)
    durable.publish(part, place)
    shutil.rmtree(old, ignore_errors=True)


def check(file: Path) -> tuple[str, Checked]:
    """SHA-256 of a file and what it is, read in this process; raises `BadApk`. Blocks. See `reading`."""
    return jars.sha256(file), apk.check(file)
