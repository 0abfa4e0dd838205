"""Accounts, devices, and all the ways in."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from pileus.cloud.kernel.accounts.invitations import Invitations, Wish
from pileus.cloud.kernel.accounts.members import Change, Members
from pileus.sdk import place as places
from tests.cloud.authenticator import Authenticator
from tests.conftest import PASSWORD

from .act import Scene, Stage

people = Scene()
OTHER = "battery staple"
PHRASE = "a heron over the lake at dusk"


def passkey(stage: Stage, count: int) -> Authenticator:
    key = ec.derive_private_key(20260320, ec.SECP256R1())
    origin = stage.cloud.settings.shell_origins[0]
    return Authenticator(
        origin, count=count, credential_id=b"acts" * 8, key=key, user=stage.said.get("passkey user", "")
    )


@people.act
def first_account(stage: Stage) -> None:
    wish = {"name": "anna", "password": PASSWORD, "device_name": "phone"}
    stage.signed_in("anna", stage.ask("", "POST", "/accounts", json=wish))


@people.act
def signs_in(stage: Stage) -> None:
    stage.sign_in("tablet", "anna")


@people.act
def account_of_the_command_line(stage: Stage) -> None:
    stage.cloud.accounts.create_blocking("lin", PASSWORD)


@people.act
def lin_signs_in(stage: Stage) -> None:
    stage.sign_in("lin", "lin")


@people.keyed
def wrong_password(stage: Stage) -> None:
    wish = {"name": "lin", "password": "wrong", "device_name": "x"}
    stage.ask("", "POST", "/sign-in", json=wish, status=401)


@people.keyed
def wrong_proof(stage: Stage) -> None:
    stage.ask("lin", "POST", "/account/proof", json={"present": "wrong one"}, status=403)


@people.keyed
def password_of_the_command_line(stage: Stage) -> None:
    stage.cloud.accounts.set_password_blocking("lin", OTHER, sign_out=False)
    stage.ask("lin", "POST", "/account/proof", json={"present": OTHER})


@people.act
def changes_the_password(stage: Stage) -> None:
    stage.ask("lin", "POST", "/account/password", json={"present": OTHER, "new": PASSWORD}, also=(403,))
    stage.ask("lin", "POST", "/account/proof", json={"present": PASSWORD})


@people.keyed
def renames_a_device(stage: Stage) -> None:
    stage.ask("anna", "PATCH", f"/devices/{stage.said['device of tablet']}", json={"name": "slate"})


@people.act
def makes_an_app_password(stage: Stage) -> None:
    wish = {"name": "mail", "present": PASSWORD, "scopes": {"files": "read"}}
    told = stage.ask("anna", "POST", "/account/app-passwords", json=wish)
    stage.said |= {"secret": told["secret"], "app password": told["password"]["id"]}


@people.keyed
def uses_it(stage: Stage) -> None:
    stage.ask("", "GET", "/files/usage", auth=("anna", stage.said["secret"]))


@people.keyed
def tries_another(stage: Stage) -> None:
    wrong = "ABCD" * 7
    stage.ask("", "GET", "/files/usage", auth=("anna", wrong), status=401)


@people.keyed
def removes_it(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/account/app-passwords/{stage.said['app password']}", also=(404,))


@people.act
def adds_a_passkey(stage: Stage) -> None:
    asked = stage.ask("anna", "POST", "/account/passkeys/options", json={"present": PASSWORD})["public_key"]
    key = passkey(stage, 1)
    made = stage.ask("anna", "POST", "/account/passkeys", json={"name": "Key", "credential": key.create(asked)})
    stage.said |= {"passkey": made["id"], "passkey user": key.user}


@people.keyed
def renames_it(stage: Stage) -> None:
    stage.ask("anna", "PATCH", f"/account/passkeys/{stage.said['passkey']}", json={"name": "Ring"})


@people.act
def signs_in_by_it(stage: Stage) -> None:
    asked = stage.ask("", "POST", "/sign-in/passkey/options")["public_key"]
    wish = {"credential": passkey(stage, 50).get(asked), "device_name": "by key"}
    stage.ask("", "POST", "/sign-in/passkey", json=wish)


@people.keyed
def removes_the_passkey(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/account/passkeys/{stage.said['passkey']}", also=(404,))


@people.act
def makes_recovery_codes(stage: Stage) -> None:
    stage.said["codes"] = stage.ask("lin", "POST", "/account/recovery-codes", json={"present": PASSWORD})["codes"]


@people.act
def comes_back_by_one(stage: Stage) -> None:
    wish: dict[str, Any] = {
        "name": "lin",
        "code": stage.said["codes"][0],
        "password": PASSWORD,
        "device_name": "back",
    }
    wish |= {"sign_out_others": False}
    stage.signed_in("lin again", stage.ask("", "POST", "/recover", json=wish))


@people.act
def makes_a_pairing(stage: Stage) -> None:
    told = stage.ask("anna", "POST", "/pairings", json={"present": PASSWORD})
    stage.said |= {"pairing": told["pairing"]["id"], "code": told["code"]}


@people.act
def new_device_asks(stage: Stage) -> None:
    told = stage.ask("", "POST", "/pair", json={"code": stage.said["code"], "device_name": "new"})
    stage.said |= {"claim": told["claim"], "number": told["number"]}


@people.keyed
def owner_answers(stage: Stage) -> None:
    wish = {"allow": True, "number": stage.said["number"]}
    stage.ask("anna", "POST", f"/pairings/{stage.said['pairing']}/answer", json=wish, also=(409,))


@people.act
def new_device_enters(stage: Stage) -> None:
    stage.ask("", "POST", "/pair/session", json={"claim": stage.said["claim"]})


@people.keyed
def removes_the_pairing(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/pairings/{stage.said['pairing']}", also=(404,))


@people.act
def invites(stage: Stage) -> None:
    told = stage.ask("anna", "POST", "/invitations", json={"name": "Mei"})
    stage.said |= {"invitation": told["secret"]}


@people.keyed
def looks_at_none(stage: Stage) -> None:
    stage.ask("", "POST", "/invited", json={"secret": "x" * 32}, status=403)


@people.act
def accepts(stage: Stage) -> None:
    wish = {"secret": stage.said["invitation"], "name": "mei", "password": PASSWORD, "device_name": "mei"}
    stage.signed_in("mei", stage.ask("", "POST", "/invited/account", json=wish))


@people.act
def invites_by_the_command_line(stage: Stage) -> None:
    _, made = _invitations(stage).make_blocking(Wish("bo"))
    stage.said["other invitation"] = made.id


@people.keyed
def takes_it_back(stage: Stage) -> None:
    stage.ask("anna", "DELETE", f"/invitations/{stage.said['other invitation']}", also=(404,))


@people.keyed
def gives_room(stage: Stage) -> None:
    stage.ask("anna", "PATCH", f"/accounts/{stage.said['account of mei']}", json={"quota_bytes": 5 << 30})


@people.keyed
def gives_room_by_the_command_line(stage: Stage) -> None:
    Members(stage.cloud.db, stage.clock, stage.cloud.accounts).change_blocking("mei", Change(quota_bytes=6 << 30))


@people.act
def makes_a_child(stage: Stage) -> None:
    wish = {"name": "kid", "password": OTHER, "quota_bytes": 1 << 30, "present": PASSWORD}
    stage.ask("anna", "POST", "/family/children", json=wish)


@people.act
def the_child_signs_in(stage: Stage) -> None:
    stage.sign_in("kid", "kid", OTHER)


@people.keyed
def gives_the_child_room(stage: Stage) -> None:
    stage.ask("anna", "PATCH", f"/family/children/{stage.said['account of kid']}", json={"quota_bytes": 2 << 30})


@people.act
def gives_the_child_a_way_back(stage: Stage) -> None:
    path = f"/family/children/{stage.said['account of kid']}/recovery-code"
    stage.ask("anna", "POST", path, json={"present": PASSWORD})


def invite(stage: Stage, name: str) -> None:
    told = stage.ask("anna", "POST", "/family/invitations", json={"name": name, "present": PASSWORD})
    stage.said["family"] = told["id"]


@people.act
def asks_a_parent(stage: Stage) -> None:
    invite(stage, "mei")


@people.keyed
def declines(stage: Stage) -> None:
    stage.ask("mei", "DELETE", f"/family/invitations/{stage.said['family']}", also=(404,))


@people.act
def asks_another(stage: Stage) -> None:
    invite(stage, "lin")


@people.keyed
def joins(stage: Stage) -> None:
    stage.ask("lin", "POST", f"/family/invitations/{stage.said['family']}/accept", also=(404,))


@people.keyed
def parts(stage: Stage) -> None:
    account = stage.said["account of lin"]
    stage.ask("lin", "POST", f"/family/members/{account}/part", json={"present": PASSWORD}, also=(404,))


@people.keyed
def makes_a_key_for_places(stage: Stage) -> None:
    stage.said.setdefault("place key", places.new_key(PHRASE))
    stage.ask("anna", "PUT", "/finding/key", json={"present": PASSWORD, **stage.said["place key"]})


@people.keyed
def asks_where_it_is(stage: Stage) -> None:
    stage.ask("anna", "POST", f"/devices/{stage.said['device of tablet']}/locate")


@people.keyed
def tells_where_it_is(stage: Stage) -> None:
    sealed = base64.b64encode(bytes(100)).decode()
    stage.ask("tablet", "PUT", "/finding/place", json={"sealed": sealed})


@people.keyed
def rings(stage: Stage) -> None:
    stage.ask("anna", "POST", f"/devices/{stage.said['device of tablet']}/ring")


@people.keyed
def is_found(stage: Stage) -> None:
    stage.ask("tablet", "POST", "/finding/ring-ended")


@people.keyed
def locks(stage: Stage) -> None:
    stage.ask("anna", "POST", f"/devices/{stage.said['device of tablet']}/lock")


@people.keyed
def unlocks(stage: Stage) -> None:
    stage.ask("tablet", "POST", "/account/proof", json={"present": PASSWORD})


@people.keyed
def wipes(stage: Stage) -> None:
    path = f"/devices/{stage.said['device of tablet']}/wipe"
    stage.ask("anna", "POST", path, json={"present": PASSWORD}, also=(404,))


@people.keyed
def hears_that_it_is_wiped(stage: Stage) -> None:
    stage.ask("tablet", "GET", "/account", status=401)


@people.keyed
def exports(stage: Stage) -> None:
    stage.ask("anna", "POST", "/account/export")


@people.keyed
def signs_out(stage: Stage) -> None:
    stage.ask("lin again", "POST", "/sign-out", also=(401,))


@people.keyed
def gives_up(stage: Stage) -> None:
    stage.ask("mei", "POST", "/account/deletion", json={"present": PASSWORD}, also=(401,))


@people.keyed_parts
def is_erased(stage: Stage) -> None:
    stage.later(15 * 24 * 3600)
    stage.run(stage.cloud.context.departures.erase_due(stage.cloud.context.objects))  # type: ignore[attr-defined]


@people.keyed
def is_given_up_by_the_command_line(stage: Stage) -> None:
    stage.cloud.context.departures.ask_blocking("lin")  # type: ignore[attr-defined]


def _invitations(stage: Stage) -> Invitations:
    return Invitations(stage.cloud.db, stage.clock, stage.cloud.accounts, 1 << 30)
