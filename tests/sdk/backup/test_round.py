"""A folder into the cloud and back: everything that a file system holds, what changed alone, what is left out."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from pileus.core.errors import PileusError
from pileus.sdk.backup.excludes import Patterns, patterns
from pileus.sdk.config import write_config

from .conftest import Account, Heard, Look

ROOT = Path(__file__).resolve().parents[3]


def below(source: Path) -> dict[str, Any]:
    return {"below": os.fsencode(source).strip(b"/")}


def test_all_of_it_comes_back(
    account: Account, source: Path, tmp_path: Path, look: Callable[[Path], Look]
) -> None:
    told = account.backup(source)
    assert told.skipped == 0
    heard = Heard()
    back = account.restore("latest", tmp_path / "back", heard, verify=True, **below(source))
    assert (heard.lost, heard.other) == ({}, {})
    assert look(tmp_path / "back") == look(source)
    assert back.verified > 40
    holes = (tmp_path / "back" / "holes").stat()
    assert holes.st_blocks * 512 < holes.st_size
    names = [tmp_path / "back" / "large.bin", tmp_path / "back" / "sub" / "深い" / "second name"]
    assert names[0].stat().st_ino == names[1].stat().st_ino


def test_in_its_old_place(account: Account, source: Path, tmp_path: Path, look: Callable[[Path], Look]) -> None:
    """Without a part named, the folders on the way come with it, as they were."""
    account.backup(source)
    account.restore("latest", tmp_path / "back")
    assert look(Path(f"{tmp_path}/back{source}")) == look(source)
    assert Path(f"{tmp_path}/back{source}").stat().st_mtime_ns == source.stat().st_mtime_ns
    assert Path(f"{tmp_path}/back{source.parent}").stat().st_mode == source.parent.stat().st_mode


def test_what_did_not_change_is_not_read(account: Account, source: Path) -> None:
    settle(source)
    first = account.backup(source)
    assert first.added > 9 << 20
    again = account.backup(source)
    assert (again.files_new, again.files_changed, again.added) == (0, 0, 0)
    assert again.files_unmodified == first.files_new
    trees = {one.tree for one in account.snapshots()}
    assert len(trees) == 1


def test_what_changed_alone_is_brought(account: Account, source: Path, tmp_path: Path, look: Any) -> None:
    settle(source)
    account.backup(source)
    before = account.used()
    data = bytearray((source / "large.bin").read_bytes())
    data[1000:1000] = b"an insertion"
    (source / "large.bin").write_bytes(data)
    (source / "sub" / "深い" / "07.txt").write_text("other words")
    (source / "sub" / "深い" / "08.txt").unlink()
    told = account.backup(source)
    assert told.files_changed == 3  # large.bin has two names
    assert told.added < 6 << 20
    assert account.used() - before < 6 << 20
    account.restore("latest", tmp_path / "back", **below(source))
    assert look(tmp_path / "back") == look(source)


def test_a_moved_file_is_not_brought_again(account: Account, source: Path) -> None:
    settle(source)
    account.backup(source)
    (source / "sub").rename(source / "moved")
    (source / "large.bin").rename(source / "renamed.bin")
    told = account.backup(source)
    assert told.files_new > 40
    assert told.added < 200_000  # the tree


def test_a_file_of_the_same_size_and_time(account: Account, source: Path, tmp_path: Path) -> None:
    """Its change time tells it; with --ignore-ctime and --ignore-inode nothing does."""
    file = source / "sub" / "深い" / "01.txt"
    settle(source)
    account.backup(source)
    time, size = file.stat().st_mtime_ns, file.stat().st_size
    file.write_bytes(b"#" * size)
    os.utime(file, ns=(time, time))
    assert account.backup(source, ignore_ctime=True, ignore_inode=True, dry_run=True).files_changed == 0
    assert account.backup(source).files_changed == 1
    account.restore("latest", tmp_path / "back", **below(source))
    assert (tmp_path / "back" / "sub" / "深い" / "01.txt").read_bytes() == b"#" * size


def test_a_file_that_is_carried_is_the_parent_s(account: Account, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "large").write_bytes(os.urandom(300_000))
    whole = (source / "large").read_bytes()
    carried = [os.fsencode(source / "large").lstrip(b"/")]
    with pytest.raises(PileusError, match="take over"):
        account.backup(source, carried=carried)
    account.backup(source)
    (source / "large").write_bytes(b"")
    (source / "small").write_text("new")
    told = account.backup(source, carried=carried)
    assert (told.files_unmodified, told.files_new) == (1, 1)
    account.restore("latest", tmp_path / "back", **below(source))
    assert (tmp_path / "back" / "large").read_bytes() == whole
    account.forget(*[one.id for one in account.snapshots()])
    with pytest.raises(PileusError, match="take over"):
        account.backup(source, carried=carried)
    assert account.snapshots() == []


def test_a_dry_run_keeps_nothing(account: Account, source: Path) -> None:
    told = account.backup(source, dry_run=True)
    assert told.added > 9 << 20
    assert (told.snapshot, account.snapshots(), account.used()) == (None, [], 0)


def test_what_is_left_out(account: Account, source: Path, tmp_path: Path) -> None:
    (source / "cache").mkdir()
    (source / "cache" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    (source / "cache" / "rubbish").write_text("x")
    (source / "marked").mkdir()
    (source / "marked" / ".nobackup").write_text("")
    (source / "marked" / "inside").write_text("")
    told = account.backup(
        source,
        excluded=Patterns(patterns(["*.txt", "!07.txt", f"{source}/closed"])),
        exclude_caches=True,
        exclude_if_present=[b".nobackup"],
        exclude_larger=1 << 20,
    )
    assert told.skipped == 0
    account.restore("latest", tmp_path / "back", **below(source))
    found = {str(path.relative_to(tmp_path / "back")) for path in (tmp_path / "back").rglob("*")}
    assert "sub/深い/07.txt" in found
    assert "sub/深い/08.txt" not in found
    assert "cache/CACHEDIR.TAG" in found
    assert found.isdisjoint({"cache/rubbish", "closed", "marked/inside", "large.bin", "holes"})
    assert "marked" in found


def test_part_of_it(account: Account, source: Path, tmp_path: Path) -> None:
    account.backup(source)
    told = account.restore("latest", tmp_path / "a", included=Patterns(patterns(["0?.txt"])), **below(source))
    assert told.files == 10
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["sub"]
    single = os.fsencode(source / "large.bin").strip(b"/")
    account.restore("latest", tmp_path / "b", below=single)
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["large.bin"]
    with pytest.raises(PileusError, match="no-path"):
        account.restore("latest", tmp_path / "c", below=b"not/there")


def test_a_restore_goes_on(account: Account, source: Path, tmp_path: Path, look: Any) -> None:
    account.backup(source)
    back = tmp_path / "back"
    account.restore("latest", back, **below(source))
    (back / "large.bin").unlink()
    (back / "sub" / "深い" / "03.txt").write_text("spoilt")
    (back / "sub" / "深い" / ".pileus-restore-part").write_text("left by a kill")
    (back / "link").unlink()
    told = account.restore("latest", back, **below(source))
    assert told.kept == told.files - len(
        ("large.bin", "03.txt", "second name", "link", "dangling", "pipe", "null")
    )
    found = look(back)
    assert found == look(source)


def test_somebody_who_is_not_root(account: Account, source: Path, tmp_path: Path) -> None:
    """What may not be read is told, and what cannot be given its owner does not run with the new one's rights."""
    (source / "set id").chmod(0o4755)
    account.backup(source)
    (source / "secret").write_text("x")
    (source / "secret").chmod(0)
    (tmp_path / "back").mkdir()
    (tmp_path / "back").chmod(0o777)
    for folder in takewhile(lambda one: one != Path(tempfile.gettempdir()), (tmp_path, *tmp_path.parents)):
        folder.chmod(folder.stat().st_mode | 0o055)
    write_config(account.link.config, tmp_path / "client.json")
    env = {**os.environ, "PILEUS_CLIENT_CONFIG": str(tmp_path / "client.json")}
    command = [sys.executable, "-m", f"{__package__}.nobody", str(source), str(tmp_path / "back")]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["skipped"][str(source / "secret")] == "Permission denied"
    if os.geteuid() == 0:
        assert "set id" in told["unowned"]
        assert stat.S_IMODE((tmp_path / "back" / "set id").stat().st_mode) == 0o755


def test_paths_that_are_not_there_are_told(account: Account, source: Path, tmp_path: Path) -> None:
    heard = Heard()
    told = account.backup(source / "sub", tmp_path / "missing", heard=heard)
    assert told.skipped == 1
    assert list(heard.lost) == [os.fsencode(tmp_path / "missing")]
    assert account.snapshots()[0].skipped == 1


def test_several_paths_one_in_another(account: Account, source: Path, tmp_path: Path, look: Any) -> None:
    (source / "large.bin").unlink()  # another name of what is in sub
    account.backup(source / "sub" / "深い", source / "sub", source / "empty")
    account.restore("latest", tmp_path / "back", **below(source))
    assert look(tmp_path / "back" / "sub") == look(source / "sub")
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == ["empty", "sub"]


def test_another_snapshot_stays_when_one_is_forgotten(
    account: Account, source: Path, tmp_path: Path, look: Any
) -> None:
    settle(source)
    first = account.backup(source).snapshot
    same = account.backup(source).snapshot
    assert first is not None
    assert same is not None
    (source / "new.bin").write_bytes(os.urandom(3 << 20))
    account.backup(source)
    full = account.used()
    account.forget(first)
    assert account.used() == full
    account.forget(same)
    assert full - account.used() < 1 << 20
    account.restore("latest", tmp_path / "back", **below(source))
    assert look(tmp_path / "back") == look(source)
    account.forget(*(one.id for one in account.snapshots()))
    assert account.used() < 10_000  # the journal's own


def settle(folder: Path) -> None:
    """As if the files had changed a while ago: what changed in the last moments is read again."""
    from pileus.sdk.backup import source

    mark = folder.parent / "mark"
    while True:
        mark.write_text("")
        newest = max(os.lstat(path).st_ctime_ns for path in folder.rglob("*"))
        if mark.stat().st_ctime_ns - newest > source.RECENT_NS:
            return


def test_modes_of_the_folders_on_the_way(account: Account, source: Path, tmp_path: Path) -> None:
    account.backup(source / "closed")
    account.restore("latest", tmp_path / "back", **below(source))
    assert stat.S_IMODE((tmp_path / "back" / "closed").stat().st_mode) == 0o1511
