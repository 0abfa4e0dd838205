"""A cloud that lies, and a target full of traps: a restore never writes outside, and says what it could not do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pileus.core.errors import PileusError
from pileus.sdk.backup import load, tree
from pileus.sdk.backup.chunks import Naming
from pileus.sdk.backup.tree import FILE, FOLDER, LINK, Node, Piece, Tree, encode_folder
from pileus.sdk.backup.wire import Chunk

from .conftest import Account, Heard, Look

KEY = bytes(range(32))
DATA = b"content of a file\n"


class Lying:
    """A link whose cloud answers with whatever it was given."""

    def __init__(self, answers: dict[bytes, bytes] | None = None) -> None:
        self._answers = answers or {}

    def copy(self) -> Lying:
        return self

    def close(self) -> None:
        return

    def chunks(self, names: list[bytes]) -> Any:
        for name in names:
            data = self._answers.get(name)
            yield None if data is None else Chunk(name, len(data), False, memoryview(data))


def node(name: bytes, kind: int = FILE, *, pieces: list[Piece] | None = None, target: bytes = b"") -> Node:
    size = sum(piece.size for piece in pieces or [])
    owner = (os.geteuid(), os.getegid(), "", "")
    return Node(name, kind, 0o755, *owner, 10**18, 0, 1, 0, 1, size, pieces or [], b"", target, 0, [])


def piece(data: bytes = DATA, size: int | None = None) -> Piece:
    return Piece(Naming(KEY).name(data), 0, len(data) if size is None else size, len(data))


def bring_back(folders: dict[bytes, list[Node]], target: Path, link: Any, heard: Heard) -> load.Restored:
    whole = Tree(b"".join(encode_folder(path, nodes) for path, nodes in folders.items()))
    return load.restore(link, Naming(KEY), whole, load.Wishes(target=os.fsencode(target)), heard)


@pytest.mark.parametrize("name", [b"..", b".", b"", b"a/b", b"/etc", b"a\0b", b"x" * 256])
def test_a_name_that_is_none(name: bytes, tmp_path: Path) -> None:
    with pytest.raises(PileusError, match="backup-damaged"):
        bring_back({b"": [node(name, pieces=[piece()])]}, tmp_path / "t", Lying(), Heard())
    assert [path.name for path in tmp_path.iterdir()] in ([], ["t"])


def test_two_of_one_name(tmp_path: Path) -> None:
    """A link first, and then a folder of that name: what is in it would be written where the link leads."""
    twice = [node(b"a", LINK, target=os.fsencode(tmp_path)), node(b"a", FOLDER)]
    with pytest.raises(PileusError, match="backup-damaged"):
        bring_back({b"": twice, b"a": [node(b"evil")]}, tmp_path / "t", Lying(), Heard())


def test_what_lies_under_a_link_is_not_there(tmp_path: Path) -> None:
    folders = {b"": [node(b"a", LINK, target=os.fsencode(tmp_path))], b"a": [node(b"evil")]}
    bring_back(folders, tmp_path / "t", Lying(), Heard())
    assert (tmp_path / "t" / "a").is_symlink()
    assert not (tmp_path / "evil").exists()


def test_links_in_the_target_lead_nowhere(
    account: Account, source: Path, tmp_path: Path, look: Callable[[Path], Look]
) -> None:
    account.backup(source)
    outside, back = tmp_path / "outside", tmp_path / "back"
    outside.mkdir()
    (outside / "precious").write_text("mine")
    back.mkdir()
    (back / "sub").symlink_to(outside)
    (back / "large.bin").symlink_to(outside / "precious")
    (back / "empty").symlink_to(outside / "new")
    (back / "closed").write_text("a file where a folder was")
    (back / ".pileus-restore-part").symlink_to(outside / "precious")
    heard = Heard()
    account.restore("latest", back, heard, below=os.fsencode(source).strip(b"/"))
    assert heard.lost == {}
    assert look(back) == look(source)
    assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("precious", "mine")]


def test_a_full_folder_where_a_file_was(account: Account, source: Path, tmp_path: Path) -> None:
    account.backup(source)
    back = tmp_path / "back"
    (back / "large.bin").mkdir(parents=True)
    (back / "large.bin" / "mine").write_text("mine")
    (back / "empty").mkdir()
    heard = Heard()
    told = account.restore("latest", back, heard, below=os.fsencode(source).strip(b"/"))
    assert set(heard.lost) == {b"large.bin", "sub/深い/second name".encode()}
    assert told.failed == 2
    assert (back / "large.bin" / "mine").read_text() == "mine"
    assert (back / "empty").is_file()


@pytest.mark.parametrize(
    "answers",
    [{}, {piece().name: b"something else"}, {piece().name: DATA[:-1]}, {piece().name: b""}],
    ids=["none", "other", "short", "empty"],
)
def test_a_chunk_that_is_another(answers: dict[bytes, bytes], tmp_path: Path) -> None:
    right = piece(b"right")
    folders = {b"": [node(b"a", pieces=[piece()]), node(b"b", pieces=[right])]}
    heard = Heard()
    told = bring_back(folders, tmp_path / "t", Lying({**answers, right.name: b"right"}), heard)
    assert set(heard.lost) == {b"a"}
    assert told.failed == 1
    assert [path.name for path in (tmp_path / "t").iterdir()] == ["b"]


@pytest.mark.parametrize(
    "wrong",
    [
        Piece(b"short", 0, 1, 1),
        Piece(b"x" * 32, 0, 2, 1),
        Piece(b"x" * 32, -1, 1, 1),
        Piece(b"x" * 32, 0, 0, 1),
        Piece(b"", 0, -5, 0),
        Piece(b"x" * 32, 1, 1, 1),
    ],
)
def test_pieces_that_cannot_be(wrong: Piece) -> None:
    with pytest.raises(tree.DamagedTree):
        tree.checked([node(b"a", pieces=[wrong])])


def test_a_tree_that_is_cut_off() -> None:
    """Anywhere but between two folders, where nothing tells it but the names of the chunks."""
    first, second = encode_folder(b"", [node(b"a", FOLDER)]), encode_folder(b"a", [node(b"b")])
    for size in range(1, len(first + second)):
        if size != len(first):
            with pytest.raises(PileusError, match="backup-damaged"):
                list(Tree((first + second)[:size]).walk())


def test_a_very_deep_tree(tmp_path: Path) -> None:
    deep = [b"/".join([b"d"] * number) for number in range(1200)]
    folders = {path: [node(b"d", FOLDER)] for path in deep}
    heard = Heard()
    told = bring_back(folders, tmp_path / "t", Lying(), heard)
    subprocess.run(["rm", "-r", str(tmp_path / "t")], check=True)  # too deep for pytest's own cleaning
    assert told.folders == 1200
    assert heard.lost == {}


def test_another_version_is_refused() -> None:
    import msgspec

    with pytest.raises(PileusError, match="version 2"):
        tree.decode_root(msgspec.msgpack.encode(tree.Root(2, [], [])))
    with pytest.raises(PileusError, match="backup-damaged"):
        tree.decode_root(b"\xc1")
