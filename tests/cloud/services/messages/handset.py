"""A simulated handset and its modem, for tests: it does over HTTP what a handset has to."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from hashlib import sha256
from typing import Any

import httpx


class Crash(Exception):
    """The handset's program ends here; its modem and what it wrote down stay."""


class Handset:
    """`dice` lets it crash between any two steps; `sent` counts what its modem got, with the pictures `taken`."""

    def __init__(self, client: httpx.Client, dice: random.Random | None = None, chance: float = 0.0) -> None:
        self.client = client
        self.sent: Counter[str] = Counter()
        self.taken: dict[str, list[bytes]] = {}
        self._dice = dice or random.Random(0)
        self._chance = chance
        self._diary: dict[str, str] = {}
        """By message the token of a start that was not reported: on the disk, so a crash does not take it."""

    def announce(self, *sims: str) -> None:
        wish = {"sims": [{"id": one, "label": f"Card {one}", "number": "+86138"} for one in sims]}
        assert self._ask("PUT", "/messages/sims", wish).status_code == 204

    def turn(self) -> int:
        """Takes what waits and sends it; how many. Raises `Crash`."""
        for message, token in list(self._diary.items()):
            self._report(message, token, "unknown")  # whether the modem had got it was not written down
        given = self._ask("POST", "/messages/outgoing/lease").json()["messages"]
        for one in given:
            self._step()
            self._send(one)
        return len(given)

    def _send(self, one: dict[str, Any]) -> None:
        message, token = one["message"], one["token"]
        pictures = [self._picture(message, number, part) for number, part in enumerate(one["parts"])]
        self._diary[message] = token
        asked = time.monotonic()
        answer = self._ask("POST", f"/messages/outgoing/{message}/start", {"token": token})
        if answer.status_code != 200:
            assert answer.json()["code"] == "lease-lost"
            del self._diary[message]
            return
        self._step()
        if (time.monotonic() - asked) * 1000 < answer.json()["hand_over_ms"]:
            self.sent[message] += 1
            self.taken[message] = pictures
            self._step()
            self._report(message, token, "sent")

    def _picture(self, message: str, number: int, part: dict[str, Any]) -> bytes:
        """Before the start: no time of the modem's goes by while it comes."""
        data = self._ask("GET", f"/messages/{message}/parts/{number}").content
        assert (len(data), sha256(data).hexdigest()) == (part["size"], part["sha256"])
        return data

    def _report(self, message: str, token: str, outcome: str) -> None:
        wish = {"token": token, "outcome": outcome}
        answer = self._ask("POST", f"/messages/outgoing/{message}/report", wish)
        assert answer.status_code == 200 or answer.json()["code"] in ("lease-lost", "report-late"), answer.text
        del self._diary[message]
        self._step()

    def _step(self) -> None:
        if self._dice.random() < self._chance:
            raise Crash

    def _ask(self, method: str, path: str, wish: Any = None) -> httpx.Response:
        """Asked again until it is heard: the cloud may be killed at any moment."""
        return until_heard(self.client, method, path, wish)


def until_heard(
    client: httpx.Client, method: str, path: str, wish: Any = None, content: bytes | None = None
) -> httpx.Response:
    """An answer of the cloud, however often it has to be asked; at most a minute."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            answer = client.request(method, path, json=wish, content=content)
            if answer.status_code < 500:
                return answer
        time.sleep(0.02)
    raise AssertionError(f"{path} was not answered")
