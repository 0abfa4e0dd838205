"""A real cloud, and folders of several devices of one account."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pileus.sdk.client import Client
from pileus.sdk.sync.pair import Pair
from pileus.sdk.sync.work import Listener, Tally

NUMBERS = itertools.count()


class Heard(Listener):
    def __init__(self) -> None:
        self.done: list[tuple[str, str]] = []
        self.troubles: dict[str, str] = {}

    def did(self, kind: str, path: str) -> None:
        self.done.append((kind, path))

    def trouble(self, path: str, code: str, detail: str) -> None:
        self.troubles[path] = code


@dataclass
class Box:
    """One device's folder; `sync` opens it, brings it in step and closes it, as the command does."""

    path: Path
    client: Client

    def sync(self, cloud_folder: str | None = None) -> Tally:
        self.heard = Heard()
        pair = Pair(self.path, self.client, cloud_folder)
        try:
            return pair.once(self.heard)
        finally:
            pair.close()

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def tree(self) -> dict[str, bytes | None]:
        return tree(self.path)


def tree(folder: Path) -> dict[str, bytes | None]:
    """Files with their contents, folders with None; what is not kept in step is left out."""
    found: dict[str, bytes | None] = {}
    for here, folders, files in os.walk(folder):
        if ".pileus" in folders:
            folders.remove(".pileus")
        for name in folders:
            found[os.path.relpath(os.path.join(here, name), folder)] = None
        for name in files:
            path = Path(here, name)
            if not path.is_symlink():
                found[os.path.relpath(path, folder)] = path.read_bytes()
    return found


@pytest.fixture
def boxes(shared_server: Any, tmp_path: Path) -> Iterator[Callable[[str], Box]]:
    """Makes devices, by name, of an account of its own."""
    account = f"anna {next(NUMBERS)}"
    first = shared_server.account(account, "first")
    clients = []

    def box(name: str) -> Box:
        session = first if name == "first" else shared_server.sign_in(account, name)
        clients.append(Client(shared_server.url, session["token"]))
        (tmp_path / name).mkdir()
        return Box(tmp_path / name, clients[-1])

    yield box
    for client in clients:
        client.close()


@pytest.fixture
def box(boxes: Callable[[str], Box]) -> Box:
    return boxes("first")
