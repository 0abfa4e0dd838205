"""Reminders reach subscribed devices by push when they fall due, each device once, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pileus.cloud.services.calendar.telling import Teller
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, Browser, PushService, all_sent, push_service, until
from tests.conftest import RunningServer, running

NOW = datetime(2026, 3, 20, 7, 0, tzinfo=UTC)
TEA = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
BEGIN:VEVENT
UID:tea
DTSTAMP:20260101T000000Z
DTSTART:20260320T080000Z
SUMMARY:Tee
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Tea
TRIGGER:-PT15M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:day
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260321
SUMMARY:Fest
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Fest
TRIGGER:-PT6H
END:VALARM
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(int(NOW.timestamp() * 1000))


@pytest.fixture
def service(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with push_service(tmp_path / "service", settings) as one:
        monkeypatch.setenv("SSL_CERT_FILE", str(one.certificate))
        # Its own look would tell in its own time; here the tests say when.
        monkeypatch.setattr(Teller, "keep_telling", asyncio.Event().wait)
        yield one


@pytest.fixture
def server(settings: Settings, service: PushService, clock: ManualClock) -> Iterator[RunningServer]:
    with running(settings.changed(push_networks=LOOPBACK), clock=clock) as one:
        yield one


@pytest.fixture
def client(server: RunningServer) -> Iterator[httpx.Client]:
    with server.client(server.account("anna")["token"]) as one:
        yield one


def subscribe(client: httpx.Client, service: PushService, zone: str = "UTC") -> Browser:
    browser = service.browser()
    assert client.put("/push/subscription", json=browser.wish(zone)).status_code == 200
    return browser


def bring(client: httpx.Client, text: str = TEA) -> None:
    answer = client.post("/calendar/import?calendar=home", content=text.replace("\n", "\r\n").encode())
    assert answer.status_code == 200, answer.text


def look(server: RunningServer, teller: Teller | None = None) -> None:
    asyncio.run((teller or Teller(server.cloud.context)).look())


def told(service: PushService, browser: Browser) -> Any:
    return browser.read(service.next())


def test_a_reminder_is_told_when_it_falls_due_and_once(
    server: RunningServer, client: httpx.Client, service: PushService, clock: ManualClock
) -> None:
    browser, teller = subscribe(client, service), Teller(server.cloud.context)
    bring(client)
    look(server, teller)
    clock.advance(45 * 60 - 1)
    look(server, teller)
    assert all_sent(server)
    clock.advance(1)
    look(server, teller)
    note = told(service, browser)
    assert (note["kind"], note["data"]["summary"]) == ("reminder", "Tee")
    start = int(datetime(2026, 3, 20, 8, tzinfo=UTC).timestamp() * 1000)
    assert note["data"]["start_ms"] == start
    assert note["tag"] == f"reminder-{note['data']['event']}-{start}-{start - 15 * 60_000}"
    look(server, teller)
    look(server)  # as after a restart: another teller, who knows what the database knows
    until(lambda: all_sent(server))
    assert service.quiet


def test_an_event_that_is_new_or_gone_is_noticed(
    server: RunningServer, client: httpx.Client, service: PushService, clock: ManualClock
) -> None:
    browser, teller = subscribe(client, service), Teller(server.cloud.context)
    look(server, teller)
    bring(client)
    look(server, teller)
    clock.advance(45 * 60)
    changes = client.get("/journal/snapshot", params={"collection": "calendar.event"}).json()
    [event] = [one for one in changes["records"] if one["fields"]["summary"][0][3] == "Tee"]
    gone = {
        "id": "m",
        "base": changes["as_of"],
        "collection": "calendar.event",
        "record": event["id"],
        "op": "delete",
    }
    answer = client.post("/journal/mutations", json={"mutations": [gone]}).json()
    assert answer["outcomes"][0]["status"] == "applied"
    look(server, teller)
    clock.advance(12 * 3600)
    look(server, teller)
    assert told(service, browser)["data"]["summary"] == "Fest"
    until(lambda: all_sent(server))
    assert service.quiet


def test_whole_days_begin_in_each_devices_zone(
    server: RunningServer, client: httpx.Client, service: PushService, clock: ManualClock
) -> None:
    here = subscribe(client, service, "Asia/Shanghai")
    with server.client(server.sign_in("anna", "tablet")["token"]) as other:
        there = subscribe(other, service, "Europe/Berlin")
    bring(client)
    teller = Teller(server.cloud.context)
    look(server, teller)
    clock.advance(3 * 3600)  # 10:00 UTC is 18:00 in Shanghai, six hours before the day begins there
    look(server, teller)
    found = [service.next() for _ in range(3)]
    assert sorted(here.read(one)["data"]["summary"] for one in found if here.endpoint.endswith(one.path)) == [
        "Fest",
        "Tee",
    ]
    assert [there.read(one)["data"]["summary"] for one in found if there.endpoint.endswith(one.path)] == ["Tee"]


def test_what_fell_due_before_a_device_subscribed_is_not_told_and_a_stop_loses_no_reminder(
    server: RunningServer, client: httpx.Client, service: PushService, clock: ManualClock
) -> None:
    bring(client)
    clock.advance(46 * 60)
    browser = subscribe(client, service)
    look(server)
    assert all_sent(server)
    assert service.quiet
    clock.advance(12 * 3600)  # nobody looked meanwhile
    look(server)
    assert told(service, browser)["data"]["summary"] == "Fest"


def test_without_a_subscribed_device_nothing_is_remembered(
    server: RunningServer, client: httpx.Client, service: PushService, clock: ManualClock
) -> None:
    subscribe(client, service)
    bring(client)
    look(server)
    client.delete("/push/subscription")
    clock.advance(3600)
    look(server)
    subscribe(client, service)
    look(server)
    assert all_sent(server)
    assert service.quiet


def test_what_was_due_before_it_was_imported_is_no_news(
    server: RunningServer, client: httpx.Client, service: PushService, clock: ManualClock
) -> None:
    """Nor does it come along with the next one that is due."""
    browser, teller = subscribe(client, service), Teller(server.cloud.context)
    look(server, teller)
    clock.advance(50 * 60)
    look(server, teller)
    bring(client)  # of which one was due five minutes ago
    look(server, teller)
    assert all_sent(server)
    clock.advance(12 * 3600)
    look(server, teller)
    assert told(service, browser)["data"]["summary"] == "Fest"
    until(lambda: all_sent(server))
    assert service.quiet
