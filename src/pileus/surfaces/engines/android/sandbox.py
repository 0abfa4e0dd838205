"""Start programs in a sandbox, or not at all.

Inside there are: the system's libraries and fonts, the named folders, an empty /tmp of bounded size; no
environment, own process, network (its own loopback; out of it see `gateway`), IPC, host-name and mount
namespaces, Landlock, a list of allowed system calls, limits, and no right of any kind. Where Pileus runs as root,
each program runs as a user of its own; where it runs as a plain user, in a user namespace in which that user is
all there is.
Bubblewrap makes the namespaces and mounts, `stage` the rest from within. Further folders can be grafted in while
it runs, which is how a spare gets its app. See docs/design/isolation.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import marshal
import os
import shlex
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pileus.core import trees
from pileus.core.errors import Invalid, Unavailable
from pileus.surfaces import orphans
from pileus.surfaces.engines.android import bounds, graft, landlock, seccomp, stage, users, walls
from pileus.surfaces.engines.android.bounds import Bounds
from pileus.surfaces.engines.android.tail import Tail
from pileus.surfaces.engines.android.walls import Walls

STARTED_WITHIN = 20.0
KILLED_WITHIN = 5.0

_FOLDERS = ("/usr/lib", "/lib", "/lib64", "/usr/lib64", "/usr/share/fonts", "/etc/fonts", "/etc/ld.so.cache")
_TMP = "/tmp"  # noqa: S108 - the sandbox's own
_SHARED_MEMORY = 16 << 20

log = logging.getLogger("pileus.surfaces.android")


@dataclass(frozen=True)
class Mount:
    """A folder or file of the machine as the program sees it. What is writable is given to its user."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Later:
    """Where something is grafted in later: `target` is a folder, in a parent of its own that holds nothing else.

    (Landlock knows what is mounted later by the folder in which it is mounted.) Where `within` a mount of the
    plan, the target is there already.
    """

    target: str
    writable: bool = False
    within: bool = False


@dataclass(frozen=True)
class Plan:
    """What to run, what it may see, and how much it may take."""

    command: Sequence[str]
    mounts: Sequence[Mount] = ()
    later: Sequence[Later] = ()
    environment: dict[str, str] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    given: int = asyncio.subprocess.DEVNULL
    """An open file that is its standard input; whoever may not open it may read it so."""


class Sandboxed:
    """A program in its sandbox. `pid` is what `kill` ends; `inside` is a process within the namespaces."""

    def __init__(self, process: asyncio.subprocess.Process, inside: int, log: Tail, user: int | None) -> None:
        self._process = process
        self.inside = inside
        self._log = log
        self._user = user
        self._holder = 0 if users.own() else process.pid
        self._over = asyncio.create_task(self._end())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def holder(self) -> int:
        """The process that holds the sandbox's user namespace; 0 where it has none of its own."""
        return self._holder

    @property
    def log(self) -> str:
        """The end of what it wrote to its standard output and error."""
        return self._log.text

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def graft(self, mounts: Sequence[Mount]) -> None:
        """Mounts folders or files over what the plan has for later; raises `Unavailable`."""
        await asyncio.to_thread(_admit, mounts, self._user)
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
            raise walls.unavailable(problem.decode("utf-8", "replace").strip().rpartition("\n")[2])

    async def wait(self) -> int:
        """Its exit status (negative: the signal); may be awaited by several."""
        status = await asyncio.shield(self._over)
        return status if status < 128 else 128 - status

    async def _end(self) -> int:
        """Bubblewrap leaves as soon as the program has ended, and its second process, the namespace's first, to
        whoever takes orphans."""
        try:
            handle = os.pidfd_open(self.inside)
        except OSError:
            return await self._process.wait()
        try:
            status = await self._process.wait()
            await asyncio.to_thread(orphans.reap, handle)
        finally:
            os.close(handle)
        return status

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
        await self.wait()
        await self._log.drained()
        users.give_back(self._user)
        self._user = None


async def launch(plan: Plan, heard: Callable[[str], None] | None = None) -> Sandboxed:
    """Starts the program; raises `Unavailable` (`sandbox-unavailable`) where a needed wall does not stand,
    and (`sandbox-unreadable`) where the program could not read what it is to see.

    Returns when all walls stand. `heard` is called with every line that the program writes.
    """
    standing = await asyncio.to_thread(walls.needed)
    orphans.adopt()
    user = users.lend()
    try:
        await asyncio.to_thread(_admit, plan.mounts, user)
        return await _launched(plan, standing, user, heard)
    except BaseException:
        users.give_back(user)
        raise


async def _launched(
    plan: Plan, standing: Walls, user: int | None, heard: Callable[[str], None] | None
) -> Sandboxed:
    info_end, info_start = os.pipe()
    status_end, status_start = os.pipe()
    config = _config(plan, standing, user)
    passed = (config, info_start, status_start)
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments(plan, *passed),
            stdin=plan.given,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={},
            pass_fds=passed,
        )
    except BaseException:
        os.close(info_end)
        os.close(status_end)
        raise
    finally:
        for handle in passed:
            os.close(handle)
    log = Tail(process.stdout, heard)
    try:
        async with asyncio.timeout(STARTED_WITHIN):
            said, verdict = await asyncio.gather(_line(info_end, whole=True), _line(status_end))
        box = Sandboxed(process, int(json.loads(said)["child-pid"]), log, user)
        if verdict.strip() != b"+":
            await box.wait()
            raise ValueError(verdict[1:].decode("utf-8", "replace").strip())
        return box
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await log.drained()
        if isinstance(error, (ValueError, OSError, KeyError)):
            why = log.text.strip().rpartition("\n")[2] or str(error) or "it does not start"
            raise walls.unavailable(why) from error
        raise


def arguments(plan: Plan, config_fd: int, info_fd: int, status_fd: int) -> list[str]:
    """The whole command line of the sandbox."""
    root = users.own()
    found = [] if root else [_tool("unshare"), "--user", "--map-root-user", "--mount"]
    found += [_tool("bwrap"), "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    found += ["--unshare-cgroup-try", "--hostname", "phone", "--die-with-parent", "--new-session", "--clearenv"]
    found += ["--cap-drop", "ALL"]
    for right in ("CAP_SYS_ADMIN", "CAP_SETPCAP", *(("CAP_SETUID", "CAP_SETGID") if root else ())):
        found += ["--cap-add", right]
    found += ["--proc", "/proc", "--dev", "/dev"]
    for folder, size in (("/dev/shm", _SHARED_MEMORY), (_TMP, plan.bounds.tmp)):  # noqa: S108 - the sandbox's own
        found += ["--perms", "1777", "--size", str(size), "--tmpfs", folder]
    targets = [*_FOLDERS, *(mount.target for mount in plan.mounts), *(item.target for item in plan.later)]
    for parent in sorted({str(part) for target in targets for part in Path(target).parents} - {"/", _TMP}):
        if not Path(parent).is_symlink() or parent not in _FOLDERS:
            found += ["--perms", "0755", "--dir", parent]
    for folder in _FOLDERS:
        found += _system(Path(folder))
    for item in plan.later:
        found += [] if item.within else ["--perms", "0755", "--dir", item.target]
    for mount in plan.mounts:
        found += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    python, mounts = _stage()
    found += [*mounts, "--remount-ro", "/dev", "--remount-ro", "/", "--info-fd", str(info_fd)]
    found += ["--setenv", "LD_LIBRARY_PATH", f"{stage.FOLDER}/python/lib", "--"]
    return [*found, python, "-I", "-S", "-B", f"{stage.FOLDER}/stage.py", str(config_fd), str(status_fd)]


def _stage() -> tuple[str, list[str]]:
    """Where the sandbox has this Python for its last step, and the mounts for it, which that step takes away."""
    python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    home = Path(sys.base_prefix).resolve()
    place = f"{stage.FOLDER}/python"
    found = ["--perms", "0755", "--tmpfs", stage.FOLDER, "--ro-bind", stage.__file__, f"{stage.FOLDER}/stage.py"]
    if home != Path("/usr") and python.is_relative_to(home):
        return f"{place}/{python.relative_to(home)}", [*found, "--ro-bind", str(home), place]
    return f"{place}/bin/{python.name}", [*found, "--ro-bind", str(python), f"{place}/bin/{python.name}"]


def _config(plan: Plan, standing: Walls, user: int | None) -> int:
    """What the last step needs, as an open file."""
    inside = {"PATH": "/usr/bin", "HOME": _TMP, "LANG": "C.UTF-8", **plan.environment}
    content = {
        "command": list(plan.command),
        "environment": inside,
        "user": user,
        "limits": bounds.limits(plan.bounds),
        "handled": landlock.handled(standing.landlock) if standing.landlock else 0,
        "scoped": landlock.scoped(standing.landlock),
        "rules": landlock.rules(standing.landlock, _rules(plan)),
        "filter": seccomp.program(),
    }
    handle = os.memfd_create("stage")
    with os.fdopen(os.dup(handle), "wb") as file:
        marshal.dump(content, file)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _rules(plan: Plan) -> Iterator[tuple[str, int]]:
    for folder in _FOLDERS:
        if Path(folder).exists():
            yield folder, landlock.READ
    yield from (("/proc", landlock.LOOK), ("/dev", landlock.DEVICES), ("/dev/shm", landlock.WRITE))  # noqa: S108
    yield _TMP, landlock.WRITE
    for mount in plan.mounts:
        yield mount.target, landlock.WRITE if mount.writable else landlock.READ
    for item in plan.later:
        yield str(Path(item.target).parent), landlock.WRITE if item.writable else landlock.READ


def _admit(mounts: Sequence[Mount], user: int | None) -> None:
    """Gives what is writable to the user as which the program runs, following no link; what is not has to be
    readable for it. Raises `Unavailable`. Blocks."""
    if user is None:
        return
    _require_readable([mount.source for mount in mounts if not mount.writable], user)
    for mount in mounts:
        if mount.writable:
            os.chown(mount.source, user, user, follow_symlinks=False)
            if not mount.source.is_dir():
                continue
            try:
                for entry in trees.walk(mount.source):
                    if entry.about.st_uid != user:
                        os.chown(entry.name, user, user, dir_fd=entry.parent, follow_symlinks=False)
            except Invalid as error:
                raise Unavailable("app-data", f"The app's folder cannot be used: {error.detail}") from error


def _require_readable(paths: Sequence[Path], user: int) -> None:
    """Files that came with a umask of 077 are their owner's alone: the program would only fall over them."""
    there = (path for path in dict.fromkeys(paths) if path.exists())
    private = [str(path) for path in there if _is_private(path.stat(), user)]
    if private:
        command = shlex.join(["chmod", "-R", "go+rX", *private])
        why = f"Android apps run as users of their own, which may not read some of the cloud. Allow it: {command}"
        log.error("%s", why)
        raise Unavailable("sandbox-unreadable", why)


def _is_private(about: os.stat_result, user: int) -> bool:
    needed = 0o001 if stat.S_ISDIR(about.st_mode) else 0o004
    return about.st_uid != user and not about.st_mode & needed


def _tool(name: str) -> str:
    return shutil.which(name) or name


def _system(path: Path) -> list[str]:
    if path.is_symlink():
        return ["--symlink", os.readlink(path), str(path)]
    return ["--ro-bind", str(path), str(path)] if path.exists() else []


async def _line(fd: int, *, whole: bool = False) -> bytes:
    """The first line from a pipe, or all of it; closes the pipe."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb")
    )
    try:
        return await (reader.read() if whole else reader.readline())
    finally:
        transport.close()
