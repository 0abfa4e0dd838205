"""The server's key and the keys of areas that it wraps. Both block."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, text

from pileus.cloud.kernel.objects.blobs import BlobStore
from pileus.cloud.kernel.objects.pack import AreaKey
from pileus.cloud.kernel.service import Database
from pileus.core import durable
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, PileusError

SIZE = 32
NONCE = 12


class KeyLost(PileusError):
    """The server's key file is missing or another one: nothing stored can be read with it."""

    code = "server-key"


def server_key(path: Path, expected: bool) -> bytes:
    """The key in a file that only its owner reads; made where there is none, unless one is `expected`."""
    if path.exists():
        key = path.read_bytes()
        if len(key) != SIZE:
            raise KeyLost(detail=f"{path} is not a key of {SIZE} bytes: restore it from your copy.")
        return key
    if expected:
        raise KeyLost(detail=f"{path} is missing, and objects are encrypted with it: restore it from your copy.")
    key = os.urandom(SIZE)
    write_key(path, key)
    return key


def write_key(path: Path, key: bytes) -> None:
    """Durable when it returns, readable by its owner only."""
    durable.make_folder(path.parent)
    durable.write(path, key)


def key_blob(key_id: bytes) -> str:
    return f"keys/{key_id.hex()}"


def key_bytes(account_id: str, area: str, wrapped: bytes) -> bytes:
    """What lies beside the packs for an area's key: made of the database's row alone, always the same."""
    told = {"version": 1, "account": account_id, "area": area, "wrapped": wrapped.hex()}
    return json.dumps(told).encode()


def wrap(server: bytes, key_id: bytes, account_id: str, area: str, secret: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(server).encrypt(nonce, secret, _claim(key_id, account_id, area))


def unwrap(server: bytes, key_id: bytes, account_id: str, area: str, wrapped: bytes) -> bytes:
    """Raises `KeyLost` where another server's key wrapped it."""
    try:
        return AESGCM(server).decrypt(wrapped[:NONCE], wrapped[NONCE:], _claim(key_id, account_id, area))
    except (InvalidTag, ValueError):
        raise KeyLost(detail="The server's key does not open this area: it is not the one that made it.") from None


class Keyring:
    """Keys by account and area; a new area's key is kept beside the packs before anything is sealed with it."""

    def __init__(self, db: Database, blobs: BlobStore, clock: Clock, server: bytes) -> None:
        self._db, self._blobs, self._clock, self._server = db, blobs, clock, server
        self._known: dict[tuple[str, str], AreaKey] = {}
        self._lock = threading.Lock()

    def key(self, account_id: str, area: str) -> AreaKey:
        """The area's key, made at its first use."""
        with self._lock:
            known = self._known.get((account_id, area))
            if known is None:
                known = self._known[account_id, area] = self._find(account_id, area)
            return known

    def forget(self, account_id: str) -> None:
        """Of an account that is being erased."""
        with self._lock:
            self._known = {of: key for of, key in self._known.items() if of[0] != account_id}

    def keep_again(self, key_id: bytes) -> None:
        """Puts a key of the database beside the packs once more."""
        query = text("SELECT account_id, area, wrapped FROM object_key WHERE id = :id")
        account_id, area, wrapped = self._db.read(lambda conn: conn.execute(query, {"id": key_id}).one())
        self._keep(key_id, account_id, area, bytes(wrapped))

    def _find(self, account_id: str, area: str) -> AreaKey:
        row = self._db.read(lambda conn: find_key(conn, account_id, area))
        if row is None:
            made, secret = os.urandom(16), os.urandom(SIZE)
            wrapped = wrap(self._server, made, account_id, area, secret)
            self._keep(made, account_id, area, wrapped)
            now = self._clock.now_ms()
            row = self._db.write(lambda conn: keep_key(conn, made, account_id, area, wrapped, now))
        key_id, wrapped = row
        return AreaKey(key_id, unwrap(self._server, key_id, account_id, area, wrapped))

    def _keep(self, key_id: bytes, account_id: str, area: str, wrapped: bytes) -> None:
        try:
            self._blobs.put(key_blob(key_id), key_bytes(account_id, area, wrapped))
        except Conflict:
            return


def find_key(conn: Connection, account_id: str, area: str) -> tuple[bytes, bytes] | None:
    query = text("SELECT id, wrapped FROM object_key WHERE account_id = :account AND area = :area")
    row = conn.execute(query, {"account": account_id, "area": area}).first()
    return None if row is None else (bytes(row[0]), bytes(row[1]))


def keep_key(
    conn: Connection, key_id: bytes, account_id: str, area: str, wrapped: bytes, now_ms: int
) -> tuple[bytes, bytes]:
    """The area's key afterwards: another process may have been first."""
    conn.execute(
        text(
            "INSERT INTO object_key (id, account_id, area, wrapped, created_ms)"
            " VALUES (:id, :account, :area, :wrapped, :now) ON CONFLICT DO NOTHING"
        ),
        {"id": key_id, "account": account_id, "area": area, "wrapped": wrapped, "now": now_ms},
    )
    found = find_key(conn, account_id, area)
    assert found is not None  # noqa: S101 - it was written in this transaction
    return found


def _claim(key_id: bytes, account_id: str, area: str) -> bytes:
    return b"pileus area key 1\0" + key_id + f"{account_id}\0{area}".encode()
