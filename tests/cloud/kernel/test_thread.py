"""The whole thread over real HTTP: an account, mutations, what another device reads."""

from __future__ import annotations

from typing import Any

import httpx


def put(record: str, base: int = 0, number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"{record}-{number}",
        "base": base,
        "collection": "shell.setting",
        "record": record,
        "op": "put",
        "fields": fields,
    }


def test_first_account_then_mutations_then_changes(server: Any) -> None:
    with server.client() as anyone:
        assert anyone.get("/server").json()["setup_needed"] is True
        wish = {"name": "Anna", "password": "correct horse", "device_name": "Pixel"}
        made = anyone.post("/accounts", json=wish)
        assert made.status_code == 201
        assert anyone.get("/server").json()["setup_needed"] is False
        assert anyone.post("/accounts", json=wish | {"name": "Bob"}).status_code == 401
    with server.client(made.json()["token"]) as phone:
        assert phone.get("/account").json()["name"] == "Anna"
        outcome = phone.post("/journal/mutations", json={"mutations": [put("theme", value="dark")]}).json()
        assert outcome == {"outcomes": [{"id": "theme-1", "status": "applied", "seq": 1}]}
        again = phone.post("/journal/mutations", json={"mutations": [put("theme", value="dark")]}).json()
        assert again == outcome
        page = phone.get("/journal/changes?since=0").json()
        assert page["next"] == 1
        assert not page["more"]
        assert page["changes"][0]["fields"] == {"value": "dark"}
        snapshot = phone.get("/journal/snapshot").json()
        assert snapshot["as_of"] == 1
        assert [one["id"] for one in snapshot["records"]] == ["theme"]
        assert phone.get("/journal/changes?since=7").json()["code"] == "cursor-gone"


def test_signed_out_device_stops_at_once(server: Any) -> None:
    first = server.account("anna", "old phone")
    second = server.sign_in("anna", "new phone")
    with server.client(second["token"]) as new, server.client(first["token"]) as old:
        assert old.get("/account").status_code == 200
        assert new.delete(f"/devices/{first['device']['id']}").status_code == 204
        gone: httpx.Response = old.get("/account")
        assert gone.status_code == 401
        assert gone.headers["content-type"] == "application/problem+json"
        assert [one["name"] for one in new.get("/devices").json()] == ["new phone"]
