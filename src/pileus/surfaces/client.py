"""The web process's way to the session supervisor: one JSON line each way over its control socket.

Each call opens the socket anew, so a supervisor that was restarted is simply found again.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from pileus.core.errors import PileusError, Unavailable
from pileus.core.settings import Settings
from pileus.core.tracing import span
from pileus.surfaces.engine import AppSpec, Display

CALL_TIMEOUT = 20.0
LINE_LIMIT = 1 << 20


@dataclass(frozen=True)
class SessionInfo:
    """A running app. `state` is starting, running, paused (frozen), finished or crashed; `device` is who looks."""

    session_id: str
    app_id: str
    state: str
    label: str = ""
    device_id: str | None = None
    device_name: str | None = None


@dataclass(frozen=True)
class Ticket:
    """Lets one device attach once; `expires` is milliseconds since 1970."""

    value: str
    expires: int


class SupervisorClient:
    """Calls raise `Unavailable` when the supervisor does not answer, and what the supervisor raised."""

    def __init__(self, settings: Settings, timeout: float = CALL_TIMEOUT) -> None:
        self._path = settings.supervisor_socket
        self._timeout = timeout

    async def open(self, spec: AppSpec, display: Display) -> SessionInfo:
        """The running session of this account and app, or a new one (state `starting`)."""
        fields = asdict(spec) | {"package_dir": str(spec.package_dir), "data_dir": str(spec.data_dir)}
        return _session(await self._call("open", spec=fields, display=asdict(display)))

    async def ticket(self, session_id: str, account_id: str, device_id: str, device_name: str) -> Ticket:
        """A single-use ticket, good for 30 s. Raises `NotFound` for a session that is not this account's."""
        answer = await self._call(
            "ticket", session=session_id, account=account_id, device=device_id, device_name=device_name
        )
        return Ticket(value=answer["value"], expires=answer["expires"])

    async def sessions(self, account_id: str) -> list[SessionInfo]:
        """The account's running sessions, oldest first."""
        return [_session(item) for item in (await self._call("sessions", account=account_id))["sessions"]]

    async def freeze(self, session_id: str, account_id: str) -> bool:
        """Keeps the app's state and ends its processes, unless somebody looks at it; whether it is frozen now."""
        return bool((await self._call("freeze", session=session_id, account=account_id))["frozen"])

    async def picture(self, session_id: str, account_id: str) -> Path:
        """The file with a frozen session's last picture (JPEG or PNG); raises `NotFound` where there is none."""
        return Path((await self._call("picture", session=session_id, account=account_id))["path"])

    async def close(self, session_id: str, account_id: str) -> None:
        """Ends a session; what it showed is gone, what it kept is kept."""
        await self._call("close", session=session_id, account=account_id)

    async def close_app(self, account_id: str, app_id: str) -> None:
        """Ends the app's session and its processes, before and after an update or a removal."""
        await self._call("close_app", account=account_id, app=app_id)

    async def hold(self, engine: str, account_id: str, app_id: str, end: bool = False) -> str:
        """Lets an app stand still while its folder is copied or, ended before (`end`), replaced; give it to
        `release` soon: after some seconds the app goes on by itself. Raises `NotFound` where its engine cannot."""
        answer = await self._call("hold", engine=engine, account=account_id, app=app_id, end=end)
        return str(answer["hold"])

    async def release(self, hold: str) -> bool:
        """Lets it go on: whether it stood still until now."""
        return bool((await self._call("release", hold=hold))["held"])

    async def sign_out(self, device_id: str) -> None:
        """Takes the device's tickets and its view of an app away; the apps go on."""
        await self._call("sign_out", device=device_id)

    async def let_in(self, device_id: str) -> None:
        """Takes `sign_out` back: a locked device was unlocked."""
        await self._call("let_in", device=device_id)

    async def warm(self, engine: str) -> None:
        """Asks an engine to make a spare ready; returns at once."""
        await self._call("warm", engine=engine)

    async def press(self, engine: str, account_id: str, folder: Path, key: str, action: int) -> str | None:
        """The owner presses a notification (-1) or one of its actions; the app that the phone has to show."""
        params = {"engine": engine, "account": account_id, "folder": str(folder), "key": key, "action": action}
        app: str | None = (await self._call("press", **params))["app"]
        return app

    async def dismiss(self, engine: str, account_id: str, folder: Path, key: str) -> None:
        """The owner wipes a notification away."""
        await self._call("dismiss", engine=engine, account=account_id, folder=str(folder), key=key)

    async def choose(self, engine: str, account_id: str, folder: Path, number: int, component: str | None) -> None:
        """The owner's answer to a choice among apps; None for none of them."""
        params = {"engine": engine, "account": account_id, "folder": str(folder)}
        await self._call("choose", **params, number=number, component=component)

    async def ask(self, engine: str, account_id: str, folder: Path, what: str) -> str | None:
        """An engine's answer about an account; None where nothing of the account's runs there."""
        answer = await self._call("ask", engine=engine, account=account_id, folder=str(folder), what=what)
        text: str | None = answer["text"]
        return text

    async def ping(self) -> dict[str, Any]:
        """`{"version", "pid", "engines", "sessions"}` of the supervisor."""
        return await self._call("ping")

    async def _call(self, method: str, **params: Any) -> dict[str, Any]:
        line = msgspec.json.encode({"method": method, "params": params}) + b"\n"
        try:
            with span(f"supervisor.{method}", "client"):
                async with asyncio.timeout(self._timeout):
                    answer = await self._exchange(line)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise Unavailable(
                "supervisor-unavailable", "Apps cannot be reached at the moment; try again in a few seconds."
            ) from error
        if "error" in answer:
            problem = answer["error"]
            raise PileusError(problem["code"], problem["message"], status=problem["status"])
        result: dict[str, Any] = answer["result"]
        return result

    async def _exchange(self, line: bytes) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(str(self._path), limit=LINE_LIMIT)
        try:
            writer.write(line)
            await writer.drain()
            answer: dict[str, Any] = msgspec.json.decode(await reader.readuntil(b"\n"))
            return answer
        finally:
            writer.close()


def _session(fields: dict[str, Any]) -> SessionInfo:
    return SessionInfo(**fields)
