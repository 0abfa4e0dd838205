"""The tus resumable upload protocol, version 1.0.0 (tus.io/protocols/resumable-upload), over the same uploads.

Extensions: creation, creation-with-upload, expiration, checksum, termination. A request is tus' by its header
Tus-Resumable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, problem
from pileus.cloud.services.files import rules, tus_rules
from pileus.cloud.services.files.store import Upload
from pileus.cloud.services.files.uploads import KEPT_MS, Uploads
from pileus.core.errors import PileusError

MEDIA_TYPE = "application/offset+octet-stream"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
Begin = Callable[[Caller, "tus_rules.Wish"], Awaitable[Upload]]


class Tus:
    """The handlers; `begin` makes an upload of what a creation asks for, at the address `place`."""

    def __init__(self, uploads: Uploads, begin: Begin, place: str) -> None:
        self._uploads, self._begin, self._place = uploads, begin, place

    def speaks(self, request: Request) -> bool:
        return "tus-resumable" in request.headers

    async def options(self, _request: Request, _caller: Caller) -> Response:
        return Response(
            status_code=204,
            headers={
                "Tus-Resumable": tus_rules.VERSION,
                "Tus-Version": tus_rules.VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Checksum-Algorithm": ",".join(tus_rules.ALGORITHMS),
                "Tus-Max-Size": str(rules.LARGEST),
            },
        )

    async def create(self, request: Request, caller: Caller) -> Response:
        return await self._answer(request, self._create(request, caller))

    async def head(self, request: Request, caller: Caller) -> Response:
        return await self._answer(request, self._head(request, caller))

    async def patch(self, request: Request, caller: Caller) -> Response:
        return await self._answer(request, self._patch(request, caller))

    async def terminate(self, request: Request, caller: Caller) -> Response:
        return await self._answer(request, self._terminate(request, caller))

    async def _create(self, request: Request, caller: Caller) -> Response:
        wish = tus_rules.wish(
            request.headers.get("upload-length"),
            request.headers.get("upload-metadata", ""),
            deferred="upload-defer-length" in request.headers,
            concatenated="upload-concat" in request.headers,
        )
        with_body = request.headers.get("content-type") == MEDIA_TYPE
        upload = await self._begin(caller, wish)
        headers = {"Location": f"{self._place}/{upload.id}"}
        if with_body and upload.file_name is None:
            try:
                upload = await self._append(request, caller, upload.id, 0)
            except PileusError as error:
                # The upload is there, and its client has to learn where, to go on with it.
                if error.code not in ("cut-off", "checksum-mismatch"):
                    raise
                upload = await self._uploads.find(caller.account_id, upload.id)
        return Response(status_code=201, headers={**headers, **_told(upload)})

    async def _head(self, request: Request, caller: Caller) -> Response:
        upload = await self._uploads.find(caller.account_id, request.path_params["upload"])
        headers = {"Upload-Length": str(upload.size), "Cache-Control": "no-store", **_told(upload)}
        if upload.metadata:
            headers["Upload-Metadata"] = upload.metadata
        return Response(status_code=200, headers=headers)

    async def _patch(self, request: Request, caller: Caller) -> Response:
        if request.headers.get("content-type") != MEDIA_TYPE:
            raise PileusError("bad-media-type", f"A PATCH has the Content-Type {MEDIA_TYPE}.", status=415)
        offset = rules.parse_offset(request.headers.get("upload-offset"))
        upload = await self._append(request, caller, request.path_params["upload"], offset)
        return Response(status_code=204, headers=_told(upload))

    async def _append(self, request: Request, caller: Caller, upload: str, offset: int) -> Upload:
        declared = request.headers.get("content-length")
        length = int(declared) if declared and declared.isdigit() else None
        checksum = tus_rules.checksum(request.headers.get("upload-checksum"))
        return await self._uploads.append(caller.account_id, upload, offset, length, request.stream(), checksum)

    async def _terminate(self, request: Request, caller: Caller) -> Response:
        await self._uploads.give_up(caller.account_id, request.path_params["upload"])
        return Response(status_code=204)

    async def _answer(self, request: Request, work: Awaitable[Response]) -> Response:
        """Every answer names the version, refusals too."""
        try:
            tus_rules.check_version(request.headers.get("tus-resumable"))
            answer = await work
        except PileusError as error:
            answer = problem(error)
            if error.code == "tus-version":
                answer.headers["Tus-Version"] = tus_rules.VERSION
        answer.headers["Tus-Resumable"] = tus_rules.VERSION
        return answer


def _told(upload: Upload) -> dict[str, str]:
    """Where an upload is; the record it became, and until when it is kept while it is unfinished."""
    headers = {"Upload-Offset": str(upload.place)}
    if upload.file_name is not None:
        headers["Pileus-File"] = upload.file
    else:
        until = datetime.fromtimestamp((upload.touched_ms + KEPT_MS) / 1000, UTC)
        headers["Upload-Expires"] = format_datetime(until, usegmt=True)
    return headers
