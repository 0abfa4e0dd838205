"""HTTP of the vault's keys: the cloud keeps them wrapped and gives each device its own."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from pileus.cloud.kernel.service import Caller, Operation, PushNote, ServiceContext, decode, reply
from pileus.cloud.services.files import given, rules, shares, vault, vault_anew
from pileus.cloud.services.files.uploads import Uploads
from pileus.core import stated
from pileus.core.errors import Conflict, Invalid, NotFound

LIMIT = 16 * 1024
KEY_ID = re.compile(r"[0-9a-f]{32}")
WRAPPED = 60
"""Bytes of a wrapped key: nonce, 32 bytes sealed, tag."""
POINT = 65
MOST_PAIR = 1000
SHORT = 32
"""Bytes of a salt, a proof or a verifier."""
KeyId = Annotated[str, stated.text(pattern=KEY_ID)]
Wrapped = Annotated[str, stated.base64(WRAPPED)]
Short = Annotated[str, stated.base64(SHORT)]


class VaultWish(msgspec.Struct):
    """`wrapped` by the recovery code, `held` by this device; `verifier`: what any holder can show; Base64."""

    key_id: KeyId
    wrapped: Wrapped
    held: Wrapped
    verifier: Short


class VaultAnew(VaultWish):
    """`present`: the account's password. `ends`: the key of the vault that its owner was told of, and gives up."""

    present: str
    ends: KeyId


class Held(msgspec.Struct):
    """`verifier`: that the device which sends this knows the key."""

    key_id: KeyId
    wrapped: Wrapped
    verifier: Short


class Pair(msgspec.Struct):
    """`public`: a point of P-256; `pair`: it and its private key as the vault sealed them; Base64."""

    public: Annotated[str, stated.base64(POINT)]
    pair: Annotated[str, stated.text(1, MOST_PAIR, rules.BASE64)]


class Person(msgspec.Struct):
    public: str


class AskWish(msgspec.Struct):
    """`proof` that somebody knows the code which the asking device shows, with `salt`; Base64."""

    salt: Short
    proof: Short


class Answer(msgspec.Struct):
    """To the ask with `salt`: the key under the code that the asking device shows; Base64."""

    salt: str
    sealed: Wrapped


class VaultAsk(msgspec.Struct):
    """A device that asks to be let in. `answer` is told to it alone."""

    device: str
    name: str
    salt: str
    proof: str
    asked_ms: int
    answer: str = ""


class VaultState(msgspec.Struct):
    """`key_id` "": there is none. `held`: the key as this device wrapped it, "" where it does not hold it."""

    key_id: str
    wrapped: str
    held: str
    holders: list[str]
    asks: list[VaultAsk]
    public: str = ""
    pair: str = ""


class VaultKeys:
    """The handlers. All are for devices: what they change outlasts an app password."""

    def __init__(self, ctx: ServiceContext, uploads: Uploads) -> None:
        self._ctx, self._uploads = ctx, uploads

    def operations(self) -> list[Operation]:
        one = "/files/vault/asks/{device}"
        return [
            Operation(
                "GET",
                "/files/vault",
                self.state,
                "The vault's wrapped key",
                response=VaultState,
                devices_only=True,
            ),
            Operation(
                "POST", "/files/vault", self.make, "Make the vault", VaultWish, status=204, devices_only=True
            ),
            Operation(
                "POST",
                "/files/vault/anew",
                self.anew,
                "Delete for good what is in the vault, and give it another key",
                VaultAnew,
                status=204,
                devices_only=True,
            ),
            Operation(
                "PUT",
                "/files/vault/recovery",
                self.rewrap,
                "Wrap the key by another recovery code",
                Held,
                status=204,
                devices_only=True,
            ),
            Operation(
                "PUT",
                "/files/vault/device",
                self.hold,
                "This device holds the key",
                Held,
                status=204,
                devices_only=True,
            ),
            Operation(
                "DELETE",
                "/files/vault/device",
                self.let_go,
                "This device gives the key up",
                status=204,
                devices_only=True,
            ),
            Operation(
                "PUT",
                "/files/vault/pair",
                self.set_pair,
                "For what others seal for it",
                Pair,
                status=204,
                devices_only=True,
            ),
            Operation(
                "GET",
                "/files/vault/people/{name}",
                self.person,
                "For what to seal for an account",
                response=Person,
                devices_only=True,
                costly="look-up",
            ),
            Operation(
                "POST",
                "/files/vault/asks",
                self.ask,
                "Ask to be let in",
                AskWish,
                status=204,
                devices_only=True,
                costly="let-in",
            ),
            Operation("PUT", one, self.answer, "Let a device in", Answer, status=204, devices_only=True),
            Operation("DELETE", one, self.deny, "Keep a device out", status=204, devices_only=True),
        ]

    async def state(self, _request: Request, caller: Caller) -> Response:
        now = self._ctx.clock.now_ms()
        return reply(await self._ctx.db.read_async(lambda conn: _state(conn, caller, now)))

    async def make(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, VaultWish, LIMIT)
        _check(wish.key_id, wish.wrapped, wish.held)
        made = vault.Vault(wish.key_id, wish.wrapped, self._ctx.clock.now_ms(), _hashed(wish.verifier))

        def write(conn: Connection) -> None:
            vault.make(conn, caller.account_id, caller.device_id, made, wish.held)
            self._ctx.log.note(conn, caller, "vault-made")

        await self._ctx.db.write_async(write)
        return reply(status=204)

    async def anew(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, VaultAnew, LIMIT)
        _check(wish.key_id, wish.wrapped, wish.held)
        _check(wish.ends)
        made = vault.Vault(wish.key_id, wish.wrapped, self._ctx.clock.now_ms(), _hashed(wish.verifier))
        account_id = caller.account_id
        found = await self._ctx.db.read_async(lambda conn: vault.find(conn, account_id))
        if found is None:
            raise NotFound("no-vault", "There is no vault.")
        await self._ctx.prove(caller, wish.present)
        if found.key_id == wish.key_id:
            return reply(status=204)  # asked again, since the answer was lost: what came since is the new vault's

        try:
            await self._start_over(caller, wish.ends, made, wish.held)
        except Conflict:  # where it was asked for twice at once, the other one got through
            there = await self._ctx.db.read_async(lambda conn: vault.find(conn, account_id))
            if there is None or there.key_id != wish.key_id:
                raise
        await self._uploads.settle(account_id)
        return reply(status=204)

    async def _start_over(self, caller: Caller, key_id: str, made: vault.Vault, held: str) -> None:
        """Each transaction looks whether the vault is still the one with `key_id`, which its owner saw: the proof
        takes its time, the deletion too, and other devices may ask meanwhile. Raises `Conflict`."""
        account_id = caller.account_id

        def begin(conn: Connection) -> None:
            vault.same(conn, account_id, key_id)
            self._ctx.log.note(conn, caller, "vault-begun-anew")

        def end(conn: Connection) -> None:
            vault_anew.finish(self._ctx, account_id, key_id, since, conn)
            given.end(self._ctx, conn, [one for one in shares.of_owner(conn, account_id) if one.sealed])
            vault.anew(conn, account_id, caller.device_id, made, held)
            vault.tell_asks(conn, self._ctx.journal, account_id, made.made_ms)
            journal, push = self._ctx.journal, self._ctx.push
            vault.tell_anew(conn, journal, push, account_id, caller.device_id, made.made_ms)

        # First the log: what is deleted from here on is gone, whatever comes between.
        await self._ctx.db.write_async(begin)
        since = await vault_anew.erase(self._ctx, account_id, key_id)
        await self._ctx.db.write_async(end)

    async def rewrap(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, Held, LIMIT)
        _check(wish.key_id, wish.wrapped)
        verifier = _hashed(wish.verifier)

        def write(conn: Connection) -> None:
            vault.rewrap(conn, caller.account_id, caller.device_id, wish.key_id, wish.wrapped, verifier)
            self._ctx.log.note(conn, caller, "vault-code-made")

        await self._ctx.db.write_async(write)
        return reply(status=204)

    async def hold(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, Held, LIMIT), self._ctx.clock.now_ms()
        _check(wish.key_id, wish.wrapped)
        verifier = _hashed(wish.verifier)

        def write(conn: Connection) -> None:
            vault.hold(conn, caller.account_id, caller.device_id, wish.key_id, wish.wrapped, verifier, now)
            vault.tell_asks(conn, self._ctx.journal, caller.account_id, now)
            self._ctx.log.note(conn, caller, "vault-opened")

        await self._ctx.db.write_async(write)
        return reply(status=204)

    async def set_pair(self, request: Request, caller: Caller) -> Response:
        wish = await decode(request, Pair, LIMIT)
        _check_bytes(wish.public, POINT)
        if len(wish.pair) > MOST_PAIR or rules.BASE64.fullmatch(wish.pair) is None:
            raise Invalid("bad-vault-key", f"A pair is Base64 of at most {MOST_PAIR} characters.")
        await self._ctx.db.write_async(
            lambda conn: vault.set_pair(conn, caller.account_id, caller.device_id, wish.public, wish.pair)
        )
        return reply(status=204)

    async def person(self, request: Request, _caller: Caller) -> Response:
        name = request.path_params["name"]

        def read(conn: Connection) -> str:
            account = self._ctx.directory.find(conn, name)
            if account is None:
                raise NotFound("no-account", "There is no account of this name here.")
            found = vault.find(conn, account.id)
            return "" if found is None else found.public

        public = await self._ctx.db.read_async(read)
        if not public:
            raise NotFound("no-vault-number", "That account has no sharing number of a vault yet.")
        return reply(Person(public))

    async def let_go(self, _request: Request, caller: Caller) -> Response:
        await self._ctx.db.write_async(lambda conn: vault.let_go(conn, caller.account_id, caller.device_id))
        return reply(status=204)

    async def ask(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, AskWish, LIMIT), self._ctx.clock.now_ms()
        for one in (wish.salt, wish.proof):
            _check_bytes(one, SHORT)

        def write(conn: Connection) -> None:
            vault.ask(conn, caller.account_id, caller.device_id, wish.salt, wish.proof, now)
            self._tell(conn, caller, now)

        await self._ctx.db.write_async(write)
        return reply(status=204)

    async def answer(self, request: Request, caller: Caller) -> Response:
        wish, now = await decode(request, Answer, LIMIT), self._ctx.clock.now_ms()
        _check_bytes(wish.sealed, WRAPPED)
        device = request.path_params["device"]

        def write(conn: Connection) -> None:
            vault.answer(conn, caller.account_id, caller.device_id, device, wish.salt, wish.sealed, now)
            vault.tell_asks(conn, self._ctx.journal, caller.account_id, now)

        await self._ctx.db.write_async(write)
        return reply(status=204)

    async def deny(self, request: Request, caller: Caller) -> Response:
        device, now = request.path_params["device"], self._ctx.clock.now_ms()

        def write(conn: Connection) -> None:
            vault.deny(conn, caller.account_id, device)
            vault.tell_asks(conn, self._ctx.journal, caller.account_id, now)

        await self._ctx.db.write_async(write)
        return reply(status=204)

    def _tell(self, conn: Connection, caller: Caller, now_ms: int) -> None:
        """Those that can let the caller's device in hear that it asks."""
        account_id, device = caller.account_id, caller.device_id
        vault.tell_asks(conn, self._ctx.journal, account_id, now_ms)
        found = vault.find(conn, account_id)
        name = next((one.name for one in vault.asks(conn, account_id, now_ms) if one.device == device), "")
        told = PushNote("vault-ask", f"vault-ask-{device}", {"name": name}, vault.ASK_MS // 1000, "high")
        for holder in vault.holders(conn, account_id, found.key_id) if found else ():
            if holder != device:
                self._ctx.push.tell(conn, account_id, told, holder)


def _state(conn: Connection, caller: Caller, now_ms: int) -> VaultState:
    found = vault.find(conn, caller.account_id)
    if found is None:
        return VaultState("", "", "", [], [])
    asks = [
        VaultAsk(
            one.device,
            one.name,
            one.salt,
            one.proof,
            one.asked_ms,
            one.answer if one.device == caller.device_id else "",
        )
        for one in vault.asks(conn, caller.account_id, now_ms)
        if not one.answer or one.device == caller.device_id
    ]
    held = vault.held(conn, caller.account_id, caller.device_id, found.key_id) or ""
    holders = vault.holders(conn, caller.account_id, found.key_id)
    return VaultState(found.key_id, found.wrapped, held, holders, asks, found.public, found.pair)


def _check(key_id: str, *wrapped: str) -> None:
    if KEY_ID.fullmatch(key_id) is None:
        raise Invalid("bad-vault-key", "A key's id has 32 lower-case hexadecimal digits.")
    for one in wrapped:
        _check_bytes(one, WRAPPED)


def _hashed(verifier: str) -> str:
    _check_bytes(verifier, SHORT)
    return vault.hashed(base64.b64decode(verifier))


def _check_bytes(text: str, size: int) -> None:
    try:
        fits = len(base64.b64decode(text, validate=True)) == size
    except (binascii.Error, ValueError):
        fits = False
    if not fits:
        raise Invalid("bad-vault-key", f"That is not {size} bytes in Base64.")
