"""Processes that are killed: nothing acknowledged is lost, what is left is found again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from pileus.cloud import children
from tests.postgres import postgres

from .processes import answers, follows, kill, parent, pid, start, stop, wait

pytestmark = pytest.mark.slow


def test_killing_the_web_process_loses_nothing_acknowledged(settings):
    loses_nothing(settings, lambda: kill(settings, "web"))


def test_killing_the_web_process_or_postgresql_loses_nothing_acknowledged(settings):
    with postgres() as server:
        chosen = settings.changed(database=server.url(server.make()))
        victims = iter(["database", "web"])

        def strike():
            environment = Path(f"/proc/{pid(chosen, 'supervisor')}/environ").read_bytes()
            assert b"PILEUS_DATABASE" not in environment, "apps run below the supervisor"
            if next(victims) == "web":
                kill(chosen, "web")
            else:
                server.kill()
                server.start()

        loses_nothing(chosen, strike)


def loses_nothing(settings, strike):
    """Writes go on while `strike` kills something twice; all that were acknowledged are read back."""
    url = f"http://127.0.0.1:{settings.port}/api/v1"
    with parent(settings):
        wait(lambda: answers(settings))
        wish = {"name": "anna", "password": "correct horse", "device_name": "phone"}
        token = httpx.post(f"{url}/accounts", json=wish, trust_env=False).json()["token"]
        acknowledged: list[str] = []
        done = threading.Event()

        def write() -> None:
            number = 0
            with httpx.Client(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
                while not done.is_set():
                    fields = {"v": number}
                    one = {"id": f"m{number}", "base": 0, "collection": "shell.setting"}
                    body = {"mutations": [{**one, "record": f"r{number}", "fields": fields}]}
                    try:
                        answer = client.post(f"{url}/journal/mutations", json=body)
                    except httpx.HTTPError:
                        time.sleep(0.02)
                        continue
                    if answer.status_code == 200:
                        assert answer.json()["outcomes"][0]["status"] == "applied"
                        acknowledged.append(f"r{number}")
                        number += 1

        writer = threading.Thread(target=write)
        writer.start()
        supervisor = pid(settings, "supervisor") if (settings.runtime_dir / "supervisor.pid").exists() else None
        try:
            for _ in range(2):
                wait(lambda before=len(acknowledged): len(acknowledged) > before + 50)
                strike()
                reached = len(acknowledged)
                wait(lambda reached=reached: len(acknowledged) > reached + 10)
        finally:
            done.set()
            writer.join(30)
        if supervisor is not None:
            assert pid(settings, "supervisor") == supervisor
        kept: set[str] = set()
        since, more = 0, True
        while more:
            answer = httpx.get(
                f"{url}/journal/changes?since={since}",
                headers={"Authorization": f"Bearer {token}"},
                trust_env=False,
            ).json()
            kept |= {one["id"] for one in answer["changes"]}
            since, more = answer["next"], answer["more"]
        assert set(acknowledged) <= kept
        assert since == len(kept)


def test_a_killed_parent_is_followed_by_one_that_takes_over(settings):
    first = start(settings)
    try:
        wait(lambda: answers(settings))
        assert first.stdout is not None
        assert first.stdout.readline().strip() == f"Pileus is ready: http://pileus.localhost:{settings.port}"
        web, supervisor = pid(settings, "web"), pid(settings, "supervisor")
        first.kill()
        first.wait()
        assert answers(settings)
        with parent(settings) as second:
            assert second.stdout is not None
            assert "ready" in second.stdout.readline()
            assert pid(settings, "web") != web
            assert pid(settings, "supervisor") == supervisor
            assert children.start_time(web) is None
            twin = subprocess.run(
                [sys.executable, "-m", "pileus.cloud.parent"],
                env={**os.environ, **settings.as_env(), "LC_ALL": "C.UTF-8"},
                capture_output=True,
                text=True,
                timeout=30,
            )
            assert twin.returncode == 1
            assert "runs already" in twin.stdout
            replaced = kill(settings, "supervisor")
            wait(lambda: follows(settings, "supervisor", replaced))
        wait(lambda: children.start_time(supervisor) is None)
        assert not answers(settings)
        assert not list(settings.runtime_dir.glob("*.pid"))
    finally:
        stop(first, settings)


@pytest.mark.parametrize("offset", [0, 2])
def test_a_taken_port_is_one_clear_sentence(settings, offset):
    """The shell's own, and in the form `port` one that only the web process knows of."""
    chosen = settings if offset == 0 else settings.changed(origins="port", domain="127.0.0.1")
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.port + offset))
        other.listen()
        process = start(chosen)
        out, _ = process.communicate(timeout=30)
        assert process.returncode == 3
        assert f"Port {settings.port + offset} on 127.0.0.1" in out
        assert "end the program that has it, or choose another with --port." in out
        assert "Traceback" not in out
        assert offset or len(out.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"host": "192.0.2.1"}, "192.0.2.1:{port} cannot be used: "),
        ({"data_dir": Path("/proc/nothing")}, "/proc/nothing: No such file or directory."),
    ],
)
def test_what_the_system_refuses_is_one_clear_sentence(settings, values, sentence):
    out, _ = (process := start(settings.changed(**values))).communicate(timeout=30)
    assert process.returncode in (1, 3)
    assert out.startswith(sentence.format(port=settings.port))
    assert len(out.strip().splitlines()) == 1
