"""Read packages in processes of their own, that may fall over, be taken over, or work without end.

Each is a Python in a sandbox: it sees Python, its packages and this one's code, and the one package as its
standard input. What it answers is a stranger's word about that package and nothing else; the file's hash, which
names it for all accounts, is made here. Its picture is decoded in a second sandbox, so that decoders in C have no
part in who signed it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import importlib.util
import logging
import os
import re
import stat
import sys
import sysconfig
import tempfile
from pathlib import Path

import msgspec

from pileus.core import trees
from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android import apk, jars, sandbox
from pileus.surfaces.engines.android.apk import Checked
from pileus.surfaces.engines.android.archive import BadApk
from pileus.surfaces.engines.android.bounds import MB, Bounds
from pileus.surfaces.engines.android.reader import ANSWER, Answer
from pileus.surfaces.engines.android.sandbox import Mount, Plan, Sandboxed
from pileus.surfaces.engines.android.system.manifest import FORMAT, MAX_LABEL, Manifest

WITHIN = 120.0
"""Seconds for a package: the largest one is hashed in a few."""
READER = Bounds(memory=600 * MB, tasks=32, open_files=64, disk=16 * MB, tmp=16 * MB)
MAX_ANSWER = 8 << 20
MAX_ICON = 64 << 10

_CODE = re.compile(r"apk-[a-z-]{1,40}|not-an-apk")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PACKAGES = ("msgspec", "cryptography", "PIL")
_START = "import sys; sys.path[:0] = {paths!r}; from pileus.surfaces.engines.android import reader;"
_START += " raise SystemExit(reader.main(sys.argv[1:]))"

log = logging.getLogger("pileus.surfaces.android")


async def check(file: Path) -> tuple[str, Checked]:
    """SHA-256 of a file and what it is; raises `BadApk`, and `Unavailable` where no sandbox stands."""
    checked = _found(await _ask(file, "check")).checked
    if checked is None or not _credible(checked):
        raise BadApk("apk-malformed", "The package cannot be read.")
    return await asyncio.to_thread(jars.sha256, file), checked


async def manifest(file: Path, package: str) -> Manifest:
    """What a package's manifest says that concerns other packages; raises as `check` does."""
    found = _found(await _ask(file, "manifest")).manifest
    if found is None or found.format != FORMAT or not found.fits(package):
        raise BadApk("apk-malformed", "The package cannot be read.")
    return found


async def icon(file: Path, resource: int | None) -> bytes | None:
    """A package's icon as WebP, or None where it has none that can be drawn."""
    if resource is None:
        return None
    try:
        picture = base64.b64decode((await _ask(file, "icon", str(resource))).icon, validate=True)
    except (BadApk, binascii.Error) as error:
        log.warning("the icon of %s is left out: %s", file.parent.name, error)
        return None
    whole = len(picture) <= MAX_ICON and picture[:4] == b"RIFF" and picture[8:12] == b"WEBP"
    return picture if whole else None


def _found(answer: Answer) -> Answer:
    if answer.code:
        raise BadApk(answer.code if _CODE.fullmatch(answer.code) else "apk-malformed", answer.message[:300])
    return answer


def _credible(checked: Checked) -> bool:
    """Whether what names folders and records is what it has to be."""
    found, signer = checked.apk, checked.signer
    digests = (signer.digest, *signer.earlier)
    return (
        apk.is_package(found.package)
        and bool(found.activities)
        and all(len(text) <= MAX_LABEL for text in (found.label, *found.labels.values()))
        and all(_DIGEST.fullmatch(digest) for digest in digests)
    )


async def _ask(file: Path, *arguments: str) -> Answer:
    package = await asyncio.to_thread(file.open, "rb")
    out = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="pileus-read-"))
    mounts = [*_python(), Mount(out, str(Path(ANSWER).parent), writable=True)]
    try:
        box = await sandbox.launch(Plan(_command(arguments), mounts, bounds=READER, given=package.fileno()))
        try:
            async with asyncio.timeout(WITHIN):
                status = await box.wait()
        except TimeoutError:
            raise BadApk("apk-endless", "Reading the package took too long.") from None
        finally:
            await box.kill()
        return await asyncio.to_thread(_answer, out / Path(ANSWER).name, status, box)
    finally:
        package.close()
        await asyncio.to_thread(trees.remove, out)


def _answer(path: Path, status: int, box: Sandboxed) -> Answer:
    """What it wrote, if that is a plain file of a reader that ended well. Blocks."""
    if status < 0:
        raise BadApk("apk-malformed", "The package cannot be read.")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        last = box.log.strip().rpartition("\n")[2][:300]
        log.error("packages cannot be read on this machine: %s", last or error)
        why = "The cloud cannot read packages. Whoever runs it finds the reason in its log."
        raise Unavailable("apk-reader", why) from error
    try:
        about = os.fstat(handle)
        plain = stat.S_ISREG(about.st_mode) and about.st_size <= MAX_ANSWER
        return msgspec.json.decode(os.read(handle, MAX_ANSWER) if plain else b"", type=Answer)
    except msgspec.DecodeError as error:
        raise BadApk("apk-malformed", "The package cannot be read.") from error
    finally:
        os.close(handle)


def _command(arguments: tuple[str, ...]) -> list[str]:
    paths = [str(path) for path in _code()]
    return [str(_interpreter()), "-I", "-S", "-B", "-c", _START.format(paths=paths), *arguments]


def _python() -> list[Mount]:
    """The interpreter with its library, the packages that are used, and Pileus's own code."""
    library = Path(sysconfig.get_paths()["stdlib"]).resolve()
    shared = Path(sysconfig.get_config_var("LIBDIR") or "/", sysconfig.get_config_var("LDLIBRARY") or "-")
    places = [_interpreter(), library, *(path for path in (shared,) if path.suffix == ".so" and path.exists())]
    places += _code()
    return [Mount(place, str(place)) for place in places if not place.is_relative_to("/usr/lib")]


def _interpreter() -> Path:
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _code() -> list[Path]:
    """The folders from which Python imports."""
    found = [Path(apk.__file__).resolve().parents[4]]
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            found.append(Path(spec.origin).resolve().parent.parent)
    return list(dict.fromkeys(found))
