"""The account's Files as a value: what the journal and the files service answer a sync, without disk or socket.

What becomes of a mutation is decided by the journal's own rules; uploads, bulk and contents are modelled after
docs/design/files.md. Each answer is one commit: what a client does not hear of may still be there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx
from blake3 import blake3

from pileus.cloud.kernel.journal.rules import State, advance, copy_id, decide_delete, decide_put
from pileus.cloud.services.files.rules import FOLDER, check_file
from pileus.core.errors import PileusError
from pileus.core.filenames import clean_name, numbered, tagged
from pileus.sdk.sync.cloud import COLLECTION
from pileus.sdk.sync.trees import Item

PAGE = 4
"""Changes a page, whatever is asked for: small histories have several."""


class Answer(NamedTuple):
    status: int
    body: bytes = b""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


@dataclass
class Upload:
    wish: dict[str, Any]
    data: bytes = b""
    file: str = ""
    name: str = ""


class Service:
    """One account. `ever`: the contents that it took as a file's; `fresh` makes ids."""

    def __init__(self, fresh: Callable[[], str]) -> None:
        self._fresh = fresh
        self.states: dict[str, State] = {}
        self.head = self.floor = 0
        self.spent: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, Upload] = {}
        self.contents: dict[str, bytes] = {}
        self.ever: set[str] = set()
        self.full = False

    def items(self) -> dict[str, Item]:
        """The live records as a sync sees them."""
        return {
            one: Item(state.fields["parent"], state.fields["name"], state.fields.get("blake3"))
            for one, state in self.states.items()
            if not state.deleted
        }

    def respond(self, device: str, request: httpx.Request) -> httpx.Response:
        """`answer` for a request as a client sends it."""
        answer = self.answer(device, request.method, *asked(request))
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)

    def answer(self, device: str, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        part = path.split("/")[1:]
        if path == "/devices":
            return _json([{"name": device, "current": True}])
        if path == "/account":
            return _json({"id": "anna"})
        if path == "/journal/changes":
            return self._changes(int(query["since"]))
        if path == "/journal/snapshot":
            return self._snapshot(query.get("page", f"{self.head}:"))
        if path == "/journal/mutations":
            wishes = json.loads(body)["mutations"]
            return _json({"outcomes": [self._once(device, wish) for wish in wishes]})
        if path == "/files/bulk":
            return _json({"files": self._bulk(body)})
        if path == "/files/uploads":
            return self._begin(json.loads(body))
        if path.startswith("/files/uploads/"):
            upload = self.uploads.get(part[2])
            if upload is None:
                return problem(404, "no-upload")
            if method == "PATCH":
                if int(query["offset"]) != len(upload.data):
                    return problem(409, "wrong-offset")
                return self.append(part[2], body)
            return self._told(part[2])
        state = self.states.get(part[1])
        if state is None or state.deleted or "blake3" not in state.fields:
            return problem(404, "no-file")
        return self._content(state.fields["blake3"], query)

    def put(self, device: str, one: str, fields: dict[str, Any], base: int | None = None) -> None:
        """A change by somebody else: a service's (`device` "") where it has no base. Raises `PileusError`."""
        self._change(device, self._fresh(), one, "put", base, fields)

    def delete(self, device: str, one: str) -> None:
        self._change(device, self._fresh(), one, "delete", self.head, {})

    def keep(self, data: bytes) -> dict[str, Any]:
        """The fields of a file with this content."""
        digest = str(blake3(data).hexdigest())
        self.contents[digest] = data
        self.ever.add(digest)
        return {
            "object": self._fresh(),
            "blake3": digest,
            "size": len(data),
            "type": "text/plain",
            "modified_ms": 1,
        }

    def compact(self, share: float) -> None:
        """Forgets the oldest tombstones; a cursor below the floor is gone."""
        dead = sorted(state.seq for state in self.states.values() if state.deleted)
        if dead:
            self.floor = dead[int(len(dead) * share * 0.999)]
            self.states = {
                one: state for one, state in self.states.items() if not state.deleted or state.seq > self.floor
            }

    def give_up_uploads(self) -> None:
        self.uploads = {one: upload for one, upload in self.uploads.items() if upload.file}

    def append(self, one: str, piece: bytes) -> Answer:
        """Bytes of an upload; complete, it is a file."""
        upload = self.uploads[one]
        if upload.file:
            return self._told(one)
        upload.data += piece
        wish = upload.wish
        if len(upload.data) == wish["size"]:
            if str(blake3(upload.data).hexdigest()) != wish["blake3"]:
                del self.uploads[one]
                return problem(422, "hash-mismatch")
            now = self.keep(upload.data) | {"modified_ms": wish["modified_ms"]}
            if self._may_replace(wish):
                upload.file = wish["replaces"]
                if self.states[upload.file].fields["blake3"] != now["blake3"]:
                    self.put("", upload.file, now)
            else:
                upload.file = one
                self.put("", one, self._placed({"name": wish["name"], "parent": wish["parent"], **now}))
            upload.name = self.states[upload.file].fields["name"]
        return self._told(one)

    def _begin(self, wish: dict[str, Any]) -> Answer:
        if self.full:
            return problem(507, "quota-exceeded")
        if wish.get("replaces") and not self._may_replace(wish):
            gone = wish["replaces"] not in self.items()
            return problem(404, "no-file") if gone else problem(409, "file-changed")
        one = self._fresh()
        self.uploads[one] = Upload(wish)
        return self.append(one, b"") if wish["size"] == 0 else self._told(one)

    def _may_replace(self, wish: dict[str, Any]) -> bool:
        state = self.states.get(wish.get("replaces", ""))
        return state is not None and not state.deleted and state.fields.get("object") == wish["seen"]

    def _told(self, one: str) -> Answer:
        upload = self.uploads[one]
        told = {"upload": one, "offset": len(upload.data), "size": upload.wish["size"]}
        return _json({**told, "file": upload.file or None, "name": upload.name or None})

    def _bulk(self, body: bytes) -> list[dict[str, Any]]:
        outcomes = []
        while body:
            (length,) = struct.unpack_from("<I", body)
            wish = json.loads(body[4 : 4 + length])
            end = 4 + length + wish["size"]
            outcomes.append(self._keep_small(wish, body[4 + length : end]))
            body = body[end:]
        return outcomes

    def _keep_small(self, wish: dict[str, Any], data: bytes) -> dict[str, Any]:
        one, digest = wish["id"], str(blake3(data).hexdigest())
        state = self.states.get(one)
        if wish["blake3"] != digest:
            return {"code": "hash-mismatch", "detail": ""}
        if state is not None and not state.deleted:
            same = state.fields.get("blake3") == digest
            return {"file": one, "name": state.fields["name"]} if same else {"code": "id-taken", "detail": ""}
        if self.full:
            return {"code": "quota-exceeded", "detail": ""}
        now = self.keep(data) | {"modified_ms": wish["modified_ms"]}
        self.put("", one, self._placed({"name": wish["name"], "parent": wish["parent"], **now}))
        return {"file": one, "name": self.states[one].fields["name"]}

    def _placed(self, fields: dict[str, Any]) -> dict[str, Any]:
        """As the files service: a lost folder becomes the root, a name that is taken gets a number."""
        items = self.items()
        if fields["parent"] and (fields["parent"] not in items or not items[fields["parent"]].folder):
            fields["parent"] = ""
        taken = {item.name for item in items.values() if item.parent == fields["parent"]}
        wish, number = fields["name"], 2
        while fields["name"] in taken:
            fields["name"], number = numbered(wish, number), number + 1
        return fields

    def _once(self, device: str, wish: dict[str, Any]) -> dict[str, Any]:
        if wish["id"] in self.spent:
            return self.spent[wish["id"]]
        one, op, base = wish["record"], wish["op"], wish["base"]
        try:
            told = self._change(device, wish["id"], one, op, base, wish["fields"])
        except PileusError as error:
            told = {"status": "refused", "seq": self.head, "code": error.code, "detail": error.detail}
        self.spent[wish["id"]] = {"id": wish["id"], **told}
        return self.spent[wish["id"]]

    def _change(
        self, device: str, mutation: str, one: str, op: str, base: int | None, fields: dict[str, Any]
    ) -> dict[str, Any]:
        state = self.states.get(one)
        if op == "delete":
            decision = decide_delete(state, device, base)
        else:
            decision = decide_put("copy", frozenset(), state, device, base, fields, False)
        status = "merged" if decision.merged else "applied"
        if decision.kind == "nothing":
            return {"status": status, "seq": state.seq if state else self.head}
        if decision.kind == "copy":
            one, state = copy_id(mutation), None
        after = advance(state, decision, self.head + 1, device)
        if decision.kind == "copy":
            after.fields["name"] = tagged(after.fields["name"], device)  # type: ignore[index]
        if not after.deleted:
            check_file(after.fields)
        self.head += 1
        self.states[one] = after
        return {"status": status, "seq": self.head}

    def _changes(self, since: int) -> Answer:
        if since < self.floor:
            return problem(410, "cursor-gone")
        new = sorted((state.seq, one) for one, state in self.states.items() if state.seq > since)
        page = [self._change_of(one) for _, one in new[:PAGE]]
        more = len(new) > PAGE
        return _json({"changes": page, "next": page[-1]["seq"] if more else self.head, "more": more})

    def _snapshot(self, token: str) -> Answer:
        as_of, _, after = token.partition(":")
        names = sorted(one for one, state in self.states.items() if not state.deleted and one > after)
        page = [self._change_of(one) for one in names[:PAGE]]
        more = f"{as_of}:{names[PAGE - 1]}" if len(names) > PAGE else None
        return _json({"as_of": int(as_of), "records": page, "next": more})

    def _change_of(self, one: str) -> dict[str, Any]:
        state = self.states[one]
        about = {"seq": state.seq, "collection": COLLECTION, "id": one, "deleted": state.deleted}
        return {**about, "fields": state.fields, "texts": {}}

    def _content(self, digest: str, query: dict[str, str]) -> Answer:
        data, start = self.contents[digest], 0
        if query.get("if-range") == f'"{digest}"':
            start = int(query["range"].removeprefix("bytes=").removesuffix("-"))
            if start >= len(data):
                return problem(416, "range")
        rest = data[start:]
        headers = {"ETag": f'"{digest}"', "Content-Length": str(len(rest))}
        return Answer(206 if start else 200, rest, headers)


def asked(request: httpx.Request) -> tuple[str, dict[str, str], bytes]:
    """A request's path below the API, what it asks in its query and headers, and its body."""
    ranges = {name: value for name, value in request.headers.items() if "range" in name}
    query = {**request.url.params, **ranges, "offset": request.headers.get("upload-offset", "")}
    return request.url.path.removeprefix("/api/v1"), query, request.read()


def folder_fields(parent: str, name: str) -> dict[str, Any]:
    return {"name": clean_name(name), "parent": parent, "type": FOLDER, "size": 0, "modified_ms": 1}


def problem(status: int, code: str) -> Answer:
    return Answer(status, json.dumps({"code": code, "detail": code, "status": status}).encode())


def _json(body: Any) -> Answer:
    return Answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
