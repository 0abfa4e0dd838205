"""Acts of people and of a cloud, each of which a kill may break off (tests/cloud/test_act_kills.py).

An act is a function of a `Stage`; a scene is a row of acts, each of which finds what those before it left. Whoever
did not hear the end of one looks what is there, and does it again where nothing is.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from pileus.cloud.app import Cloud
from pileus.cloud.kernel.objects.check import check
from pileus.cloud.kernel.objects.sweep import sweep
from pileus.cloud.services.backups.phone.backups import PhoneBackups
from pileus.core.clock import ManualClock
from pileus.core.settings import Settings
from tests.cloud.kernel.objects.shelf import named, packed, packs
from tests.cloud.processes import wait
from tests.cloud.push_service import LOOPBACK
from tests.conftest import PASSWORD, RunningServer, free_port, running

from .seen import seen

Do = Callable[["Stage"], object]


@dataclass(frozen=True)
class Act:
    """`parts`: of more than one change, so that a kill may leave some.

    `keyed`: may be done again whatever is there, else only where nothing is. `starts`: begins with a cloud's first
    start. `more`: of a job, which is run again after a kill and then makes another one beside the first.
    `prepares`: for the others, and is not killed.
    """

    do: Do
    parts: bool = False
    keyed: bool = False
    starts: bool = False
    more: bool = False
    prepares: bool = False

    @property
    def name(self) -> str:
        return getattr(self.do, "__name__", "")


@dataclass
class Scene:
    """`change`: what its cloud is set to. `stores`: in packs or files, of which nothing may be left over."""

    change: dict[str, Any] = field(default_factory=dict)
    stores: bool = False
    acts: dict[str, Act] = field(default_factory=dict)

    def prepares(self, do: Do) -> Do:
        return self._take(Act(do, prepares=True))

    def act(self, do: Do) -> Do:
        return self._take(Act(do))

    def parts(self, do: Do) -> Do:
        return self._take(Act(do, parts=True))

    def keyed(self, do: Do) -> Do:
        return self._take(Act(do, keyed=True))

    def keyed_parts(self, do: Do) -> Do:
        return self._take(Act(do, parts=True, keyed=True))

    def job(self, do: Do) -> Do:
        return self._take(Act(do, parts=True, more=True))

    def start(self, do: Do) -> Do:
        return self._take(Act(do, parts=True, keyed=True, starts=True))

    def _take(self, one: Act) -> Do:
        self.acts[one.name] = one
        return one.do


class Stage:
    """A cloud in a folder, and what its people know: `said`, as JSON."""

    def __init__(self, scene: Scene, folder: Path, said: dict[str, Any], *, again: bool = False) -> None:
        self.said: dict[str, Any] = json.loads(json.dumps(said))
        self.again = again
        self._scene, self._folder = scene, folder
        self.clock = ManualClock(self.said["now_ms"])
        self._open = ExitStack()
        self._server: RunningServer | None = None

    def settings(self) -> Settings:
        here = self._folder
        port = free_port()
        told = Settings(here / "data", here / "run", here / "cache", port=port, push_networks=LOOPBACK)
        return told.changed(
            **{"domain": "pileus.test", "copy_to": str(here / "data" / "copy")} | self._scene.change
        )

    def open(self) -> None:
        self._server = self._open.enter_context(running(self.settings(), clock=self.clock))
        if self.settings().tls:
            self._server.url = self._server.url.replace("http:", "https:")
        packed(self.cloud).tend = None  # whose time nobody knows

    def close(self) -> None:
        self._server = None
        self._open.close()

    @property
    def server(self) -> RunningServer:
        assert self._server is not None
        return self._server

    @property
    def cloud(self) -> Cloud:
        return self.server.cloud

    def there(self) -> dict[str, list[str]]:
        """As `seen`; {} before the first start."""
        return {} if self._server is None else seen(self.cloud, self._folder / "data")

    def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.said["now_ms"] = self.clock.now_ms()

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        *,
        status: int | None = None,
        also: tuple[int, ...] = (),
        **more: Any,
    ) -> Any:
        """The answer's JSON; `also`: the statuses of one that is done again and was done. Raises for any other."""
        token = self.said["tokens"].get(who)
        with self.server.client(token) as client:
            answer = client.request(method, path, **more)
        right = answer.is_success if status is None else answer.status_code == status
        assert right or (self.again and answer.status_code in also), f"{method} {path}: {answer.text}"
        if answer.is_success and answer.headers.get("content-type") == "application/json" and answer.content:
            return answer.json()
        return answer

    def signed_in(self, who: str, session: Any) -> None:
        self.said["tokens"][who] = session["token"]
        self.said[f"device of {who}"] = session["device"]["id"]
        self.said[f"account of {who}"] = session["account"]["id"]

    def sign_in(self, who: str, name: str, password: str = PASSWORD) -> None:
        wish = {"name": name, "password": password, "device_name": who}
        self.signed_in(who, self.ask("", "POST", "/sign-in", json=wish))

    def mutate(self, who: str, record: str, collection: str, fields: dict[str, Any], **more: Any) -> None:
        """By an id of its own, so that done again it is the same one."""
        wish = {"id": f"m-{record}", "base": 0, "collection": collection, "record": record, "op": "put"}
        body = {"mutations": [{**wish, "fields": fields, **more}]}
        [outcome] = self.ask(who, "POST", "/journal/mutations", json=body)["outcomes"]
        assert outcome["status"] != "refused", outcome

    def records(self, who: str, collection: str) -> dict[str, dict[str, Any]]:
        query = {"collection": collection, "limit": 1000}
        found = self.ask(who, "GET", "/journal/snapshot", params=query)["records"]
        return {one["id"]: one["fields"] for one in found if not one.get("deleted")}

    def open_jobs(self) -> list[str]:
        """Those that have not ended."""
        query = text("SELECT id FROM job WHERE state IN ('waiting', 'running')")
        return self.cloud.db.read(lambda conn: list(conn.execute(query).scalars()))

    def rest(self) -> None:
        """Returns when all jobs have ended, and what was to be pushed now is."""
        wait(lambda: not self.open_jobs() and not self._unsent())

    def end(self, act: Act) -> None:
        """What follows an act by itself."""
        self.rest()
        if act.parts and self._scene.stores:
            self.days_work(with_backups=False)

    def left_over(self) -> list[str]:
        """Weeks go by, with what is done in them: what is then not whole, or there and wanted by nothing."""
        for days in (31, 8, 8):
            self.later(days * 24 * 3600)
            for path in packs(self.settings()):
                os.utime(path, (self.clock.now_ms() / 1000 - 24 * 3600,) * 2)
            self.days_work(with_backups=False)
            sweep(packed(self.cloud))
        found = check(packed(self.cloud)).problems
        found += sorted({path.name for path in packs(self.settings())} ^ named(self.cloud))
        for table in ("files_doubt", "messages_doubt", "contacts_doubt"):
            query = text(f"SELECT object_id FROM {table}")
            found += self.cloud.db.read(lambda conn, query=query: list(conn.execute(query).scalars()))
        found += [str(path) for path in (self._folder / "data").rglob("*.part")]
        return found

    def days_work(self, *, with_backups: bool = True) -> None:
        """What services do each day."""

        async def go() -> None:
            for work in self.cloud.context.jobs._daily:  # type: ignore[attr-defined]
                if with_backups or not isinstance(getattr(work, "__self__", None), PhoneBackups):
                    await work()

        self.run(go())

    def _unsent(self) -> list[str]:
        self.cloud.context.push.wake()  # by the clock that was put on
        query = text("SELECT id FROM push_message WHERE next_ms <= :now")
        now = {"now": self.clock.now_ms()}
        return self.cloud.db.read(lambda conn: list(conn.execute(query, now).scalars()))

    def run(self, work: Awaitable[object]) -> object:
        """What the cloud does by itself, from a loop of this thread."""

        async def go() -> object:
            return await work

        return asyncio.run(go())
