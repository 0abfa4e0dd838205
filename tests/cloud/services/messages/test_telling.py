"""A message of another account is told to the devices that hear by push, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.core.settings import Settings
from tests.cloud.push_service import LOOPBACK, PushService, all_sent, push_service, until
from tests.conftest import running


@pytest.fixture
def service(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with push_service(tmp_path / "service", settings) as one:
        monkeypatch.setenv("SSL_CERT_FILE", str(one.certificate))
        yield one


def test_a_message_of_another_account_is_told_once(settings: Settings, service: PushService) -> None:
    with running(settings.changed(push_networks=LOOPBACK)) as server:
        anna, mei = server.account("anna"), server.account("mei")
        with server.client(anna["token"]) as receiver, server.client(mei["token"]) as sender:
            browser, other = service.browser(), service.browser()
            assert receiver.put("/push/subscription", json=browser.wish()).status_code == 200
            assert sender.put("/push/subscription", json=other.wish()).status_code == 200
            wish = {"id": "m1", "people": ["@anna"], "body": "到家了 " + "\x07😀" * 400}
            for _ in range(2):
                assert sender.post("/messages/send", json=wish).status_code == 202
            pushed = service.next()
            told = browser.read(pushed)
            assert browser.endpoint.endswith(pushed.path)
            assert (told["kind"], told["data"]["from"]) == ("message", "mei")
            assert told["data"]["text"] == wish["body"][:300]
            assert sender.post("/messages/send", json=wish | {"id": "m2", "body": "ok"}).status_code == 202
            second = service.next()
            assert browser.read(second)["data"]["text"] == "ok"
            assert second.headers["topic"] == pushed.headers["topic"]
            until(lambda: all_sent(server))
            assert service.quiet
