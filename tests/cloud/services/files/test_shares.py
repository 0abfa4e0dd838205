"""Shares on a real server: links, passwords, accounts that read and write, and all that is refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from pileus.core.clock import ManualClock, SystemClock
from pileus.core.settings import Settings
from tests.cloud.names import of_test

from .test_files import NOISE, begin, keep, records, send
from .test_keeping import DAY, folder, tend, versions


class People:
    """Two accounts and somebody without one."""

    def __init__(self, server: Any, mark: str) -> None:
        self.names = [f"anna-{mark}", f"ben-{mark}", f"eve-{mark}"]
        self.anna, self.ben, self.eve = (server.client(server.account(name)["token"]) for name in self.names)
        self.nobody = server.client()

    def share(self, file: str, **wish: Any) -> Any:
        answer = self.anna.post(f"/files/{file}/shares", json=wish)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def with_ben(self, file: str, *, write: bool = False, **more: Any) -> str:
        return str(self.share(file, account=self.names[1], write=write, **more)["id"])


@pytest.fixture
def people(shared_server: Any, request: pytest.FixtureRequest) -> Iterator[People]:
    one = People(shared_server, of_test(request, 50))
    yield one
    for client in (one.anna, one.ben, one.eve, one.nobody):
        client.close()


def link(share: Any) -> str:
    """The path of a link below /api/v1."""
    return str(share["url"]).split("/api/v1", 1)[1]


def hrefs(page: httpx.Response) -> list[str]:
    return [unescape(one).removeprefix("/api/v1") for one in re.findall(r'href="([^"]+)"', page.text)]


def test_a_link_opens_a_page_and_the_bytes(people: People) -> None:
    file = keep(people.anna, NOISE, "<b>湖.bin", type="text/html")["file"]
    share = people.share(file)
    page = people.nobody.get(link(share), headers={"Accept-Language": "zh-CN,en"})
    assert page.status_code == 200
    assert "&lt;b&gt;湖.bin" in page.text
    assert "<b>" not in page.text
    assert "下载" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    (path,) = hrefs(page)
    answer = people.nobody.get(path)
    assert answer.content == NOISE
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    part = people.nobody.get(path, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, NOISE[5:10])
    listed = people.anna.get("/files/shares").json()["shares"]
    assert [one["id"] for one in listed] == [share["id"]]
    assert listed[0]["url"] == "", "what opens it is told once"


def test_a_folder_by_a_link(people: People) -> None:
    top = folder(people.anna, "top")
    sub = folder(people.anna, "sub", top)
    deep, apart = keep(people.anna, b"deep", "d.txt", parent=sub)["file"], keep(people.anna, b"apart")["file"]
    path = link(people.share(top))
    (to_sub,) = hrefs(people.nobody.get(path))
    (to_deep,) = hrefs(people.nobody.get(to_sub))
    assert people.nobody.get(to_deep).content == b"deep"
    assert people.nobody.get(f"{path}/{apart}").status_code == 404
    assert people.nobody.get(f"{path}/{apart}/content").status_code == 404
    seq = people.anna.get("/journal/snapshot").json()["as_of"]
    move = {"id": "move", "base": seq, "collection": "files.file", "record": deep, "op": "put"}
    people.anna.post("/journal/mutations", json={"mutations": [{**move, "fields": {"parent": ""}}]})
    assert people.nobody.get(to_deep).status_code == 404, "it lies elsewhere now"


def test_what_a_link_does_not_open(people: People) -> None:
    file = keep(people.anna, b"first")["file"]
    keep(people.anna, b"second", replaces=file)
    (old,) = versions(people.anna, file)
    path = link(people.share(file))
    for more in (f"/{file}/versions", f"/{file}/versions/{old['id']}/content"):
        assert people.nobody.get(path + more).status_code == 404
    assert people.nobody.get(f"{path}/{file}/content").text == "second"
    assert people.nobody.get(f"/files/{file}/content").status_code == 401
    for client in (people.ben, people.nobody):
        assert client.get("/files/links/" + "x" * 43).status_code == 404
        assert client.post("/files/links/" + "x" * 43).status_code == 404
    people.anna.delete(f"/files/{file}")
    assert people.nobody.get(path).status_code == 404, "not from the trash"
    assert people.nobody.get(f"{path}/{file}/content").status_code == 404
    people.anna.post(f"/files/trash/{file}/restore")
    assert people.nobody.get(f"{path}/{file}/content").text == "second"


def test_a_revoked_link(people: People) -> None:
    file = keep(people.anna, b"x")["file"]
    share = people.share(file)
    other = people.ben.delete(f"/files/shares/{share['id']}")
    assert other.status_code == 404
    assert people.nobody.get(link(share)).status_code == 200, "only its owner ends it"
    people.anna.delete(f"/files/shares/{share['id']}")
    page = people.nobody.get(link(share))
    assert page.status_code == 404
    assert "leads nowhere" in page.text
    assert people.anna.get(f"/files/{file}/shares").json()["shares"] == []


def test_a_password(people: People, shared_server: Any) -> None:
    file = keep(people.anna, NOISE, "secret name.bin")["file"]
    share = people.share(file, password="open sesame")
    path = link(share)
    asked = people.nobody.get(path)
    assert (asked.status_code, "secret name" in asked.text) == (200, False)
    assert "form-action 'self'" in asked.headers["content-security-policy"]
    assert people.nobody.get(f"{path}/{file}/content").json()["code"] == "share-password"
    for key in ("1", "99999999999999.x", "a.b", "9" * 15 + "." + "0" * 64):
        assert people.nobody.get(f"{path}/{file}/content", params={"key": key}).status_code == 403
    assert people.nobody.post(path, data={"password": "wrong"}).status_code == 403
    page = people.nobody.post(path, data={"password": "open sesame"})
    assert "secret name.bin" in page.text
    (to_content,) = hrefs(page)
    assert people.nobody.get(to_content).content == NOISE
    second = people.share(file, password="open sesame")
    key = to_content.split("?")[1]
    assert people.nobody.get(f"{link(second)}/{file}/content?{key}").status_code == 403, "a key is its share's"
    kept = shared_server.cloud.db.read(
        lambda conn: str(conn.exec_driver_sql("SELECT * FROM files_share").fetchall())
    )
    assert "sesame" not in kept
    assert path.rsplit("/", 1)[1] not in kept, "the database does not open it"
    assert "$argon2id$" in kept


def test_passwords_cannot_be_guessed_at_will(settings: Settings, serve: Callable[..., Any]) -> None:
    clock = ManualClock(SystemClock().now_ms())
    with serve(settings, clock=clock) as server:
        people = People(server, "x")
        file = keep(people.anna, b"x")["file"]
        path = link(people.share(file, password="right"))
        codes: list[int] = []

        def guess() -> None:
            with server.client() as one:
                codes.append(one.post(path, data={"password": "wrong"}).status_code)

        threads = [threading.Thread(target=guess) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(set(codes)) == [403, 429]
        assert codes.count(403) == 5, "many at once are no way around"
        assert people.nobody.post(path, data={"password": "right"}).status_code == 429
        clock.advance(1.1)
        assert people.nobody.post(path, data={"password": "wrong"}).status_code == 403
        assert people.nobody.post(path, data={"password": "right"}).status_code == 429
        clock.advance(2.1)
        page = people.nobody.post(path, data={"password": "right"})
        assert page.status_code == 200
        (to_content,) = hrefs(page)
        clock.advance(3601)
        assert people.nobody.get(to_content).status_code == 403, "a key holds for an hour"


def test_a_share_ends_by_itself(settings: Settings, serve: Callable[..., Any]) -> None:
    clock = ManualClock(SystemClock().now_ms())
    with serve(settings, clock=clock) as server:
        people = People(server, "x")
        file = keep(people.anna, b"x")["file"]
        end = clock.now_ms() + 2 * int(DAY) * 1000
        path, share = link(people.share(file, expires_ms=end)), people.with_ben(file, expires_ms=end)
        clock.advance(DAY)
        assert people.nobody.get(path).status_code == 200
        assert people.ben.get(f"/files/shared/{share}/{file}/content").text == "x"
        clock.advance(DAY)
        assert people.nobody.get(path).status_code == 404
        assert people.ben.get(f"/files/shared/{share}/{file}/content").status_code == 404
        assert people.ben.get("/files/shared").json()["entries"] == []
        assert len(people.anna.get("/files/shares").json()["shares"]) == 2, "its owner sees that it ended"
        clock.advance(31 * DAY)
        tend(server)
        assert people.anna.get("/files/shares").json()["shares"] == []


def test_with_an_account_for_reading(people: People) -> None:
    top = folder(people.anna, "top")
    file, apart = keep(people.anna, NOISE, "a.bin", parent=top)["file"], keep(people.anna, b"apart")["file"]
    share = people.with_ben(top)
    (entry,) = people.ben.get("/files/shared").json()["entries"]
    assert (entry["owner"], entry["name"], entry["write"]) == (people.names[0], "top", False)
    (inside,) = people.ben.get(f"/files/shared/{share}/{top}").json()["entries"]
    assert (inside["file"], inside["size"]) == (file, len(NOISE))
    path = f"/files/shared/{share}/{file}/content"
    assert people.ben.get(path).content == NOISE
    assert people.ben.get(path, headers={"Range": "bytes=-7"}).content == NOISE[-7:]
    assert people.ben.put(path, content=b"mine now").json()["code"] == "share-read-only"
    added = people.ben.post(f"/files/shared/{share}/{top}/files", params={"name": "b"}, content=b"x")
    assert added.json()["code"] == "share-read-only"
    assert people.ben.get(f"/files/shared/{share}/{apart}/content").status_code == 404
    assert people.ben.get(f"/files/{file}/content").status_code == 404
    assert people.ben.get(f"/files/{file}/versions").status_code == 404
    assert people.ben.delete(f"/files/{file}").status_code == 204
    assert people.eve.get(path).status_code == 404, "it is shared with one"
    assert people.nobody.get(path).status_code == 401
    assert people.eve.get("/files/shared").json()["entries"] == []
    assert records(people.ben) == {}
    assert file in records(people.anna)


def test_with_an_account_for_writing(people: People) -> None:
    top = folder(people.anna, "top")
    file = keep(people.anna, b"first", "a.txt", parent=top, type="text/plain")["file"]
    share = people.with_ben(top, write=True)
    before = people.ben.get("/files/usage").json()["used"]
    path = f"/files/shared/{share}/{file}/content"
    assert people.ben.put(path, content=b"second").json() == {"file": file, "name": "a.txt"}
    assert people.anna.get(f"/files/{file}/content").text == "second"
    (old,) = versions(people.anna, file)
    assert people.anna.get(f"/files/{file}/versions/{old['id']}/content").text == "first"
    assert people.ben.get(f"/files/shared/{share}/{file}/versions").status_code == 404
    added = people.ben.post(f"/files/shared/{share}/{top}/files", params={"name": "a.txt"}, content=b"third")
    assert (added.status_code, added.json()["name"]) == (201, "a (2).txt")
    assert records(people.anna)[added.json()["file"]]["parent"] == top
    assert people.ben.get("/files/usage").json()["used"] == before, "it counts in the owner's"
    bad = people.ben.post(f"/files/shared/{share}/{top}/files", params={"name": "a/b"}, content=b"x")
    assert bad.json()["code"] == "bad-name"
    people.anna.delete(f"/files/shares/{share}")
    assert people.ben.put(path, content=b"late").status_code == 404
    assert people.anna.get(f"/files/{file}/content").text == "second"


def test_what_is_shared_by_others_can_be_left_and_given_anew(people: People) -> None:
    file = keep(people.anna, b"x")["file"]
    first, second = people.with_ben(file), people.with_ben(file, write=True)
    assert [one["share"] for one in people.ben.get("/files/shared").json()["entries"]] == [second]
    assert people.ben.get(f"/files/shared/{first}/{file}/content").status_code == 404
    assert people.ben.delete(f"/files/shares/{second}").status_code == 204
    assert people.ben.get("/files/shared").json()["entries"] == []


def test_wishes_that_make_no_sense(people: People) -> None:
    file = keep(people.anna, b"x")["file"]
    path = f"/files/{file}/shares"
    for wish, code in (
        ({"account": "nobody at all"}, "no-account"),
        ({"account": people.names[0]}, "bad-share"),
        ({"write": True}, "bad-share"),
        ({"account": people.names[1], "password": "x"}, "bad-share"),
        ({"expires_ms": 1}, "bad-expiry"),
        ({"password": "x" * 1001}, "password-long"),
    ):
        assert people.anna.post(path, json=wish).json()["code"] == code
    assert people.ben.post(path, json={}).status_code == 404
    assert people.ben.get(path).status_code == 404
    assert people.anna.post("/files/none/shares", json={}).status_code == 404


def test_a_foreign_page_cannot_send_the_form(people: People) -> None:
    file = keep(people.anna, b"x")["file"]
    path = link(people.share(file, password="open"))
    for origin in ("https://evil.example", "null"):
        answer = people.nobody.post(path, data={"password": "open"}, headers={"Origin": origin})
        assert answer.status_code == 403


def test_uploads_of_a_writer_are_not_everybodys(people: People) -> None:
    file = keep(people.anna, b"first")["file"]
    people.with_ben(file, write=True)
    begun = begin(people.anna, NOISE, replaces=file)
    assert send(people.ben, begun["upload"], 0, NOISE).status_code == 404


def is_parent(asks: httpx.Client, other: httpx.Client, name: str) -> None:
    wish = {"name": name, "present": "correct horse"}
    made = asks.post("/family/invitations", json=wish).json()
    assert other.post(f"/family/invitations/{made['id']}/accept").status_code == 204


def leaves(client: httpx.Client) -> None:
    mine = client.get("/account").json()["id"]
    assert client.post(f"/family/members/{mine}/part", json={"present": "correct horse"}).status_code == 204


def given(client: httpx.Client) -> list[str]:
    return [one["name"] for one in client.get("/files/shared").json()["entries"]]


def test_the_family_sees_what_is_shared_with_it_as_long_as_it_is_one(people: People) -> None:
    file = keep(people.anna, NOISE, "holiday.bin")["file"]
    answer = people.anna.post(f"/files/{file}/shares", json={"family": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "no-family")
    is_parent(people.anna, people.ben, people.names[1])
    share = people.share(file, family=True)
    assert (share["family"], share["account"], share["url"]) == (True, "", "")
    again = people.share(file, family=True, write=True)
    assert [one["id"] for one in people.anna.get("/files/shares").json()["shares"]] == [again["id"]]
    content = f"/files/shared/{again['id']}/{file}/content"
    assert given(people.ben) == ["holiday.bin"]
    assert people.ben.get("/files/shared").json()["entries"][0]["family"] is True
    assert people.ben.get(content).content == NOISE
    assert people.ben.put(content, content=b"new").status_code == 200
    # Neither its owner is given it, nor somebody of another family or none.
    assert given(people.anna) == given(people.eve) == []
    assert people.eve.get(content).status_code == 404
    # Who comes later sees it, who leaves does not, and it ends with its owner's leaving.
    is_parent(people.ben, people.eve, people.names[2])
    assert people.eve.get(content).content == b"new"
    leaves(people.ben)
    assert given(people.ben) == []
    assert people.ben.get(content).status_code == 404
    assert people.eve.delete(f"/files/shares/{again['id']}").status_code == 404
    leaves(people.anna)
    assert given(people.eve) == []
    assert people.eve.get(content).status_code == 404


def test_a_share_is_for_an_account_or_for_the_family(people: People) -> None:
    is_parent(people.anna, people.ben, people.names[1])
    file = keep(people.anna, NOISE, "a.bin")["file"]
    for wish in ({"account": people.names[1]}, {"password": "a password"}):
        answer = people.anna.post(f"/files/{file}/shares", json={"family": True} | wish)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-share")
