"""HTTP of thumbnails: which file has one, and where it comes from."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, ServiceContext
from pileus.cloud.services.files import drawing, rules, store
from pileus.cloud.services.files.thumbnails import Drawer, Shelf
from pileus.core.errors import NotFound


class Pictures:
    """The handler."""

    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx
        self._drawer = Drawer()
        self._shelf = Shelf(ctx.folder("files") / "thumbnails")

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "GET",
                "/files/{file}/thumbnail",
                self.thumbnail,
                "A small picture of a picture, WebP",
                costly="picture",
            )
        ]

    async def thumbnail(self, request: Request, caller: Caller) -> Response:
        """404 `no-thumbnail` for what is no picture, is damaged, or cannot be drawn on this machine."""
        file, account = request.path_params["file"], caller.account_id
        fields = await self._ctx.db.read_async(lambda conn: store.file(conn, self._ctx.journal, account, file))
        if not rules.is_picture(fields) or int(fields["size"]) > drawing.MOST_BYTES:
            raise _none()
        content = str(fields["blake3"])
        etag = f'"{content}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Content-Security-Policy": "sandbox"}
        if rules.matches(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        key = await self._ctx.objects.naming_key(account, store.AREA)
        drawn = await asyncio.to_thread(self._shelf.get, account, content, key)
        if drawn is None:

            async def read() -> bytes:
                pieces = self._ctx.objects.get(account, store.AREA, fields["object"])
                return b"".join([piece async for piece in pieces])

            drawn = await self._drawer.draw(account, read)
            if drawn is not None:
                await asyncio.to_thread(self._shelf.put, account, content, key, drawn)
        if not drawn:
            raise _none()
        return Response(drawn, headers=headers, media_type="image/webp")


def _none() -> NotFound:
    return NotFound("no-thumbnail", "There is no small picture of this file.")
