"""Files that are shared, replaced, found, thrown away; the vault that some lie in."""

from __future__ import annotations

import base64
import re
from html import unescape
from typing import Any

from pileus.cloud.services.files import rules
from pileus.sdk.vault import TYPE
from tests.conftest import PASSWORD

from .act import Scene, Stage

sharing = Scene(stores=True)
vault = Scene()
OLD, NEW = b"tea for two " * 900, b"coffee for one " * 900
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
KEY, NEXT = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


def b64(size: int, of: int = 7) -> str:
    return base64.b64encode(bytes([of]) * size).decode()


def two(stage: Stage) -> None:
    for name in ("anna", "lin"):
        stage.cloud.accounts.create_blocking(name, PASSWORD)
        stage.sign_in(name, name)


def upload(stage: Stage, who: str, data: bytes, name: str, **more: Any) -> str:
    begun = stage.ask(who, "POST", "/files/uploads", json={"name": name, "size": len(data), **more})
    path = f"/files/uploads/{begun['upload']}"
    return str(stage.ask(who, "PATCH", path, content=data, headers={"Upload-Offset": "0"})["file"])


@sharing.prepares
def two_people(stage: Stage) -> None:
    two(stage)
    stage.mutate(
        "anna", "trip", "files.file", {"name": "Trip", "parent": "", "type": "inode/directory", "modified_ms": 1}
    )
    stage.said["file"] = upload(stage, "anna", OLD, "tea.txt", parent="trip", type="text/plain")
    upload(stage, "anna", NEW, "tea.txt", parent="trip", type="text/plain", replaces=stage.said["file"])
    stage.said["gone"] = upload(stage, "anna", NEW, "gone.txt", type="text/plain")


@sharing.keyed
def renames_a_file(stage: Stage) -> None:
    stage.mutate("anna", stage.said["file"], "files.file", {"name": "drinks.txt"}, base=1 << 40)


@sharing.act
def shares_by_a_link(stage: Stage) -> None:
    path = f"/files/{stage.said['file']}/shares"
    told = stage.ask("anna", "POST", path, json={"password": "lake water"})
    stage.said["link"] = told["url"].split("/api/v1", 1)[1]


@sharing.keyed
def opens_the_link(stage: Stage) -> None:
    page = stage.ask("", "POST", stage.said["link"], content=b"password=lake+water", headers=FORM).text
    [content] = [unescape(one).removeprefix("/api/v1") for one in re.findall(r'href="([^"]+)"', page)]
    assert stage.ask("", "GET", content).content == NEW


@sharing.act
def shares_with_lin(stage: Stage) -> None:
    told = stage.ask("anna", "POST", "/files/trip/shares", json={"account": "lin", "write": True})
    stage.said["share"] = told["id"]


@sharing.keyed
def lin_writes(stage: Stage) -> None:
    path = f"/files/shared/{stage.said['share']}/{stage.said['file']}/content"
    assert stage.ask("lin", "GET", path).content in (NEW, OLD)


@sharing.keyed
def ends_the_share(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/files/shares/{stage.said['share']}", also=(404,))


@sharing.keyed_parts
def looks_for_words(stage: Stage) -> None:
    found = stage.ask("anna", "GET", "/files/search", params={"q": "coffee"})["files"]
    assert [one["name"] for one in found if one["file"] == stage.said["file"]] == ["drinks.txt"]


@sharing.act
def has_the_old_one_back(stage: Stage) -> None:
    [old] = stage.ask("anna", "GET", f"/files/{stage.said['file']}/versions")["versions"]
    stage.ask("anna", "POST", f"/files/{stage.said['file']}/versions/{old['id']}/restore")
    assert stage.ask("anna", "GET", f"/files/{stage.said['file']}/content").content == OLD


@sharing.keyed_parts
def forgets_the_other(stage: Stage) -> None:
    file = stage.said["file"]
    for old in stage.ask("anna", "GET", f"/files/{file}/versions")["versions"]:
        stage.ask("anna", "DELETE", f"/files/{file}/versions/{old['id']}")
    assert stage.ask("anna", "GET", f"/files/{stage.said['file']}/content").content == OLD


@sharing.keyed
def throws_away(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/files/{stage.said['gone']}", also=(404,))


@sharing.keyed_parts
def has_it_back(stage: Stage) -> None:
    stage.ask("anna", "POST", f"/files/trash/{stage.said['gone']}/restore", also=(404,))
    assert stage.ask("anna", "GET", f"/files/{stage.said['gone']}/content").content == NEW


@sharing.keyed
def throws_it_away_again(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/files/{stage.said['gone']}", also=(404,))


@sharing.keyed_parts
def empties_the_trash(stage: Stage) -> None:
    stage.ask("anna", "DELETE", "/files/trash")
    assert stage.ask("anna", "GET", "/files/trash")["items"] == []


@sharing.keyed_parts
def a_month_goes_by(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/files/{stage.said['file']}", also=(404,))
    stage.later(40 * 24 * 3600)
    stage.days_work(with_backups=False)


def key(number: str, of: int) -> dict[str, str]:
    return {"key_id": number, "verifier": b64(32, of)}


@vault.prepares
def anna_and_her_tablet(stage: Stage) -> None:
    two(stage)
    stage.sign_in("tablet", "anna")


@vault.act
def makes_a_vault(stage: Stage) -> None:
    wish = {**key(KEY, 1), "wrapped": b64(60), "held": b64(60)}
    stage.ask("anna", "POST", "/files/vault", json=wish)


@vault.act
def makes_its_pair(stage: Stage) -> None:
    stage.ask("anna", "PUT", "/files/vault/pair", json={"public": b64(65), "pair": b64(99)})


@vault.keyed
def the_tablet_asks(stage: Stage) -> None:
    stage.ask("tablet", "POST", "/files/vault/asks", json={"salt": b64(32), "proof": b64(32)})


@vault.keyed
def is_kept_out(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/files/vault/asks/{stage.said['device of tablet']}", also=(404,))


@vault.keyed
def asks_again(stage: Stage) -> None:
    stage.ask("tablet", "POST", "/files/vault/asks", json={"salt": b64(32, 8), "proof": b64(32)})


@vault.keyed
def is_let_in(stage: Stage) -> None:
    path = f"/files/vault/asks/{stage.said['device of tablet']}"
    stage.ask("anna", "PUT", path, json={"salt": b64(32, 8), "sealed": b64(60)})


@vault.keyed
def holds_the_key(stage: Stage) -> None:
    stage.ask("tablet", "PUT", "/files/vault/device", json={**key(KEY, 1), "wrapped": b64(60)})


@vault.keyed
def lets_it_go(stage: Stage) -> None:
    stage.ask("tablet", "DELETE", "/files/vault/device")


@vault.keyed
def has_another_code(stage: Stage) -> None:
    stage.ask("anna", "PUT", "/files/vault/recovery", json={**key(KEY, 1), "wrapped": b64(60, 9)})


@vault.prepares
def fills_it(stage: Stage) -> None:
    sealed = base64.b64encode(bytes.fromhex(KEY) + bytes(60)).decode()
    data = rules.SEALED_START.ljust(rules.KEY_AT, b"\0") + bytes.fromhex(KEY) + NEW
    for at in range(2):
        upload(stage, "anna", data, f"{at:032x}", sealed=sealed, type=TYPE)


@vault.keyed_parts
def starts_it_over(stage: Stage) -> None:
    wish = {**key(NEXT, 2), "wrapped": b64(60), "held": b64(60), "present": PASSWORD, "ends": KEY}
    stage.ask("anna", "POST", "/files/vault/anew", json=wish)
    assert stage.records("anna", "files.file") == {}
