"""HTTP of the files service, below /api/v1: resumable uploads, contents, deletion, usage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext, decode, reply
from pileus.cloud.services.files import rules, store
from pileus.cloud.services.files.store import AREA, Upload
from pileus.cloud.services.files.uploads import Uploads
from pileus.core.errors import NotFound
from pileus.core.ids import new_id


class UploadWish(msgspec.Struct):
    """`parent` "" is the root; `blake3` (hex) is checked when all bytes are there."""

    name: str
    size: int
    parent: str = ""
    type: str = rules.UNKNOWN
    blake3: str | None = None
    modified_ms: int | None = None


class UploadState(msgspec.Struct):
    """`offset` bytes are safe. `file`: complete, and this is the record's id; `name` is what it got."""

    upload: str
    offset: int
    size: int
    file: str | None = None
    name: str | None = None


class Usage(msgspec.Struct):
    used: int
    limit: int


def operations(ctx: ServiceContext) -> list[Operation]:
    uploads = Uploads(ctx)
    uploads.tidy()
    files = Files(ctx, uploads)
    one, of_file = "/files/uploads/{upload}", "/files/{file}"
    raw = "application/octet-stream"
    return [
        Operation("POST", "/files/uploads", files.begin, "Begin an upload", UploadWish, UploadState, status=201),
        Operation("GET", one, files.state, "How far an upload is", response=UploadState),
        Operation("HEAD", one, files.state, "How far an upload is, in the header Upload-Offset"),
        Operation(
            "PATCH",
            one,
            files.append,
            "Send bytes from Upload-Offset on",
            response=UploadState,
            media_type=raw,
        ),
        Operation("DELETE", one, files.give_up, "Give an upload up", status=204),
        Operation("GET", "/files/usage", files.usage, "Bytes used and allowed", response=Usage),
        Operation("GET", f"{of_file}/content", files.content, "A file's content; Range is served"),
        Operation("DELETE", of_file, files.delete, "Delete a file or folder", status=204),
    ]


class Files:
    """The handlers."""

    def __init__(self, ctx: ServiceContext, uploads: Uploads) -> None:
        self._ctx, self._uploads = ctx, uploads

    async def begin(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, UploadWish, 16 * 1024)
        rules.check_wish(wish.parent, wish.size, wish.type, wish.blake3)
        await self._uploads.settle(caller.account_id)
        now = self._ctx.clock.now_ms()
        upload = Upload(
            new_id(now),
            caller.account_id,
            rules.clean_name(wish.name),
            wish.parent,
            wish.size,
            wish.type,
            wish.blake3,
            now if wish.modified_ms is None else wish.modified_ms,
            0,
            now,
        )
        return _told(await self._uploads.begin(upload), 201)

    async def state(self, request: Request, caller: Caller) -> Response:
        return _told(await self._uploads.find(caller.account_id, request.path_params["upload"]))

    async def append(self, request: Request, caller: Caller) -> Response:
        offset = rules.parse_offset(request.headers.get("upload-offset"))
        declared = request.headers.get("content-length")
        length = int(declared) if declared and declared.isdigit() else None
        upload = request.path_params["upload"]
        return _told(await self._uploads.append(caller.account_id, upload, offset, length, request.stream()))

    async def give_up(self, request: Request, caller: Caller) -> Response:
        await self._uploads.give_up(caller.account_id, request.path_params["upload"])
        return reply(status=204)

    async def usage(self, _request: Request, caller: Caller) -> Response:
        await self._uploads.settle(caller.account_id)
        quota = self._ctx.quota
        return reply(Usage(await quota.used(caller.account_id), await quota.limit(caller.account_id)))

    async def delete(self, request: Request, caller: Caller) -> Response:
        """Nothing happens where it is gone already: a device may ask twice."""
        file = request.path_params["file"]
        await self._ctx.db.write_async(lambda conn: store.delete(conn, self._ctx.journal, caller.account_id, file))
        await self._uploads.settle(caller.account_id)
        return reply(status=204)

    async def content(self, request: Request, caller: Caller) -> Response:
        file = request.path_params["file"]
        await self._uploads.settle(caller.account_id)
        fields = await self._ctx.db.read_async(
            lambda conn: store.file(conn, self._ctx.journal, caller.account_id, file)
        )
        if rules.is_folder(fields):
            raise NotFound("no-content", "A folder has no content.")
        etag, size = f'"{fields["blake3"]}"', int(fields["size"])
        headers = _headers(fields, etag)
        if rules.matches(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        valid = request.headers.get("if-range") in (None, etag)
        span = rules.parse_range(request.headers.get("range"), size) if valid else None
        start, end = span or (0, size)
        headers["Content-Length"] = str(end - start)
        if span:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        body = self._ctx.objects.get(caller.account_id, AREA, fields["object"], start, end)
        body = await _begun(body)
        return StreamingResponse(body, 206 if span else 200, headers)


async def _begun(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, the first of them read now: what cannot be read is an error, not a cut answer."""
    first = await anext(body, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in body:
            yield piece

    return whole()


def _headers(fields: dict[str, Any], etag: str) -> dict[str, str]:
    """What a browser must not do with someone's file: guess its type, or run it."""
    type_ = fields.get("type")
    known = isinstance(type_, str) and rules.TYPE.fullmatch(type_)
    return {
        "Content-Type": str(type_) if known else rules.UNKNOWN,
        "Content-Disposition": rules.disposition(str(fields["name"])),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-cache",
    }


def _told(upload: Upload, status: int = 200) -> Response:
    done = upload.file_name is not None
    state = UploadState(upload.id, upload.place, upload.size, upload.id if done else None, upload.file_name)
    return reply(state, status, {"Upload-Offset": str(upload.place)})
