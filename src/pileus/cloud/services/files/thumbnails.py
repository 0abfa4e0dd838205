"""Thumbnails of pictures: drawn in a sandbox, kept sealed in a folder of bounded size that may be lost.

A sandbox draws for one account alone and is ended when nobody asked for a while, so a picture that takes it over
sees other pictures of its own account at most. Inside there are Python, its packages and `drawing`: no network,
no files, bounded memory and time. Where no sandbox stands, there are no thumbnails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import sys
import sysconfig
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from blake3 import blake3
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pileus.cloud.services.files import drawing

WITHIN = 20.0
"""Seconds for a picture."""
STARTS_WITHIN = 40.0
"""Seconds until a sandbox can draw: a busy machine takes long to start a program."""
IDLE = 30.0
"""Seconds after which a sandbox that nobody asks is ended."""
SANDBOXES = 2
KEPT_BYTES = 64 << 20
"""Of an account's thumbnails; the longest unused go first."""
LOOK_EVERY = 32
TRIED_AGAIN = 24 * 3600.0
"""Seconds after which what could not be drawn is tried again: the machine may have been busy."""
NONCE = 12

log = logging.getLogger(__name__)


class Drawer:
    """Draws for all accounts, each in a sandbox of its own. Belongs to one event loop."""

    def __init__(self) -> None:
        self._sandboxes: OrderedDict[str, _Sandbox] = OrderedDict()
        self._room = asyncio.Semaphore(SANDBOXES)

    async def draw(self, account_id: str, read: Callable[[], Awaitable[bytes]]) -> bytes | None:
        """A WebP; b"" for what is no picture or damaged; None where it could not be tried to its end.

        `read` gives the picture, once there is room for it.
        """
        async with self._room:
            sandbox = self._sandboxes.pop(account_id, None) or _Sandbox()
            try:
                return await sandbox.draw(await read())
            finally:
                await self._keep(account_id, sandbox)

    async def _keep(self, account_id: str, sandbox: _Sandbox) -> None:
        """For the account's next picture, unless another one is kept or it ended."""
        if not sandbox.alive or account_id in self._sandboxes:
            await sandbox.end()
            return
        self._sandboxes[account_id] = sandbox
        sandbox.end_later(lambda: self._sandboxes.pop(account_id, None))
        while len(self._sandboxes) > SANDBOXES:
            _, oldest = self._sandboxes.popitem(last=False)
            await oldest.end()


class _Sandbox:
    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def draw(self, data: bytes) -> bytes | None:
        if self._timer is not None:
            self._timer.cancel()
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                process = await self._started()
            async with asyncio.timeout(WITHIN):
                return await _drawn(process, data)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            log.warning("a picture was not drawn: it took too long, or ended its sandbox")
            await self.end()
            return b""
        except OSError as error:
            log.warning("no picture can be drawn: %s", error)
            await self.end()
            return None

    async def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def end_later(self, forget: Callable[[], object]) -> None:
        def over() -> None:
            forget()
            self._ending = asyncio.create_task(self.end())

        self._timer = asyncio.get_running_loop().call_later(IDLE, over)

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None:
            return self._process
        self._process = await asyncio.create_subprocess_exec(
            *command(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        if self._process.stdout is not None:
            await self._process.stdout.readexactly(len(drawing.READY))
        return self._process


async def _drawn(process: asyncio.subprocess.Process, data: bytes) -> bytes | None:
    into, out = process.stdin, process.stdout
    if into is None or out is None:
        return None
    into.write(drawing.LENGTH.pack(len(data)) + data)
    await into.drain()
    (size,) = drawing.LENGTH.unpack(await out.readexactly(drawing.LENGTH.size))
    if size > drawing.MOST_OUT:
        raise ConnectionError("the sandbox answered with more than it may")
    drawn = await out.readexactly(size)
    return drawn if drawn[:4] == b"RIFF" and drawn[8:12] == b"WEBP" else b""


def command() -> list[str]:
    """Bubblewrap and what runs in it; raises `OSError` where there is none."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise OSError("bubblewrap is not installed")
    python = os.path.realpath(sys.executable)
    seen = {"/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache", python}
    seen |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    mounts = [part for path in sorted(seen) for part in ("--ro-bind-try", path, path)]
    packages = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    for number, path in enumerate(dict.fromkeys(packages)):
        mounts += ["--ro-bind", path, f"/packages/{number}"]
    return [
        *(bwrap, "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"),
        *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        *("--setenv", "VIPS_CONCURRENCY", "1", "--setenv", "VIPS_BLOCK_UNTRUSTED", "1"),
        *("--setenv", "MALLOC_ARENA_MAX", "2", "--dev", "/dev", "--proc", "/proc"),
        *mounts,
        *("--ro-bind", drawing.__file__, "/drawing.py", "--remount-ro", "/", "--chdir", "/"),
        *(python, "-I", "-S", "-c", START),
    ]


START = (
    "import sys, glob; sys.path += sorted(glob.glob('/packages/*'));"
    " import runpy; runpy.run_path('/drawing.py', run_name='__main__')"
)


class Shelf:
    """Thumbnails on disk, by account and content; sealed, since the pictures are, too. Blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = 0

    def get(self, account_id: str, content: str, key: bytes) -> bytes | None:
        """b"" for a picture that could not be drawn within the last day; None where it is not known."""
        path = self._folder / account_id / content
        try:
            sealed = path.read_bytes()
            drawn = AESGCM(_key(key)).decrypt(sealed[:NONCE], sealed[NONCE:], content.encode())
            if not drawn and time.time() - path.stat().st_mtime > TRIED_AGAIN:
                return None
            if drawn:
                os.utime(path)
        except (OSError, InvalidTag, ValueError):
            return None
        return drawn

    def put(self, account_id: str, content: str, key: bytes, drawn: bytes) -> None:
        """What a full disk refuses is drawn again."""
        nonce = secrets.token_bytes(NONCE)
        folder = self._folder / account_id
        part = folder / f".{secrets.token_hex(8)}"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_bytes(nonce + AESGCM(_key(key)).encrypt(nonce, drawn, content.encode()))
            part.replace(folder / content)
            self._written += 1
            if self._written % LOOK_EVERY == 0:
                _bound(folder, KEPT_BYTES)


def _key(naming: bytes) -> bytes:
    return bytes(blake3(naming, derive_key_context="pileus 2026-11 files thumbnails").digest())


def _bound(folder: Path, most: int) -> None:
    found = sorted(
        ((path.stat().st_mtime_ns, path.stat().st_size, path) for path in folder.iterdir()), reverse=True
    )
    taken = 0
    for _, size, path in found:
        taken += size
        if taken > most:
            path.unlink(missing_ok=True)
