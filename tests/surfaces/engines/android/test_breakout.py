"""Apps that try to get out of their sandbox, or to take the machine: each is stopped and named, and nothing else
suffers. For each act there is a control: done by the same code outside the sandbox, it succeeds."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pileus.core import trees
from pileus.core.settings import Settings
from pileus.surfaces.engine import AppSpec, Display, link_root
from pileus.surfaces.engines.android import java, packages
from pileus.surfaces.engines.android.bounds import MB, Bounds
from pileus.surfaces.engines.android.engine import AndroidEngine
from pileus.surfaces.engines.android.host import AndroidHost
from pileus.surfaces.engines.android.packages import PackageStore
from pileus.surfaces.engines.android.probe import Watcher
from pileus.surfaces.texts import sentence

pytestmark = [pytest.mark.android, pytest.mark.slow, pytest.mark.xdist_group("android")]

BOUNDS = Bounds(memory=512 * MB, tasks=200, processes=10, disk=48 * MB, files=2000, burst=300.0)
BUSY = replace(BOUNDS, cores=0.01, burst=10.0)
FORK, SYS = 57, "call"
REFUSED_CALLS = {
    "ptrace": 101,
    "mount": 165,
    "unshare": 272,
    "keyctl": 250,
    "bpf": 321,
    "perf_event_open": 298,
    "io_uring_setup": 425,
    "userfaultfd": 323,
    "memfd_create": 319,
}


class World:
    """An engine with small bounds, and the hostile app installed."""

    def __init__(self, settings: Settings, package: Path, samples: ModuleType) -> None:
        self.settings = settings
        self.package = package
        self.samples = samples
        self.engine = AndroidEngine(settings, bounds=BOUNDS)
        self.strict = AndroidEngine(settings, keep_spare=False, bounds=BUSY)

    def folder(self, name: str, acts: Sequence[str]) -> Path:
        folder = self.settings.data_dir / "android" / "accounts" / "a" / name
        folder.mkdir(parents=True)
        (folder / "acts").write_text("".join(f"{act}\n" for act in acts))
        return folder

    @contextlib.asynccontextmanager
    async def app(self, name: str, *acts: str) -> AsyncIterator[tuple[AndroidHost, Path]]:
        """A running app that does these acts; one that spins has little of the processor."""
        engine = self.strict if any(act.startswith("spin") for act in acts) else self.engine
        folder = self.folder(name, acts)
        options = {"package": "org.example.hostile", "activity": "org.example.hostile.Main", "target_sdk": "36"}
        spec = AppSpec("a", name, "android", "Hostile", self.package, folder, options)
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
    cache = Path(os.environ.get("PILEUS_CACHE_DIR") or Path.home() / ".cache/pileus")
    base = tmp_path_factory.mktemp("breakout")
    settings = Settings(data_dir=base / "data", runtime_dir=base / "run", cache_dir=cache)
    link_root(settings).mkdir(mode=0o700, parents=True)
    apk = samples.build("hostile")
    store = PackageStore(settings.changed(data_dir=cache / "probe"))

    async def quiet(_phase: str, _fraction: float) -> None:
        return

    with asyncio.Runner() as runner:
        digest, checked = packages.check(apk)
        runner.run(store.add(apk, digest, checked, java.runtime(settings), quiet))
        world = World(settings, store.place(digest), samples)
        yield lambda work: runner.run(work(world))
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


def outside(samples: ModuleType, folder: Path) -> list[str]:
    """The control: the same acts by the same classes, in a JVM without a sandbox."""
    classes = folder.parent / "classes"
    if not classes.exists():
        samples.compiled("hostile", classes)
    command = [str(java.find_java() / "bin" / "java"), "-Xmx2g", "--enable-native-access=ALL-UNNAMED"]
    process = subprocess.Popen(
        [*command, "-cp", str(classes), "org.example.hostile.Acts", str(folder)],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        while process.stdout is not None and (line := process.stdout.readline()):
            if line == b"over\n":
                break
        return (folder / "outcome").read_text().splitlines()[:-1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it forked as well
        process.wait()


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


def reaching(machine: dict[str, str]) -> list[str]:
    return [
        f"read {machine['db']}",
        f"read {machine['other']}",
        "read /etc/shadow" if os.getuid() == 0 else "read /etc/passwd",
        f"read /proc/{machine['pid']}/environ",
        f"list /proc/{machine['pid']}/root",
        f"link {machine['db']}",
        f"connect 127.0.0.1 {machine['port']}",
        f"unix {machine['unix']}",
        f"write {machine['db']}",
        f"signal {machine['pid']}",
    ]


@told
async def test_nothing_of_the_machine_is_reached(world: World, machine: dict[str, str]) -> None:
    acts = reaching(machine)
    more = ["write /package/app/x", "write /usr/lib/x", "write /link/x", "write /stage/x", "list /stage"]
    more += [f"{SYS} {number} 0x10000000" for number in REFUSED_CALLS.values()]
    more += [f"{SYS} 41 2 3 1", f"{SYS} 41 17 3 768", f"{SYS} 41 38 5 0"]  # raw, packet, AF_ALG
    more += [f"{SYS} 56 0x10000011", f"{SYS} 62 {machine['pid']} 9"]
    more += [
        "write /tmp/own",
        f"{SYS} 1 1 0 0",
        "read /proc/1/environ",
        "connect 169.254.169.254 80",
        "connect 10.0.0.1 80",
    ]
    async with world.app("reach", *acts, *more) as (host, folder):
        lines = await outcome(host, folder)
    assert [line for line in lines if not line.split(" ", 1)[1].startswith("refused")] == [
        "write did",
        "call did 0",
    ]
    assert len(lines) == len(acts) + len(more)
    assert lines.count("call refused") == len(REFUSED_CALLS) + 5  # and none for another reason
    control = world.folder("reach-control", acts)
    assert [line.split()[1] for line in await asyncio.to_thread(outside, world.samples, control)] == ["did"] * len(
        acts
    )


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
        ("stretch 1", "app-memory"),
        ("disk 96", "app-disk"),
        ("unseen 12", "app-disk"),
        ("files 5000", "app-disk"),
    ],
)
@told
async def test_what_takes_too_much_is_ended_and_named(world: World, act: str, code: str) -> None:
    async with world.app(act.replace(" ", "-"), act) as (host, _):
        async with asyncio.timeout(150):
            ended = await host.wait()
        assert ended.code == code, host.log[-500:]
        for locale in ("en", "zh"):
            assert "Hostile" in sentence(code, locale, label="Hostile")
    if act != "stretch 1":
        control = world.folder(f"{act}-control", [act])
        assert (await asyncio.to_thread(outside, world.samples, control))[0].startswith(f"{act.split()[0]} did")


@told
async def test_what_the_kernel_bounds_fails_in_the_app(world: World) -> None:
    async with world.app("bounded", "tmp 400", "open 5000") as (host, folder):
        lines = await outcome(host, folder)
    assert "No space left on device" in lines[0]
    assert "Too many open files" in lines[1]


@told
async def test_one_that_never_rests_is_ended_and_the_app_beside_it_goes_on(world: World) -> None:
    async with world.app("wild", "threads 100", "spin 4") as (wild, _), world.app("calm", "write /tmp/x") as calm:
        assert await outcome(*calm) == ["write did"]
        assert (await wild.wait()).code == "app-busy"
        assert not calm[0].ended
    for locale in ("en", "zh"):
        assert "Hostile" in sentence("app-busy", locale, label="Hostile")
