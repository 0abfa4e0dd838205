"""Backups, restores and folders in step on a disk that is full, or can only be read, for a while: told as that,
and when the disk is well again so is the service, by itself, with nothing lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from pileus.cloud.kernel.jobs import runner
from pileus.core.settings import Settings
from pileus.sdk.config import Config, write_config
from tests.conftest import RunningServer, free_port, running
from tests.forgetful import OPENED, SHUT, TOLD, forgetful
from tests.small_disk import small_disk

from .processes import wait
from .services.backups.phone.phones import back_up, bring_back, ended, put, record

NOISE = random.Random(3).randbytes(3 << 20)
FULL, SHUT_OFF = "storage-full", "storage-read-only"


@dataclass
class Bad:
    """A folder on a disk that `spoil` makes bad and `mend` well; `code`: how that is told."""

    folder: Path
    code: str
    said: tuple[str, str]
    """By a restore and by a sync, of a computer's own."""
    spoil: Callable[[], object]
    mend: Callable[[], object]


@contextmanager
def full(place: Path) -> Iterator[Bad]:
    with small_disk(place) as disk:
        yield Bad(
            disk.folder, FULL, ("No space left on device", "make room"), lambda: disk.fill(100_000), disk.empty
        )


@contextmanager
def shut(place: Path) -> Iterator[Bad]:
    said = ("its disk is read-only", "its disk is read-only")
    with forgetful(place, 3) as disk, (disk.folder / TOLD).open("wb", buffering=0) as control:
        yield Bad(
            disk.folder,
            SHUT_OFF,
            said,
            lambda: control.write(SHUT.encode()),
            lambda: control.write(OPENED.encode()),
        )


KINDS = [
    pytest.param(full, marks=pytest.mark.tmpfs, id="full"),
    pytest.param(shut, marks=pytest.mark.fuse, id="shut"),
]


@pytest.fixture(params=KINDS)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bad]:
    with request.param(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "large").write_bytes(NOISE)
    (folder / "西湖").write_text("still")
    return folder


class Computer:
    """Signed in to an account."""

    def __init__(self, server: RunningServer, token: str, folder: Path) -> None:
        config = write_config(Config(server.url, token), folder / "client.json")
        self._env = {**os.environ, "PILEUS_CLIENT_CONFIG": str(config), "LC_ALL": "C.UTF-8", "COLUMNS": "200"}

    def run(self, *words: object, status: int = 0) -> str:
        command = [sys.executable, "-m", "pileus.cli.main", *map(str, words)]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, timeout=120, check=False)
        said = done.stdout + done.stderr
        assert "Traceback" not in said
        assert done.returncode == status, said
        return said

    @contextmanager
    def running(self, log: IO[str], *words: object) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "pileus.cli.main", *map(str, words)]
        process = subprocess.Popen(command, env=self._env, stdout=log, stderr=log, text=True)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def same(one: Path, other: Path) -> None:
    assert files(one) == files(other)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def asked(answer: httpx.Response, code: str) -> str | None:
    """The job that was begun; None where it was refused, because of the disk."""
    if answer.status_code == 202:
        return str(answer.json()["job"])
    assert (answer.status_code, answer.json()["code"]) == (507, code)
    return None


def test_a_clouds_bad_disk_loses_no_backup(
    bad: Bad, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a computer's folder, of the phone, and what comes back from it."""
    monkeypatch.setattr(runner, "DISK_SECONDS", 0.05)
    settings = Settings(bad.folder / "data", bad.folder / "run", bad.folder / "cache", port=free_port())
    with running(settings) as server:
        token = server.account("anna")["token"]
        computer = Computer(server, token, tmp_path)
        with server.client(token) as phone:
            put(phone, "notes.note", "tea", {"title": "Tea with Li"})
            first = back_up(phone)
            put(phone, "notes.note", "tea", {}, op="delete")
            bad.spoil()
            assert "The cloud's disk" in computer.run("backup", source, status=1)
            begun = asked(phone.post("/backups/phone"), bad.code)
            restoring = asked(phone.post(f"/backups/phone/{first}/restore", json={"all": True}), bad.code)
            assert phone.get(f"/backups/phone/{first}").status_code == 200, "reads go on"
            bad.mend()
            for job in filter(None, (begun, restoring)):  # which end by themselves, whatever they came to
                told = ended(phone, job)
                assert told["state"] == "done" or told["code"] == bad.code
                if job == begun and told["state"] == "failed":
                    assert (record(phone, "backups.phone", "state") or {})["failed_code"] == bad.code
            computer.run("backup", source)
            computer.run("restore", f"latest:{source}", "--target", tmp_path / "back")
            same(source, tmp_path / "back")
            assert "all whole" in computer.run("check", "--read-data")
            bring_back(phone, first, {"all": True})
            assert record(phone, "notes.note", "tea") == {"title": "Tea with Li"}
            second = back_up(phone)
            state = record(phone, "backups.phone", "state") or {}
            assert (state["snapshot"], state.get("failed_code")) == (second, None)


def test_a_computers_bad_disk_loses_nothing(bad: Bad, source: Path, tmp_path: Path, shared_server: Any) -> None:
    """A restore, and a folder that is kept in step."""
    token = shared_server.account(f"computer{bad.code[-4:]}")["token"]
    computer = Computer(shared_server, token, tmp_path)
    computer.run("backup", source)
    box, other = bad.folder / "box", tmp_path / "other"
    for one in (box, other):
        one.mkdir()
        computer.run("sync", one, "--once")
    (other / "large").write_bytes(NOISE)
    (box / "mine").write_text("of before")
    computer.run("sync", other, "--once")
    bad.spoil()
    assert bad.said[0] in computer.run("restore", f"latest:{source}", "--target", bad.folder / "back", status=1)
    said = computer.run("sync", box, "--once", status=1)
    assert str(box) in said
    assert bad.said[1] in said
    assert (box / "mine").read_text() == "of before"
    bad.mend()
    computer.run("restore", f"latest:{source}", "--target", bad.folder / "back")
    same(source, bad.folder / "back")
    computer.run("sync", box, "--once")
    computer.run("sync", other, "--once")
    same(box, other)
    assert files(box) == {"large": NOISE, "mine": b"of before"}


def test_a_sync_that_runs_goes_on_by_itself(bad: Bad, tmp_path: Path, shared_server: Any) -> None:
    """It tells why it cannot, and stays."""
    token = shared_server.account(f"running{bad.code[-4:]}")["token"]
    computer = Computer(shared_server, token, tmp_path)
    box, other, said = bad.folder / "box", tmp_path / "other", tmp_path / "said"
    for one in (box, other):
        one.mkdir()
    (other / "first").write_text("of before")
    computer.run("sync", other, "--once")
    with said.open("w") as log, computer.running(log, "sync", box) as process:
        wait(lambda: "Waiting for changes" in said.read_text())
        assert files(box) == {"first": b"of before"}
        bad.spoil()
        (other / "large").write_bytes(NOISE)
        computer.run("sync", other, "--once")
        wait(lambda: bad.said[1] in said.read_text() or process.poll() is not None)
        assert process.poll() is None, said.read_text()
        bad.mend()
        (other / "word").write_text("wakes it")
        computer.run("sync", other, "--once")
        wait(lambda: files(box) == files(other) or process.poll() is not None)
        assert process.poll() is None, said.read_text()
        assert "Traceback" not in said.read_text()
