"""One of everything that an account keeps, put through the cloud's own doors and looked at again.

`make_kept` (python -m tests.cloud.everything FILE) keeps a cloud so filled, its second copy beside it, for the
servers that come after: what is kept is never made anew. What `look` asks for, it therefore asks of old data too.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pycrdt
from cryptography.hazmat.primitives.asymmetric import ec

from pileus.core.settings import Settings
from pileus.sdk.config import Config, write_config

from .authenticator import Authenticator
from .processes import wait

PASSWORD = "correct horse"
CHILD_PASSWORD = "battery staple"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PHOTO = PICTURE + bytes(range(256)) * 400  # above what a record holds itself
OLD, NEW = "tea, 西湖".encode(), "coffee, 西湖".encode() * 60_000
TRASHED = b"thrown away"
SMS = f"""<?xml version='1.0' encoding='UTF-8'?>
<smses>
  <sms address="+8613800138000" date="1700000000000" type="1" body="明天西湖见" read="1" contact_name="Mei" />
  <sms address="+8613800138000" date="1700000001000" type="3" body="not sent yet" contact_name="Mei" />
  <mms date="1700000002000" msg_box="1" address="+8613800138000" sub="Tea" contact_name="Mei">
    <parts><part ct="image/png" cl="a.png" data="{base64.b64encode(PICTURE).decode()}" /></parts>
    <addrs><addr address="+8613800138000" type="137" /></addrs></mms>
  <call number="+8613800138000" duration="61" date="1700000003000" type="1" />
</smses>
"""
CARD = f"""BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1
FN:Wang Mei
TEL;TYPE=cell:+8613800138000
CATEGORIES:Tea
PHOTO:data:image/png;base64,{base64.b64encode(PHOTO).decode()}
END:VCARD
"""
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//kept//EN
BEGIN:VEVENT
UID:tea@example.org
DTSTAMP:20260101T000000Z
DTSTART;TZID=Asia/Shanghai:20260320T090000
DTEND;TZID=Asia/Shanghai:20260320T100000
RRULE:FREQ=WEEKLY;COUNT=4
SUMMARY:Tea
ORGANIZER:pileus:anna
ATTENDEE;PARTSTAT=NEEDS-ACTION:pileus:lin
END:VEVENT
BEGIN:VEVENT
UID:tea@example.org
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Asia/Shanghai:20260327T090000
DTSTART;TZID=Asia/Shanghai:20260327T110000
DTEND;TZID=Asia/Shanghai:20260327T120000
SUMMARY:Cake
END:VEVENT
END:VCALENDAR
"""
FROM, TO = 1772323200000, 1780272000000  # March to May 2026


def passkey(origin: str, count: int) -> Authenticator:
    """The same one for whoever looks."""
    key = ec.derive_private_key(20260320, ec.SECP256R1())
    return Authenticator(origin, count=count, credential_id=b"kept" * 8, key=key)


def put(server: Any, folder: Path) -> dict[str, Any]:
    """Fills a new cloud as anna's; what `look` has to know. `folder` is for what a backup takes. Blocks."""
    origin = server.cloud.settings.shell_origins[0]
    said: dict[str, Any] = {}
    session = server.account("anna")
    with server.client(session["token"]) as anna, server.client(server.account("lin", "tablet")["token"]) as lin:
        _ok(anna.post("/messages/import", content=SMS.encode()))
        _ok(anna.post("/contacts/import", content=CARD.replace("\n", "\r\n").encode()))
        _ok(anna.post("/calendar/import", content=EVENT.replace("\n", "\r\n").encode()))
        wait(lambda: _records(lin, "calendar.event"))
        _put_records(anna)
        said |= _put_files(anna)
        said["user"] = _put_account(anna, origin)
        said["codes"] = _ok(anna.post("/account/recovery-codes", json={"present": PASSWORD}))["codes"]
        said["secret"] = _ok(
            anna.post(
                "/account/app-passwords",
                json={"name": "mail", "present": PASSWORD, "scopes": {"files": "read"}},
            )
        )["secret"]
        _back_up(server, session["token"], folder)
        begun = _ok(anna.post("/backups/phone"))
        wait(lambda: _records(anna, "jobs.job")[begun["job"]]["state"] == "done")
    return said


def look(server: Any, said: dict[str, Any]) -> None:
    """That all of it is there and does what it did; raises where something is not. Signs devices in. Blocks."""
    session = server.sign_in("anna", "laptop")
    with server.client(session["token"]) as anna, server.client(server.sign_in("lin", "tv")["token"]) as lin:
        _look_at_messages(anna)
        [contact] = _records(anna, "contacts.contact").values()
        assert "Wang Mei" in json.dumps(contact["fn"])
        card = anna.get("/contacts/export").text.replace("\r\n ", "")
        assert base64.b64encode(PHOTO).decode() in card
        _look_at_events(anna, lin)
        assert _records(anna, "notes.note")["n"]["title"] == "西湖"
        assert _text(anna, "notes.note", "n") == "tea at noon"
        _look_at_files(server, anna, lin, said)
        _look_at_account(server, anna, said)
        _look_at_backups(server, anna, session["token"])


def _put_records(anna: httpx.Client) -> None:
    text: pycrdt.Doc[Any] = pycrdt.Doc()
    text["text"] = pycrdt.Text("tea at noon")
    state = base64.b64encode(text.get_update()).decode()
    _mutate(anna, "notes.note", "n", {"title": "西湖", "edited_ms": 5}, texts={"body": state})
    _mutate(anna, "shell.setting", "theme", {"value": "dark"})
    _mutate(anna, "shell.home", "notes", {"area": "dock", "page": 0, "cell": 1})


def _put_files(anna: httpx.Client) -> dict[str, Any]:
    _mutate(
        anna, "files.file", "trip", {"name": "Trip", "parent": "", "type": "inode/directory", "modified_ms": 1}
    )
    file = _upload(anna, OLD, name="西湖.txt", parent="trip", type="text/plain")
    _upload(anna, NEW, name="西湖.txt", parent="trip", type="text/plain", replaces=file)
    gone = _upload(anna, TRASHED, name="old.txt")
    assert anna.delete(f"/files/{gone}").status_code == 204
    half = _ok(anna.post("/files/uploads", json={"name": "half.bin", "size": 1 << 20}))["upload"]
    _ok(anna.patch(f"/files/uploads/{half}", content=bytes(4096), headers={"Upload-Offset": "0"}))
    link = _ok(anna.post(f"/files/{file}/shares", json={"password": "lake water"}))["url"]
    _ok(anna.post("/files/trip/shares", json={"account": "lin", "write": True}))
    return {"file": file, "gone": gone, "link": link.split("/api/v1", 1)[1]}


def _put_account(anna: httpx.Client, origin: str) -> str:
    """The name under which the passkey knows the account."""
    asked = _ok(anna.post("/account/passkeys/options", json={"present": PASSWORD}))["public_key"]
    key = passkey(origin, 1)
    _ok(anna.post("/account/passkeys", json={"name": "Key", "credential": key.create(asked)}))
    wish = {"name": "kid", "password": CHILD_PASSWORD, "quota_bytes": 1 << 30, "present": PASSWORD}
    _ok(anna.post("/family/children", json=wish))
    return key.user


def _back_up(server: Any, token: str, folder: Path) -> None:
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_bytes(OLD)
    (folder / "sub" / "b.bin").write_bytes(NEW)
    _pileus(server, token, folder.parent, "backup", folder, "--host", "laptop")


def _look_at_messages(anna: httpx.Client) -> None:
    found = wait(lambda: anna.get("/messages/search?q=西湖").json()["messages"])
    assert [one["body"] for one in found] == ["明天西湖见"]
    messages = _records(anna, "messages.message")
    [mms] = [one for one, fields in messages.items() if "parts" in fields]
    assert anna.get(f"/messages/{mms}/parts/0").content == PICTURE
    assert [one["body"] for one in _records(anna, "messages.draft").values()] == ["not sent yet"]
    assert [one["duration_s"] for one in _records(anna, "messages.call").values()] == [61]
    assert _ok(anna.post("/messages/import", content=SMS.encode()))["imported"] == 0, "copies are known"


def _look_at_events(anna: httpx.Client, lin: httpx.Client) -> None:
    for client in (anna, lin):
        query = {"from": FROM, "to": TO, "zone": "Asia/Shanghai"}
        found = _ok(client.get("/calendar/occurrences", params=query))["occurrences"]
        assert [one["summary"] for one in found] == ["Tea", "Cake", "Tea", "Tea"]
    [invited] = _records(lin, "calendar.event").values()
    assert invited["_me"] == "pileus:lin"


def _look_at_files(server: Any, anna: httpx.Client, lin: httpx.Client, said: dict[str, Any]) -> None:
    file = said["file"]
    assert anna.get(f"/files/{file}/content").content == NEW
    [version] = _ok(anna.get(f"/files/{file}/versions"))["versions"]
    assert anna.get(f"/files/{file}/versions/{version['id']}/content").content == OLD
    _ok(anna.post(f"/files/trash/{said['gone']}/restore"))
    assert anna.get(f"/files/{said['gone']}/content").content == TRASHED
    [found] = wait(lambda: anna.get("/files/search?q=coffee").json()["files"])
    assert found["file"] == file
    [given] = _ok(lin.get("/files/shared"))["entries"]
    assert given["name"] == "Trip"
    with server.client() as nobody:
        assert "西湖" not in nobody.get(said["link"]).text, "without its password"
        page = nobody.post(said["link"], data={"password": "lake water"}).text
        [content] = [unescape(one).removeprefix("/api/v1") for one in re.findall(r'href="([^"]+)"', page)]
        assert nobody.get(content).content == NEW


def _look_at_account(server: Any, anna: httpx.Client, said: dict[str, Any]) -> None:
    origin = server.cloud.settings.shell_origins[0]
    with server.client() as nobody:
        asked = _ok(nobody.post("/sign-in/passkey/options"))["public_key"]
        key = passkey(origin, 100)
        key.user = said["user"]
        entered = nobody.post("/sign-in/passkey", json={"credential": key.get(asked), "device_name": "by key"})
        assert entered.status_code == 200, entered.text
    assert server.sign_in("kid", "toy", CHILD_PASSWORD)["account"]["name"] == "kid"
    auth = ("anna", said["secret"])
    with httpx.Client(base_url=f"{server.url}/api/v1", auth=auth, timeout=30, trust_env=False) as program:
        assert program.get("/files/usage").status_code == 200
    assert _ok(anna.get("/account/recovery-codes"))["left"] == len(said["codes"])
    assert "signed-in" in {one["event"] for one in _ok(anna.get("/account/log"))["entries"]}


def _look_at_backups(server: Any, anna: httpx.Client, token: str) -> None:
    [phone] = _ok(anna.get("/backups/phone"))["snapshots"]
    about = _ok(anna.get(f"/backups/phone/{phone['id']}"))["collections"]
    assert {"messages.message": 2, "contacts.contact": 1, "notes.note": 1}.items() <= about.items()
    query = {"collection": "notes.note"}
    assert _ok(anna.get(f"/backups/phone/{phone['id']}/items", params=query))[0]["state"] == "same"
    with tempfile.TemporaryDirectory(prefix="pileus-kept-") as name:
        target = Path(name) / "back"
        _pileus(server, token, Path(name), "restore", "latest", "--host", "laptop", "--target", target)
        assert next(target.rglob("a.txt")).read_bytes() == OLD
        assert next(target.rglob("b.bin")).read_bytes() == NEW
        _pileus(server, token, Path(name), "check", "--read-data")


def _pileus(server: Any, token: str, folder: Path, *arguments: object) -> None:
    config = write_config(Config(server.url, token), folder / "client.json")
    command = [sys.executable, "-m", "pileus.cli.main", *map(str, arguments)]
    env = {"PATH": "/usr/bin:/bin", "PILEUS_CLIENT_CONFIG": str(config), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _upload(client: httpx.Client, data: bytes, **members: Any) -> str:
    begun = _ok(client.post("/files/uploads", json={"size": len(data), **members}))
    answer = client.patch(f"/files/uploads/{begun['upload']}", content=data, headers={"Upload-Offset": "0"})
    return str(_ok(answer)["file"])


def _mutate(client: httpx.Client, collection: str, record: str, fields: dict[str, Any], **more: Any) -> None:
    wish = {"id": f"put-{record}", "base": 0, "collection": collection, "record": record, "op": "put"}
    body = {"mutations": [{**wish, "fields": fields, **more}]}
    [outcome] = _ok(client.post("/journal/mutations", json=body))["outcomes"]
    assert outcome["status"] == "applied", outcome


def _records(client: httpx.Client, collection: str) -> dict[str, dict[str, Any]]:
    found = _ok(client.get("/journal/snapshot", params={"collection": collection}))["records"]
    return {one["id"]: one["fields"] for one in found}


def _text(client: httpx.Client, collection: str, record: str) -> str:
    found = _ok(client.get("/journal/snapshot", params={"collection": collection}))["records"]
    [state] = [one["texts"]["body"] for one in found if one["id"] == record]
    text: pycrdt.Doc[Any] = pycrdt.Doc()
    text.apply_update(base64.b64decode(state))
    return str(text.get("text", type=pycrdt.Text))


def _ok(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def make_kept(file: Path) -> None:
    """Writes `data` (a server's folder), `copy` (its second copy) and `said.json` into a new archive. Blocks."""
    from pileus.cloud.kernel.objects.daily import copy_away
    from tests.conftest import free_port, running

    with tempfile.TemporaryDirectory(prefix="pileus-kept-") as name:
        folder = Path(name)
        settings = Settings(
            folder / "data", folder / "run", folder / "cache", port=free_port(), copy_to=str(folder / "copy")
        )
        with running(settings) as server:
            said = put(server, folder / "source")
            assert asyncio.run(copy_away(server.cloud.context.objects)) is not None  # type: ignore[arg-type]
            said["now_ms"] = server.cloud.context.clock.now_ms()
        (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")
        with tarfile.open(file, "x:xz", preset=9) as tar:
            for part in ("data", "copy", "said.json"):
                tar.add(folder / part, part)


if __name__ == "__main__":
    make_kept(Path(sys.argv[1]))
