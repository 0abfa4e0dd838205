"""Accounts, and who may sign in to them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from pileus.cloud.kernel.accounts import devices, log, rows, rules, tries
from pileus.cloud.kernel.accounts.devices import Device
from pileus.cloud.kernel.accounts.log import Event, Source
from pileus.cloud.kernel.accounts.passwords import Passwords
from pileus.cloud.kernel.accounts.rows import Account
from pileus.cloud.kernel.service import Caller, Database
from pileus.core.clock import Clock
from pileus.core.errors import Conflict, Forbidden, StorageFull, StorageReadOnly, Unauthorized

SEEN_EVERY_MS = 5 * 60_000
SURE_SECONDS = 10.0
"""How long a token that was found is believed: the command line beside a running server may have ended it."""
CACHE = 10_000
SignedOut = Callable[[str], None]


@dataclass(frozen=True)
class SignedIn:
    """`token` exists here and with the device, nowhere else."""

    token: str
    account: Account
    device: Device
    deletion_undone: bool = False
    """The account was to be erased, and stays because of this."""


@dataclass(frozen=True)
class _Found:
    """A token's device, and when (monotonic seconds) it was read."""

    caller: Caller
    at: float


class SetupCode(Protocol):
    """What whoever makes the first account must know."""

    def get(self) -> str: ...

    def spend(self) -> None: ...


def not_owner() -> Forbidden:
    return Forbidden("not-owner", "Only an owner of this cloud may do that.")


class Accounts:
    """Accounts, sign-in and devices. Owners may make others; the first account is one, and keeps the server."""

    def __init__(self, db: Database, clock: Clock, quota_bytes: int, setup_code: SetupCode | None = None) -> None:
        self._db = db
        self._clock = clock
        self._quota_bytes = quota_bytes
        self._setup_code = setup_code
        self.passwords = Passwords()
        self._callers: dict[str, _Found] = {}
        self._sign_outs = 0
        self._seen: dict[str, int] = {}
        self._signed_out: list[SignedOut] = []

    def on_sign_out(self, listener: SignedOut) -> None:
        """`listener(id)` is called in the event loop when a device is signed out or an app password removed."""
        self._signed_out.append(listener)

    async def setup_needed(self) -> bool:
        return await self._db.read_async(lambda conn: rows.count(conn) == 0)

    @property
    def setup_code_needed(self) -> bool:
        """Whether the first account needs the setup code."""
        return self._setup_code is not None

    async def create(
        self,
        caller: Caller | None,
        name: str,
        password: str,
        device: str,
        address: str = "",
        setup_code: str = "",
    ) -> SignedIn:
        """A new account with its first device; without a caller only where there is none yet."""
        await self._db.read_async(lambda conn: self._may_create(conn, caller, setup_code))
        shown = rules.account_name(name)
        rules.check_password(password)
        hashed = await self.passwords.hash_async(password)

        def write(conn: Connection) -> SignedIn:
            self._may_create(conn, caller, setup_code)
            account = rows.add(conn, shown, hashed, self._quota_bytes, self._clock.now_ms())
            return self.new_device(conn, account, device, address, "account-made")

        signed = await self._db.write_async(write)
        if self._setup_code is not None:
            self._setup_code.spend()
        return signed

    def create_blocking(self, name: str, password: str, quota_bytes: int | None = None) -> Account:
        """For the command line of the server's owner: no device, no caller. Blocks."""
        shown = rules.account_name(name)
        rules.check_password(password)
        hashed = self.passwords.hash(password)
        quota = self._quota_bytes if quota_bytes is None else quota_bytes

        def write(conn: Connection) -> Account:
            account = rows.add(conn, shown, hashed, quota, self._clock.now_ms())
            self.note(conn, account.id, "account-made", Source())
            return account

        return self._db.write(write)

    def set_password_blocking(self, name: str, password: str, *, sign_out: bool) -> Account:
        """For the command line of the server's owner, who needs not know the old one. Blocks.

        `sign_out`: of every device, and passkeys and app passwords go.
        A server that runs beside it believes the tokens of signed-out devices for `SURE_SECONDS` more.
        """
        rules.check_password(password)
        hashed = self.passwords.hash(password)

        def write(conn: Connection) -> Account:
            account = rows.named(conn, name)
            rows.set_password(conn, account.id, hashed)
            for device in devices.of_account(conn, account.id) if sign_out else ():
                devices.remove(conn, account.id, device.id)
            self.note(conn, account.id, "password-set", Source())
            if sign_out:
                rows.remove_invitations(conn, account.id)
            # Whoever got hold of the account may have added one to come back by.
            for passkey in rows.remove_passkeys(conn, account.id) if sign_out else ():
                self.note(conn, account.id, "passkey-removed", Source(), passkey)
            for _, label in rows.remove_app_passwords(conn, account.id) if sign_out else ():
                self.note(conn, account.id, "app-password-removed", Source(), label)
            return account

        return self._db.write(write)

    async def sign_in(self, name: str, password: str, device: str, address: str) -> SignedIn:
        """Raises `Unauthorized` for a wrong name or password, `Throttled` after too many of them."""
        key = rules.name_key(name[:1000])
        keys = tries.keys("", key, address)
        await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
        found = await self._db.read_async(lambda conn: rows.known(conn, key))
        hashed = found.password_hash if found else None
        right = await self.passwords.matches(hashed, password[: rules.PASSWORD_LONGEST + 1])
        if found is None or not right:
            await self.refuse(found.account.id if found else None, keys, "sign-in-refused", address)
            raise Unauthorized("wrong-password", "The name or the password is wrong.")

        def write(conn: Connection) -> SignedIn:
            if rows.password_hash(conn, found.account.id) != hashed:
                raise Unauthorized("wrong-password", "The password was changed in this very moment.")
            tries.forgive(conn, keys)
            return self.new_device(conn, found.account, device, address, "signed-in")

        return await self._db.write_async(write)

    async def change_password(
        self, caller: Caller, present: str, new: str, address: str, *, sign_out_others: bool
    ) -> None:
        """Whoever holds a device of the account needs to know its present password too.

        Raises `Forbidden` where it is another one, `Throttled` after too many of those, `Invalid` for a new one
        that is too short.
        """
        rules.check_password(new)
        proven = await self.prove(caller, present, address)
        fresh = await self.passwords.hash_async(new)

        def write(conn: Connection) -> list[str]:
            self.still(conn, caller.account_id, proven)
            rows.set_password(conn, caller.account_id, fresh)
            source = self.source(conn, caller, address)
            self.note(conn, caller.account_id, "password-changed", source)
            return self.end_others(conn, caller.account_id, source) if sign_out_others else []

        self.forget(await self._db.write_async(write))

    async def caller(self, token: str) -> Caller | None:
        """Whose token this is; remembered for some seconds, at most until the device is signed out."""
        hashed = devices.hash_token(token)
        found, now = self._callers.get(hashed), self._clock.monotonic()
        if found is None or now - found.at >= SURE_SECONDS:
            before = self._sign_outs
            caller = await self._db.read_async(lambda conn: devices.by_token(conn, hashed))
            if caller is None:
                if found is not None:
                    self.forget([found.caller.device_id])
                return None
            if len(self._callers) >= CACHE:
                self._callers.clear()
            found = _Found(caller, now)
            # A sign-out that was committed during the read must not be undone by remembering.
            if self._sign_outs == before:
                self._callers[hashed] = found
        await self._note_seen(found.caller)
        return found.caller

    async def ended(self, token: str, address: str) -> Unauthorized:
        """Why a token is nobody's any more. A device that is to be wiped is told so, and that it was is logged."""
        hashed = devices.hash_token(token)
        wiped = await self._db.read_async(lambda conn: devices.wiped(conn, hashed))
        if wiped is None:
            return Unauthorized("bad-token", "This device is not signed in any more.")

        def write(conn: Connection) -> None:
            if devices.note_wiped(conn, hashed, self._clock.now_ms()):
                source = Source(device=wiped.device, address=address)
                self.note(conn, wiped.account_id, "device-wipe-told", source)

        await self._db.write_async(write)
        return Unauthorized("device-wiped", "This device is to erase what it has kept of the account.")

    def look_again(self, device_id: str) -> None:
        """What is remembered of a device's token is read anew, in the event loop."""
        self._sign_outs += 1
        self._callers = {key: one for key, one in self._callers.items() if one.caller.device_id != device_id}

    async def account(self, account_id: str) -> Account:
        return await self._db.read_async(lambda conn: rows.get(conn, account_id))

    async def devices(self, account_id: str) -> list[Device]:
        return await self._db.read_async(lambda conn: devices.of_account(conn, account_id))

    async def log(self, account_id: str, before: int | None, limit: int) -> list[log.Entry]:
        """What happened to the account, the newest first."""
        return await self._db.read_async(lambda conn: log.entries(conn, account_id, before, limit))

    async def rename_device(self, caller: Caller, device_id: str, name: str, address: str) -> Device:
        """Raises `NotFound`, or `Invalid` for a name that nobody could read."""

        def write(conn: Connection) -> Device:
            source = self.source(conn, caller, address)
            before = devices.one(conn, caller.account_id, device_id)
            device = devices.rename(conn, caller.account_id, device_id, name)
            if device.name != before.name:
                about = f"{before.name} → {device.name}"
                self.note(conn, caller.account_id, "device-renamed", source, about)
            return device

        return await self._db.write_async(write)

    async def sign_out(self, caller: Caller, device_id: str, address: str) -> None:
        """The device's token stops at once; raises `NotFound` where it is not this account's."""

        def write(conn: Connection) -> None:
            source = self.source(conn, caller, address)
            gone = devices.remove(conn, caller.account_id, device_id)
            own = device_id == caller.device_id
            event: Event = "signed-out" if own else "device-signed-out"
            self.note(conn, caller.account_id, event, source, "" if own else gone.name)

        await self._db.write_async(write)
        self.forget([device_id])

    async def prove(self, caller: Caller, password: str, address: str) -> str:
        """The hash of the account's password, which was given; raises `Forbidden`, or `Throttled` by device."""
        keys = {f"proof:{caller.device_id}": rules.PAIR}
        await self._db.write_async(lambda conn: tries.begin(conn, keys, self._clock.now_ms()))
        hashed = await self._db.read_async(lambda conn: rows.password_hash(conn, caller.account_id))
        if not await self.passwords.matches(hashed, password[: rules.PASSWORD_LONGEST + 1]):
            source = await self._db.read_async(lambda conn: self.source(conn, caller, address))
            await self.write_note(caller.account_id, "password-refused", source)
            raise Forbidden("present-password", "This is not the present password.")
        await self._db.write_async(lambda conn: tries.forgive(conn, keys))
        return hashed

    def still(self, conn: Connection, account_id: str, proven: str) -> None:
        """Raises `Conflict` where the password is no longer the one that was proven."""
        if rows.password_hash(conn, account_id) != proven:
            raise Conflict("password-changed", "Another device changed the password in this very moment.")

    def forget(self, gone: Collection[str]) -> None:
        """Of devices and app passwords that are gone, in the event loop: nothing of them is believed any more."""
        self._sign_outs += 1
        self._callers = {key: one for key, one in self._callers.items() if one.caller.device_id not in gone}
        for device_id in gone:
            for listener in self._signed_out:
                listener(device_id)

    def end_others(self, conn: Connection, account_id: str, source: Source) -> list[str]:
        """Signs out every device of the account but the source's, and removes its app passwords.

        `forget` is to be told of them.
        """
        others = [one for one in devices.of_account(conn, account_id) if one.id != source.device_id]
        for one in others:
            devices.remove(conn, account_id, one.id)
            self.note(conn, account_id, "device-signed-out", source, one.name)
        removed = rows.remove_app_passwords(conn, account_id)
        for _, name in removed:
            self.note(conn, account_id, "app-password-removed", source, name)
        return [*(one.id for one in others), *(one for one, _ in removed)]

    def source(self, conn: Connection, caller: Caller, address: str) -> Source:
        return Source(caller.device_id, devices.one(conn, caller.account_id, caller.device_id).name, address)

    def note(self, conn: Connection, account_id: str, event: Event, source: Source, about: str = "") -> None:
        log.note(conn, account_id, event, source, self._clock.now_ms(), about)

    async def refuse(self, account_id: str | None, keys: Collection[str], event: Event, address: str) -> None:
        """A try of somebody who is not signed in failed. Writes where there is no account, too: how long it takes
        must not tell."""

        def write(conn: Connection) -> None:
            tries.touch(conn, keys, self._clock.now_ms())
            if account_id is not None:
                self.note(conn, account_id, event, Source(address=address))

        await self._db.write_async(write)

    async def write_note(self, account_id: str, event: Event, source: Source) -> None:
        await self._db.write_async(lambda conn: self.note(conn, account_id, event, source))

    def _may_create(self, conn: Connection, caller: Caller | None, code: str) -> None:
        if rows.count(conn) == 0:
            known = self._setup_code.get() if self._setup_code else None
            if known is None or (known and hmac.compare_digest(code.encode(), known.encode())):
                return
            raise Forbidden("setup-code", "The first account needs the setup code of the printed address.")
        if caller is None:
            raise Unauthorized("setup-done", "This cloud has its first account: sign in.")
        if rows.get(conn, caller.account_id).role != "owner":
            raise not_owner()

    def new_device(
        self, conn: Connection, account: Account, name: str, address: str, event: Event, about: str = ""
    ) -> SignedIn:
        """Whatever signs a device in ends here; raises `Forbidden` where nobody may sign in to the account."""
        if rows.get(conn, account.id).disabled:
            raise Forbidden("account-disabled", "An owner of this cloud shut this account.")
        token, device = devices.add(conn, account.id, name, self._clock.now_ms())
        source = Source(device.id, device.name, address)
        self.note(conn, account.id, event, source, about)
        undone = rows.deletion(conn, account.id) is not None
        if undone:
            rows.set_deletion(conn, account.id, None)
            self.note(conn, account.id, "deletion-undone", source)
        return SignedIn(token, account, device, undone)

    async def _note_seen(self, caller: Caller) -> None:
        now = self._clock.now_ms()
        if now - self._seen.get(caller.device_id, 0) < SEEN_EVERY_MS:
            return
        self._seen[caller.device_id] = now
        with suppress(StorageFull, StorageReadOnly):  # who only reads is answered all the same
            await self._db.write_async(lambda conn: devices.note_seen(conn, caller.device_id, now))
