"""What the apps service keeps beside the journal: who has which package, uploads, apps' data folders."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, text

from pileus.cloud.kernel.service import ServiceContext
from pileus.cloud.services.apps.rules import MAX_PACKAGE
from pileus.core import durable, trees
from pileus.core.errors import TooLarge
from pileus.core.ids import new_id
from pileus.surfaces.packages import account_folder, accounts_folder

UPLOADS_KEPT = 24 * 3600.0
GONE, NEW, OLD = ".gone-", ".new-", ".old-"
"""How the name of a data folder begins that is being removed, that is to take an app's place, and that gave its
own to such a one; no app's name does."""


def installed_size(conn: Connection, account_id: str, app_id: str) -> int:
    """Bytes that are charged for an app's package beside its object: of one that has none yet."""
    query = text("SELECT size FROM apps_installed WHERE account_id = :account AND app_id = :app")
    return int(conn.execute(query, {"account": account_id, "app": app_id}).scalar() or 0)


class Digest(NamedTuple):
    """A package: whose it is, and the SHA-256 of its file."""

    engine: str
    sha256: str


def installed_digest(conn: Connection, account_id: str, app_id: str) -> Digest | None:
    """The package that an account has installed as that app."""
    query = text("SELECT engine, sha256 FROM apps_installed WHERE account_id = :account AND app_id = :app")
    found = conn.execute(query, {"account": account_id, "app": app_id}).first()
    return Digest(str(found[0]), str(found[1])) if found is not None else None


def installed(conn: Connection, account_id: str, engine: str) -> list[tuple[str, str]]:
    """The account's apps of one engine: id and SHA-256 of the package."""
    query = text(
        "SELECT app_id, sha256 FROM apps_installed WHERE account_id = :account AND engine = :engine"
        " ORDER BY app_id"
    )
    rows = conn.execute(query, {"account": account_id, "engine": engine})
    return [(str(app), str(digest)) for app, digest in rows]


def every_installed(conn: Connection) -> list[tuple[str, str, str]]:
    """All accounts' installed apps: account, app and engine."""
    query = text("SELECT account_id, app_id, engine FROM apps_installed ORDER BY account_id, app_id")
    return [(str(account), str(app), str(engine)) for account, app, engine in conn.execute(query)]


def set_data(conn: Connection, account_id: str, app_id: str, size: int) -> int:
    """Keeps how much an app's data counts for; by how much that grew (0 for an app that was removed)."""
    key = {"account": account_id, "app": app_id}
    query = text("SELECT data FROM apps_installed WHERE account_id = :account AND app_id = :app")
    before = conn.execute(query, key).scalar()
    if before is None:
        return 0
    conn.execute(
        text("UPDATE apps_installed SET data = :size WHERE account_id = :account AND app_id = :app"),
        {"size": size, **key},
    )
    return size - int(before)


def set_installed(conn: Connection, account_id: str, app_id: str, package: Digest, size: int) -> None:
    query = text(
        "INSERT INTO apps_installed (account_id, app_id, engine, sha256, size)"
        " VALUES (:account, :app, :engine, :sha256, :size) ON CONFLICT (account_id, app_id)"
        " DO UPDATE SET engine = excluded.engine, sha256 = excluded.sha256, size = excluded.size"
    )
    key = {"account": account_id, "app": app_id, "engine": package.engine, "sha256": package.sha256}
    conn.execute(query, {**key, "size": size})


def set_size(conn: Connection, account_id: str, app_id: str, size: int) -> None:
    query = text("UPDATE apps_installed SET size = :size WHERE account_id = :account AND app_id = :app")
    conn.execute(query, {"account": account_id, "app": app_id, "size": size})


def has_package(conn: Connection, account_id: str, sha256: str) -> bool:
    """Whether an account has an app of a package."""
    query = text("SELECT 1 FROM apps_installed WHERE account_id = :account AND sha256 = :sha256 LIMIT 1")
    return conn.execute(query, {"account": account_id, "sha256": sha256}).first() is not None


def unset_installed(conn: Connection, account_id: str, app_id: str) -> None:
    """What it kept is to be removed, and then `set_left` called."""
    key = {"account": account_id, "app": app_id}
    conn.execute(
        text(
            "INSERT INTO apps_leaving (account_id, app_id, engine) SELECT account_id, app_id, engine"
            " FROM apps_installed WHERE account_id = :account AND app_id = :app"
            " ON CONFLICT (account_id, app_id) DO UPDATE SET engine = excluded.engine"
        ),
        key,
    )
    conn.execute(text("DELETE FROM apps_installed WHERE account_id = :account AND app_id = :app"), key)


def leaving(conn: Connection) -> list[tuple[str, str, str]]:
    """Account, app and engine of those that are removed, while what they kept may be there."""
    query = text("SELECT account_id, app_id, engine FROM apps_leaving ORDER BY account_id, app_id")
    return [(str(account), str(app), str(engine)) for account, app, engine in conn.execute(query)]


def is_leaving(conn: Connection, account_id: str, app_id: str) -> bool:
    query = text("SELECT 1 FROM apps_leaving WHERE account_id = :account AND app_id = :app")
    return conn.execute(query, {"account": account_id, "app": app_id}).first() is not None


def set_left(conn: Connection, account_id: str, app_id: str) -> None:
    """Nothing that it kept is there any more."""
    query = text("DELETE FROM apps_leaving WHERE account_id = :account AND app_id = :app")
    conn.execute(query, {"account": account_id, "app": app_id})


def waiting(conn: Connection, account_id: str, job: str) -> list[str]:
    """Uploads that jobs of the account still have to install."""
    query = text(
        "SELECT payload FROM job WHERE account_id = :account AND name = :job AND state IN ('waiting', 'running')"
    )
    payloads = conn.execute(query, {"account": account_id, "job": job}).scalars()
    return [str(msgspec.json.decode(one)["upload"]) for one in payloads]


def of_account(conn: Connection, account_id: str) -> list[tuple[str, str]]:
    """An account's installed apps and their engines."""
    query = text("SELECT app_id, engine FROM apps_installed WHERE account_id = :account")
    return [(str(app), str(engine)) for app, engine in conn.execute(query, {"account": account_id})]


def packages(conn: Connection, account_id: str) -> dict[str, str]:
    """The SHA-256 of what each of an account's apps was installed from."""
    query = text("SELECT app_id, sha256 FROM apps_installed WHERE account_id = :account")
    return {str(app): str(sha256) for app, sha256 in conn.execute(query, {"account": account_id})}


def is_wanted(conn: Connection, sha256: str) -> bool:
    """Whether any account has a package."""
    query = text("SELECT 1 FROM apps_installed WHERE sha256 = :sha256 LIMIT 1")
    return conn.execute(query, {"sha256": sha256}).first() is not None


def device_name(conn: Connection, device_id: str) -> str:
    """How the owner calls a device."""
    found = conn.execute(text("SELECT name FROM device WHERE id = :id"), {"id": device_id}).scalar()
    return str(found or "")


class Folders:
    """The service's folders on the disk."""

    def __init__(self, ctx: ServiceContext) -> None:
        self.uploads = ctx.folder("apps") / "uploads"
        self.exports = ctx.folder("apps") / "exports"
        """What apps keep, while an export of their account is read from it."""
        self._settings = ctx.settings

    def account(self, engine: str, account_id: str) -> Path:
        """The folder of an account's apps of one engine."""
        return account_folder(self._settings, engine, account_id)

    def data(self, engine: str, account_id: str, app_id: str) -> Path:
        """What an app keeps for an account."""
        return self.account(engine, account_id) / app_id

    def upload(self, upload_id: str) -> Path:
        return self.uploads / f"{upload_id}.package"

    def clean(self, engines: list[str]) -> None:
        """Removes half-received uploads, forgotten ones, exports that were cut off, and data of engines whose
        removal was."""
        self.uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self.uploads.iterdir():
            if path.suffix == ".part" or time.time() - path.stat().st_mtime > UPLOADS_KEPT:
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            trees.remove(self.exports)
        self.exports.mkdir(mode=0o700, exist_ok=True)
        for engine in engines:
            accounts = accounts_folder(self._settings, engine)
            for old in accounts.glob(f"*/{OLD}*"):
                self._settle(old)
            for path in (*accounts.glob(f"*/{NEW}*"), *accounts.glob(f"*/{GONE}*")):
                with contextlib.suppress(OSError):
                    trees.remove(path)

    def _settle(self, old: Path) -> None:
        """After a crash in the middle of `swap_data`: the old one is back where the new one had no name yet."""
        app = old.name.removeprefix(OLD)
        place = old.with_name(app)
        if not place.exists() or old.with_name(f"{NEW}{app}").exists():
            if place.exists():  # an app that was started by its alarm meanwhile
                place.rename(old.with_name(f"{GONE}{new_id()}"))
            old.rename(place)
            durable.fsync(place.parent)
        else:
            old.rename(old.with_name(f"{GONE}{new_id()}"))

    def stage_data(self, engine: str, account_id: str, app_id: str, folder: Path) -> None:
        """Puts a folder beside an app's, on the disk when it returns: `swap_data` is to follow. Blocks.

        Raises `OSError`, also where it lies on another file system.
        """
        place = self.data(engine, account_id, app_id)
        durable.make_folder(place.parent)
        new = place.with_name(f"{NEW}{app_id}")
        trees.remove(new)
        durable.publish(folder, new)

    def swap_data(self, engine: str, account_id: str, app_id: str) -> Path | None:
        """Gives an app what was staged, on the disk when it returns; nothing of it may run. Blocks.

        What it kept before is to be removed. A crash in the middle leaves what `clean` puts right.
        """
        place = self.data(engine, account_id, app_id)
        new, old = place.with_name(f"{NEW}{app_id}"), place.with_name(f"{OLD}{app_id}")
        new.stat()  # before anything is moved
        if place.exists():
            place.rename(old)
            durable.fsync(place.parent)
        new.rename(place)
        durable.fsync(place.parent)
        if not old.exists():
            return None
        gone = place.with_name(f"{GONE}{new_id()}")
        old.rename(gone)
        return gone

    def remove_data(self, engine: str, account_id: str, app_id: str) -> None:
        """Removes all that an app kept; a crash in the middle leaves what `clean` removes."""
        place = self.data(engine, account_id, app_id)
        gone = place.with_name(f"{GONE}{new_id()}")
        with contextlib.suppress(FileNotFoundError):
            place.rename(gone)
            trees.remove(gone)
        for left in (NEW, OLD):
            trees.remove(place.with_name(f"{left}{app_id}"))

    def remove_account(self, engine: str, account_id: str) -> None:
        """Removes the folder of an account's apps, where it has one. Blocks."""
        place = self.account(engine, account_id)
        if place.exists():
            trees.remove(place)

    def sizes(self, uploads: list[str]) -> list[int]:
        """Bytes of uploads that are there. Blocks."""
        found = []
        for upload in uploads:
            with contextlib.suppress(FileNotFoundError):
                found.append(self.upload(upload).stat().st_size)
        return found

    async def receive(self, parts: AsyncIterator[bytes], heard: Callable[[int], Awaitable[None]]) -> str:
        """Keeps a stream as an upload, on the disk when it returns; raises `TooLarge`, and what `heard` raises."""
        upload_id = new_id()
        part = self.uploads / f"{upload_id}.part"
        size = 0
        try:
            with part.open("wb") as file:
                async for data in parts:
                    size += len(data)
                    if size > MAX_PACKAGE:
                        raise TooLarge("apk-too-large", "A package may have at most 1 GB.")
                    await heard(size)
                    await asyncio.to_thread(file.write, data)
            await asyncio.to_thread(durable.publish, part, self.upload(upload_id))
        finally:
            part.unlink(missing_ok=True)
        return upload_id
