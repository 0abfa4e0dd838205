"""HTTP of the phone's backups, below /api/v1/backups/phone."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, decode, reply
from pileus.cloud.services.backups.phone.backups import Overview, PhoneBackups
from pileus.cloud.services.backups.phone.reading import Item, Report
from pileus.cloud.services.backups.phone.rules import About
from pileus.core.errors import Invalid

MOST_WANTED = 1000
MOST_IDS = 10_000


class Begun(msgspec.Struct, frozen=True):
    """The job, whose record `jobs.job` tells how far it is."""

    job: str


class Wanted(msgspec.Struct, frozen=True):
    """Of each collection the ids to bring back; null: all. `apps`: whose files are to be as they were."""

    records: dict[str, list[str] | None] = {}
    apps: list[str] = []


def operations(phone: PhoneBackups) -> list[Operation]:
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
        if not 0 < len(wish.records) + len(wish.apps) <= MOST_WANTED or ids > MOST_IDS:
            sentence = f"Name 1 to {MOST_WANTED} collections or apps, and {MOST_IDS} ids at most."
            raise Invalid("nothing-wanted", sentence)
        snapshot = request.path_params["snapshot"]
        return reply(await phone.restore(caller.account_id, snapshot, wish.records, wish.apps))

    one = "/backups/phone/{snapshot}"
    return [
        Operation(
            "GET", "/backups/phone", overview, "The phone's backups, and when the last was", response=Overview
        ),
        Operation("POST", "/backups/phone", begin, "Back the phone up now", response=Begun, status=202),
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
            "POST", f"{one}/restore", restore, "Bring records and apps' files of a backup back", Wanted, Report
        ),
    ]
