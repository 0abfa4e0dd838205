"""Folders kept in step with a real cloud."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from pileus.core.errors import PileusError
from pileus.sdk.client import Client
from pileus.sdk.sync import folder
from pileus.sdk.sync.pair import Pair, status_of

from .conftest import Box

Boxes = Callable[[str], Box]
LARGE = os.urandom(3 << 20)


def files(client: Client) -> dict[str, dict[str, Any]]:
    """By name; the account has each name once."""
    return {one["name"]: {"id": name, **one} for name, one in client.records("files.file").items()}


def test_two_devices_and_the_cloud(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    one.write("deep/西湖.txt", "still")
    one.write("large.bin", LARGE)
    one.write("empty", "")
    (one.path / "nothing in it").mkdir()
    os.utime(one.path / "large.bin", ns=(1_600_000_000_123_000_000, 1_600_000_000_123_000_000))
    assert one.sync().troubles == []
    assert other.sync().troubles == []
    assert other.tree() == one.tree()
    assert (other.path / "large.bin").stat().st_mtime_ns == 1_600_000_000_123_000_000
    other.write("deep/西湖.txt", "rough")
    other.write("large.bin", LARGE[::-1])
    (other.path / "empty").unlink()
    (other.path / "deep").rename(other.path / "moved")
    other.write("new/file", "new")
    assert other.sync().troubles == []
    assert one.sync().troubles == []
    assert one.tree() == other.tree()
    assert one.tree()["moved/西湖.txt"] == b"rough"
    assert (one.sync().steps, other.sync().steps) == (0, 0)
    versions = one.client.get(f"/files/{files(one.client)['large.bin']['id']}/versions")["versions"]
    assert [version["size"] for version in versions] == [len(LARGE)]


def test_moves_are_moves(box: Box) -> None:
    """The record stays, and nothing is sent again."""
    box.write("a/large.bin", LARGE)
    box.write("a/small", "small")
    box.sync()
    before = files(box.client)
    (box.path / "a").rename(box.path / "b")
    (box.path / "b/large.bin").rename(box.path / "renamed.bin")
    told = box.sync()
    after = files(box.client)
    assert told.done == {"placed": 2}
    assert after["renamed.bin"]["id"] == before["large.bin"]["id"]
    assert after["b"]["id"] == before["a"]["id"]
    copied = box.write("copy then delete", LARGE)
    (box.path / "renamed.bin").unlink()
    assert box.sync().done == {"placed": 1}
    assert files(box.client)[copied.name]["id"] == before["large.bin"]["id"]


def test_names_are_exchanged(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    for name in ("a", "b", "c"):
        one.write(name, name)
    (one.path / "x").mkdir()
    one.write("y/z", "in y")
    one.sync()
    other.sync()
    client = other.client
    ids = {name: fields["id"] for name, fields in files(client).items()}
    for name, wish in (("a", "b"), ("b", "c"), ("c", "a"), ("x", "y"), ("y", "x")):
        rename(client, ids[name], name=wish)
    one.sync()
    assert one.tree() == {"a": b"c", "b": b"a", "c": b"b", "y": None, "x": None, "x/z": b"in y"}
    assert {name for kind, name in one.heard.done if kind != "moved"} == set()


def rename(client: Client, record: str, **fields: str) -> None:
    mutation = {"id": os.urandom(16).hex(), "base": client.get("/journal/changes", {"since": 0})["next"]}
    mutation |= {"collection": "files.file", "record": record, "op": "put", "fields": fields}
    (outcome,) = client.post("/journal/mutations", {"mutations": [mutation]})["outcomes"]
    assert outcome["status"] == "applied", outcome


def test_both_wrote(boxes: Boxes) -> None:
    """The cloud's content keeps the name, the other one becomes a copy with the device's name."""
    one, other = boxes("first"), boxes("second")
    one.write("plan.txt", "plan")
    one.sync()
    other.sync()
    one.write("plan.txt", "one's plan")
    other.write("plan.txt", "the other's plan")
    one.sync()
    other.sync()
    one.sync()
    assert one.tree() == other.tree() == {"plan.txt": b"one's plan", "plan (second).txt": b"the other's plan"}


def test_a_change_outlives_a_deletion(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    for name in ("deleted here/a", "deleted there/b"):
        one.write(name, "old")
    one.sync()
    other.sync()
    for path in ("deleted here/a", "deleted there/b"):
        changing, deleting = (other, one) if "here" in path else (one, other)
        changing.write(path, "new")
        (deleting.path / path).unlink()
        (deleting.path / path).parent.rmdir()
    one.sync()
    other.sync()
    one.sync()
    assert one.tree() == other.tree()
    assert {one.tree()["deleted here/a"], one.tree()["deleted there/b"]} == {b"new"}


def test_a_first_sync_of_two_full_folders(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    for box in (one, other):
        box.write("same/same.txt", "same")
        box.write("same/differs.txt", box.path.name)
        box.write(f"only {box.path.name}", box.path.name)
    one.write("kind", "a file")
    (other.path / "kind").mkdir()
    one.sync()
    other.sync()
    one.sync()
    assert one.tree() == other.tree()
    assert {name for name in one.tree() if name.startswith("same")} == {
        "same",
        "same/same.txt",
        "same/differs.txt",
        "same/differs (second).txt",
    }
    assert one.tree()["kind"] == b"a file"
    assert one.tree()["kind (second)"] is None


def test_what_is_ignored(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    one.write(".pileusignore", "*.tmp\n/build/\n!keep.tmp\n")
    one.write("a.tmp", "no")
    one.write("sub/keep.tmp", "yes")
    one.write("build/out", "no")
    one.write("only ignored/b.tmp", "no")
    one.sync()
    other.sync()
    assert set(other.tree()) == {".pileusignore", "sub", "sub/keep.tmp"}
    other.write("build/mine", "stays here")
    (one.path / "sub" / "keep.tmp").unlink()
    one.write("sub/b.tmp", "left behind")
    one.sync()
    other.sync()
    one_before = one.tree()
    other.write(".pileusignore", "*.tmp\n")  # now `build` is not ignored any more
    other.sync()
    one.sync()
    assert one.tree() == {**one_before, ".pileusignore": b"*.tmp\n", "build/mine": b"stays here"}
    other.write(".pileusignore", "*.tmp\nbuild\n")
    other.sync()
    (other.path / "build" / "mine").unlink()
    other.sync()
    assert "mine" in files(other.client)
    assert files(other.client)["mine"]["blake3"]


def test_an_ignored_folder_takes_a_files_place(boxes: Boxes) -> None:
    """Of its name only folders are ignored: the file is gone, here and then everywhere."""
    one, other = boxes("first"), boxes("second")
    one.write(".pileusignore", "build/\nmade/\n")
    one.write("build", "a file")
    one.write("made", "another")
    one.sync()
    other.sync()
    for name in ("build", "made"):
        (one.path / name).unlink()
        one.write(f"{name}/out", "left alone")
    other.write("made", "changed meanwhile")
    other.sync()
    assert one.sync().troubles == []
    other.sync()
    assert other.tree() == {".pileusignore": b"build/\nmade/\n", "made": b"changed meanwhile"}
    assert one.tree() == {
        ".pileusignore": b"build/\nmade/\n",
        "build": None,
        "build/out": b"left alone",
        "made": None,
        "made/out": b"left alone",
        "made (2)": b"changed meanwhile",
    }
    assert (one.sync().steps, other.sync().steps) == (0, 0)


def test_rules_that_cannot_be_understood_end_it(box: Box) -> None:
    box.write(".pileusignore", "a\n!\n")
    with pytest.raises(PileusError, match="bad-ignore"):
        box.sync()


def test_names_that_the_other_side_cannot_hold(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    box_bytes = os.fsencode(one.path)
    with open(box_bytes + b"/not \xff text", "wb") as file:
        file.write(b"1")
    one.write("line\nbreak", "2")
    one.write("e\u0301.txt", "decomposed")
    one.write("é.txt", "composed")
    told = one.sync()
    assert {code for _, code, _ in told.troubles} == {"bad-name"}
    assert len(told.troubles) == 2
    other.sync()
    assert sorted(other.tree().values(), key=str) == [b"composed", b"decomposed"]
    assert len(one.tree()) == 4
    before = one.tree()
    assert one.sync().steps == 0
    assert one.tree() == before
    name = one.path / "moved to no text"
    name.write_text("known")
    one.sync()
    os.rename(name, box_bytes + b"/now \xff")
    one.sync()
    assert "moved to no text" in files(one.client), "what got such a name is not deleted in the cloud"


def test_names_twice_in_the_cloud(boxes: Boxes) -> None:
    one, other = boxes("first"), boxes("second")
    one.write("a", "1")
    one.write("b", "2")
    one.write(".pileus", "x") if not (one.path / ".pileus").exists() else None
    (one.path / ".pileus").unlink()
    one.sync()
    rename(one.client, files(one.client)["b"]["id"], name="a")
    other.sync()
    assert sorted(other.tree()) == ["a", "a (2)"]
    other.write("a (2)", "changed")
    other.sync()
    one.sync()
    assert sorted(one.tree().values(), key=str) == sorted(other.tree().values(), key=str)
    assert b"changed" in one.tree().values()
    assert one.sync().steps == other.sync().steps == 0


def test_what_changes_in_the_moment_of_its_move_is_kept(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same size, and with a time long ago, as a file has that is copied with its times."""
    box.write("a", "old")
    box.sync()
    one = files(box.client)["a"]["id"]
    rename(box.client, one, name="b")

    def renaming(real: Callable[..., int], *arguments: Any) -> int:
        monkeypatch.setattr(folder, "_renameat2", real)
        os.utime(box.write("a", "new"), (1, 1))
        return real(*arguments)

    monkeypatch.setattr(folder, "_renameat2", partial(renaming, folder._renameat2))
    box.sync()
    assert box.tree() == {"b": b"new"}
    assert files(box.client)["b"]["blake3"] == blake3(b"new").hexdigest()


def test_nothing_goes_into_a_folder_whose_place_is_taken(boxes: Boxes) -> None:
    """By a known one whose state cannot be told, since it has a name here that Files cannot hold."""
    one, other = boxes("first"), boxes("second")
    one.write("x/mine", "1")
    one.sync()
    (one.path / "x").rename(one.path / "bad\nname")
    rename(one.client, files(one.client)["x"]["id"], name="y")
    other.sync()
    other.write("x/theirs", "2")
    other.write("x/below/theirs", "3")
    other.sync()
    told = one.sync()
    assert [code for _, code, _ in told.troubles] == ["bad-name"]
    (one.path / "bad\nname").rename(one.path / "x")
    for box in (one, other, one):
        assert box.sync().troubles == []
    assert one.tree() == other.tree()
    assert other.tree()["x/below/theirs"] == b"3"
    assert other.tree()["y/mine"] == b"1"


def test_links_and_pipes_are_left_alone(box: Box, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    box.write("folder/file", "file")
    box.sync()
    (box.path / "link").symlink_to(outside)
    os.mkfifo(box.path / "pipe")
    told = box.sync()
    assert (told.steps, told.notes, told.troubles) == (0, 2, [])
    (box.path / "folder" / "file").unlink()
    (box.path / "folder").rmdir()
    (box.path / "folder").symlink_to(outside)
    assert box.sync().steps == 0, "what became a link is not deleted in the cloud"
    record = files(box.client)["file"]
    source = box.write("new content", "new")
    box.client.upload(source, name="file", replaces=record["id"])
    box.sync()
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (box.path / "link").is_symlink()


def test_what_may_not_be_read_is_told(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses as it would whoever is not root, who runs the tests."""
    box.write("closed/file", "1")
    box.write("file", "2")
    box.sync()
    box.write("file", "3")
    (box.path / "closed/file").unlink()
    plain = os.open

    def refusing(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if path in ("closed", "file"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return plain(path, flags, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refusing)
        told = box.sync()
    assert {(path, code) for path, code, _ in told.troubles} == {("closed", "unreadable"), ("file", "unreadable")}
    assert told.steps == 0
    assert box.sync().done == {"sent": 1, "deleted": 1}


def test_a_folder_of_files(boxes: Boxes) -> None:
    one, part = boxes("first"), boxes("second")
    one.write("Photos/2024/a.jpg", "a")
    one.write("other", "other")
    one.sync()
    part.sync("Photos/2024")
    assert part.tree() == {"a.jpg": b"a"}
    part.write("sub/b.jpg", "b")
    part.sync()
    one.sync()
    assert one.tree()["Photos/2024/sub/b.jpg"] == b"b"
    with pytest.raises(PileusError, match="sync-other-folder"):
        part.sync("Photos")
    one.client.delete(f"/files/{files(one.client)['Photos']['id']}")
    with pytest.raises(PileusError, match="sync-folder-gone"):
        part.sync()
    assert part.tree() == {"a.jpg": b"a", "sub": None, "sub/b.jpg": b"b"}


def test_another_account_is_refused(box: Box, shared_server: Any) -> None:
    box.write("a", "a")
    box.sync()
    token = shared_server.account("somebody else")["token"]
    with Client(shared_server.url, token) as other, pytest.raises(PileusError, match="sync-other-account"):
        Pair(box.path, other)
    assert box.sync().steps == 0


def test_one_process_at_a_time(box: Box) -> None:
    pair = Pair(box.path, box.client)
    box.write("a", "a")
    try:
        with pytest.raises(PileusError, match="sync-running"):
            box.sync()
        found = status_of(box.path)
        assert (found.running, found.waiting) == (True, {"send": 1})
    finally:
        pair.close()


def test_a_folder_that_is_gone_is_not_an_empty_one(box: Box, tmp_path: Path) -> None:
    box.write("a", "a")
    pair = Pair(box.path, box.client)
    try:
        pair.once()
        box.path.rename(tmp_path / "elsewhere")
        box.path.mkdir()
        with pytest.raises(PileusError, match="sync-gone"):
            pair.once()
    finally:
        pair.close()
    assert "a" in files(box.client)


def test_a_lost_ledger_loses_nothing(box: Box) -> None:
    box.write("a", "a")
    box.write("b", "b")
    box.sync()
    for path in (box.path / ".pileus").glob("sync.db*"):
        path.unlink()
    box.write("b", "changed")
    told = box.sync()
    assert box.tree() == {"a": b"a", "b": b"b", "b (first)": b"changed"}
    assert told.troubles == []


def test_a_damaged_ledger_is_said(box: Box) -> None:
    box.sync()
    (box.path / ".pileus" / "sync.db").write_bytes(b"no database" * 1000)
    with pytest.raises(PileusError, match="sync-ledger"):
        box.sync()


def test_status(box: Box) -> None:
    with pytest.raises(PileusError, match="sync-none"):
        status_of(box.path)
    box.write("a", "a")
    box.sync()
    assert status_of(box.path).waiting == {}
    box.write("a", "b")
    (box.path / "c").mkdir()
    assert status_of(box.path).waiting == {"send": 1, "make": 1}


def test_an_account_that_is_full(box: Box, shared_server: Any) -> None:
    me = box.client.get("/account")["id"]
    shared_server.cloud.db.write(lambda conn: limit(conn, me, 150_000))
    box.write("large", os.urandom(200_000))
    box.write("small", "small")
    told = box.sync()
    assert [(path, code) for path, code, _ in told.troubles] == [("large", "quota-exceeded")]
    assert set(files(box.client)) == {"small"}
    shared_server.cloud.db.write(lambda conn: limit(conn, me, 1 << 30))
    assert box.sync().done == {"sent": 1}


def limit(conn: Any, account: str, size: int) -> None:
    from sqlalchemy import text

    conn.execute(text("UPDATE account SET quota_bytes = :size WHERE id = :id"), {"size": size, "id": account})


def test_the_vault_stays_out_of_the_folder(box: Box) -> None:
    number = "00112233445566778899aabbccddeeff"
    content = b"PILEUSVT\x01" + bytes(64)
    wish = {"name": number, "size": len(content), "type": "application/vnd.pileus.sealed", "sealed": "AAAA" * 11}
    upload = box.client.post("/files/uploads", wish)["upload"]
    headers = {"Upload-Offset": "0"}
    sealed = box.client.request("PATCH", f"/files/uploads/{upload}", content=content, headers=headers)["file"]
    box.write("tea.txt", "oolong")
    box.sync()
    box.write("tea.txt", "green")
    box.sync()
    assert box.tree() == {"tea.txt": b"green"}
    assert set(box.client.records("files.file")) > {sealed}
    assert box.heard.troubles == {}
