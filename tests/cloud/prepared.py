"""A request for each operation of the HTTP interface that is answered with success, and what that needs."""

from __future__ import annotations

import base64
import itertools
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from blake3 import blake3

from pileus.sdk import place as places
from pileus.sdk.backup.wire import Chunk, Commit, Facts
from tests.cloud.authenticator import Authenticator
from tests.cloud.everything import PICTURE
from tests.cloud.push_service import Browser
from tests.cloud.services.backups.phone.phones import back_up, ended, put
from tests.conftest import PASSWORD

Prepare = Callable[["People"], "Request"]
PREPARED: dict[str, Prepare] = {}
V1 = "/api/v1"
CARD = b"BEGIN:VCARD\nVERSION:4.0\nUID:%s\nFN:Mei\nTEL:+8613800138000\nEND:VCARD\n"
EVENT = b"BEGIN:VEVENT\nUID:a\nDTSTART:20260329\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
SPAN = {"from": 1772323200000, "to": 1772409600000}
OFFSET = {"Upload-Offset": "0"}
KEY, NEXT = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


@dataclass
class Request:
    """`who`: whose token it comes with; "": nobody's. `raw`: a body of another format than JSON."""

    who: str = "anna"
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


class People:
    """New accounts of a server, for one operation: `anna` owns the cloud, `lin` is a member."""

    numbers = itertools.count()

    def __init__(self, server: Any, owner: str) -> None:
        self.server, self.mark = server, next(self.numbers)
        self.sessions = {"anna": server.sign_in(owner, "phone")}

    def session(self, who: str) -> Any:
        """Signed in at the first call; `NAME 2` is another device of NAME."""
        if who not in self.sessions:
            name, _, more = who.partition(" ")
            if more:
                self.session(name)
            self.sessions[who] = (
                self.server.sign_in(self.name(name), who) if more else self.server.account(self.name(name), who)
            )
        return self.sessions[who]

    def name(self, who: str) -> str:
        return str(self.sessions["anna"]["account"]["name"]) if who == "anna" else f"{who}{self.mark}"

    def account(self, who: str) -> str:
        return str(self.session(who)["account"]["id"])

    def device(self, who: str) -> str:
        return str(self.session(who)["device"]["id"])

    def token(self, who: str) -> str:
        return str(self.session(who)["token"]) if who else ""

    def client(self, who: str) -> httpx.Client:
        return self.server.client(self.token(who) or None)  # type: ignore[no-any-return]

    def ask(self, who: str, method: str, path: str, **more: Any) -> Any:
        with self.client(who) as client:
            answer = client.request(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        is_json = answer.headers.get("content-type") == "application/json" and answer.content
        return answer.json() if is_json else answer

    def upload(self, who: str, data: bytes = b"tea", **more: Any) -> str:
        begun = self.ask(who, "POST", "/files/uploads", json={"name": "tea.txt", "size": len(data), **more})
        path = f"/files/uploads/{begun['upload']}"
        return str(self.ask(who, "PATCH", path, content=data, headers=OFFSET)["file"])


def of(operation: str) -> Callable[[Prepare], Prepare]:
    def take(prepare: Prepare) -> Prepare:
        PREPARED[operation] = prepare
        return prepare

    return take


def plain(operation: str, **request: Any) -> None:
    """One that needs nothing to be there."""
    PREPARED[operation] = lambda _people: Request(**request)


def b64(size: int, of: int = 7) -> str:
    return base64.b64encode(bytes([of]) * size).decode()


PRESENT = {"present": PASSWORD}
for one in (
    "account", "account/app-passwords", "account/log", "account/passkeys", "account/recovery-codes", "accounts",
    "backups/area", "backups/phone", "backups/snapshots", "calendar/export", "calls/servers",
    "contacts/duplicates", "contacts/export", "devices", "family", "files/search", "files/shared", "files/shares",
    "files/trash", "files/usage", "files/vault", "invitations", "journal/changes", "journal/history",
    "journal/snapshot", "messages/export", "messages/search", "messages/sims", "openapi.json", "push/key",
    "push/messages", "push/registrations", "push/subscription", "server", "apps/catalog", "sessions",
):  # fmt: skip
    plain(f"GET {one}")
plain("POST account/app-passwords", body={"name": "mail", **PRESENT, "scopes": {"files": "read"}})
plain("POST account/passkeys/options", body=PRESENT)
plain("POST account/proof", body=PRESENT)
plain("POST account/recovery-codes", who="lin", body=PRESENT)
plain("POST account/deletion", who="lin", body=PRESENT)
plain("POST account/password", who="lin", body={**PRESENT, "new": "another long one"})
plain("POST account/export")
plain("POST backups/check")
plain("POST backups/phone", who="lin")
plain("POST backups/chunks", raw=msgspec.msgpack.encode([]))
plain("POST backups/chunks/known", raw=msgspec.msgpack.encode([b"\0" * 32]))
plain("POST backups/chunks/read", raw=msgspec.msgpack.encode([]))
plain("POST backups/forget", body={"ids": ["0" * 32], **PRESENT})
plain("GET calendar/occurrences", query=SPAN)
plain("GET calendar/reminders", query=SPAN)
plain("POST calendar/import", raw=EVENT)
plain("POST contacts/import", raw=CARD % b"one")
plain("POST finding/ring-ended")
plain("PUT finding/place", body={"sealed": b64(100)})
plain("POST invitations", body={"name": "Mei"})
plain(
    "POST messages/arrivals",
    body={
        "messages": [{"id": "a", "address": "+86138", "body": "hi", "date_ms": 5000}],
        "sent": [
            {"id": "b", "people": ["+86138"], "body": "hi", "date_ms": 5000, "state": "sent", "token": "t" * 16}
        ],
    },
)
plain("POST messages/import", raw=b'{"address":"+86138","date_ms":5000,"direction":"in","body":"hi"}\n')
plain("POST messages/outgoing/lease")
plain("POST messages/parts", raw=PICTURE)
plain("PUT messages/sims", body={"sims": [{"id": "a"}]})
plain("POST pairings", body=PRESENT)
plain("DELETE push/messages", query={"upto": 0})
plain("POST push/registrations", body={"app": "Chat"})
plain("DELETE push/subscription")
plain("POST sign-in/passkey/options", who="")
plain("POST sign-out", who="lin")
plain("OPTIONS files/uploads")
plain("DELETE files/trash", who="lin")
plain("POST files/uploads", body={"name": "a.txt", "size": 3})
plain("DELETE files/vault/device")


def _calls(people: People) -> str:
    wish = {"id": "a", "to": "@" + people.name("tom"), "offer": "v=0\r\n"}
    people.session("tom")
    return str(people.ask("lin", "POST", "/calls", json=wish)["call"])


@of("POST calls")
def _(people: People) -> Request:
    people.session("tom")
    return Request(who="lin", body={"id": "a", "to": "@" + people.name("tom"), "offer": "v=0\r\n"})


@of("GET calls/{call}")
def _(people: People) -> Request:
    return Request(who="tom", path={"call": _calls(people)})


@of("POST calls/{call}/answer")
def _(people: People) -> Request:
    return Request(who="tom", path={"call": _calls(people)}, body={"answer": "v=0\r\n"})


@of("POST calls/{call}/signals")
def _(people: People) -> Request:
    said = {"kind": "candidate", "body": ""}
    return Request(who="lin", path={"call": _calls(people)}, body={"signals": [said]})


@of("POST calls/{call}/end")
def _(people: People) -> Request:
    return Request(who="tom", path={"call": _calls(people)}, body={})


@of("PUT push/subscription")
def _(_people: People) -> Request:
    return Request(body=Browser("https://push.example.org/abc").wish())


@of("POST push/try")
def _(people: People) -> Request:
    people.ask("lin", "PUT", "/push/subscription", json=Browser("https://push.example.org/def").wish())
    return Request("lin")


def registered(people: People) -> Any:
    return people.ask("anna", "POST", "/push/registrations", json={"app": "Chat"})


@of("DELETE push/registrations/{registration}")
def _(people: People) -> Request:
    return Request(path={"registration": registered(people)["registration"]["id"]})


for method in ("GET", "POST"):

    @of(f"{method} push/to/{{token}}")
    def _(people: People, method: str = method) -> Request:
        token = registered(people)["endpoint"].rpartition("/")[2]
        return Request(
            "", path={"token": token}, raw=b"hello" if method == "POST" else None, headers={"TTL": "60"}
        )


@of("DELETE account/app-passwords/{password}")
def _(people: People) -> Request:
    wish = {"name": "mail", **PRESENT, "scopes": {"files": "read"}}
    made = people.ask("anna", "POST", "/account/app-passwords", json=wish)
    return Request(path={"password": made["password"]["id"]})


@of("GET account/export/{ticket}")
def _(people: People) -> Request:
    path = people.ask("lin", "POST", "/account/export")["path"]
    return Request("", path={"ticket": path.rpartition("/")[2]})


def key_of(people: People) -> Authenticator:
    return Authenticator(people.server.cloud.settings.shell_origins[0])


def asked(people: People, key: Authenticator) -> dict[str, Any]:
    told = people.ask("lin", "POST", "/account/passkeys/options", json=PRESENT)
    return {"name": "Key", "credential": key.create(told["public_key"])}


@of("POST account/passkeys")
def _(people: People) -> Request:
    return Request("lin", body=asked(people, key_of(people)))


for method in ("PATCH", "DELETE"):

    @of(f"{method} account/passkeys/{{passkey}}")
    def _(people: People, method: str = method) -> Request:
        made = people.ask("lin", "POST", "/account/passkeys", json=asked(people, key_of(people)))
        return Request("lin", path={"passkey": made["id"]}, body={"name": "Ring"} if method == "PATCH" else None)


@of("POST sign-in/passkey")
def _(people: People) -> Request:
    key = key_of(people)
    people.ask("lin", "POST", "/account/passkeys", json=asked(people, key))
    told = people.ask("", "POST", "/sign-in/passkey/options")
    return Request("", body={"credential": key.get(told["public_key"]), "device_name": "by key"})


@of("POST accounts")
def _(people: People) -> Request:
    return Request(body={"name": people.name("new"), "password": PASSWORD})


@of("PATCH accounts/{account}")
def _(people: People) -> Request:
    return Request(path={"account": people.account("lin")}, body={"quota_bytes": 1 << 30})


@of("POST sign-in")
def _(people: People) -> Request:
    people.session("lin")
    return Request("", body={"name": people.name("lin"), "password": PASSWORD})


@of("POST recover")
def _(people: People) -> Request:
    codes = people.ask("lin", "POST", "/account/recovery-codes", json=PRESENT)["codes"]
    return Request("", body={"name": people.name("lin"), "code": codes[0], "password": PASSWORD})


# Devices


@of("PATCH devices/{device}")
def _(people: People) -> Request:
    return Request(path={"device": people.device("anna")}, body={"name": "slate"})


for what in ("DELETE devices/{device}", "POST devices/{device}/lock", "POST devices/{device}/ring"):

    @of(what)
    def _(people: People) -> Request:
        return Request("lin", path={"device": people.device("lin 2")})


def place_key() -> dict[str, Any]:
    return {**PRESENT, **places.new_key("a heron over the lake at dusk")}


@of("PUT finding/key")
def _(_people: People) -> Request:
    return Request("lin", body=place_key())


@of("POST devices/{device}/locate")
def _(people: People) -> Request:
    people.ask("lin", "PUT", "/finding/key", json=place_key())
    return Request("lin", path={"device": people.device("lin 2")})


@of("POST devices/{device}/wipe")
def _(people: People) -> Request:
    return Request("lin", path={"device": people.device("lin 2")}, body=PRESENT)


# Families


def child(people: People) -> dict[str, str]:
    wish = {"name": people.name("kid"), "password": PASSWORD, "quota_bytes": 1 << 20, **PRESENT}
    made = people.ask("lin", "POST", "/family/children", json=wish)
    people.sessions["kid"] = people.server.sign_in(people.name("kid"), "kid")
    return {"account": made["id"], "device": people.device("kid")}


@of("POST family/children")
def _(people: People) -> Request:
    return Request("lin", body={"name": people.name("kid"), "password": PASSWORD, "quota_bytes": 1 << 20})


for what, body in (
    ("PATCH family/children/{account}", {"quota_bytes": 1 << 21}),
    ("GET family/children/{account}/devices", None),
    ("POST family/children/{account}/recovery-code", PRESENT),
    ("POST family/members/{account}/part", PRESENT),
):

    @of(what)
    def _(people: People, body: Any = body) -> Request:
        return Request("lin", path={"account": child(people)["account"]}, body=body)


for what in ("lock", "ring"):

    @of(f"POST family/children/{{account}}/devices/{{device}}/{what}")
    def _(people: People) -> Request:
        return Request("lin", path=child(people))


def invited(people: People) -> dict[str, str]:
    people.session("mei")
    wish = {"name": people.name("mei"), **PRESENT}
    return {"invitation": people.ask("lin", "POST", "/family/invitations", json=wish)["id"]}


@of("POST family/invitations")
def _(people: People) -> Request:
    people.session("mei")
    return Request("lin", body={"name": people.name("mei"), **PRESENT})


for what in ("DELETE family/invitations/{invitation}", "POST family/invitations/{invitation}/accept"):

    @of(what)
    def _(people: People) -> Request:
        return Request("mei", path=invited(people))


@of("DELETE invitations/{invitation}")
def _(people: People) -> Request:
    made = people.ask("anna", "POST", "/invitations", json={"name": "Mei"})
    return Request(path={"invitation": made["invitation"]["id"]})


@of("POST invited")
def _(people: People) -> Request:
    return Request("", body={"secret": people.ask("anna", "POST", "/invitations", json={"name": "Mei"})["secret"]})


@of("POST invited/account")
def _(people: People) -> Request:
    secret = people.ask("anna", "POST", "/invitations", json={"name": "Mei"})["secret"]
    return Request("", body={"secret": secret, "name": people.name("new"), "password": PASSWORD})


# Pairing


def pairing(people: People) -> Any:
    return people.ask("lin", "POST", "/pairings", json=PRESENT)


@of("POST pair")
def _(people: People) -> Request:
    return Request("", body={"code": pairing(people)["code"], "device_name": "new"})


@of("POST pair/session")
def _(people: People) -> Request:
    asks = people.ask("", "POST", "/pair", json={"code": pairing(people)["code"], "device_name": "new"})
    return Request("", body={"claim": asks["claim"]})


for method in ("GET", "DELETE"):

    @of(f"{method} pairings/{{pairing}}")
    def _(people: People) -> Request:
        return Request("lin", path={"pairing": pairing(people)["pairing"]["id"]})


@of("POST pairings/{pairing}/answer")
def _(people: People) -> Request:
    made = pairing(people)
    asks = people.ask("", "POST", "/pair", json={"code": made["code"], "device_name": "new"})
    return Request("lin", path={"pairing": made["pairing"]["id"]}, body={"allow": True, "number": asks["number"]})


# Records


@of("POST journal/mutations")
def _(people: People) -> Request:
    wish = {
        "id": "m1",
        "base": 0,
        "collection": "notes.note",
        "record": "n",
        "op": "put",
        "fields": {"title": "x"},
    }
    return Request(body={"mutations": [{**wish, "fields": {"title": "x"}}]})


def two_contacts(people: People) -> list[str]:
    people.ask("lin", "POST", "/contacts/import", content=(CARD % b"one") + (CARD % b"two"))
    found = people.ask("lin", "GET", "/journal/snapshot", params={"collection": "contacts.contact"})
    return [one["id"] for one in found["records"]]


@of("POST contacts/merge")
def _(people: People) -> Request:
    return Request("lin", body={"contacts": two_contacts(people)})


@of("POST contacts/merges/{merge}/undo")
def _(people: People) -> Request:
    made = people.ask("lin", "POST", "/contacts/merge", json={"contacts": two_contacts(people)})
    return Request("lin", path={"merge": made["merge"]})


@of("GET calendar/guests/{name}")
def _(people: People) -> Request:
    people.session("lin")
    return Request(path={"name": people.name("lin")})


def message(people: People, *, leased: bool = True) -> tuple[dict[str, str], str]:
    people.ask("lin", "PUT", "/messages/sims", json={"sims": [{"id": "a"}]})
    people.ask("lin", "POST", "/messages/send", json={"id": "m", "people": ["+8613800138000"], "body": "hi"})
    token = ""
    if leased:
        [one] = people.ask("lin", "POST", "/messages/outgoing/lease")["messages"]
        token = str(one["token"])
    return {"message": "m"}, token


@of("POST messages/send")
def _(_people: People) -> Request:
    return Request("lin", body={"id": "m", "people": ["+8613800138000"], "body": "hi"})


@of("POST messages/outgoing/{message}/start")
def _(people: People) -> Request:
    path, token = message(people)
    return Request("lin", path=path, body={"token": token})


@of("POST messages/outgoing/{message}/report")
def _(people: People) -> Request:
    path, token = message(people)
    people.ask("lin", "POST", "/messages/outgoing/m/start", json={"token": token})
    return Request("lin", path=path, body={"token": token, "outcome": "sent"})


@of("POST messages/outgoing/{message}/decide")
def _(people: People) -> Request:
    path, _ = message(people, leased=False)
    return Request("lin", path=path, body={"decision": "cancel"})


@of("GET messages/{message}/parts/{number}")
def _(people: People) -> Request:
    part = people.ask("lin", "POST", "/messages/parts", content=PICTURE)
    people.session("mei")
    wish = {"id": "m", "people": [f"@{people.name('mei')}"], "body": "look", "parts": [{"object": part["object"]}]}
    people.ask("lin", "POST", "/messages/send", json=wish)
    return Request("lin", path={"message": "m", "number": "0"})


# Files


@of("POST files/bulk")
def _(_people: People) -> Request:
    head = json.dumps({"size": 3, "name": "small", "id": "small"}).encode()
    return Request("lin", raw=struct.pack("<I", len(head)) + head + b"tea")


for method in ("GET", "HEAD", "PATCH", "DELETE"):

    @of(f"{method} files/uploads/{{upload}}")
    def _(people: People, method: str = method) -> Request:
        begun = people.ask("lin", "POST", "/files/uploads", json={"name": "a.txt", "size": 3})
        patch = method == "PATCH"
        return Request(
            "lin", path={"upload": begun["upload"]}, raw=b"tea" if patch else None, headers=OFFSET if patch else {}
        )


for what in (
    "DELETE files/{file}",
    "GET files/{file}/content",
    "GET files/{file}/shares",
    "GET files/{file}/versions",
):

    @of(what)
    def _(people: People) -> Request:
        return Request("lin", path={"file": people.upload("lin")})


@of("GET files/{file}/thumbnail")
def _(people: People) -> Request:
    return Request("lin", path={"file": people.upload("lin", PICTURE, type="image/png")})


@of("POST files/{file}/shares")
def _(people: People) -> Request:
    return Request("lin", path={"file": people.upload("lin")}, body={})


for what in (
    "DELETE files/{file}/versions/{version}",
    "GET files/{file}/versions/{version}/content",
    "POST files/{file}/versions/{version}/restore",
):

    @of(what)
    def _(people: People) -> Request:
        file = people.upload("lin")
        people.upload("lin", b"coffee", replaces=file)
        [old] = people.ask("lin", "GET", f"/files/{file}/versions")["versions"]
        return Request("lin", path={"file": file, "version": old["id"]})


for what in ("DELETE files/trash/{file}", "POST files/trash/{file}/restore"):

    @of(what)
    def _(people: People) -> Request:
        file = people.upload("lin")
        people.ask("lin", "DELETE", f"/files/{file}")
        return Request("lin", path={"file": file})


def folder(people: People) -> tuple[str, str]:
    """A folder of lin's, and a file in it."""
    wish = {"id": "m1", "base": 0, "collection": "files.file", "record": "trip", "op": "put"}
    fields = {"name": "Trip", "parent": "", "type": "inode/directory", "modified_ms": 1}
    people.ask("lin", "POST", "/journal/mutations", json={"mutations": [{**wish, "fields": fields}]})
    return "trip", people.upload("lin", parent="trip")


def link(people: People) -> dict[str, str]:
    made = people.ask("lin", "POST", f"/files/{folder(people)[0]}/shares", json={})
    return {"token": made["url"].rpartition("/")[2]}


for method in ("GET", "POST"):

    @of(f"{method} files/links/{{token}}")
    def _(people: People) -> Request:
        return Request("", path=link(people))


@of("GET files/links/{token}/{file}")
def _(people: People) -> Request:
    return Request("", path=link(people) | {"file": "trip"})


@of("GET files/links/{token}/{file}/content")
def _(people: People) -> Request:
    made = link(people)
    found = people.ask("lin", "GET", "/journal/snapshot", params={"collection": "files.file"})["records"]
    [file] = [one["id"] for one in found if one["id"] != "trip"]
    return Request("", path=made | {"file": file})


def shared(people: People) -> tuple[str, str]:
    people.session("mei")
    _, file = folder(people)
    wish = {"account": people.name("mei"), "write": True}
    return str(people.ask("lin", "POST", "/files/trip/shares", json=wish)["id"]), file


@of("DELETE files/shares/{share}")
def _(people: People) -> Request:
    return Request("lin", path={"share": shared(people)[0]})


@of("GET files/shared/{share}/{file}")
def _(people: People) -> Request:
    return Request("mei", path={"share": shared(people)[0], "file": "trip"})


for method in ("GET", "PUT"):

    @of(f"{method} files/shared/{{share}}/{{file}}/content")
    def _(people: People, method: str = method) -> Request:
        share, file = shared(people)
        return Request("mei", path={"share": share, "file": file}, raw=b"new" if method == "PUT" else None)


@of("POST files/shared/{share}/{file}/files")
def _(people: People) -> Request:
    return Request("mei", path={"share": shared(people)[0], "file": "trip"}, query={"name": "n.txt"}, raw=b"new")


# The vault


def key(number: str, of: int = 1) -> dict[str, str]:
    return {"key_id": number, "verifier": b64(32, of)}


def vault(people: People) -> None:
    wish = {**key(KEY), "wrapped": b64(60), "held": b64(60)}
    people.ask("lin", "POST", "/files/vault", json=wish)


@of("POST files/vault")
def _(_people: People) -> Request:
    return Request("lin", body={**key(KEY), "wrapped": b64(60), "held": b64(60)})


for what, body in (
    ("POST files/vault/anew", {**key(NEXT, 2), "wrapped": b64(60), "held": b64(60), **PRESENT, "ends": KEY}),
    ("PUT files/vault/device", {**key(KEY), "wrapped": b64(60)}),
    ("PUT files/vault/recovery", {**key(KEY), "wrapped": b64(60)}),
    ("PUT files/vault/pair", {"public": b64(65), "pair": b64(99)}),
    ("POST files/vault/asks", {"salt": b64(32), "proof": b64(32)}),
):

    @of(what)
    def _(people: People, body: Any = body) -> Request:
        vault(people)
        return Request("lin", body=body)


@of("GET files/vault/people/{name}")
def _(people: People) -> Request:
    vault(people)
    people.ask("lin", "PUT", "/files/vault/pair", json={"public": b64(65), "pair": b64(99)})
    return Request(path={"name": people.name("lin")})


for method in ("PUT", "DELETE"):

    @of(f"{method} files/vault/asks/{{device}}")
    def _(people: People, method: str = method) -> Request:
        vault(people)
        people.ask("lin 2", "POST", "/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})
        body = {"salt": b64(32), "sealed": b64(60)} if method == "PUT" else None
        return Request("lin", path={"device": people.device("lin 2")}, body=body)


# Backups


def commit(people: People) -> bytes:
    naming = bytes.fromhex(people.ask("lin", "GET", "/backups/area")["naming"])
    data = b"tree"
    name = blake3(data, key=naming).digest()
    facts = Facts(time_ms=1, host="h", user="u", paths=["/a"], tree=name.hex())
    wish = Commit(id="1" * 32, facts=facts, names=[name], chunks=[Chunk(name, len(data), False, data)])
    return msgspec.msgpack.encode(wish)


@of("POST backups/snapshots")
def _(people: People) -> Request:
    return Request("lin", raw=commit(people))


def phone(people: People) -> dict[str, str]:
    """A backup of lin's phone, with a note in it."""
    with people.client("lin") as client:
        put(client, "notes.note", "n", {"title": "Tea"})
        return {"snapshot": back_up(client)}


for what, query in (
    ("GET backups/snapshots/{snapshot}/folder", {}),
    ("GET backups/snapshots/{snapshot}/file", {"path": "/about.json"}),
    ("GET backups/phone/{snapshot}", {}),
    ("GET backups/phone/{snapshot}/items", {"collection": "notes.note"}),
):

    @of(what)
    def _(people: People, query: Any = query) -> Request:
        return Request("lin", path=phone(people), query=query)


@of("POST backups/phone/{snapshot}/restore")
def _(people: People) -> Request:
    return Request("lin", path=phone(people), body={"all": True})


for what in ("GET backups/phone/restores/{job}", "GET backups/phone/restores/{job}/file"):

    @of(what)
    def _(people: People) -> Request:
        path = f"/backups/phone/{phone(people)['snapshot']}/restore"
        job = people.ask("lin", "POST", path, json={"all": True})["job"]
        with people.client("lin") as client:
            ended(client, job)
        return Request("lin", path={"job": job})


# Apps, beside a supervisor


def opened(people: People) -> dict[str, str]:
    from tests.cloud.installs import install, records, settled
    from tests.cloud.test_contract import APP, PACKAGE

    with people.client("anna") as client:
        settled(client)  # that of POST apps/packages would replace the app meanwhile
        if APP not in records(client, "apps.app"):
            assert install(client, PACKAGE)["phase"] == "done"
    return {"app": APP, "session": people.ask("anna", "POST", f"/apps/{APP}/open", json={})["session"]}


@of("POST apps/packages")
def _(_people: People) -> Request:
    from tests.cloud.test_contract import PACKAGE

    return Request(raw=PACKAGE)


@of("POST apps/{app}/open")
def _(people: People) -> Request:
    return Request(path={"app": opened(people)["app"]}, body={})


@of("DELETE apps/{app}")
def _(people: People) -> Request:
    return Request(path={"app": opened(people)["app"]})


for what in ("DELETE sessions/{session}", "POST sessions/{session}/ticket"):

    @of(what)
    def _(people: People) -> Request:
        return Request(path={"session": opened(people)["session"]})
