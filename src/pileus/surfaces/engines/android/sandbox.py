"""Start programs in a sandbox of bubblewrap, or not at all.

Inside there are: the system's libraries and fonts, the named folders, an empty /tmp; no environment, own
process, network (nothing but its own loopback), IPC, host-name and mount namespaces, a system-call filter,
and no right of any kind. Where Pileus runs as root, the program runs as `APP_UID`; where it runs as a plain
user, in a user namespace in which that user is all there is. Further folders can be grafted in while it
runs, which is how a spare gets its app.

Limit: apps have no network at all for now.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pileus.core.errors import Unavailable
from pileus.surfaces.engines.android import graft, seccomp

APP_UID = 61_000
"""Outside the ranges that distributions and systemd give out."""
STARTED_WITHIN = 10.0
KILLED_WITHIN = 5.0
MAX_FILES = 8192
MAX_FILE_BYTES = 8 << 30
MAX_LOG = 64 << 10

_FOLDERS = ("/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/share/fonts", "/etc/fonts", "/etc/ld.so.cache")


@dataclass(frozen=True)
class Mount:
    """A folder or file of the machine as the program sees it."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Plan:
    """What to run, and what it may see. `empty` are folders made for later grafts; `tmp_bytes` bounds /tmp."""

    command: Sequence[str]
    mounts: Sequence[Mount] = ()
    empty: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    tmp_bytes: int = 256 << 20


class Sandboxed:
    """A program in its sandbox. `pid` is what `kill` ends; `inside` is a process within the namespaces."""

    def __init__(self, process: asyncio.subprocess.Process, inside: int, log: _Tail) -> None:
        self._process = process
        self.inside = inside
        self._log = log
        self._holder = 0 if os.getuid() == 0 else process.pid

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """The end of what it wrote to its standard output and error."""
        return self._log.text

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def graft(self, mounts: Sequence[Mount]) -> None:
        """Mounts folders over empty ones of the plan; raises `Unavailable`."""
        arguments = [
            part for item in mounts for part in ("rw" if item.writable else "ro", str(item.source), item.target)
        ]
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", graft.__file__, str(self._holder), str(self.inside), *arguments),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, problem = await child.communicate()
        if child.returncode != 0:
            raise unavailable(problem.decode("utf-8", "replace").strip().rpartition("\n")[2])

    async def wait(self) -> int:
        """Its exit status (negative: the signal); may be awaited by several."""
        status = await self._process.wait()
        return status if status < 128 else 128 - status

    async def kill(self) -> None:
        """Ends everything inside; returns when it is gone."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.inside, signal.SIGKILL)  # the namespace's first process: all others end with it
            try:
                async with asyncio.timeout(KILLED_WITHIN):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
        await self._process.wait()
        await self._log.drained()


async def launch(plan: Plan, heard: Callable[[str], None] | None = None) -> Sandboxed:
    """Starts the program; raises `Unavailable` (`sandbox-unavailable`) where no sandbox can be made.

    `heard` is called with every line that it writes.
    """
    missing = [name for name in ("bwrap", "setpriv", "prlimit", "unshare") if shutil.which(name) is None]
    if missing:
        raise unavailable(f"{missing[0]} is not installed")
    filter_end, filter_start = _filled_pipe(seccomp.program())
    info_end, info_start = os.pipe()
    try:
        command = arguments(plan, filter_end, info_start)
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={},
            pass_fds=(filter_end, info_start),
        )
    except BaseException:
        os.close(info_end)
        raise
    finally:
        os.close(filter_end)
        os.close(info_start)
        del filter_start
    log = _Tail(process, heard)
    try:
        inside = await _inside(info_end)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await log.drained()
        if isinstance(error, (ValueError, OSError, KeyError)):
            raise unavailable(log.text.strip().rpartition("\n")[2] or "it does not start") from error
        raise
    return Sandboxed(process, inside, log)


def arguments(plan: Plan, filter_fd: int, info_fd: int) -> list[str]:
    """The whole command line."""
    root = os.getuid() == 0
    found = [_tool("prlimit"), "--core=0", f"--nofile={MAX_FILES}", f"--fsize={MAX_FILE_BYTES}"]
    if not root:
        found += [_tool("unshare"), "--user", "--map-root-user", "--mount"]
    found += [_tool("bwrap"), "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    found += ["--unshare-cgroup-try", "--hostname", "phone", "--die-with-parent", "--new-session", "--clearenv"]
    found += ["--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev"]
    found += ["--perms", "1777", "--size", str(plan.tmp_bytes), "--tmpfs", "/tmp"]  # noqa: S108 - the sandbox's
    targets = [*_FOLDERS, *(mount.target for mount in plan.mounts), "/usr/bin/setpriv"]
    for parent in sorted({str(part) for target in targets for part in Path(target).parents} - {"/", "/tmp"}):  # noqa: S108
        if not Path(parent).is_symlink() or parent not in _FOLDERS:
            found += ["--perms", "0755", "--dir", parent]
    for folder in _FOLDERS:
        found += _system(Path(folder))
    for name, content in {"PATH": "/usr/bin", "HOME": "/tmp", "LANG": "C.UTF-8", **plan.environment}.items():  # noqa: S108
        found += ["--setenv", name, content]
    for empty in plan.empty:
        found += ["--perms", "0755", "--dir", empty]
    for mount in plan.mounts:
        found += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    found += ["--seccomp", str(filter_fd), "--info-fd", str(info_fd)]
    if root:
        for right in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            found += ["--cap-add", right]
        found += ["--ro-bind", _tool("setpriv"), "/usr/bin/setpriv", "--remount-ro", "/", "--"]
        found += ["/usr/bin/setpriv", f"--reuid={APP_UID}", f"--regid={APP_UID}", "--clear-groups"]
        found += ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs", "--"]
    else:
        found += ["--remount-ro", "/", "--"]
    return [*found, *plan.command]


def admit(path: Path) -> None:
    """Gives a file or folder to the user as which programs run inside."""
    if os.getuid() == 0:
        os.chown(path, APP_UID, APP_UID)


def unavailable(why: str) -> Unavailable:
    return Unavailable(
        "sandbox-unavailable",
        f"Android apps cannot be shut off from the server on this machine, so they are not started: {why}.",
    )


def _tool(name: str) -> str:
    return shutil.which(name) or name


def _system(path: Path) -> list[str]:
    if path.is_symlink():
        return ["--symlink", os.readlink(path), str(path)]
    return ["--ro-bind", str(path), str(path)] if path.exists() else []


def _filled_pipe(content: bytes) -> tuple[int, None]:
    end, start = os.pipe()
    os.write(start, content)
    os.close(start)
    return end, None


async def _inside(fd: int) -> int:
    """The process id that bubblewrap tells of; closes the pipe."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb")
    )
    try:
        async with asyncio.timeout(STARTED_WITHIN):
            first = int(json.loads(await reader.read())["child-pid"])
            while not _has_child(first):  # noqa: ASYNC110 - its mounts are complete once it has a child
                await asyncio.sleep(0.002)
            return first
    finally:
        transport.close()


def _has_child(pid: int) -> bool:
    return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text())


class _Tail:
    """Keeps the end of a process's output, so that a pipe never fills."""

    def __init__(self, process: asyncio.subprocess.Process, heard: Callable[[str], None] | None) -> None:
        self._heard = heard
        self._line = b""
        self._kept = bytearray()
        self._task = asyncio.create_task(self._read(process.stdout))

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")

    async def drained(self) -> None:
        await self._task

    async def _read(self, stream: asyncio.StreamReader | None) -> None:
        while stream is not None and (part := await stream.read(1 << 14)):
            self._kept += part
            del self._kept[:-MAX_LOG]
            if self._heard is not None:
                *lines, self._line = (self._line + part)[-MAX_LOG:].split(b"\n")
                for line in lines:
                    self._heard(line.decode("utf-8", "replace"))
