"""Fill an account: real bytes through the uploads of a running cloud, or chunk entries without bytes.

`make fill` writes 2 GB of unique data (noise and notes) into one account of a new cloud below build/fill/real.
`make fill REAL=1` writes 100 GB where the disk holds them; else the most that fits, and beside it, below
build/fill/synthetic, a cloud whose index says 100 GB: rows as uploads leave them, with no packs behind them. So
much is enough for whatever asks the database alone, and nothing there can be read: `pileus objects check` names
each such pack as missing. Their names begin with `SYNTHETIC`.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import clouds
import httpx
import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from sqlalchemy import Connection

from pileus.cli.progress import progress
from pileus.cloud.app import build
from pileus.cloud.kernel.objects import PackedObjects, index
from pileus.cloud.kernel.objects.index import Part, Stored
from pileus.cloud.kernel.objects.pack import CHUNK, MANIFEST, NONCE, RAW, TAG, Entry
from pileus.cloud.kernel.objects.store import PACK
from pileus.cloud.kernel.quota import count
from pileus.core.ids import new_id
from pileus.core.settings import Settings

GB, MB = 10**9, 10**6
DAILY, WHOLE, LEAST = 2 * GB, 100 * GB, 20 * GB
"""Bytes: without REAL=1, with it, and the least that a disk must hold for it."""
SPARE = 0.05
"""Of the disk is left free."""
CLIPS, NOTES, CLIP = 25, 20, 4 * MB
"""In a folder, and what clips have on average."""
APART = 1 << 40
"""Above the numbers of all clips: where notes' begin."""
WORKERS = 2
WORD = "西湖"
"""In the name of each clip; `word_of` is in those of one folder."""
SYNTHETIC = b"synthetic".hex()
FOLDER_TYPE, UNKNOWN = "inode/directory", "application/octet-stream"
AREA, COLLECTION = "files", "files.file"

Heard = Callable[[int], None]


class Filled(msgspec.Struct, frozen=True):
    """What `fill.json` beside a filled cloud says: bytes of clips in `files` files, and how to sign in."""

    name: str
    password: str
    bytes: int
    files: int
    synthetic_packs: int = 0

    def keep(self, folder: Path) -> Filled:
        with open(os.open(folder / "fill.json", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(self))
        return self


def filled(folder: Path) -> Filled:
    """Of a cloud that was filled to its end; raises `FileNotFoundError` where it was not."""
    return msgspec.json.decode((folder / "fill.json").read_bytes(), type=Filled)


@dataclass(frozen=True)
class Clip:
    number: int
    size: int

    @property
    def folder(self) -> int:
        return self.number // CLIPS

    @property
    def name(self) -> str:
        return f"{WORD} {word_of(self.folder)} {self.number:06d}.bin"


def clips(total: int) -> Iterator[Clip]:
    """Together exactly `total` bytes; sizes from a quarter of `CLIP` to seven quarters."""
    number = 0
    while total > 0:
        size = min(total, CLIP * (1 + number % 7) // 4)
        yield Clip(number, size)
        total -= size
        number += 1


def word_of(folder: int) -> str:
    return f"trip{folder:05d}"


def noise(seed: bytes, number: int, size: int) -> bytes:
    """Bytes that no other number has, and that no packing makes fewer."""
    return Cipher(AES(seed), CTR(struct.pack(">QQ", number, 0))).encryptor().update(bytes(size))


def fill_real(folder: Path, total: int, heard: Heard, seed: bytes = b"") -> Filled:
    """A new cloud below `folder` gets an account with so many bytes of clips, and notes; the cloud ends.

    `heard` is told of bytes that were acknowledged. Blocks for as long as the disk takes.
    """
    _refuse_used(folder)
    seed = seed or secrets.token_bytes(16)
    name, password, made = "full", secrets.token_urlsafe(12), list(clips(total))
    with clouds.running(folder, quota_bytes=4 * total + GB) as cloud:
        wish = {"name": name, "password": password, "device_name": "fill"}
        answer = httpx.post(f"{cloud.url}/api/v1/accounts", json=wish, trust_env=False).raise_for_status()
        token = answer.json()["token"]
        folders = range(made[-1].folder + 1 if made else 0)
        with cloud.client(token) as client:
            for number in folders:
                _put_folder(client, number)
                _put_notes(client, number, seed)

        def send(some: Sequence[Clip]) -> int:
            with cloud.client(token) as client:
                for clip in some:
                    _send(client, clip, noise(seed, clip.number, clip.size))
                    heard(clip.size)
            return len(some)

        with ThreadPoolExecutor(WORKERS) as workers:
            files = sum(workers.map(send, (made[start::WORKERS] for start in range(WORKERS))))
    return Filled(name, password, total, files + NOTES * len(folders)).keep(folder)


def fill_synthetic(folder: Path, total: int, heard: Heard) -> Filled:
    """A new cloud below `folder` whose index has so many bytes of clips, a chunk for each MB, but no packs."""
    _refuse_used(folder)
    name, password = "full", secrets.token_urlsafe(12)
    settings = Settings(folder / "data", folder / "run", folder / "cache", quota_bytes=4 * total + GB)
    cloud = build(settings)
    try:
        account = cloud.accounts.create_blocking(name, password).id
        objects, journal = cloud.context.objects, cloud.context.journal
        assert isinstance(objects, PackedObjects)
        objects.keys.key(account, AREA)
        packs = files = 0
        by_folder: dict[int, list[Clip]] = {}
        for clip in clips(total):
            by_folder.setdefault(clip.folder, []).append(clip)
        for number, some in by_folder.items():

            def write(conn: Connection, number: int = number, some: list[Clip] = some) -> int:
                now, parent = cloud.context.clock.now_ms(), f"folder{number}"
                made = [(clip, new_id(now), _chunks(clip.size), os.urandom(32)) for clip in some]
                named = _name_packs(conn, account, made, now)
                records = {parent: _folder_fields(number)}
                for clip, object_id, parts, manifest in made:
                    stored = Stored(object_id, clip.size, os.urandom(32).hex(), now, None)
                    index.add_object(conn, account, AREA, stored, manifest, parts)
                    count(conn, account, AREA, clip.size)
                    records[object_id] = {
                        "name": clip.name,
                        "parent": parent,
                        "type": UNKNOWN,
                        "size": clip.size,
                        "object": object_id,
                        "blake3": stored.blake3,
                        "modified_ms": now,
                    }
                added = journal.add(conn, account, "", COLLECTION, records)
                assert added.added == len(records), added
                return named

            packs += cloud.db.write(write)
            files += len(some)
            heard(sum(clip.size for clip in some))
    finally:
        cloud.close()
    return Filled(name, password, total, files, packs).keep(folder)


def room(folder: Path) -> int:
    """Bytes that a fill may take of the disk."""
    disk = shutil.disk_usage(folder)
    return max(disk.free - int(disk.total * SPARE), 0)


def _refuse_used(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} holds something: remove it, or name another folder with FILL=.")


def _folder_fields(number: int) -> dict[str, object]:
    return {"name": f"Folder {number:05d}", "parent": "", "type": FOLDER_TYPE, "size": 0, "modified_ms": 0}


def _put_folder(client: httpx.Client, number: int) -> None:
    wish = {"id": new_id(), "base": 0, "collection": COLLECTION, "record": f"folder{number}", "op": "put"}
    fields = {key: value for key, value in _folder_fields(number).items() if key != "size"}
    answer = client.post("/journal/mutations", json={"mutations": [{**wish, "fields": fields}]})
    (outcome,) = answer.raise_for_status().json()["outcomes"]
    if outcome["status"] != "applied":
        raise RuntimeError(f"the cloud refused a folder: {outcome}")


def _put_notes(client: httpx.Client, number: int, seed: bytes) -> None:
    body = b""
    for note in range(NOTES):
        words = noise(seed, APART + number * NOTES + note, 900).hex()
        text = f"{WORD} {word_of(number)} note {note}: {words}\n".encode()
        header = {"name": f"note {note}.txt", "size": len(text), "parent": f"folder{number}", "type": "text/plain"}
        packed = msgspec.json.encode(header)
        body += struct.pack("<I", len(packed)) + packed + text
    answers = client.post("/files/bulk", content=body).raise_for_status().json()["files"]
    refused = [one for one in answers if one.get("code")]
    if refused or len(answers) != NOTES:
        raise RuntimeError(f"the cloud refused notes: {refused}")


def _send(client: httpx.Client, clip: Clip, data: bytes) -> None:
    wish = {"name": clip.name, "size": clip.size, "parent": f"folder{clip.folder}", "type": UNKNOWN}
    upload = client.post("/files/uploads", json=wish).raise_for_status().json()["upload"]
    answer = client.patch(f"/files/uploads/{upload}", content=data, headers={"Upload-Offset": "0"})
    if answer.raise_for_status().json()["name"] != clip.name:
        raise RuntimeError(f"{clip.name} became {answer.text}")


def _chunks(size: int) -> list[Part]:
    return [Part(start, os.urandom(32), min(MB, size - start)) for start in range(0, size, MB)]


def _name_packs(
    conn: Connection, account: str, made: Sequence[tuple[Clip, str, list[Part], bytes]], now_ms: int
) -> int:
    """Rows of packs that are not there, closed as a writer closes them; says how many."""
    bodies = [
        body
        for _, _, parts, manifest in made
        for body in (*((CHUNK, part.name, part.plain) for part in parts), (MANIFEST, manifest, 60 * len(parts)))
    ]
    packs, entries, size = 0, [], 0
    for number, (kind, name, plain) in enumerate(bodies):
        stored = plain + NONCE + TAG
        entries.append(Entry(kind, RAW, name, 32 + size, stored, plain))
        size += stored
        if size >= PACK or number == len(bodies) - 1:
            pack = SYNTHETIC + os.urandom(7).hex()
            index.add_pack(conn, account, AREA, pack, 32 + size + 1024, entries, now_ms)
            packs, entries, size = packs + 1, [], 0
    return packs


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/fill"), help="where; must not be filled yet")
    parser.add_argument("--real", action="store_true", help="100 GB, or the most that fits and as many synthetic")
    parser.add_argument("--gb", type=float, help="of real data, in place of 2")
    parser.add_argument("--synthetic-gb", type=float, default=0, help="that the index of the synthetic cloud says")
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    fits = room(folder)
    wanted = WHOLE if options.real else DAILY
    if options.gb is not None:
        wanted = int(options.gb * GB)
    if min(wanted, LEAST) > fits:
        print(f"The disk has room for {fits / GB:.3g} GB, not for {min(wanted, LEAST) / GB:g}.", file=sys.stderr)
        return 1
    total = min(wanted, fits)
    synthetic = int(options.synthetic_gb * GB) or (WHOLE if options.real and total < WHOLE else 0)
    print(f"{total / GB:.3g} GB of unique data go into one account; the disk has room for {fits / GB:.3g} GB.")
    try:
        _told(folder / "real", total, fill_real)
        if synthetic:
            _told(folder / "synthetic", synthetic, fill_synthetic)
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _told(folder: Path, total: int, fill: Callable[[Path, int, Heard], Filled]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with progress(*columns, TimeRemainingColumn()) as shown:
        task = shown.add_task(f"Filling {folder.name}", total=total)
        done = fill(folder, total, lambda size: shown.advance(task, size))
    kind = "chunk entries without bytes" if done.synthetic_packs else "unique data"
    print(f"{folder}: {done.bytes / GB:.3g} GB of {kind}, {done.files} files, account {done.name}.")
    if done.synthetic_packs:
        print(
            f"`pileus objects check` names its {done.synthetic_packs} packs as missing: they were never there."
            f" Their names begin with {SYNTHETIC}."
        )
    print(f"Look at it: make run DATA={folder / 'data'} – the password is in {folder / 'fill.json'}.")


if __name__ == "__main__":
    sys.exit(main())
