"""A cloud that is killed and handsets that crash while messages are sent: none goes twice."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import httpx
import pytest

from tests.cloud.processes import answers, kill, parent, wait
from tests.cloud.services.messages.handset import Crash, Handset, until_heard
from tests.postgres import sqlite_only

pytestmark = pytest.mark.slow

MESSAGES = 90
KILLS = 4
SEED = 7
PICTURE = b"\xff\xd8\xff" + bytes(20_000)


@sqlite_only  # half a minute; on PostgreSQL tests/cloud/test_crash.py kills the same processes, and the server
def test_no_message_is_sent_twice_whoever_is_killed(settings: Any) -> None:
    url = f"http://127.0.0.1:{settings.port}/api/v1"
    with parent(settings):
        wait(lambda: answers(settings))
        wish = {"name": "mei", "password": "correct horse", "device_name": "laptop"}
        tokens = [httpx.post(f"{url}/accounts", json=wish, trust_env=False).json()["token"]]
        for name in ("one", "two"):
            other = {**wish, "device_name": name}
            tokens.append(httpx.post(f"{url}/sign-in", json=other, trust_env=False).json()["token"])
        laptop, *phones = (
            httpx.Client(base_url=url, headers={"Authorization": f"Bearer {one}"}, timeout=5, trust_env=False)
            for one in tokens
        )
        dice = random.Random(SEED)
        handsets = [Handset(phone, random.Random(SEED + at), 0.05) for at, phone in enumerate(phones)]
        done = threading.Event()

        def work(handset: Handset) -> None:
            handset.announce("a")
            while not done.is_set():
                try:
                    if not handset.turn():
                        time.sleep(0.02)
                except Crash:
                    continue

        def write() -> None:
            brought = until_heard(laptop, "POST", "/messages/parts", content=PICTURE).json()
            for number in range(MESSAGES):
                parts = [{"object": brought["object"]}] if number % 3 == 0 else []
                message = {"id": f"m{number}", "people": ["+86138"], "body": f"西湖 {number}", "parts": parts}
                assert until_heard(laptop, "POST", "/messages/send", message).status_code == 202

        threads = [threading.Thread(target=work, args=(one,)) for one in handsets]
        threads.append(threading.Thread(target=write))
        for thread in threads:
            thread.start()
        try:
            for at in range(1, KILLS + 1):
                reached = MESSAGES * at // (KILLS + 2)
                wait(lambda reached=reached: sum(sum(one.sent.values()) for one in handsets) >= reached)
                time.sleep(dice.random() / 50)
                kill(settings, "web")
                wait(lambda: answers(settings))
            threads[-1].join(60)
            wait(lambda: not waiting(laptop))
        finally:
            done.set()
            for thread in threads:
                thread.join(60)
        sent = handsets[0].sent + handsets[1].sent
        assert max(sent.values()) == 1
        for message, pictures in (handsets[0].taken | handsets[1].taken).items():
            assert pictures == ([PICTURE] if int(message[1:]) % 3 == 0 else [])
        told = states(laptop)
        assert len(told) == MESSAGES
        assert {message for message, state in told.items() if state == "sent"} <= sent.keys()
        left = {message: state for message, state in told.items() if state != "sent"}
        assert set(left.values()) <= {"unknown", "sending", "queued"}
        assert {m for m, state in left.items() if state == "queued"}.isdisjoint(sent)
        assert "unknown" in left.values(), "the crashes were to leave something that only the owner can tell"
        for client in (laptop, *phones):
            client.close()


def states(client: httpx.Client) -> dict[str, str]:
    changes = until_heard(client, "GET", "/journal/changes?since=0&limit=1000").json()["changes"]
    return {one["id"]: one["fields"]["state"] for one in changes}


def waiting(client: httpx.Client) -> bool:
    """Whether something is left that a handset can take: what a crashed one leased waits for its lease's end."""
    told = states(client)
    return sum(state in ("sent", "unknown", "sending") for state in told.values()) < MESSAGES * 3 // 4
