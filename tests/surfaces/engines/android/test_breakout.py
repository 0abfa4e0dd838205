"""Apps that try to get out of their sandbox, or to take the machine: each is stopped and named, and nothing else
suffers. What refuses an act is told by its words or its error number, and for each act there is a control: done by
the same code outside the sandbox, or within its bound, it succeeds."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import inspect
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.core import trees
from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, link_root
from pileus.surfaces.engines.android import java, landlock, packages, packaging
from pileus.surfaces.engines.android.apk import Apk
from pileus.surfaces.engines.android.bounds import MB, Bounds
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.engines.android.packages import PackageStore
from pileus.surfaces.engines.android.probe import Watcher
from pileus.surfaces.texts import sentence

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

BOUNDS = Bounds(memory=512 * MB, tasks=200, processes=10, disk=48 * MB, files=2000, tmp=16 * MB, burst=300.0)
BUSY = replace(BOUNDS, cores=0.01, burst=10.0)
NO_FILE, READ_ONLY, DENIED = "No such file or directory", "Read-only file system", "Permission denied"
NO_PATH, NO_ACCESS = "java.nio.file.NoSuchFileException", "java.nio.file.AccessDeniedException"
RARE = {
    "AF_ALG": (38, socket.SOCK_SEQPACKET),
    "AF_VSOCK": (40, socket.SOCK_STREAM),
    "AF_XDP": (44, socket.SOCK_RAW),
}
"""Families of sockets that a kernel may have or not."""


@dataclass(frozen=True)
class Act:
    """One line of acts; `refused` is in what the sandbox answers, `outside` is the control where it names other
    places. Only root may do some of it anywhere, and not every kernel can all (`possible`)."""

    line: str
    refused: str
    outside: str | None = None
    possible: bool = True

    @property
    def control(self) -> str:
        return self.outside or self.line


class World:
    """An engine with small bounds, and the hostile app installed."""

    def __init__(self, settings: Settings, package: Path, said: Apk, samples: ModuleType) -> None:
        self.settings = settings
        self.package = package
        self.options = {
            "package": said.package,
            "activity": said.launcher.name,
            "target_sdk": str(said.target_sdk),
            "internet": "1" if packaging.INTERNET in said.permissions else "0",
        }
        self.samples = samples
        self.engine = AndroidEngine(settings, bounds=BOUNDS)
        self.strict = AndroidEngine(settings, keep_spare=False, bounds=BUSY)

    def folder(self, name: str, acts: Sequence[str]) -> Path:
        folder = self.settings.data_dir / "android" / "accounts" / "a" / name
        folder.mkdir(parents=True)
        shutil.copy("/bin/true", folder / "program")
        (folder / "acts").write_text("".join(f"{act}\n" for act in acts))
        return folder

    @contextlib.asynccontextmanager
    async def app(self, name: str, *acts: str) -> AsyncIterator[tuple[AndroidHost, Path]]:
        """A running app that does these acts; one that spins has little of the processor."""
        engine = self.strict if any(act.startswith("spin") for act in acts) else self.engine
        folder = self.folder(name, acts)
        spec = AppSpec("a", name, "android", "Hostile", self.package, folder, self.options)
        links = Path(tempfile.mkdtemp(dir=link_root(self.settings)))
        watcher = Watcher(links, Display())
        await watcher.listen()
        host = await engine.start(spec, Display(), watcher.place)
        looking = asyncio.create_task(watcher.look(host, "Main", None))
        try:
            yield host, folder
        finally:
            await host.kill()
            await looking
            watcher.close()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, samples: ModuleType) -> Iterator[Callable[[Any], None]]:
    """Runs a test in the loop in which the engine lives, so that spares serve the next test."""
    with opened(tmp_path_factory.mktemp("breakout"), samples, "hostile") as (runner, world):
        yield lambda work: runner.run(work(world))


@contextlib.contextmanager
def opened(base: Path, samples: ModuleType, app: str) -> Iterator[tuple[asyncio.Runner, World]]:
    """A world in this folder in which that sample does the hostile one's acts."""
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    settings = Settings(data_dir=base / "data", runtime_dir=base / "run", cache_dir=cache)
    link_root(settings).mkdir(mode=0o700, parents=True)
    apk = samples.build(app, "hostile")
    store = PackageStore(settings.changed(data_dir=cache / "probe"))

    async def quiet(_phase: str, _fraction: float) -> None:
        return

    with asyncio.Runner() as runner:
        digest, checked = packages.check(apk)
        runner.run(store.add(apk, digest, checked, java.runtime(settings), quiet))
        world = World(settings, store.place(digest), checked.apk, samples)
        yield runner, world
        runner.run(world.engine.close())
    trees.remove(link_root(settings))


def told(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs a test with the world in the place of its first parameter."""

    @functools.wraps(test)
    def run(story: Any, **values: Any) -> None:
        story(lambda world: test(world, **values))

    about = inspect.signature(test)
    first = inspect.Parameter("story", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    others = list(about.parameters.values())[1:]
    run.__signature__ = about.replace(parameters=[first, *others])  # type: ignore[attr-defined]
    return run


async def outcome(host: AndroidHost, folder: Path) -> list[str]:
    """The lines that the acts left, when all are over."""
    path = folder / "outcome"
    while not (path.exists() and path.read_text().endswith("over\n")):
        assert not host.ended, host.log
        await asyncio.sleep(0.05)
    return path.read_text().splitlines()[:-1]


def outside(samples: ModuleType, folder: Path, *wrapper: str) -> list[str]:
    """The control: the same acts by the same classes, in a JVM without a sandbox."""
    with free(samples, folder, *wrapper):
        return (folder / "outcome").read_text().splitlines()[:-1]


@contextlib.contextmanager
def free(samples: ModuleType, folder: Path, *wrapper: str) -> Iterator[int]:
    """A JVM without a sandbox that has done the acts, and goes on with what they began; its process."""
    classes = folder.parent / "classes"
    if not classes.exists():
        samples.compiled("hostile", classes)
    command = [*wrapper, str(java.find_java() / "bin" / "java"), "-Xmx2g", "--enable-native-access=ALL-UNNAMED"]
    process = subprocess.Popen(
        [*command, "-cp", str(classes), "org.example.hostile.Acts", str(folder)],
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        while process.stdout is not None and (line := process.stdout.readline()):
            if line == b"over\n":
                break
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it forked as well
        process.communicate()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What there is to reach: the server's files, ports and processes."""
    data = tmp_path / "server"
    (data / "android" / "accounts" / "b" / "bank").mkdir(parents=True)
    (data / "android" / "accounts" / "b" / "bank" / "money").write_text("1000")
    (data / "pileus.db").write_text("secret")
    tcp = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(data / "sock"))
    unix.listen()
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield {
        "db": str(data / "pileus.db"),
        "other": str(data / "android" / "accounts" / "b" / "bank" / "money"),
        "port": str(tcp.getsockname()[1]),
        "unix": str(data / "sock"),
        "pid": str(sleeper.pid),
    }
    tcp.close()
    unix.close()
    sleeper.kill()
    sleeper.wait()


def reaching(machine: dict[str, str], package: Path) -> list[Act]:
    """The control runs as this user in the machine's own namespaces."""
    root = os.getuid() == 0
    private = "/etc/shadow" if root else "/etc/passwd"
    return [
        Act(f"read {machine['db']}", NO_FILE),
        Act(f"read {machine['other']}", NO_FILE),
        Act(f"read {private}", NO_FILE),
        Act(f"read /proc/{machine['pid']}/environ", NO_FILE),
        Act("read /proc/1/environ", DENIED, f"read /proc/{machine['pid']}/environ"),
        Act(f"list /proc/{machine['pid']}/root", NO_PATH),
        Act("list /stage", NO_ACCESS, f"list {package}"),
        Act(f"link {machine['db']}", NO_PATH),
        Act(f"connect 127.0.0.1 {machine['port']}", "Connection refused"),
        Act(f"unix {machine['unix']}", NO_FILE),
        Act(f"write {machine['db']}", NO_FILE),
        Act("write /package/app/x", READ_ONLY, f"write {package}/x"),
        Act("write /usr/lib/x", READ_ONLY, f"write {package}/x"),
        Act("write /link/x", READ_ONLY, f"write {package}/x"),
        Act("write /stage/x", READ_ONLY, f"write {package}/x"),
        Act("run program", DENIED if landlock.abi() else "did 0"),
        Act(f"call 62 {machine['pid']} 0", refused_by(errno.ESRCH)),
        Act(f"signal {machine['pid']}", "refused"),
    ]


def calling(pid: str, folder: Path) -> list[Act]:
    """System calls that the filter refuses with these very numbers, with arguments that are valid."""
    root = os.getuid() == 0
    attributes = struct.pack("<IIQ24xQ64x", 1, 112, 0, 0x60).hex()  # this thread's own time, and not the kernel's
    table = struct.pack("<IIII", 2, 4, 4, 1).ljust(72, b"\0").hex()
    own, new, kind = (refused_by(number) for number in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))
    return [
        Act(f"call 101 0x4206 {pid} 0 0", own, possible=root),  # ptrace, to seize a process
        Act(f"call 165 text:tmpfs text:{folder} text:tmpfs 0 0", own),  # mount
        Act("call 272 0x04000000", own),  # unshare, of the host's name
        Act("call 56 0x10000011", own),  # clone, into another user namespace
        Act("call 250 0 -3 1", own),  # keyctl: the number of a keyring
        Act("call 248 text:user text:name text:secret 6 -2", own),  # add_key
        Act(f"call 321 0 hex:{table} 72", own, possible=root),  # bpf: a table
        Act(f"call 298 hex:{attributes} 0 -1 -1 0", own, possible=root),  # perf_event_open
        Act("call 323 1", own),  # userfaultfd
        Act("call 319 text:name 0", own),  # memfd_create
        Act("call 425 1 zeros:120", new),  # io_uring_setup
        Act("call 41 2 3 1", own),  # a raw socket
        Act("call 41 17 3 768", kind),  # a packet socket
        Act("call 41 16 3 15", own),  # the kernel's messages about devices
        *(Act(f"call 41 {family} {form} 0", kind, possible=there(family, form)) for family, form in RARE.values()),
    ]


def refused_by(number: int) -> str:
    return f"refused errno {number}"


def there(family: int, form: int) -> bool:
    """Whether this kernel has such sockets."""
    with contextlib.suppress(OSError), socket.socket(family, form):
        return True
    return False


async def refused(world: World, name: str, acts: Sequence[Act], *more: str) -> list[str]:
    """Does the acts in the sandbox, where each is refused as it says; what became of more of them."""
    async with world.app(name, *(act.line for act in acts), *more) as (host, folder):
        lines = await outcome(host, folder)
    wrong = [
        (act.line, line)
        for act, line in zip(acts, lines, strict=False)
        if not line.startswith(f"{act.line.split()[0]} ") or act.refused not in line
    ]
    assert wrong == []
    return lines[len(acts) :]


async def done(world: World, name: str, acts: Sequence[Act], *wrapper: str) -> None:
    """Does them outside, where each succeeds."""
    possible = [act for act in acts if act.possible]
    folder = world.folder(f"{name}-control", [act.control for act in possible])
    lines = await asyncio.to_thread(outside, world.samples, folder, *wrapper)
    pairs = zip(possible, lines, strict=True)
    assert [(act.control, line) for act, line in pairs if line.split()[1] != "did"] == []


@told
async def test_nothing_of_the_machine_is_reached(world: World, machine: dict[str, str], tmp_path: Path) -> None:
    acts = reaching(machine, tmp_path / "package")
    (tmp_path / "package").mkdir()
    java_program = java.find_java() / "bin" / "java"
    # What it may do: programs of the system run, its own folder and /tmp are written, the package is listed.
    more = (f"run {java_program}", "write /tmp/own", "list /package/app", "read /proc/self/environ")
    said = await refused(world, "reach", acts, *more)
    assert [line.split()[:2] for line in said] == [[act.split()[0], "did"] for act in more]
    await done(world, "reach", acts)


@told
async def test_calls_that_the_filter_lacks_are_refused(
    world: World, machine: dict[str, str], tmp_path: Path
) -> None:
    """The control is in namespaces of its own, which take with them what it mounts."""
    acts = calling(machine["pid"], tmp_path)
    assert await refused(world, "call", acts, "call 1 1 0 0") == ["call did 0"]
    spaces = ["--mount"] if os.getuid() == 0 else ["--user", "--map-root-user", "--mount", "--net"]
    await done(world, "call", acts, "unshare", *spaces)


@told
async def test_what_it_leaves_leads_the_server_nowhere(world: World, machine: dict[str, str]) -> None:
    """The server removes an app's folder: links in it are removed, what they name is not."""
    target = Path(machine["other"]).parent
    async with world.app("links", f"link {target}", f"link {target}/money") as (host, folder):
        await outcome(host, folder)
    assert len([path for path in folder.iterdir() if path.is_symlink()]) == 2
    trees.remove(folder)
    assert (target / "money").read_text() == "1000"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("threads 600", "app-processes"),
        ("fork 40", "app-processes"),
        ("heap 600", "app-memory"),
        ("memory 900", "app-memory"),
        ("stretch 1 /link/frames", "app-memory"),
        ("disk 96", "app-disk"),
        ("unseen 12", "app-disk"),
        ("files 5000", "app-disk"),
    ],
)
@told
async def test_what_takes_too_much_is_ended_and_named(world: World, act: str, code: str, tmp_path: Path) -> None:
    what = act.split()[0]
    async with world.app(what, act) as (host, _):
        async with asyncio.timeout(150):
            ended = await host.wait()
        assert ended.code == code, host.log[-500:]
        for locale in ("en", "zh"):
            assert "Hostile" in sentence(code, locale, label="Hostile")
    control = world.folder(f"{what}-control", [act.replace("/link/frames", str(tmp_path / "frames"))])
    assert (await asyncio.to_thread(outside, world.samples, control))[0].startswith(f"{what} did")


@told
async def test_what_the_kernel_bounds_fails_in_the_app(world: World, tmp_path: Path) -> None:
    async with world.app("bounded", "disk 32 /tmp", "open 1500") as (host, folder):
        lines = await outcome(host, folder)
    assert "No space left on device" in lines[0]
    assert "Too many open files" in lines[1]
    control = world.folder("bounded-control", [f"disk 32 {tmp_path}", "open 1500"])
    assert await asyncio.to_thread(outside, world.samples, control, "prlimit", "--nofile=2048") == [
        "disk did 32",
        "open did 1500",
    ]


@told
async def test_one_that_never_rests_is_ended_and_the_app_beside_it_goes_on(world: World) -> None:
    """The control has more time of the processor than the bound, and goes on."""
    async with world.app("wild", "threads 100", "spin 4") as (wild, _), world.app("calm", "write /tmp/x") as calm:
        assert await outcome(*calm) == ["write did"]
        assert (await wild.wait()).code == "app-busy"
        assert not calm[0].ended
    for locale in ("en", "zh"):
        assert "Hostile" in sentence("app-busy", locale, label="Hostile")
    with free(world.samples, world.folder("wild-control", ["threads 100", "spin 4"])) as pid:
        while processor_seconds(pid) < BUSY.burst + 2:  # noqa: ASYNC110 - another process's time has no event
            await asyncio.sleep(0.2)


def processor_seconds(pid: int) -> float:
    """What a running process has used; raises where it runs no longer."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    assert fields[0] in "RSD"
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


PUBLIC = "93.184.216.34 443"
PLACES = (PUBLIC, "169.254.169.254 80", "10.0.0.1 443", "192.168.1.1 80", "127.0.0.1 80", "192.203.230.10 443")
NETWORK = """
import build_apk, json, network, pathlib, sys, test_breakout
network.every_address_answers((80, 443))
print(json.dumps(test_breakout.heard(pathlib.Path(sys.argv[1]), build_apk)))
"""


def heard(base: Path, samples: ModuleType) -> dict[str, list[str]]:
    """From which places an app hears, without and with the permission, and whoever is in no sandbox."""
    found = {}
    acts = [f"hear {place}" for place in PLACES]
    for app in ("hostile", "wired"):
        with opened(base / app, samples, app) as (runner, world):
            found[app] = runner.run(_told(world, acts))
            found["outside"] = outside(samples, world.folder("control", acts))
    return {
        who: [place for place, line in zip(PLACES, lines, strict=True) if " did " in line]
        for who, lines in found.items()
    }


async def _told(world: World, acts: Sequence[str]) -> list[str]:
    async with world.app("heard", *acts) as (host, folder):
        return await outcome(host, folder)


def test_only_who_may_reaches_public_addresses_alone(tmp_path: Path) -> None:
    """In a network of the test's own, in which each of the places answers, the metadata address too."""
    space = ["--net"] if os.getuid() == 0 else ["--user", "--map-root-user", "--net"]
    done = subprocess.run(
        ["unshare", *space, sys.executable, "-c", NETWORK, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {"hostile": [], "wired": [PUBLIC], "outside": list(PLACES)}
