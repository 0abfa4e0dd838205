"""HTTP of the files service, below /api/v1: resumable uploads, contents, deletion, usage."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, decode, reply
from pileus.cloud.services.files import contents, exporting, given, rules, store, trash, tus_rules, vault
from pileus.cloud.services.files.bulk import Bulk
from pileus.cloud.services.files.keeping import Keeping
from pileus.cloud.services.files.links import Links
from pileus.cloud.services.files.pictures import Pictures
from pileus.cloud.services.files.searching import Searching
from pileus.cloud.services.files.sharing import Sharing
from pileus.cloud.services.files.store import Upload
from pileus.cloud.services.files.tus import Tus
from pileus.cloud.services.files.uploads import Uploads
from pileus.cloud.services.files.vault_keys import VaultKeys
from pileus.core import stated
from pileus.core.errors import Conflict, NotFound, StorageFull, StorageReadOnly
from pileus.core.filenames import NAME, NAME_BYTES, clean_name
from pileus.core.ids import RECORD_ID, new_id

ROOT = "/api/v1"
FileName = Annotated[str, stated.text(1, NAME_BYTES, NAME, **{"not": {"enum": [".", ".."]}})]


class UploadWish(msgspec.Struct):
    """`parent` "" is the root; `blake3` (hex) is checked when all bytes are there.

    `replaces` names the file that gets a new content; with `seen`, the object that it had for the sender, a
    file that changed since is refused (409 `file-changed`), or kept beside where it changes meanwhile.
    `sealed`: what a file of the vault is called, as only its owner's devices read it.
    """

    name: FileName
    size: Annotated[int, stated.number(0, rules.LARGEST)]
    parent: Annotated[str, stated.text(pattern=RECORD_ID, empty=True)] = ""
    type: Annotated[str, stated.text(pattern=rules.TYPE)] = rules.UNKNOWN
    blake3: Annotated[str, stated.text(pattern=rules.HASH)] | None = None
    modified_ms: int | None = None
    replaces: str = ""
    seen: str = ""
    sealed: Annotated[str, stated.text(0, rules.MOST_SEALED, rules.BASE64, empty=True)] = ""


class UploadState(msgspec.Struct):
    """`offset` bytes are safe. `file`: complete, and this is the record's id; `name` is what it has."""

    upload: str
    offset: int
    size: int
    file: str | None = None
    name: str | None = None


class Usage(msgspec.Struct):
    """Bytes. `trash` and `versions` are parts of `used`: what deleting them for good would free."""

    used: int
    limit: int
    trash: int
    versions: int


def operations(ctx: ServiceContext) -> list[Operation]:
    uploads = Uploads(ctx)
    uploads.tidy()
    ctx.departures.outside(uploads.leave)
    ctx.departures.own_rows(store.leave)
    ctx.departures.own_rows(partial(given.leave, ctx))
    ctx.exports.offer(partial(exporting.offered, ctx))
    ctx.damage.offer(store.AREA, store.named)
    files = Files(ctx, uploads)
    one, of_file = "/files/uploads/{upload}", "/files/{file}"
    raw = "application/octet-stream"
    return [
        Operation("POST", "/files/uploads", files.begin, "Begin an upload", UploadWish, UploadState, status=201),
        Operation(
            "OPTIONS", "/files/uploads", files.tus.options, "What of tus is offered", status=204, public=True
        ),
        Operation("GET", one, files.state, "How far an upload is", response=UploadState),
        Operation("HEAD", one, files.state, "How far an upload is, in headers"),
        Operation(
            "PATCH",
            one,
            files.append,
            "Send bytes from Upload-Offset on",
            response=UploadState,
            takes=raw,
            headers={"Upload-Offset": Annotated[str, stated.text(pattern=rules.OFFSET)]},
            needed=frozenset({"Upload-Offset"}),
        ),
        Operation("DELETE", one, files.give_up, "Give an upload up", status=204),
        Operation("GET", "/files/usage", files.usage, "Bytes used and allowed", response=Usage),
        *Bulk(ctx).operations(),
        *Keeping(ctx, uploads).operations(),
        *Sharing(ctx, uploads).operations(),
        *Links(ctx).operations(),
        *Searching(ctx).operations(),
        *Pictures(ctx).operations(),
        *VaultKeys(ctx, uploads).operations(),
        Operation("GET", f"{of_file}/content", files.content, "A file's content; Range is served"),
        Operation(
            "DELETE", of_file, files.delete, "Put a file, or a folder with all in it, into the trash", status=204
        ),
    ]


class Files:
    """The handlers."""

    def __init__(self, ctx: ServiceContext, uploads: Uploads) -> None:
        self._ctx, self._uploads = ctx, uploads
        self.tus = Tus(uploads, self._begin_tus, f"{ROOT}/files/uploads")

    async def begin(self, request: Request, caller: Caller) -> Response:
        if self.tus.speaks(request):
            return await self.tus.create(request, caller)
        return _told(await self._begin(caller, await decode(request, UploadWish, 16 * 1024)), 201)

    async def _begin_tus(self, caller: Caller, wish: tus_rules.Wish) -> Upload:
        """The members of `UploadWish` by their names in Upload-Metadata, and those that tus clients use."""
        values, modified = wish.values, wish.values.get("modified_ms", "")
        named = UploadWish(
            values.get("filename") or values.get("name") or "file",
            wish.size,
            values.get("parent", ""),
            values.get("filetype") or values.get("type") or rules.UNKNOWN,
            values.get("blake3"),
            int(modified) if modified.isascii() and modified.isdigit() and len(modified) < 16 else None,
            values.get("replaces", ""),
            values.get("seen", ""),
            values.get("sealed", ""),
        )
        return await self._begin(caller, named, wish.metadata)

    async def _begin(self, caller: Caller, wish: UploadWish, metadata: str = "") -> Upload:
        rules.check_wish(wish.parent, wish.size, wish.type, wish.blake3)
        rules.check_sealed(wish.sealed, wish.name, wish.type)
        await self._uploads.settle(caller.account_id)
        now = self._ctx.clock.now_ms()
        upload = Upload(
            new_id(now),
            caller.account_id,
            clean_name(wish.name),
            wish.parent,
            wish.size,
            wish.type,
            wish.blake3,
            now if wish.modified_ms is None else wish.modified_ms,
            0,
            now,
            replaces=wish.replaces,
            seen=wish.seen,
            metadata=metadata,
            sealed=wish.sealed,
        )
        await self._ctx.db.read_async(lambda conn: self._check(conn, upload))
        return await self._uploads.begin(upload)

    async def state(self, request: Request, caller: Caller) -> Response:
        if request.method == "HEAD" and self.tus.speaks(request):
            return await self.tus.head(request, caller)
        return _told(await self._uploads.find(caller.account_id, request.path_params["upload"]))

    async def append(self, request: Request, caller: Caller) -> Response:
        if self.tus.speaks(request):
            return await self.tus.patch(request, caller)
        offset = rules.parse_offset(request.headers.get("upload-offset"))
        declared = request.headers.get("content-length")
        length = int(declared) if declared and declared.isdigit() else None
        upload = request.path_params["upload"]
        return _told(await self._uploads.append(caller.account_id, upload, offset, length, request.stream()))

    async def give_up(self, request: Request, caller: Caller) -> Response:
        if self.tus.speaks(request):
            return await self.tus.terminate(request, caller)
        await self._uploads.give_up(caller.account_id, request.path_params["upload"])
        return reply(status=204)

    async def usage(self, _request: Request, caller: Caller) -> Response:
        await self._uploads.settle(caller.account_id)
        quota = self._ctx.quota
        held = await self._ctx.db.read_async(lambda conn: store.held(conn, caller.account_id))
        return reply(Usage(await quota.used(caller.account_id), await quota.limit(caller.account_id), *held))

    async def delete(self, request: Request, caller: Caller) -> Response:
        """Nothing happens where it is gone already: a device may ask twice."""
        file, journal = request.path_params["file"], self._ctx.journal
        whole = False
        while not whole:
            whole = await self._ctx.db.write_async(
                lambda conn: trash.put_away(conn, journal, caller.account_id, file)
            )
        await self._uploads.settle(caller.account_id)
        return reply(status=204)

    async def content(self, request: Request, caller: Caller) -> Response:
        file = request.path_params["file"]
        with suppress(StorageFull, StorageReadOnly):  # what is owed waits; what is there can be read
            await self._uploads.settle(caller.account_id)
        fields = await self._ctx.db.read_async(
            lambda conn: store.file(conn, self._ctx.journal, caller.account_id, file)
        )
        if rules.is_folder(fields):
            raise NotFound("no-content", "A folder has no content.")
        return await contents.serve(self._ctx.objects, caller.account_id, request, fields)

    def _check(self, conn: Connection, upload: Upload) -> None:
        if upload.sealed:
            vault.check_key(conn, upload.account_id, upload.sealed)
        if not upload.replaces:
            return
        fields = store.file(conn, self._ctx.journal, upload.account_id, upload.replaces)
        if rules.is_folder(fields):
            raise NotFound("no-content", "A folder has no content.")
        rules.check_replacing(fields, upload.sealed)
        if store.replaced(conn, self._ctx.journal, upload) is None:
            raise Conflict("file-changed", "The file has another content by now: look at it first.")


def _told(upload: Upload, status: int = 200) -> Response:
    done = upload.file_name is not None
    state = UploadState(upload.id, upload.place, upload.size, upload.file if done else None, upload.file_name)
    return reply(state, status, {"Upload-Offset": str(upload.place)})
