"""A folder and the account's Files as a pair that is kept in step. Everything here blocks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from pileus.core.errors import Conflict, NotFound
from pileus.sdk.client import Client
from pileus.sdk.sync.cloud import Account
from pileus.sdk.sync.folder import OWN, Folder
from pileus.sdk.sync.ledger import Ledger
from pileus.sdk.sync.look import NOTES, Look, look
from pileus.sdk.sync.trees import ROOT, children_of, rooted
from pileus.sdk.sync.work import Listener, Tally, run_round

LEDGER = "sync.db"
ROUNDS = 6
"""More are left for the next time: somebody changes things all the while."""


class Pair:
    """Opens the folder for this process alone. Close it.

    `cloud_folder`: a path in Files that is kept in step instead of all; it is remembered.
    """

    def __init__(self, path: Path, client: Client, cloud_folder: str | None = None) -> None:
        if not path.is_dir():
            raise NotFound("sync-no-dir", f"There is no folder {path}.", folder=str(path))
        self._account = Account(client)
        with ExitStack() as opened:
            self.folder = opened.enter_context(closing(Folder(path)))
            self.ledger = opened.enter_context(closing(Ledger(self.folder.own / LEDGER)))
            account, self.device = self._account.identity()
            self._bind(account, client.server)
            self._account.read(self.ledger)
            self._choose(cloud_folder)
            self._opened = opened.pop_all()

    def close(self) -> None:
        self._opened.close()

    def once(self, listener: Listener | None = None, stop: Callable[[], bool] = lambda: False) -> Tally:
        """Rounds until there is nothing more to do, or nothing that can be done now."""
        whole = Tally()
        for _ in range(ROUNDS):
            tally = run_round(self.folder, self.ledger, self._account, self.device, listener or Listener())
            for kind, count in tally.done.items():
                whole.done[kind] = whole.done.get(kind, 0) + count
            whole.troubles, whole.notes = tally.troubles, tally.notes
            if not tally.steps or stop():
                break
        return whole

    def _bind(self, account: str, server: str) -> None:
        """A folder belongs to one account: with another's records all of it would look deleted."""
        bound = self.ledger.get("account")
        if bound is None:
            self.ledger.set("account", account)
            self.ledger.set("server", server)
        elif bound != account:
            raise Conflict(
                "sync-other-account",
                f"{self.folder.path} is kept in step with another account ({self.ledger.get('server')}).",
                folder=str(self.folder.path),
            )

    def _choose(self, cloud_folder: str | None) -> None:
        scope = self.ledger.get("scope")
        if cloud_folder is None:
            if scope is None:
                self.ledger.set("scope", ROOT)
            return
        chosen = self._find(cloud_folder)
        if scope is not None and scope != chosen:
            here = str(self.folder.path)
            raise Conflict(
                "sync-other-folder", f"{here} is kept in step with another folder of Files.", folder=here
            )
        self.ledger.set("scope", chosen)

    def _find(self, path: str) -> str:
        tree = rooted({one: record.item for one, record in self.ledger.records().items()})
        inside, here = children_of(tree), ROOT
        for name in [part for part in path.split("/") if part]:
            found = [one for one in inside.get(here, ()) if tree[one].name == name and tree[one].folder]
            if not found:
                raise NotFound("sync-no-folder", f"There is no folder {path} in Files.", folder=path)
            here = found[0]
        return here


@dataclass(frozen=True)
class Status:
    """`waiting`: steps to do by kind, as of the last talk with the cloud; `troubles`: path, code, detail."""

    waiting: dict[str, int]
    troubles: list[tuple[str, str, str]]
    running: bool


def status_of(path: Path) -> Status:
    """What is to be done in a folder, told without the cloud and without changing anything."""
    if not (path / OWN / LEDGER).is_file():
        raise NotFound("sync-none", f"{path} is not kept in step yet: pileus sync {path}.", folder=str(path))
    with closing(Folder(path, alone=False)) as folder, closing(Ledger(folder.own / LEDGER)) as ledger:
        seen = look(folder, ledger, ledger.get("scope") or ROOT, "")
        told = {(one.path, one.unusable, one.reason) for one in seen.unusable if one.unusable not in NOTES}
        return Status(_counted(seen), sorted({*ledger.troubles(), *told}), folder.in_use)


def _counted(seen: Look) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in [*seen.here, *seen.there]:
        found[step.kind] = found.get(step.kind, 0) + 1
    return found
