"""The commands of backups: what they say, their statuses, JSON as restic's users read it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pileus.cli import mount
from pileus.core.errors import Unavailable
from pileus.sdk.config import Config, write_config
from tests.cloud.services.backups.phone.phones import back_up
from tests.conftest import PASSWORD

Pileus = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("hello")
    (folder / "sub" / "b.bin").write_bytes(os.urandom(600_000))
    return folder


@pytest.fixture
def pileus(server: Any, tmp_path: Path) -> Pileus:
    token = server.account("anna")["token"]
    config = write_config(Config(server.url, token), tmp_path / "client.json")
    env = {**os.environ, "PILEUS_CLIENT_CONFIG": str(config), "LC_ALL": "C.UTF-8", "COLUMNS": "200"}

    def run(*arguments: object, status: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pileus.cli.main", *map(str, arguments)]
        done = subprocess.run(command, env=env | more, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    run.env = env  # type: ignore[attr-defined]
    run.token = token  # type: ignore[attr-defined]
    return run


def lines(done: subprocess.CompletedProcess[str]) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_life(pileus: Pileus, source: Path, tmp_path: Path) -> None:
    assert "no snapshots" in pileus("snapshots").stdout
    assert "2 new" in pileus("backup", source, "--tag", "one,two").stdout
    (source / "a.txt").write_text("other")
    summary = lines(pileus("backup", source, "--json", "--host", "elsewhere"))[-1]
    assert (summary["message_type"], summary["files_new"], summary["data_added"] > 0) == ("summary", 2, True)
    listed = lines(pileus("snapshots", "--json"))[0]
    assert [(one["tags"], one["hostname"] == "elsewhere") for one in listed] == [
        (["one", "two"], False),
        ([], True),
    ]
    assert listed[1]["id"] == summary["snapshot_id"]
    assert listed[0]["short_id"] in pileus("snapshots", "--tag", "two").stdout
    pileus("restore", listed[0]["short_id"], "--target", tmp_path / "x", "--verify")
    assert Path(f"{tmp_path}/x{source}/a.txt").read_text() == "hello"
    pileus("restore", f"latest:{source}", "-t", tmp_path / "y", "--include", "a.txt", "--host", "elsewhere")
    assert [(path.name, path.read_text()) for path in (tmp_path / "y").iterdir()] == [("a.txt", "other")]
    assert "whole" in pileus("check").stdout
    assert "whole" in pileus("check", "--read-data").stdout


def test_the_phone_s_own_backup_is_not_the_latest(
    pileus: Pileus, source: Path, server: Any, tmp_path: Path
) -> None:
    with server.client(pileus.token) as phone:  # type: ignore[attr-defined]
        first = back_up(phone)
        alone = pileus("restore", "latest", "-t", tmp_path / "phone")
        assert f"only backups of the phone itself here: `latest` is the newest of them, {first[:8]}" in (
            alone.stderr
        )
        assert (tmp_path / "phone" / "about.json").is_file()
        pileus("backup", source, "-q")
        own = back_up(phone)
    done = pileus("restore", f"latest:{source}", "-t", tmp_path / "folder")
    assert (done.stderr, (tmp_path / "folder" / "a.txt").read_text()) == ("", "hello")
    for asked in (("--host", "phone"), ("--tag", "phone")):
        done = pileus("restore", "latest", "-t", tmp_path / "phone", *asked)
        assert (own[:8] in done.stdout, done.stderr) == (True, "")
    (tmp_path / "password").write_text(PASSWORD)
    pileus("forget", "latest", "--password-file", tmp_path / "password")
    left = lines(pileus("snapshots", "--json"))[0]
    assert {one["id"] for one in left} == {first, own}, "the folder's is gone"


def test_statuses(pileus: Pileus, source: Path, tmp_path: Path) -> None:
    incomplete = pileus("backup", source, tmp_path / "missing", status=3)
    assert "missing" in incomplete.stderr
    assert "saved" in incomplete.stdout
    told = lines(pileus("backup", source, tmp_path / "missing", "--json", status=3))
    assert [one["item"] for one in told if one["message_type"] == "error"] == [str(tmp_path / "missing")]
    assert "no such" in pileus("backup", tmp_path / "missing", status=1).stderr
    assert "no snapshot" in pileus("restore", "abcdef", "-t", tmp_path / "z", status=1).stderr
    assert "There is no" in pileus("restore", "latest:/nowhere", "-t", tmp_path / "z", status=1).stderr
    hint = pileus("restore", "latest:source", "-t", tmp_path / "z", status=1).stderr
    assert f"as in latest:{source}" in hint, "the full path is needed"
    assert not (tmp_path / "z").exists(), "nothing is left of what was refused"
    assert "size" in pileus("backup", source, "--exclude-larger-than", "big", status=1).stderr
    assert "time" in pileus("backup", source, "--time", "soon", status=1).stderr
    assert "请先登录" in pileus("snapshots", status=1, PILEUS_CLIENT_CONFIG="/none", LC_ALL="zh_CN.UTF-8").stderr


def test_a_full_account(pileus: Pileus, source: Path, server: Any) -> None:
    query = text("UPDATE account SET quota_bytes = 100000")
    server.cloud.db.write(lambda conn: conn.execute(query))
    (source / "large.bin").write_bytes(os.urandom(30 << 20))
    done = pileus("backup", source, status=1)
    assert "do not fit" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "no snapshots" in pileus("snapshots").stdout


def test_excludes(pileus: Pileus, source: Path, tmp_path: Path) -> None:
    (tmp_path / "patterns").write_text("# nothing binary\n*.bin\n")
    done = pileus("backup", source, "--exclude-file", tmp_path / "patterns", "--dry-run")
    assert "1 new" in done.stdout
    assert "Would be added" in done.stdout
    assert "no snapshots" in pileus("snapshots").stdout


def test_a_mistyped_folder_begins_no_other_row_of_snapshots(pileus: Pileus, source: Path, tmp_path: Path) -> None:
    pileus("backup", source)
    done = pileus("backup", source, tmp_path / "mistypd", status=3)
    assert f"{tmp_path / 'mistypd'}: not backed up: No such file or directory" in done.stderr
    assert "Files:   0 new" in done.stdout, "the one before is its parent"
    assert [one["paths"] for one in lines(pileus("snapshots", "--json"))[0]] == [[str(source)]] * 2


def test_forget(pileus: Pileus, source: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "wrong").write_text("a guess of somebody")
    proof = ("--password-file", tmp_path / "password")
    for day in (1, 2, 3, 4):
        pileus("backup", source, "--time", f"2026-01-0{day} 12:00:00", "-q")
    assert "--keep-last" in pileus("forget", status=1).stderr
    assert "1 snapshot would be forgotten" in pileus("forget", "--keep-daily", 3, "--dry-run").stdout
    told = lines(pileus("forget", "--keep-within", "1d1h", "--json", *proof))[0][0]
    assert (len(told["keep"]), len(told["remove"])) == (2, 2)
    left = lines(pileus("snapshots", "--json"))[0]
    assert [one["time"][:10] for one in left] == ["2026-01-03", "2026-01-04"]
    assert "would forget all" in pileus("forget", "--keep-tag", "none", status=1).stderr
    refused = pileus("forget", left[0]["short_id"], "--password-file", tmp_path / "wrong", status=1)
    assert "password" in refused.stderr
    pileus("forget", left[0]["short_id"], *proof)
    pileus("forget", left[1]["short_id"], *proof)
    assert "no snapshots" in pileus("snapshots").stdout


def test_a_policy_for_folders_leaves_the_phone_s_own_backups(
    pileus: Pileus, source: Path, tmp_path: Path, server: Any
) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    proof = ("--password-file", tmp_path / "password")
    with server.client(pileus.token) as phone:  # type: ignore[attr-defined]
        own = [back_up(phone), back_up(phone)]
    for day in (1, 2):
        pileus("backup", source, "--time", f"2026-01-0{day} 12:00:00", "-q")

    def left() -> list[str]:
        return [one["id"] for one in lines(pileus("snapshots", "--json"))[0] if one["hostname"] == "phone"]

    for grouping in ("host,paths", "", "tags"):
        done = pileus("forget", "--keep-last", 1, "-g", grouping, *proof)
        assert "2 backups of the phone itself stay as they are: --host phone" in done.stderr
        assert left() == own
    assert len(lines(pileus("snapshots", "--json"))[0]) == 3
    assert "--host phone" not in pileus("forget", "--keep-last", 1, "--tag", "phone", "-n").stderr
    pileus("forget", "--keep-last", 1, "--host", "phone", *proof)
    assert left() == own[1:]


def test_a_check_finds_what_is_damaged_and_a_backup_mends_it(
    pileus: Pileus, source: Path, server: Any, tmp_path: Path
) -> None:
    pileus("backup", source)
    packs = [path for path in (server.cloud.settings.data_dir / "objects" / "packs").rglob("*") if path.is_file()]
    largest = max(packs, key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[300_000] ^= 1
    largest.write_bytes(data)
    assert "whole" in pileus("check").stdout
    assert "1 problem" in pileus("check", "--read-data", status=1).stderr
    assert "b.bin" in pileus("check", status=1).stderr
    assert "b.bin" in pileus("restore", "latest", "-t", tmp_path / "x", status=1).stderr
    (source / "a.txt").write_text("changed")
    done = pileus("backup", source)
    assert "everything is read" in done.stderr
    assert "whole" in pileus("check").stdout
    pileus("restore", f"latest:{source}", "-t", tmp_path / "y", "--verify")
    assert (tmp_path / "y" / "sub" / "b.bin").read_bytes() == (source / "sub" / "b.bin").read_bytes()


@pytest.mark.fuse
def test_a_mount(pileus: Pileus, source: Path, tmp_path: Path) -> None:
    pileus("backup", source)
    folder = tmp_path / "mnt"
    folder.mkdir()
    command = [sys.executable, "-m", "pileus.cli.main", "mount", str(folder)]
    process = subprocess.Popen(command, env=pileus.env, stdout=subprocess.PIPE, text=True)  # type: ignore[attr-defined]
    try:
        assert process.stdout is not None
        assert str(folder) in process.stdout.readline()
        end = time.monotonic() + 20
        while not os.path.ismount(folder):
            assert process.poll() is None
            assert time.monotonic() < end
        inside = Path(f"{folder}/snapshots/latest{source}")
        assert (inside / "a.txt").read_text() == "hello"
        assert (inside / "sub" / "b.bin").read_bytes() == (source / "sub" / "b.bin").read_bytes()
        with pytest.raises(OSError, match="Read-only"):
            (inside / "a.txt").write_text("x")
    finally:
        subprocess.run(["umount", str(folder)], check=False)
        process.terminate()
        process.wait(20)


def test_without_fuse_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mount, "DEVICE", tmp_path / "none")
    with pytest.raises(Unavailable, match="/dev/fuse"):
        mount._fuse()


def test_a_bar_is_drawn_on_a_terminal(pileus: Pileus, source: Path) -> None:
    for number in range(40):
        (source / f"noise {number}").write_bytes(os.urandom(1 << 20))
    main, other = pty.openpty()
    termios.tcsetwinsize(other, (24, 120))
    command = [sys.executable, "-m", "pileus.cli.main", "backup", str(source)]
    env = pileus.env | {"TERM": "xterm-256color", "COLUMNS": "120"}  # type: ignore[attr-defined]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=other) as process:
        os.close(other)
        drawn = b""
        while part := _read(main):
            drawn += part
    os.close(main)
    assert process.returncode == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn.decode())
    assert "━" in plain


def _read(terminal: int) -> bytes:
    """What is drawn on it next; nothing when its last program has ended."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""
