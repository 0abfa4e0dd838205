"""All of an account as a ZIP that other programs read, and that its owner alone gets."""

from __future__ import annotations

import base64
import errno
import io
import json
import random
import re
import zipfile

import httpx
import pytest
from sqlalchemy import text

from pileus.cloud.kernel.accounts import takeout
from pileus.cloud.kernel.objects.index import places
from pileus.cloud.services.files import exporting
from pileus.core.clock import ManualClock
from pileus.core.errors import StoreUnavailable

from .test_deletion import EVENT, MESSAGE, VCARD, put_file


def ticket(server, session):
    with server.client(session["token"]) as client:
        answer = client.post("/account/export")
        assert answer.status_code == 201, answer.text
        return answer.json()["path"]


def archive(server, session):
    path = ticket(server, session)
    with server.client() as anyone:
        answer = anyone.get(path)
        assert answer.status_code == 200, answer.text
        found = zipfile.ZipFile(io.BytesIO(answer.content))
        assert found.testzip() is None
        return found


def folder(client, name, record):
    fields = {"name": name, "parent": "", "type": "inode/directory", "size": 0, "modified_ms": 5000}
    wish = {"id": record, "base": 0, "collection": "files.file", "record": record, "op": "put", "fields": fields}
    told = client.post("/journal/mutations", json={"mutations": [wish]}).json()
    assert told["outcomes"][0]["status"] == "applied", told


def test_everything_is_in_it_in_formats_that_others_read(server):
    session = server.account("anna")
    big = bytes(range(256)) * 20_000
    with server.client(session["token"]) as client:
        client.post("/contacts/import", content=VCARD)
        client.post("/calendar/import", content=EVENT)
        client.post("/messages/import", content=MESSAGE)
        folder(client, "西湖", "lake")
        upload = client.post(
            "/files/uploads", json={"name": "spring.bin", "size": len(big), "parent": "lake"}
        ).json()["upload"]
        client.patch(f"/files/uploads/{upload}", content=big, headers={"Upload-Offset": "0"})
        put_file(client, "empty.txt", b"")
        deleted = put_file(client, "gone.txt", b"gone")
        client.delete(f"/files/{deleted}")
    found = archive(server, session)
    assert found.read("files/西湖/spring.bin") == big
    assert found.read("files/empty.txt") == b""
    assert b"FN:Mei Xihu" in found.read("contacts.vcf")
    assert b"SUMMARY:tea" in found.read("calendar.ics")
    assert b"xihu in spring" in found.read("messages/sms.xml")
    records = [json.loads(line) for line in found.read("records/messages.message.jsonl").splitlines()]
    assert [one["body"] for one in records] == ["xihu in spring"]
    names = found.namelist()
    assert "problems.txt" not in names
    assert found.read("files in the trash/gone.txt") == b"gone"
    assert [name for name in names if "gone" in name] == ["files in the trash/gone.txt"]
    with server.client(session["token"]) as client:
        assert client.get("/account/log").json()["entries"][0]["event"] == "exported"


def test_trash_and_earlier_contents_have_folders_of_their_own(server, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 1)
    session = server.account("anna")
    with server.client(session["token"]) as client:
        folder(client, "西湖", "lake")
        wish = {"name": "spring.txt", "size": 3, "parent": "lake"}
        for content, more in ((b"old", {}), (b"two", {}), (b"new", {})):
            upload = client.post("/files/uploads", json={**wish, **more}).json()["upload"]
            done = client.patch(f"/files/uploads/{upload}", content=content, headers={"Upload-Offset": "0"})
            record = done.json()["file"]
            wish = {"name": "spring.txt", "size": 3, "replaces": record}
        put_file(client, "tea.txt", b"tea")
        assert client.delete("/files/lake").status_code in (200, 202, 204)
        put_file(client, "lake.txt", b"lake")
    found = archive(server, session)
    names = found.namelist()
    assert "problems.txt" not in names
    assert found.read("files/lake.txt") == b"lake"
    assert found.read("files in the trash/西湖/spring.txt") == b"new"
    earlier = [name for name in names if name.startswith("earlier contents of files/")]
    assert sorted(found.read(name) for name in earlier) == [b"old", b"two"]
    for name in earlier:
        assert re.fullmatch(
            r"earlier contents of files/西湖/spring until \d{4}-\d\d-\d\d [\d.]{8}( 2)?\.txt", name
        )


def test_it_is_its_owners_alone_and_good_once(serve, settings):
    clock = ManualClock()
    with serve(settings, clock=clock) as server:
        anna, bob = server.account("anna"), server.account("bob")
        with server.client(anna["token"]) as client:
            client.post("/contacts/import", content=VCARD)
        assert b"Mei" not in archive(server, bob).read("contacts.vcf")
        with server.client() as anyone:
            assert anyone.post("/account/export").status_code == 401
            path = ticket(server, anna)
            assert anyone.get(path).status_code == 200
            again = anyone.get(path)
            assert (again.status_code, again.json()["code"]) == (404, "no-ticket")
            late = ticket(server, anna)
            clock.advance(61)
            assert anyone.get(late).status_code == 404


def test_what_cannot_be_read_is_told_and_the_rest_is_there(server):
    session = server.account("anna")
    with server.client(session["token"]) as client:
        put_file(client, "kept.txt", b"kept")
        put_file(client, "lost.txt", b"lost")
        lost = next(
            one
            for one in client.get("/journal/snapshot").json()["records"]
            if one["fields"].get("name") == "lost.txt"
        )
    mine = {"object": lost["fields"]["object"]}

    def lose(conn):
        conn.execute(text("DELETE FROM object_part WHERE object_id = :object"), mine)
        conn.execute(text("DELETE FROM object WHERE id = :object"), mine)

    server.cloud.db.write(lose)
    found = archive(server, session)
    assert found.read("files/kept.txt") == b"kept"
    assert "files/lost.txt" not in found.namelist()
    assert b"files/lost.txt" in found.read("problems.txt")


def damage(server, settings):
    """Flips a bit in the last chunk of every object."""

    def found(conn):
        objects = conn.execute(text("SELECT account_id, area, id FROM object")).all()
        return [places(conn, *one, 0, 1 << 62)[1][-1] for one in objects]

    packs = {path.name: path for path in (settings.data_dir / "objects").rglob("*") if path.is_file()}
    for place in server.cloud.db.read(found):
        pack = packs[place.pack]
        whole = bytearray(pack.read_bytes())
        whole[place.entry.start + place.entry.stored // 2] ^= 1
        pack.write_bytes(whole)


def test_what_is_damaged_further_on_ends_nothing_else(server, settings):
    session = server.account("anna")
    noise = random.Random(5).randbytes(9_000_000)
    picture = base64.b64encode(noise[:100_000]).decode()
    mms = (
        '<mms date="5000" address="+8613800138000" msg_box="1"><parts>'
        f'<part seq="0" ct="image/jpeg" name="lake.jpg" data="{picture}"/></parts>'
        '<addrs><addr address="+8613800138000" type="137"/></addrs></mms>'
    )
    card = f"BEGIN:VCARD\nVERSION:3.0\nUID:mei\nFN:Mei Xihu\nPHOTO;ENCODING=b;TYPE=JPEG:{picture}\nEND:VCARD\n"
    with server.client(session["token"]) as client:
        put_file(client, "long.bin", noise)
        assert client.post("/messages/import", content=f'<smses count="1">{mms}</smses>').status_code == 200
        assert client.post("/contacts/import", content=card).status_code == 200
        damage(server, settings)
        put_file(client, "kept.txt", b"kept")
        for kind in ("messages", "contacts"):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(f"/{kind}/export")  # nowhere to tell it: it breaks off
    found = archive(server, session)
    assert found.read("files/kept.txt") == b"kept"
    start = found.read("files/long.bin")
    assert 0 < len(start) < len(noise)
    assert noise.startswith(start)
    assert b"FN:Mei Xihu" in found.read("contacts.vcf")
    assert b"could not be read" in found.read("messages/sms.xml")
    problems = found.read("problems.txt").decode()
    told = [f"files/long.bin ends after {len(start)} bytes", "sms.xml: the attachment lake.jpg", "vcf: Mei Xihu"]
    for one in told:
        assert one in problems


@pytest.mark.parametrize("why", [StoreUnavailable(), OSError(errno.EIO, "Input/output error")])
def test_a_store_that_is_away_ends_it_and_a_bad_sector_does_not(server, monkeypatch, why):
    session = server.account("anna")
    with server.client(session["token"]) as client:
        put_file(client, "lake.txt", b"xihu")
    objects = server.cloud.context.objects

    def read(*_):
        raise why

    monkeypatch.setattr(objects.blobs, "read", read)
    if isinstance(why, OSError):
        assert b"lake.txt is not here: Input/output error" in archive(server, session).read("problems.txt")
        return
    with pytest.raises(httpx.RemoteProtocolError):
        archive(server, session)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("files/../../etc/passwd", "files/__/__/etc/passwd"),
        ("/abs", "_/abs"),
        ("a\\..\\b", "a_.._b"),
        ("files/a\n.txt", "files/a_.txt"),
        ("files/CON: .txt", "files/CON_ .txt"),
    ],
)
def test_no_entry_leaves_its_folder(path, told):
    assert takeout.free_path(path, set()) == told


def test_entries_of_one_name_are_told_apart():
    used = set()
    paths = [
        takeout.free_path(one, used) for one in ("f/a.txt", "f/A.txt", "f/a.txt", "f/b", "f/b", "f/.c", "f/.c")
    ]
    assert paths == ["f/a.txt", "f/A 2.txt", "f/a 3.txt", "f/b", "f/b 2", "f/.c", "f/.c 2"]


def test_times_are_within_what_a_zip_can_say():
    assert takeout.moment(0) == takeout.EARLIEST
    assert takeout.moment(-5) == takeout.EARLIEST
    assert takeout.moment(1 << 60) == takeout.LATEST
    assert takeout.moment(1_700_000_000_000) == (2023, 11, 14, 22, 13, 20)
