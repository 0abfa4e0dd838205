"""A whole cloud as `pileus up` starts it, for tests that kill its processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from pileus.cloud import children
from pileus.core.settings import Settings


def wait(condition: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"{condition} did not come true in {seconds} s")


def answers(settings: Settings) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{settings.port}/api/v1/server", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextlib.contextmanager
def parent(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A running parent; ends it and whatever it left."""
    process = start(settings)
    try:
        yield process
    finally:
        stop(process, settings)


def start(settings: Settings) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pileus.cloud.parent"]
    env = {**os.environ, **settings.as_env(), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def stop(process: subprocess.Popen[str], settings: Settings) -> None:
    process.terminate()
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()
    for name in ("web", "supervisor"):
        if (left := children.find(name, settings.runtime_dir)) is not None:
            left[0].end()
            left[0].release(settings.runtime_dir)


def pid(settings: Settings, name: str) -> int:
    return int(json.loads((settings.runtime_dir / f"{name}.pid").read_text())["pid"])


def follows(settings: Settings, name: str, killed: int) -> bool:
    """Whether another process took the place of one that was killed."""
    return (settings.runtime_dir / f"{name}.pid").exists() and pid(settings, name) != killed


def kill(settings: Settings, name: str) -> int:
    number = pid(settings, name)
    os.kill(number, signal.SIGKILL)
    return number


def alive(number: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    return children.start_time(number) is not None


def naming(folder: Path) -> list[str]:
    """Command lines of running processes that name a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in line and alive(int(path.parent.name)):
                found.append(line)
    return found


def first_account(settings: Settings) -> Any:
    """The session of the first account, made over HTTP."""
    wait(lambda: answers(settings))
    wish = {"name": "anna", "password": "correct horse", "device_name": "phone"}
    url = f"http://127.0.0.1:{settings.port}/api/v1/accounts"
    answer = httpx.post(url, json=wish, trust_env=False)
    assert answer.status_code == 201, answer.text
    return answer.json()


def client_of(settings: Settings, session: Any) -> httpx.Client:
    """A client with the session's token. Close it."""
    headers = {"Authorization": f"Bearer {session['token']}"}
    base = f"http://127.0.0.1:{settings.port}/api/v1"
    return httpx.Client(base_url=base, headers=headers, timeout=60, trust_env=False, verify=False)
