"""A shell of a test's own at the gateway: sees all states and events, asks, and waits until something holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

SLOWEST = 30.0
"""Seconds that anything may take on a loaded machine."""


class Refused(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Shell:
    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self.states: dict[str, Any] = {}
        self.events: list[tuple[str, str, Any]] = []
        self._answers: dict[int, Any] = {}
        self._calls = 0
        self._news = asyncio.Condition()
        self._hearing = asyncio.create_task(self._hear())

    async def close(self) -> None:
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)

    async def ask(self, of: str, method: str, **params: Any) -> Any:
        """The result; raises `Refused`."""
        self._calls += 1
        call = self._calls
        await self._line.send(json.dumps({"id": call, "of": of, "method": method, "params": params or None}))
        await self.until(lambda: call in self._answers, f"an answer to {method}")
        answer = self._answers.pop(call)
        if "error" in answer:
            raise Refused(answer["error"]["code"], answer["error"]["detail"])
        return answer["result"]

    async def until(self, holds: Callable[[], Any], what: str = "it") -> Any:
        """What `holds` gives, once that is something."""
        try:
            async with asyncio.timeout(SLOWEST), self._news:
                await self._news.wait_for(holds)
        except TimeoutError:
            raise AssertionError(f"{what} did not come; {self.states} {self.events}") from None
        return holds()

    def told(self, name: str) -> list[Any]:
        """The data of the events of this name."""
        return [data for _, one, data in self.events if one == name]

    async def _hear(self) -> None:
        async for message in self._line:
            said = json.loads(message)
            async with self._news:
                if "state" in said:
                    self.states |= said["state"]
                elif "event" in said:
                    event = said["event"]
                    self.events.append((event["of"], event["name"], event["data"]))
                else:
                    self._answers[said["id"]] = said
                self._news.notify_all()


@asynccontextmanager
async def shell(port: int, token: str) -> AsyncIterator[Shell]:
    async with connect(f"ws://127.0.0.1:{port}", proxy=None) as line:
        await line.send(json.dumps({"token": token}))
        one = Shell(line)
        try:
            yield one
        finally:
            await one.close()
