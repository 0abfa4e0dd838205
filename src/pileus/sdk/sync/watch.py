"""When a sync has something to do: the folder's own changes (inotify) and the account's doorbell. Blocks.

Both are only hints. What they miss is found by the look that follows every `EVERY` seconds.
"""

from __future__ import annotations

import os
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import msgspec
from watchfiles import Change, watch
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from pileus.sdk.config import API, Config, address_of, tls_context
from pileus.sdk.sync.folder import OWN

EVERY = 300.0
"""Seconds after which both sides are looked at, whatever was heard."""
REST_MS = 1_000
"""A change is heard when nothing followed it for so long."""
AGAIN = 5.0
"""Seconds before the doorbell is asked for again."""


class Ears:
    """Hears in two threads until it is closed."""

    def __init__(self, path: Path, config: Config) -> None:
        self._path, self._config = path.resolve(), config
        self._heard, self._closed = threading.Event(), threading.Event()
        self._line: ClientConnection | None = None
        self._threads = [
            threading.Thread(target=self._folder, daemon=True),
            threading.Thread(target=self._doorbell, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._line is not None:
            with suppress(OSError, WebSocketException):
                self._line.close()
        for thread in self._threads:
            thread.join()

    def wait(self, seconds: float = EVERY) -> None:
        """Returns when something was heard since the last call, or after so long."""
        self._heard.wait(seconds)
        self._heard.clear()

    def ring(self) -> None:
        self._heard.set()

    def _folder(self) -> None:
        own = str(self._path / OWN)

        def outside(_change: Change, path: str) -> bool:
            return path != own and not path.startswith(own + os.sep)

        changes = watch(
            self._path, watch_filter=outside, debounce=REST_MS * 10, step=REST_MS, stop_event=self._closed
        )
        with suppress(OSError, RuntimeError):  # the folder is gone, or the system watches no more: `EVERY` is left
            for _ in changes:
                self.ring()

    def _doorbell(self) -> None:
        address, headers = address_of(self._config.server.rstrip("/"))
        url = "ws" + address.removeprefix("http") + API + "/journal/doorbell"
        context = tls_context(os.environ.get("PILEUS_CA_FILE") or True)
        secure = context if isinstance(context, ssl.SSLContext) else None
        while not self._closed.is_set():
            with suppress(OSError, WebSocketException):
                with connect(url, additional_headers=headers, ssl=secure, proxy=None) as line:
                    self._line = line
                    line.send(msgspec.json.encode({"token": self._config.token}).decode())
                    for _ in line:
                        self.ring()
                self.ring()  # it closed: the look that follows tells why
            self._line = None
            self._closed.wait(AGAIN)
