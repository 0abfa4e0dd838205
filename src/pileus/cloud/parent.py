"""The light parent of one cloud (`python -m pileus.cloud.parent`): supervisor and web process.

It imports the standard library only, prints the one URL when both answer, and starts again whichever
ends. The web process is replaced at a start of the parent; a supervisor that a killed parent left is
taken over with its running apps, where its settings are the same.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

from pileus.cloud import children
from pileus.cloud.setup_code import fragment
from pileus.core.catalogue import Catalogue
from pileus.core.errors import PileusError, refused
from pileus.core.settings import Settings

SUPERVISOR, WEB = "supervisor", "web"
SECRETS = ("AWS_", "PILEUS_COPY_AWS_", "PILEUS_DATABASE")
MODULES = {SUPERVISOR: "pileus.surfaces.supervisor", WEB: "pileus.cloud.web"}
HEALTHY_SECONDS = 30.0
PATIENCE_SECONDS = 10.0
LONGEST_PAUSE = 10.0

TEXTS = Catalogue(
    en={
        "ready": "Pileus is ready: {url}",
        "stopping": "Pileus is stopping …",
        "running": "Pileus runs already for {data}.",
        "port": "Port {port} on {host} is taken: end the program that has it, or choose another with --port.",
        "address": "{host} cannot be used: {reason}. Name an address of this machine with --host.",
        "ended": "The {name} process ended; it is started again.",
        "failed": "The {name} process cannot start. The end of {log}:\n{tail}",
        "no_apps": "The supervisor does not answer: apps cannot run for now. See {log}.",
    },
    zh={
        "ready": "Pileus 已就绪：{url}",
        "stopping": "Pileus 正在停止……",
        "running": "{data} 的 Pileus 已在运行。",
        "port": "{host} 的端口 {port} 已被占用：请结束占用它的程序，或用 --port 选择另一个端口。",
        "address": "无法使用 {host}：{reason}。请用 --host 指定本机的地址。",
        "ended": "{name} 进程已结束，正在重新启动。",
        "failed": "{name} 进程无法启动。{log} 的末尾：\n{tail}",
        "no_apps": "会话管理进程没有响应：应用暂时无法运行。请查看 {log}。",
    },
)


def main() -> int:
    """Runs until SIGINT or SIGTERM; 3 where a port is taken, 1 where it cannot start."""
    settings = Settings.from_env()
    try:
        settings.make_dirs()
    except PileusError as error:
        say(error.detail)
        return 1
    except OSError as error:
        say(refused(error))
        return 1
    if hold(settings) is None:
        say(TEXTS.text("running", data=settings.data_dir))
        return 1
    return Parent(settings).run()


def hold(settings: Settings) -> int | None:
    """A descriptor that keeps every other parent of this data folder from running, until it is closed; None where
    one runs."""
    lock = os.open(settings.runtime_dir / "parent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


class Parent:
    """Both children of one cloud, and what is known of their starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.runtime_dir
        self._logs = settings.data_dir / "logs"
        self._env = settings.as_env()
        self._mark = hashlib.sha256(repr(sorted(self._env.items())).encode()).hexdigest()
        self._children: dict[str, children.Child] = {}
        self._due: dict[str, float] = {}
        self._pauses: dict[str, float] = {}
        self._ready = -1
        self._answered = False
        self._begun = time.monotonic()

    def run(self) -> int:
        """The life of a cloud."""
        self._logs.mkdir(mode=0o700, exist_ok=True)
        wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waker)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self._take_over()
        if (problem := self._unusable_port()) is not None:
            say(problem)
            self._end_all()
            return 3
        for name in MODULES:
            if name not in self._children:
                self._start(name)
        try:
            return self._watch(wake)
        finally:
            self._end_all()

    def _take_over(self) -> None:
        for name in (WEB, SUPERVISOR):
            found = children.find(name, self._folder)
            if found is None:
                continue
            child, mark = found
            if name == SUPERVISOR and mark == self._mark:
                self._children[name] = child
            else:
                child.end()
                child.release(self._folder)

    def _unusable_port(self) -> str | None:
        """The sentence, where a port cannot be used."""
        host = self._settings.host
        ports = [self._settings.port]
        if SUPERVISOR not in self._children:
            ports.append(self._settings.surface_port)
        for port in ports:
            try:
                try_port(host, port)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return TEXTS.text("port", port=port, host=host)
                return TEXTS.text("address", host=f"{host}:{port}", reason=error.strerror or error)
        return None

    def _start(self, name: str) -> None:
        env, keep = {**os.environ, **self._env}, []
        if name == SUPERVISOR:  # apps' code runs below it: keys of the stores are the web process's alone
            env = {key: value for key, value in env.items() if not key.startswith(SECRETS)}
        if name == WEB:
            self._close_ready()
            self._ready, theirs = os.pipe2(os.O_CLOEXEC)
            env["PILEUS_READY_FD"] = str(theirs)
            keep = [theirs]
        self._due.pop(name, None)
        self._children[name] = children.start(
            name, MODULES[name], self._folder, self._log(name), env, self._mark, keep
        )
        for descriptor in keep:
            os.close(descriptor)

    def _watch(self, wake: int) -> int:
        while True:
            poller = select.poll()
            poller.register(wake, select.POLLIN)
            for child in self._children.values():
                poller.register(child.pidfd, select.POLLIN)
            if self._ready >= 0:
                poller.register(self._ready, select.POLLIN)
            events = [descriptor for descriptor, _ in poller.poll(self._timeout())]
            if wake in events:
                say(TEXTS.text("stopping"))
                return 0
            if self._ready in events:
                self._hear_ready()
            for child in list(self._children.values()):
                if child.pidfd in events and (status := self._ended(child)) is not None:
                    return status
            for name in [one for one, due in self._due.items() if due <= time.monotonic()]:
                self._start(name)

    def _timeout(self) -> float | None:
        """Milliseconds until the next start is due; None where only an event can change anything."""
        if not self._due:
            return None
        return max(0.0, min(self._due.values()) - time.monotonic()) * 1000

    def _hear_ready(self) -> None:
        answered = os.read(self._ready, 16) == b"ready\n"
        self._close_ready()
        if not answered or self._answered:
            return
        self._answered = True
        if not self._supervisor_answers():
            say(TEXTS.text("no_apps", log=self._log(SUPERVISOR)))
        say(TEXTS.text("ready", url=self._url() + fragment(self._settings)))

    def _supervisor_answers(self) -> bool:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end and SUPERVISOR in self._children:
            with socket.socket(socket.AF_UNIX) as one:
                try:
                    one.connect(str(self._settings.supervisor_socket))
                except OSError:
                    child = self._children[SUPERVISOR]
                    ended = select.poll()
                    ended.register(child.pidfd, select.POLLIN)
                    if ended.poll(50):
                        return False
                else:
                    return True
        return False

    def _ended(self, child: children.Child) -> int | None:
        """Plans the next start of what ended; an exit status where the cloud cannot start at all."""
        status = child.status()
        child.release(self._folder)
        del self._children[child.name]
        if child.name == WEB and not self._answered and status:
            self._say_failed(child.name)
            return status if status > 0 else 1
        lived = time.monotonic() - child.started
        pause = 0.0 if lived > HEALTHY_SECONDS else self._pauses.get(child.name, 0.0)
        self._due[child.name] = time.monotonic() + pause
        self._pauses[child.name] = min(max(0.25, pause * 2), LONGEST_PAUSE)
        if pause == 0.0:
            say(TEXTS.text("ended", name=child.name))
        return None

    def _say_failed(self, name: str) -> None:
        log = self._log(name)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
        say(TEXTS.text("failed", name=name, log=log, tail=tail))

    def _end_all(self) -> None:
        for name in (WEB, SUPERVISOR):
            child = self._children.pop(name, None)
            if child is not None:
                child.end()
                child.release(self._folder)
        self._close_ready()

    def _close_ready(self) -> None:
        if self._ready >= 0:
            os.close(self._ready)
            self._ready = -1

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _url(self) -> str:
        settings = self._settings
        if settings.origins == "wildcard":
            return f"https://{settings.domain}"
        host = f"[{settings.domain}]" if ":" in settings.domain else settings.domain
        return f"{'https' if settings.tls else 'http'}://{host}:{settings.port}"


def try_port(host: str, port: int) -> None:
    """Raises `OSError` where no listening socket could be opened there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((host, port))


def say(sentence: str) -> None:
    """One line for the person at the terminal."""
    print(sentence, flush=True)


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
