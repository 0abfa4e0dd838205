"""The folders of apps, from the service that has them to the one that backs the phone up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pileus.cloud.kernel.service import AppFolder, AppFolders
from pileus.core.errors import NotFound


class AppFolderShelf:
    """`OfferedAppFolders`."""

    def __init__(self) -> None:
        self._offered: AppFolders | None = None

    def offer(self, folders: AppFolders) -> None:
        self._offered = folders

    @property
    def areas(self) -> Sequence[str]:
        return () if self._offered is None else self._offered.areas

    async def listed(self, account_id: str) -> list[AppFolder]:
        return [] if self._offered is None else await self._offered.listed(account_id)

    async def copy(self, account_id: str, app: str, to: Path, check: Callable[[], None]) -> list[str]:
        return await self._there().copy(account_id, app, to, check)

    async def install(self, account_id: str, app: str, package: str) -> None:
        await self._there().install(account_id, app, package)

    async def replace(self, account_id: str, app: str, folder: Path) -> None:
        await self._there().replace(account_id, app, folder)

    def _there(self) -> AppFolders:
        if self._offered is None:
            raise NotFound("app-unknown", "There is no such app.")
        return self._offered
