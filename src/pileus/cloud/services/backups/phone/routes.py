"""HTTP of the phone's backups, below /api/v1/backups/phone."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from pileus.cloud.kernel.service import Caller, Operation, decode, number, number_of, reply
from pileus.cloud.services.backups.phone.backups import Overview, PhoneBackups
from pileus.cloud.services.backups.phone.reading import Item
from pileus.cloud.services.backups.phone.reports import ReportPage
from pileus.cloud.services.backups.phone.restoring import Restores, Wanted
from pileus.cloud.services.backups.phone.rules import About
from pileus.core.errors import Invalid

MOST_WANTED = 1000
MOST_IDS = 10_000
MOST_REPORT = 1 << 40
"""Bytes of a report, in which `start` is a place."""


class Begun(msgspec.Struct, frozen=True):
    """The job, whose record `jobs.job` tells how far it is."""

    job: str


def operations(phone: PhoneBackups, restores: Restores) -> list[Operation]:
    async def overview(_request: Request, caller: Caller) -> Response:
        return reply(await phone.overview(caller.account_id))

    async def begin(_request: Request, caller: Caller) -> Response:
        return reply(Begun(await phone.begin(caller.account_id)), 202)

    async def about(request: Request, caller: Caller) -> Response:
        return reply(await phone.about(caller.account_id, request.path_params["snapshot"]))

    async def items(request: Request, caller: Caller) -> Response:
        words = request.query_params.get("q", "")
        collection = request.query_params.get("collection", "")
        found = await phone.items(caller.account_id, request.path_params["snapshot"], collection, words)
        return reply(found)

    async def restore(request: Request, caller: Caller) -> Response:
        wish = await decode(request, Wanted)
        ids = sum(len(one or ()) for one in wish.records.values())
        if not wish.all and (not 0 < len(wish.records) + len(wish.apps) <= MOST_WANTED or ids > MOST_IDS):
            sentence = f"Name 1 to {MOST_WANTED} collections or apps, and {MOST_IDS} ids at most."
            raise Invalid("nothing-wanted", sentence)
        snapshot = request.path_params["snapshot"]
        return reply(Begun(await restores.begin(caller, snapshot, wish)), 202)

    async def report(request: Request, caller: Caller) -> Response:
        at = number(request, "start", 0, 0, MOST_REPORT)
        return reply(await restores.report(caller.account_id, request.path_params["job"], at))

    async def report_file(request: Request, caller: Caller) -> Response:
        path = await restores.file(caller.account_id, request.path_params["job"])
        return FileResponse(path, media_type="application/jsonl", filename=f"{path.stem}.jsonl")

    async def cancel(request: Request, caller: Caller) -> Response:
        await restores.cancel(caller.account_id, request.path_params["job"])
        return reply(status=204)

    one, job = "/backups/phone/{snapshot}", "/backups/phone/restores/{job}"
    return [
        Operation(
            "GET", "/backups/phone", overview, "The phone's backups, and when the last was", response=Overview
        ),
        Operation(
            "POST", "/backups/phone", begin, "Back the phone up now", response=Begun, status=202, costly="backup"
        ),
        Operation("GET", one, about, "What a backup of the phone holds", response=About),
        Operation(
            "GET",
            f"{one}/items",
            items,
            "Records of a backup, at most 200, those that the phone lacks first",
            response=list[Item],
            query={"collection": str, "q": str},
        ),
        Operation(
            "POST",
            f"{one}/restore",
            restore,
            "Bring records and apps' files of a backup back, or all of it",
            Wanted,
            Begun,
            202,
        ),
        Operation("DELETE", job, cancel, "End a restore; what it brought back stays", status=204),
        Operation(
            "GET",
            job,
            report,
            "What a restore did, item by item",
            response=ReportPage,
            query={"start": number_of(0, MOST_REPORT)},
        ),
        Operation("GET", f"{job}/file", report_file, "The same as JSON lines", media_type="application/jsonl"),
    ]
