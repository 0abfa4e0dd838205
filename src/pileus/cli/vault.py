"""`pileus vault`: open what an export has of the vault, with its recovery code and without a cloud."""

from __future__ import annotations

import errno
import lzma
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import msgspec
import typer

from pileus.cli import passwords
from pileus.core import durable
from pileus.core.catalogue import Catalogue
from pileus.core.errors import Invalid, NotFound, PileusError, refused
from pileus.core.filenames import clean_name, numbered

if TYPE_CHECKING:
    from pileus.sdk.vault import Area, Named

TEXTS = Catalogue(
    en={
        "done": "{count} files of the vault are in {path}.",
        "left": "{file} was left out: {why}",
        "no-vault": "There is nothing of a vault in {path}: name an export's ZIP, or its folder “vault”.",
        "not-opened": "{count} files of the vault could not be opened.",
    },
    zh={
        "done": "保险箱的 {count} 个文件已写入 {path}。",
        "left": "已跳过 {file}：{why}",
        "no-vault": "{path} 中没有保险箱内容：请指定导出的 ZIP 文件，或其中的“vault”文件夹。",
        "not-opened": "保险箱中有 {count} 个文件无法打开。",
    },
)
LIST = "vault.json"
UNNAMED = "unnamed"
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
"""What a damaged file in a ZIP is told by; `RuntimeError`: a flipped bit says encrypted, or another method."""
ENDING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What is wrong with the disk, not with one file."""

app = typer.Typer(help="What only the account's devices can read.", no_args_is_help=True)


class Entry(msgspec.Struct):
    """A sealed file or folder; its content lies beside the list, by its id."""

    parent: str
    sealed: str
    folder: bool


class Listed(msgspec.Struct):
    """`vault.json` of an export (docs/design/vault.md)."""

    version: int
    key_id: str
    wrapped: str
    entries: dict[str, Entry]


Opener = Callable[[str], BinaryIO]
"""One of the files of an export's vault, by its name there."""


@app.command()
def decrypt(
    export: Annotated[Path, typer.Argument(exists=True, help="An export's ZIP, or its folder `vault`, unpacked")],
    to: Annotated[Path, typer.Argument(help="Folder that is filled; what is in it stays")],
    code_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the recovery code; - is standard input.")
    ] = None,
) -> None:
    """Write the vault's files out of an export in the clear, in their folders."""
    if export.is_dir():
        written, left = _decrypted(lambda name: (export / name).open("rb"), export, to, code_file)
    else:
        try:
            archive = zipfile.ZipFile(export)
        except zipfile.BadZipFile:
            raise NotFound("no-vault-here", TEXTS.text("no-vault", path=export)) from None
        with archive:
            written, left = _decrypted(lambda name: _in_archive(archive, name), export, to, code_file)
    print(TEXTS.text("done", count=written, path=to))
    if left:
        print(TEXTS.text("not-opened", count=left), file=sys.stderr)
        raise typer.Exit(1)


def _in_archive(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    try:
        return archive.open(f"vault/{name}")  # type: ignore[return-value]  # an IO[bytes]
    except KeyError:
        raise FileNotFoundError(2, "No such file", name) from None


def _decrypted(opened: Opener, export: Path, to: Path, code_file: Path | None) -> tuple[int, int]:
    """How many files were written, and how many could not be; those are told. Raises `OSError` for a full disk."""
    from pileus.sdk import vault

    listed = _read_list(opened, export)
    area = vault.unwrap(bytes.fromhex(listed.key_id), listed.wrapped, passwords.vault_code(code_file))
    named = {file: _named(area, entry) for file, entry in listed.entries.items()}
    to.mkdir(parents=True, exist_ok=True)
    folders = _Folders(to, listed.entries, named)
    written = left = 0
    # Folders first: beside one a file of its name takes another one.
    for file, entry in sorted(listed.entries.items(), key=lambda one: not one[1].folder):
        try:
            if entry.folder:
                folders.within(file)
            else:
                folder = folders.within(entry.parent)
                _write(opened(file), area, named[file], folder)
                written += 1
        except (PileusError, OSError, *DAMAGED) as error:
            if isinstance(error, OSError) and error.errno in ENDING:
                raise
            left += 1
            name = named[file]
            print(TEXTS.text("left", file=file if name is None else name.name, why=_why(error)), file=sys.stderr)
    return written, left


def _why(error: Exception) -> str:
    from pileus.cli.problems import sentence
    from pileus.sdk import vault

    if isinstance(error, OSError):
        return refused(error)
    return sentence(error if isinstance(error, PileusError) else vault.damaged())


def _read_list(opened: Opener, export: Path) -> Listed:
    from pileus.sdk import vault

    try:
        with opened(LIST) as file:
            listed = msgspec.json.decode(file.read(), type=Listed)
        bytes.fromhex(listed.key_id)
    except (FileNotFoundError, msgspec.DecodeError, ValueError):
        raise NotFound("no-vault-here", TEXTS.text("no-vault", path=export)) from None
    except DAMAGED:
        raise vault.damaged() from None
    if listed.version != 1:
        raise Invalid("vault-version", "This was sealed by a newer Pileus.")
    return listed


def _named(area: Area, entry: Entry) -> Named | None:
    """None where the record's name does not open: the content has another one in its header."""
    from pileus.sdk import vault

    try:
        return vault.open_named(area, entry.sealed)
    except PileusError:
        return None


class _Folders:
    """The vault's folders on the disk, made as they are asked for."""

    def __init__(self, to: Path, entries: Mapping[str, Entry], named: Mapping[str, Named | None]) -> None:
        self._to, self._entries, self._named = to, entries, named
        self._made: dict[tuple[Path, str], Path] = {}

    def within(self, folder: str) -> Path:
        """The path of a folder of the vault, by its id; a circle of folders ends it. Raises `OSError`."""
        chain: list[str] = []
        while folder in self._entries and self._entries[folder].folder and folder not in chain:
            chain.append(folder)
            folder = self._entries[folder].parent
        place = self._to
        for one in reversed(chain):
            key = (place, one)
            if key not in self._made:
                name = self._named[one]
                self._made[key] = _folder(place, UNNAMED if name is None else _clean(name.name))
            place = self._made[key]
        return place


def _folder(within: Path, wish: str) -> Path:
    """One of this name that is there, else a new one, with a number where a file has the name."""
    name, number = wish, 2
    while True:
        path = within / name
        try:
            path.mkdir(exist_ok=True)
        except FileExistsError:
            name, number = numbered(wish, number), number + 1
        else:
            return path


def _write(source: BinaryIO, area: Area, named: Named | None, folder: Path) -> None:
    """Nothing is left of a file that does not open to its end."""
    from pileus.sdk import vault

    with source:
        part = folder / f".{os.urandom(8).hex()}.part"
        try:
            with part.open("wb") as out:
                if named is None:
                    header = source.read(vault.HEADER)
                    named = vault.header_named(area, header)
                    source.seek(0)
                for piece in vault.open_content(area, source, named):
                    out.write(piece)
            durable.publish(part, _free(folder, _clean(named.name)))
        finally:
            part.unlink(missing_ok=True)


def _free(folder: Path, name: str) -> Path:
    wish, number = name, 2
    while os.path.lexists(folder / name):
        name, number = numbered(wish, number), number + 1
    return folder / name


def _clean(name: str) -> str:
    """A name that a device of the owner's sealed; what is none on a disk loses what makes it so."""
    try:
        return clean_name(name)
    except Invalid:
        return clean_name("".join(one if one.isprintable() and one != "/" else "_" for one in name)[:60] + "_")
