"""What a program in the sandbox can reach. Everything that it must not reach answers outside."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pileus.core.errors import Invalid, Unavailable
from pileus.surfaces.engines.android import landlock, seccomp, users, walls
from pileus.surfaces.engines.android.packages import translate
from pileus.surfaces.engines.android.sandbox import Later, Mount, Plan, launch


def awaited(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **values: Any) -> None:
        asyncio.run(test(*args, **values))

    return run


PYTHON = Path(sys._base_executable).resolve()
HOME = PYTHON.parent.parent


def inside(
    code: str, *mounts: Mount, later: tuple[Later, ...] = (), environment: dict[str, str] | None = None
) -> Plan:
    """A plan that runs Python code; the interpreter itself is mounted read-only."""
    folders = () if str(HOME).startswith("/usr") and Path("/usr") == HOME else (Mount(HOME, str(HOME)),)
    if not folders:
        folders = (Mount(Path("/usr/bin"), "/usr/bin"),)
    command = [str(PYTHON), "-I", "-S", "-c", code]
    return Plan(command, [*folders, *mounts], later, environment or {})


async def says(plan: Plan) -> str:
    box = await launch(plan)
    await box.wait()
    await box.kill()
    return box.log.strip()


@pytest.fixture
def listener() -> Iterator[tuple[int, Path]]:
    """A TCP and a Unix socket that take connections."""
    tcp = socket.create_server(("127.0.0.1", 0))
    folder = Path("/tmp") / f"pt-{os.getpid()}"
    folder.mkdir(mode=0o777, exist_ok=True)
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(folder / "s"))
    (folder / "s").chmod(0o777)
    unix.listen()
    yield tcp.getsockname()[1], folder / "s"
    tcp.close()
    unix.close()
    shutil.rmtree(folder)


@pytest.mark.skipif(not users.own(), reason="as a plain user programs run as that user")
@awaited
async def test_what_its_user_may_not_read_is_refused_by_name(tmp_path: Path) -> None:
    """As a clone, or what was made in it, is under a umask of 077."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "note").write_text("here")
    plan = inside("print(open('/private/note').read())", Mount(private, "/private"))
    with pytest.raises(Unavailable) as caught:
        await launch(plan)
    assert caught.value.code == "sandbox-unreadable"
    assert f"chmod -R go+rX {private}" in caught.value.detail
    assert not users._lent
    private.chmod(0o755)
    assert await says(plan) == "here"


@awaited
async def test_it_sees_its_folders_and_no_environment(tmp_path: Path) -> None:
    os.environ["PILEUS_SECRET"] = "hush"
    try:
        mine = tmp_path / "mine"
        mine.mkdir()
        (mine / "note").write_text("here")
        code = (
            "import os; print(open('/data/note').read(), sorted(os.environ), os.getpid() < 10);"
            "open('/data/new', 'w').write('x')"
        )
        said = await says(inside(code, Mount(mine, "/data", writable=True)))
        assert said.startswith("here ")
        assert "PILEUS_SECRET" not in said
        assert "hush" not in said
        assert (mine / "new").read_text() == "x"
    finally:
        del os.environ["PILEUS_SECRET"]


@awaited
async def test_it_reaches_no_file_of_the_server(tmp_path: Path) -> None:
    secret = tmp_path / "server" / "pileus.db"
    secret.parent.mkdir()
    secret.write_text("secret")
    other = tmp_path / "other"
    other.mkdir()
    code = f"""
import os
for path in {[str(secret), str(other), "/etc/passwd", "/proc/1/root" + str(secret), "/run", "/var"]!r}:
    try:
        os.stat(path); print("SEEN", path)
    except OSError:
        pass
for path in ("/new", "/usr/lib/new", "/usr/new"):
    try:
        open(path, "w"); print("WROTE", path)
    except OSError:
        pass
print("over")
"""
    assert await says(inside(code)) == "over"


@awaited
async def test_it_reaches_no_listener(listener: tuple[int, Path]) -> None:
    port, path = listener
    socket.create_connection(("127.0.0.1", port)).close()
    outside = socket.socket(socket.AF_UNIX)
    outside.connect(str(path))
    outside.close()
    code = f"""
import socket
for family, place in ((socket.AF_INET, ("127.0.0.1", {port})), (socket.AF_UNIX, {str(path)!r}),
                      (socket.AF_INET, ("10.0.0.1", 80)), (socket.AF_INET, ("169.254.169.254", 80))):
    one = socket.socket(family); one.settimeout(2)
    try:
        one.connect(place); print("CONNECTED", place)
    except OSError as error:
        pass
print("over")
"""
    assert await says(inside(code)) == "over"


@awaited
async def test_it_has_no_rights() -> None:
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = (("unshare", 272, 0x10000000), ("mount", 165, 0), ("ptrace", 101, 0), ("bpf", 321, 0))
for name, number, argument in calls:
    print(name, libc.syscall(number, argument, 0, 0, 0, 0), ctypes.get_errno())
names = ("CapEff", "NoNewPrivs", "Seccomp:")
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(names)])
print(os.getuid())
"""
    said = (await says(inside(code))).splitlines()
    assert [line.split()[1:] for line in said[:4]] == [["-1", "1"]] * 4
    assert said[4] == "['0000000000000000', '1', '2']"
    assert (int(said[5]) >= users.FIRST) if users.own() else (int(said[5]) == 0)


REFUSED = {
    "ptrace": (errno.EPERM, "101, 0, 0, 0, 0"),
    "shmget": (errno.EPERM, "29, 0, 4096, 0o1600"),
    "add_key": (errno.EPERM, "248, b'user', b'name', b'x', 1, -2"),
    "keyctl": (errno.EPERM, "250, 0, -3, 1"),
    "unshare": (errno.EPERM, "272, 0x200"),
    "perf_event_open": (errno.EPERM, "298, struct.pack('<IIQ24xQ64x', 1, 112, 0, 0x60), 0, -1, -1, 0"),
    "memfd_create": (errno.EPERM, "319, b'x', 0"),
    "userfaultfd": (errno.EPERM, "323, 1"),
    "io_uring_setup": (errno.ENOSYS, "425, 1, bytes(120)"),
    "packet socket": (errno.EAFNOSUPPORT, "41, 17, 3, 768"),
    "kernel's messages": (errno.EPERM, "41, 16, 3, 15"),
}
"""Calls that no other wall refuses in this way, with arguments that hold."""


@pytest.mark.parametrize("stands", [True, False], ids=["filter", "none"])
@awaited
async def test_calls_are_refused_by_the_filter_alone(stands: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the filter each is answered otherwise, most of them with success."""
    code = f"""
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return 0 if libc.syscall(number, *words) >= 0 else ctypes.get_errno()
for arguments in {[arguments for _, arguments in REFUSED.values()]!r}:
    child = os.fork()
    if not child:
        os._exit(eval(f"call({{arguments}})"))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    if not stands:
        everything = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
        monkeypatch.setattr(seccomp, "program", lambda: everything)
    said = dict(zip(REFUSED, map(int, (await says(inside(code))).splitlines()), strict=True))
    if stands:
        assert said == {name: error for name, (error, _) in REFUSED.items()}
    else:
        assert [name for name, (error, _) in REFUSED.items() if said[name] == error] == []
        assert list(said.values()).count(0) >= 5


@pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock, which is a second wall")
@pytest.mark.parametrize("stands", [True, False], ids=["Landlock", "none"])
@awaited
async def test_landlock_stops_what_nothing_else_does(
    stands: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that the app brought is not executed, nothing of /proc is written, and the root is not listed."""
    mine = tmp_path / "mine"
    mine.mkdir()
    shutil.copy("/bin/true", mine / "program")
    code = """
import os
def execute():
    os.waitpid(os.posix_spawn("/data/program", ["program"], {}), 0)
def name_itself():
    with open("/proc/self/comm", "w") as file:
        file.write("other")
for act in (execute, name_itself, lambda: os.listdir("/")):
    try:
        act(); print(0)
    except OSError as error:
        print(error.errno)
"""
    if not stands:
        monkeypatch.setattr(walls, "probe", lambda found=walls.probe(): replace(found, landlock=0))
    said = (await says(inside(code, Mount(mine, "/data", writable=True)))).split()
    assert said == [str(errno.EACCES) if stands else "0"] * 3


@awaited
async def test_a_folder_can_be_grafted_in_and_nothing_else_comes_with_it(tmp_path: Path) -> None:
    apps = tmp_path / "apps"
    for name in ("mine", "other", "package"):
        (apps / name).mkdir(parents=True)
        (apps / name / "note").write_text(name)
    code = """
import os, time
while not os.path.exists("/data/app/note"):
    time.sleep(0.01)
print(open("/data/app/note").read(), open("/package/app/note").read(), os.listdir("/data/app"))
open("/data/app/new", "w").write("kept")
try:
    open("/package/app/new", "w"); print("WROTE")
except OSError as error:
    print(error.errno)
"""
    box = await launch(inside(code, later=(Later("/data/app", writable=True), Later("/package/app"))))
    await box.graft([Mount(apps / "package", "/package/app"), Mount(apps / "mine", "/data/app", writable=True)])
    assert await box.wait() == 0
    await box.kill()
    assert box.log.split() == ["mine", "package", "['note']", "30"]
    assert (apps / "mine" / "new").read_text() == "kept"


@awaited
async def test_killing_ends_everything_inside() -> None:
    code = "import os, time\nfor _ in range(3): os.fork()\nprint('up', flush=True)\ntime.sleep(600)"
    seen: asyncio.Queue[str] = asyncio.Queue()
    box = await launch(inside(code), seen.put_nowait)
    assert await seen.get() == "up"
    await box.kill()
    assert box.ended
    assert str(box.inside) not in os.listdir("/proc")


@awaited
async def test_nothing_is_left_of_a_program_that_ended_itself() -> None:
    """Bubblewrap does not wait for the second of its processes then: without somebody who does, it stays."""
    for code in ("pass", "raise SystemExit(70)", "import os; os.kill(os.getpid(), 9)"):
        box = await launch(inside(code))
        await asyncio.gather(box.wait(), box.wait())
        assert str(box.inside) not in os.listdir("/proc")
        await box.kill()


@awaited
async def test_nothing_is_left_of_a_sandbox_that_could_not_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(children())
    monkeypatch.setattr(seccomp, "program", lambda: b"\xff" * 8)  # which the kernel refuses, in the last step
    with pytest.raises(Unavailable):
        await launch(inside("print('RAN')"))
    assert set(children()) <= before


def children() -> list[int]:
    """The processes that this one has, ended ones among them."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ends meanwhile has none
            found += map(int, (task / "children").read_text().split())
    return found


@awaited
async def test_without_bubblewrap_nothing_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable) as caught:
        await launch(Plan(["/bin/true"]))
    assert caught.value.code == "sandbox-no-bubblewrap"
    assert "bwrap" in caught.value.detail


@awaited
async def test_a_sandbox_that_cannot_be_made_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = inside("print('RAN')", Mount(Path("/nonexistent"), "/data"))
    with pytest.raises(Unavailable) as caught:
        await launch(plan)
    assert caught.value.code == "sandbox-unavailable"
    assert "/nonexistent" in caught.value.detail


METADATA = """
import asyncio, fcntl, socket, struct, sys
from tests_inside import inside
from pileus.surfaces.engines.android.sandbox import launch

def address(name, text):
    return struct.pack("16sH2x4s8x", name, socket.AF_INET, socket.inet_aton(text))

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH", b"lo", 0x1 | 0x40))
    fcntl.ioctl(any_socket, 0x8916, address(b"lo:1", "169.254.169.254"))
listener = socket.create_server(("169.254.169.254", 80))
code = '''
import socket
try:
    socket.create_connection(("169.254.169.254", 80), 2); print("CONNECTED")
except OSError:
    print("refused")
'''
exec(code)

async def try_it():
    box = await launch(inside(code))
    await box.wait()
    await box.kill()
    print(box.log.strip())

asyncio.run(try_it())
"""


def test_it_does_not_reach_the_metadata_address(tmp_path: Path) -> None:
    """In a network namespace of the test's own, in which that address answers: outside the sandbox it does."""
    space = ["--net"] if os.getuid() == 0 else ["--user", "--map-root-user", "--net"]
    (tmp_path / "tests_inside.py").symlink_to(__file__)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        ["unshare", *space, sys.executable, "-c", METADATA],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["CONNECTED", "refused"], done.stderr


@awaited
async def test_limits_and_memory_that_no_process_is_seen_to_hold_are_bounded() -> None:
    code = """
import ctypes, os, resource
limits = (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)
print([resource.getrlimit(name)[1] for name in limits])
for folder in ("/dev/shm", "/tmp"):
    about = os.statvfs(folder)
    print(about.f_blocks * about.f_frsize >> 20)
for path in ("/dev/new", "/new", "/stage/new"):
    try:
        open(path, "w"); print("WROTE", path)
    except OSError:
        pass
libc = ctypes.CDLL(None)
print(libc.syscall(319, b"x", 0), libc.syscall(29, 0, 4096, 0o1600), libc.syscall(240, b"x", 0o100, 0o600, 0))
print(os.listdir("/proc/self/fd"))
"""
    said = (await says(inside(code))).splitlines()
    assert said == ["[400, 1024, 0]", "16", "256", "-1 -1 -1", "['0', '1', '2', '3']"]


@awaited
async def test_what_prints_without_end_is_read_in_its_time() -> None:
    """And is not waited for when it has ended."""
    box = await launch(inside("import sys\nwhile True: sys.stdout.write('x' * 65536)"))
    while len(box.log) < 1 << 16:  # noqa: ASYNC110 - its log has no event
        await asyncio.sleep(0.01)
    await box.kill()
    assert len(box.log) == 1 << 16


@awaited
async def test_each_program_has_a_user_of_its_own() -> None:
    boxes = [
        await launch(inside("import os, time; print(os.getuid(), flush=True); time.sleep(600)")) for _ in range(2)
    ]
    while not all(box.log for box in boxes):  # noqa: ASYNC110 - its log has no event
        await asyncio.sleep(0.01)
    shown = {box.log for box in boxes}
    assert len(shown) == (2 if users.own() else 1)
    for box in boxes:
        await box.kill()


class Subverted:
    """A translator that a package took over: it leaves a link to a file of the server's."""

    def __init__(self, aim: Path) -> None:
        self._plan = inside(f"import os; os.symlink({str(aim)!r}, '/out/classes.jar')")

    def mounts(self) -> list[Mount]:
        return list(self._plan.mounts)

    def translator(self, _arguments: list[str]) -> list[str]:
        return list(self._plan.command)


@awaited
async def test_a_translation_that_is_a_link_is_refused_and_what_it_names_is_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o600)
    place = tmp_path / "package"
    place.mkdir()
    (place / "base.apk").write_bytes(b"PK")

    async def quiet(_phase: str, _fraction: float) -> None:
        return

    runtime: Any = Subverted(secret)
    with pytest.raises(Invalid) as caught:
        await translate(runtime, place / "base.apk", place / "classes.jar", quiet)
    assert caught.value.code == "apk-not-translated"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not (place / "classes.jar").exists()
