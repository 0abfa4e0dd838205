"""A handset and its account: through the real ModemManager and a real cloud, there and away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud.push_service import until
from tests.conftest import running
from tests.handset.phones import NUMBER, OTHER, Phone, phone
from tests.handset.shell import Refused

pytestmark = pytest.mark.modem_manager


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(120):
            await story()

    asyncio.run(whole())


def messages(client: httpx.Client) -> dict[str, Any]:
    """By text, what the account has of each; a text that is there twice is named."""
    changes = client.get("/journal/changes?since=0").json()["changes"]
    found = [one["fields"] for one in changes if one["collection"] == "messages.message" and not one["deleted"]]
    assert len({fields["body"] for fields in found}) == len(found), found
    return {fields["body"]: fields for fields in found}


async def signed_in(one: Phone, settings: Any, token: str) -> None:
    address = f"http://pileus.localhost:{settings.port}"
    await one.shell.ask("account", "sign-in", server=address, token=token, account="mei")
    await one.shell.until(lambda: one.shell.states["account"]["reached"], "the cloud")


def test_a_tablet_reads_and_writes_through_the_phones_card(short: Path, server: Any, settings: Any) -> None:
    mine, tablet = server.account("mei", "phone"), server.sign_in("mei", "tablet")

    async def story() -> None:
        with server.client(tablet["token"]) as client:
            async with phone(short) as one:
                other = one.carrier.handset(OTHER)
                await signed_in(one, settings, mine["token"])
                one.carrier.text(OTHER, NUMBER, "到家了吗？")
                await one.shell.until(lambda: one.shell.told("message"))
                await one.shell.until(lambda: one.telephony["owed"] == 0)
                came = messages(client)["到家了吗？"]
                assert (came["thread"], came["state"], came["sim"]) == (OTHER, "received", one.handset.card.iccid)

                [sim] = client.get("/messages/sims").json()["sims"]
                assert (sim["id"], sim["number"], sim["online"]) == (one.handset.card.iccid, NUMBER, True)
                wish = {"id": "answer", "people": [OTHER], "body": "到了", "sim": sim["id"]}
                assert client.post("/messages/send", json=wish).status_code == 202

                await asyncio.to_thread(until, lambda: messages(client)["到了"]["state"] == "delivered")
                assert len(other.card.messages) == 1

                wish = {"id": "nowhere", "people": ["+86 nobody"], "body": "hello?"}
                assert client.post("/messages/send", json=wish).status_code == 202

                await asyncio.to_thread(until, lambda: messages(client)["hello?"]["state"] == "failed")
                assert messages(client)["hello?"]["error"] == "number-malformed"

    run(story)


def test_without_its_cloud_a_phone_keeps_what_comes_until_it_is_back(short: Path, settings: Any) -> None:
    with running(settings) as server:
        token = server.account("mei", "phone")["token"]

    async def story() -> None:
        async with phone(short) as one:
            address = f"http://pileus.localhost:{settings.port}"
            await one.shell.ask("account", "sign-in", server=address, token=token, account="mei")
            one.carrier.text(OTHER, NUMBER, "offline")
            await one.shell.until(lambda: one.telephony["owed"] == 1)
            assert not one.shell.states["account"]["reached"]
            await one.restart_daemon()
            await one.shell.until(lambda: one.telephony["owed"] == 1)
            with running(settings) as server, server.client(token) as client:
                await one.shell.until(lambda: one.telephony["owed"] == 0, "the account")
                assert set(messages(client)) == {"offline"}

    run(story)


def test_what_came_to_one_account_goes_to_no_other(short: Path, server: Any, settings: Any) -> None:
    mei, lin = server.account("mei", "phone"), server.account("lin", "phone")

    async def story() -> None:
        with server.client(mei["token"]) as first, server.client(lin["token"]) as second:
            async with phone(short) as one:
                await signed_in(one, settings, mei["token"])
                await one.shell.ask("account", "sign-out")
                assert not (one.folder / "account.json").exists()
                one.carrier.text(OTHER, NUMBER, "to whoever is next")
                await one.shell.until(lambda: one.telephony["owed"] == 1)
                address = f"http://pileus.localhost:{settings.port}"
                await one.shell.ask("account", "sign-in", server=address, token=lin["token"], account="lin")
                await one.shell.until(lambda: one.telephony["owed"] == 0)
                assert (set(messages(first)), set(messages(second))) == (set(), {"to whoever is next"})

    run(story)


def test_a_message_written_without_the_cloud_leaves_at_once_and_is_in_the_account_after(
    short: Path, settings: Any
) -> None:
    with running(settings) as server:
        token = server.account("mei", "phone")["token"]
    wish = {"id": "own", "account": "mei", "people": [OTHER], "body": "没有网，先发短信", "region": "CN"}

    async def story() -> None:
        async with phone(short) as one:
            other = one.carrier.handset(OTHER)
            with pytest.raises(Refused, match="handset-account"):
                await one.ask("send-letter", **wish)
            address = f"http://pileus.localhost:{settings.port}"
            await one.shell.ask("account", "sign-in", server=address, token=token, account="mei")
            for _ in range(2):
                await one.ask("send-letter", **wish)
            await one.shell.until(
                lambda: [letter["state"] for letter in one.telephony["letters"]] == ["delivered"], "its report"
            )
            assert len(other.card.messages) == 1
            assert not one.shell.states["account"]["reached"]
            assert one.telephony["owed"] == 1
            await one.restart_daemon()
            await one.shell.until(lambda: one.telephony.get("letters"), "what the ledger has")

            with running(settings) as server, server.client(token) as client:
                await one.shell.until(lambda: one.telephony["owed"] == 0, "the account")
                sent = messages(client)["没有网，先发短信"]
                assert (sent["state"], sent["thread"], sent["sim"]) == ("delivered", OTHER, one.handset.card.iccid)
                assert await one.ask("send-letter", **wish, repeated=True) == {"state": "kept"}
            assert len(other.card.messages) == 1

    run(story)
