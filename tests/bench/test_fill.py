"""`make fill`, small: through a running cloud, and as chunk entries that a check tells from data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import running, temporary_settings

ROOT = Path(__file__).resolve().parents[2]
REAL, SYNTHETIC = 6_000_000, 60_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fill")
    done = fill(made)
    assert done.returncode == 0, done.stderr
    assert "0.006 GB of unique data" in done.stdout
    assert "0.06 GB of chunk entries without bytes" in done.stdout
    return made


def fill(folder: Path) -> subprocess.CompletedProcess[str]:
    sizes = ["--gb", str(REAL / 1e9), "--synthetic-gb", str(SYNTHETIC / 1e9)]
    command = [sys.executable, "bench/fill.py", "--folder", str(folder), *sizes]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pileus.cli.main", "objects", "check", "--data", str(folder / "data")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_real_data_is_unique_whole_and_its_account_s(folder, tmp_path):
    packs = sum(path.stat().st_size for path in (folder / "real/data/objects/packs").rglob("*") if path.is_file())
    assert packs > REAL
    told = check(folder / "real")
    assert (told.returncode, "0 problems" in told.stdout) == (0, True), told.stdout
    said = json.loads((folder / "real/fill.json").read_text())
    with temporary_settings(tmp_path) as settings, running(settings.changed(data_dir=folder / "real/data")) as one:
        token = one.sign_in(said["name"], password=said["password"])["token"]
        with one.client(token) as client:
            assert client.get("/files/usage").json()["used"] > REAL
            assert len(files(client)) == said["files"] + 1, "its folder besides"
            found = client.get("/files/search", params={"q": "trip00000 西湖"}).json()["files"]
            clip = next(one for one in found if one["type"] != "text/plain")
            assert len(client.get(f"/files/{clip['file']}/content").content) == clip["size"]


def test_a_check_names_each_synthetic_pack(folder, tmp_path):
    said = json.loads((folder / "synthetic/fill.json").read_text())
    told = check(folder / "synthetic")
    missing = [line for line in told.stdout.splitlines() if line.startswith(f"Pack {b'synthetic'.hex()}")]
    assert told.returncode == 1
    assert len(missing) == said["synthetic_packs"] > 0
    assert f"{len(missing)} problems" in told.stdout
    with temporary_settings(tmp_path) as settings:
        chosen = settings.changed(data_dir=folder / "synthetic/data")
        with running(chosen) as one:
            token = one.sign_in(said["name"], password=said["password"])["token"]
            with one.client(token) as client:
                assert client.get("/files/usage").json()["used"] >= SYNTHETIC
                assert len(files(client)) == said["files"] + 1


def test_what_is_filled_is_not_filled_over(folder):
    done = fill(folder)
    assert done.returncode == 1
    assert "holds something" in done.stderr
    assert "Traceback" not in done.stderr


def files(client: httpx.Client) -> list[str]:
    answer = client.get("/journal/snapshot", params={"collection": "files.file"}).json()
    assert answer["next"] is None
    return [one["id"] for one in answer["records"]]
