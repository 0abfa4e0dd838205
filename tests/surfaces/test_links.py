"""Folders in memory go when their supervisor is dead, and never while it lives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pileus.core.errors import PileusError
from pileus.surfaces import links


def folder(parent: Path, name: str, owner: dict[str, object] | None) -> Path:
    made = parent / f"pileus-{os.getuid()}-{name}"
    (made / "session").mkdir(parents=True)
    (made / "session" / "frames").write_bytes(b"pixels")
    if owner is not None:
        (made / links.OWNER).write_text(json.dumps(owner))
    return made


def owner_of(root: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((root / links.OWNER).read_text())
    return found


def test_what_a_dead_supervisor_left_is_removed_by_any_other(tmp_path: Path) -> None:
    left = tmp_path / f"pileus-{os.getuid()}-left"
    code = (
        "import sys; from pathlib import Path; from pileus.surfaces import links; links.claim(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(left)], check=True)
    assert owner_of(left)["pid"] != os.getpid()
    mine = tmp_path / f"pileus-{os.getuid()}-mine"
    links.claim(mine)
    assert not left.exists()
    assert owner_of(mine)["pid"] == os.getpid()


def test_a_living_supervisors_folder_stays(tmp_path: Path) -> None:
    other = tmp_path / f"pileus-{os.getuid()}-other"
    links.claim(other)
    links.claim(tmp_path / f"pileus-{os.getuid()}-mine")
    assert other.exists()


def test_a_pid_that_was_given_out_again_is_no_owner(tmp_path: Path) -> None:
    links.claim(tmp_path / f"pileus-{os.getuid()}-mine")
    mine = owner_of(tmp_path / f"pileus-{os.getuid()}-mine")
    reused = folder(tmp_path, "reused", mine | {"start": 1})
    assert links.sweep(tmp_path) == [reused]


def test_what_cannot_be_judged_stays(tmp_path: Path) -> None:
    links.claim(tmp_path / f"pileus-{os.getuid()}-mine")
    mine = owner_of(tmp_path / f"pileus-{os.getuid()}-mine")
    elsewhere = folder(tmp_path, "elsewhere", mine | {"space": 1, "start": 1})
    nameless = folder(tmp_path, "nameless", None)
    old = folder(tmp_path, "old", None)
    os.utime(old, (1, 1))
    assert links.sweep(tmp_path) == [old]
    assert elsewhere.exists()
    assert nameless.exists()


def test_a_link_in_the_folders_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.mkdir()
    (target / links.OWNER).write_text('{"pid": 1, "start": 1, "space": 1}')
    (tmp_path / f"pileus-{os.getuid()}-link").symlink_to(target)
    assert links.sweep(tmp_path) == []
    assert target.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="needs another user's folder, so root")
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    foreign = folder(tmp_path, "foreign", None)
    os.chown(foreign, 12345, 12345)
    with pytest.raises(PileusError):
        links.claim(foreign)
    assert links.sweep(tmp_path) == []
