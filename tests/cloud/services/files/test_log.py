"""What lets others in to files, or cannot be undone, is in the account's log."""

from __future__ import annotations

from typing import Any

import httpx


def upload(client: httpx.Client, name: str, data: bytes, replaces: str = "") -> str:
    wish = {"name": name, "size": len(data), "replaces": replaces}
    begun = client.post("/files/uploads", json=wish).json()
    done = client.patch(f"/files/uploads/{begun['upload']}", content=data, headers={"Upload-Offset": "0"})
    return str(done.json()["file"])


def log(client: httpx.Client) -> list[tuple[str, str]]:
    """Events and what they were done to, the newest first, without the sign-in's."""
    entries = client.get("/account/log").json()["entries"]
    told = [one for one in entries if one["event"] not in ("account-made", "signed-in")]
    assert {(one["device"], one["address"]) for one in told} <= {("phone", "127.0.0.1")}
    return [(one["event"], one["about"]) for one in told]


def test_shares_and_what_goes_for_good(server: Any) -> None:
    anna, _ben = server.account("anna"), server.account("ben")
    with server.client(anna["token"]) as client:
        file = upload(client, "西湖.jpg", b"one")
        link = client.post(f"/files/{file}/shares", json={}).json()
        client.post(f"/files/{file}/shares", json={"account": "ben"})
        assert client.delete(f"/files/shares/{link['id']}").status_code == 204
        assert client.delete("/files/shares/nothing").status_code in (204, 404)
        upload(client, "西湖.jpg", b"two", file)
        [version] = client.get(f"/files/{file}/versions").json()["versions"]
        assert client.delete(f"/files/{file}/versions/{version['id']}").status_code == 204
        client.delete(f"/files/{file}")
        assert client.delete("/files/trash").status_code == 204
        assert log(client) == [
            ("trash-emptied", ""),
            ("version-deleted", "西湖.jpg"),
            ("share-ended", "西湖.jpg"),
            ("share-made", "西湖.jpg → ben"),
            ("share-made", "西湖.jpg"),
        ]
        assert client.get("/files/trash").json()["items"] == []
