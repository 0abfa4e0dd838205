"""HTTP of what files were before: the trash, earlier versions, and their end by the calendar."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, reply
from pileus.cloud.services.files import contents, given, rules, shares, store, trash, vault, versions
from pileus.cloud.services.files.uploads import Uploads


class TrashItem(msgspec.Struct):
    """`items`: how many are in a folder. `until_ms`: deleted for good after that. `sealed`: of the vault's."""

    id: str
    name: str
    type: str
    parent: str
    size: int
    items: int
    deleted_ms: int
    until_ms: int
    sealed: str = ""


class Trash(msgspec.Struct):
    """The newest 1,000; `days`: for so long the cloud keeps what is deleted."""

    items: list[TrashItem]
    days: int


class FileVersion(msgspec.Struct):
    """`replaced_ms`: until then it was the file's content."""

    id: str
    size: int
    blake3: str
    type: str
    modified_ms: int
    replaced_ms: int
    until_ms: int


class Versions(msgspec.Struct):
    """Earlier contents, the newest first."""

    versions: list[FileVersion]
    days: int


class Restored(msgspec.Struct):
    """What it is called now, and in which folder."""

    file: str
    name: str
    parent: str


class Keeping:
    """The handlers."""

    def __init__(self, ctx: ServiceContext, uploads: Uploads) -> None:
        self._ctx, self._uploads = ctx, uploads
        ctx.jobs.daily(self.tend)

    def operations(self) -> list[Operation]:
        item, of_file = "/files/trash/{file}", "/files/{file}/versions"
        one = f"{of_file}/{{version}}"
        return [
            Operation("GET", "/files/trash", self.trash, "What was deleted and can be had back", response=Trash),
            Operation("DELETE", "/files/trash", self.empty, "Empty the trash", status=204, devices_only=True),
            Operation("POST", f"{item}/restore", self.restore, "Take something from the trash", response=Restored),
            Operation(
                "DELETE", item, self.drop, "Delete something in the trash for good", status=204, devices_only=True
            ),
            Operation("GET", of_file, self.versions, "A file's earlier contents", response=Versions),
            Operation("GET", f"{one}/content", self.content, "An earlier content; Range is served"),
            Operation(
                "POST", f"{one}/restore", self.revert, "Make an earlier content the file's", response=Restored
            ),
            Operation(
                "DELETE", one, self.forget, "Delete an earlier content for good", status=204, devices_only=True
            ),
        ]

    async def tend(self) -> None:
        """Deletes for good what was kept for its time; settles what a crash left."""
        now, settings = self._ctx.clock.now_ms(), self._ctx.settings
        await self._ctx.db.write_async(lambda conn: trash.expire(conn, now - settings.trash_days * rules.DAY_MS))
        await self._ctx.db.write_async(
            lambda conn: versions.thin(conn, now - settings.version_days * rules.DAY_MS, now)
        )
        await self._ctx.db.write_async(lambda conn: given.forget(self._ctx, conn))
        await self._ctx.db.write_async(lambda conn: shares.forget(conn, now))
        await self._ctx.db.write_async(lambda conn: vault.expire(conn, self._ctx.journal, now))
        await self._uploads.settle(None)

    async def trash(self, _request: Request, caller: Caller) -> Response:
        days = self._ctx.settings.trash_days
        items = await self._ctx.db.read_async(lambda conn: trash.every(conn, caller.account_id))
        return reply(
            Trash(
                [
                    TrashItem(
                        one.id,
                        one.name,
                        one.type,
                        one.parent,
                        one.size,
                        one.items,
                        one.deleted_ms,
                        one.deleted_ms + days * rules.DAY_MS,
                        one.sealed,
                    )
                    for one in items
                ],
                days,
            )
        )

    async def empty(self, _request: Request, caller: Caller) -> Response:
        def change(conn: Connection) -> None:
            trash.empty(conn, caller.account_id)
            self._ctx.log.note(conn, caller, "trash-emptied")

        return await self._done(caller, change)

    async def drop(self, request: Request, caller: Caller) -> Response:
        file = request.path_params["file"]
        return await self._done(caller, lambda conn: trash.drop(conn, caller.account_id, file))

    async def restore(self, request: Request, caller: Caller) -> Response:
        file, journal = request.path_params["file"], self._ctx.journal
        whole = False
        while not whole:
            whole = await self._ctx.db.write_async(
                lambda conn: trash.bring_back(conn, journal, caller.account_id, file)
            )
        return await self._restored(caller, file)

    async def versions(self, request: Request, caller: Caller) -> Response:
        file, days = request.path_params["file"], self._ctx.settings.version_days

        def read(conn: Connection) -> list[versions.Version]:
            store.file(conn, self._ctx.journal, caller.account_id, file)
            return versions.every(conn, caller.account_id, file)

        found = await self._ctx.db.read_async(read)
        told = [
            FileVersion(
                one.id,
                one.size,
                one.blake3,
                one.type,
                one.modified_ms,
                one.replaced_ms,
                one.replaced_ms + days * rules.DAY_MS,
            )
            for one in found
        ]
        return reply(Versions(told, days))

    async def content(self, request: Request, caller: Caller) -> Response:
        file, version = request.path_params["file"], request.path_params["version"]

        def read(conn: Connection) -> dict[str, object]:
            found = versions.one(conn, caller.account_id, file, version)
            name = store.file(conn, self._ctx.journal, caller.account_id, file)["name"]
            return {
                "name": name,
                "type": found.type,
                "size": found.size,
                "blake3": found.blake3,
                "object": found.id,
            }

        fields = await self._ctx.db.read_async(read)
        return await contents.serve(self._ctx.objects, caller.account_id, request, fields)

    async def revert(self, request: Request, caller: Caller) -> Response:
        file, version = request.path_params["file"], request.path_params["version"]
        await self._ctx.db.write_async(
            lambda conn: versions.bring_back(conn, self._ctx.journal, caller.account_id, file, version)
        )
        return await self._restored(caller, file)

    async def forget(self, request: Request, caller: Caller) -> Response:
        file, version = request.path_params["file"], request.path_params["version"]

        def change(conn: Connection) -> None:
            name = self._ctx.journal.record(conn, caller.account_id, store.COLLECTION, file)
            versions.forget(conn, caller.account_id, file, version)
            self._ctx.log.note(conn, caller, "version-deleted", str(name.fields["name"]) if name else "")

        return await self._done(caller, change)

    async def _done(self, caller: Caller, change: Callable[[Connection], None]) -> Response:
        await self._ctx.db.write_async(change)
        await self._uploads.settle(caller.account_id)
        return reply(status=204)

    async def _restored(self, caller: Caller, file: str) -> Response:
        await self._uploads.settle(caller.account_id)
        fields = await self._ctx.db.read_async(
            lambda conn: store.file(conn, self._ctx.journal, caller.account_id, file)
        )
        return reply(Restored(file, fields["name"], fields["parent"]))
