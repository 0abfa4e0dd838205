"""Notifications are turned on, come through a push service encrypted, and are shown while the page is closed.

Chromium has no push service here: one of the tests' own stands in for it, and what it got is handed to the
browser's service worker as the browser's own push service would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, Browser, PushService, b64, push_service

from .conftest import PASSWORD, Device, Keep, Phone, running_phone
from .hand import icon, open_phone, sign_up, web_app
from .test_sharing import shared_folder

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

STAND_IN = """({endpoint, p256dh, auth}) => {
  let own = null;
  PushManager.prototype.getSubscription = async () => own;
  PushManager.prototype.subscribe = async ({applicationServerKey}) => {
    const text = applicationServerKey.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    own = { options: {applicationServerKey: bytes.buffer}, unsubscribe: async () => { own = null; return true; },
      toJSON: () => ({endpoint, keys: {p256dh, auth}}) };
    return own;
  };
}"""

COUNTING = """() => {
  const show = self.registration.showNotification.bind(self.registration);
  self.told = [];
  self.registration.showNotification = async (title, ...rest) => {
    await show(title, ...rest);
    self.told.push(title);
  };
}"""

ACTIVE = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  while (active.state !== 'activated')
    await new Promise((done) => active.addEventListener('statechange', done, { once: true }));
}"""


@contextmanager
def phone_and_service(folder: Path) -> Iterator[tuple[Phone, PushService]]:
    settings = Settings(data_dir=folder / "d", runtime_dir=folder / "r", cache_dir=folder / "c")
    with push_service(folder / "service", settings) as service:
        more = {"PILEUS_PUSH_NETWORKS": LOOPBACK, "SSL_CERT_FILE": str(service.certificate)}
        with running_phone(**more) as phone:
            yield phone, service


class Worker:
    """The shell's service worker, and what it shows."""

    def __init__(self, page: Page, origin: str) -> None:
        self._page = page
        self._origin = origin
        page.evaluate(ACTIVE)
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        found: list[str] = []
        self._cdp.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda told: found.extend(
                one["registrationId"] for one in told["registrations"] if one["scopeURL"] == f"{origin}/"
            ),
        )
        self._cdp.send("ServiceWorker.enable")
        while not found:
            page.wait_for_timeout(20)
        self._id = found[-1]
        (self._scope,) = (one for one in page.context.service_workers if one.url.startswith(f"{origin}/"))
        self._scope.evaluate(COUNTING)

    def push(self, data: str) -> None:
        wish = {"origin": self._origin, "registrationId": self._id, "data": data}
        self._cdp.send("ServiceWorker.deliverPushMessage", wish)

    def press(self, title: str) -> None:
        look = """async (title) => {
          const notification = (await self.registration.getNotifications()).find((one) => one.title === title);
          self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
        }"""
        self._scope.evaluate(look, title)

    def shown(self) -> list[Any]:
        """Not to be asked while one is about to be shown: Chromium takes it for gone, and forgets it."""
        look = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
          .map(({title, body, tag}) => ({title, body, tag}))"""
        return list(self._page.evaluate(look))

    def has_told(self, title: str) -> bool:
        return bool(self._scope.evaluate("(title) => self.told.includes(title)", title))


def allow(context: BrowserContext, phone: Phone) -> None:
    context.grant_permissions(["notifications"], origin=phone.url)


def stand_in(page: Page, browser: Browser) -> None:
    keys = {"endpoint": browser.endpoint, "p256dh": b64(browser.p256dh), "auth": b64(browser.auth)}
    page.evaluate(STAND_IN, keys)


def test_notifications_from_their_turning_on_to_a_reminder(tmp_path: Path, device: Device, keep: Keep) -> None:
    with phone_and_service(tmp_path) as (phone, service):
        page = device()
        allow(page.context, phone)
        page.goto(phone.url)
        sign_up(page, "mei")
        icon(page, "Settings").click()
        page.get_by_role("button", name="Notifications", exact=True).click()
        switch = page.get_by_role("switch", name="Notifications on this device")
        expect(switch).not_to_be_checked()
        switch.click()
        expect(page.get_by_text("This browser has no push service that answers.")).to_be_visible()
        expect(switch).not_to_be_checked()

        browser = service.browser()
        stand_in(page, browser)
        switch.click()
        expect(switch).to_be_checked()
        page.get_by_role("button", name="Send one to try").click()
        expect(page.get_by_text("It is on its way.")).to_be_visible()
        keep(page, "phone-en-notifications")
        worker = Worker(page, phone.url)
        worker.push(browser.decrypt(service.next().body).decode())
        expect_shown(page, worker, "Notifications work", "This device hears of what happens.")

        token = page.evaluate("JSON.parse(localStorage.getItem('pileus.session')).token")
        note = reminder_comes(phone, token, service, browser)
        worker.push(note)
        page.wait_for_timeout(500)
        assert len(worker.shown()) == 1, "a phone that is looked at tells of its reminders itself"
        other = phone.post("/accounts", token, {"name": "jun", "password": PASSWORD, "device_name": "phone"})
        shared_folder(phone, other["token"], "Trip", account="mei")
        given = browser.decrypt(service.next().body).decode()
        page.goto("about:blank")
        worker.push(note)
        worker.push(given)
        page.goto(f"{phone.url}/icon.svg")
        expect_shown(page, worker, "西湖 tea")
        expect_shown(page, worker, "jun shared a folder with you", "Trip")

        page.goto("about:blank")
        worker.press("西湖 tea")  # no page is open: the one that opens next is led there
        page.goto(phone.url)
        open_phone(page)
        expect(web_app(page, "Calendar").get_by_label("Title")).to_have_value("西湖 tea")


def reminder_comes(phone: Phone, token: str, service: PushService, browser: Browser) -> str:
    begins = datetime.now(UTC) + timedelta(seconds=4)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//x//y//EN",
        "BEGIN:VEVENT",
        "UID:tea",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
        "SUMMARY:西湖 tea",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:x",
        "TRIGGER:PT0S",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    answer = httpx.post(
        f"{phone.api}/calendar/import?calendar=home",
        content="\r\n".join(lines).encode(),
        headers=phone.headers(token),
    )
    assert answer.status_code == 200, answer.text
    return browser.decrypt(service.next(60).body).decode()


def expect_shown(page: Page, worker: Worker, title: str, text: str | None = None) -> None:
    for _ in range(400):
        if worker.has_told(title):
            break
        page.wait_for_timeout(50)
    found = [one for one in worker.shown() if one["title"] == title]
    assert found, f"{title} is not shown: {worker.shown()}"
    assert text in (None, found[0]["body"])
