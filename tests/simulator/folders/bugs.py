"""Seeded bugs of the sync: each takes one rule out. The simulator must find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from pileus.sdk.sync import decide, folder, look, work
from pileus.sdk.sync.cloud import Account
from pileus.sdk.sync.folder import Folder
from pileus.sdk.sync.ledger import Ledger
from pileus.sdk.sync.trees import Item, Synced

Bug = Callable[[], AbstractContextManager[Any]]


def _always(target: Any, name: str, function: Callable[..., Any]) -> Bug:
    return lambda: patch.object(target, name, function)


def _wrapped(target: Any, name: str, wrap: Callable[..., Any]) -> Bug:
    """`wrap` gets the real function and its arguments."""
    real = getattr(target, name)
    return _always(target, name, lambda *arguments, **named: wrap(real, *arguments, **named))


@contextmanager
def _acknowledged_first() -> Iterator[None]:
    """The ledger says that small files were sent before they are."""
    real = Account.send_small

    def send(self: Account, files: Any) -> list[dict[str, Any]]:
        return [{"file": one.id, "name": one.name} for one in files] if len(files) > 1 else real(self, files)

    with patch.object(Account, "send_small", send):
        yield


def _settled_blindly(here: Item | None, there: Item | None, goal: Synced | None, old: Synced | None) -> Any:
    """What is here counts as agreed on, whatever is there."""
    if goal is not None and here is not None and there is not None:
        return Synced(there.parent, there.name, here.content, here.name)
    return decide.settled(here, there, goal, old)


def _without_flags(real: Callable[..., int], old: int, name: bytes, new: int, to: bytes, _flags: int) -> int:
    return real(old, name, new, to, 0)


BUGS: dict[str, Bug] = {
    "two contents are one": _always(decide._Deciding, "_copy", lambda *_: None),
    "a file is overwritten that was not seen": _wrapped(folder, "_renameat2", _without_flags),
    "what a killed sync had out of the tree stays there": _always(Folder, "put_back", lambda *_: []),
    "what was not sent counts as sent": _acknowledged_first,
    "both sides agree blindly": _always(work, "settled", _settled_blindly),
    "unfinished uploads stay noted": _always(Ledger, "drop_upload", lambda *_: None),
    "what is ignored looks deleted": _wrapped(
        look, "without", lambda _real, agreed, there, _ignored: (agreed, there)
    ),
    "a deletion wins over a change": _wrapped(
        decide._Deciding,
        "_merged",
        lambda real, self, one: (
            None if one in self._agreed and (one not in self._here or one not in self._there) else real(self, one)
        ),
    ),
    "parts are kept": _always(Folder, "tidy_parts", lambda *_: None),
    "what gave way is not looked at": _always(folder, "_same", lambda *_: True),
    "a deletion is made without what was seen": _wrapped(
        Account, "delete", lambda real, self, one, _base: real(self, one, 2**40)
    ),
    "nothing is parked": _wrapped(
        look, "steps_here", lambda real, *rest: [step for step in real(*rest) if step.kind != "park"]
    ),
}
