"""Argon2id (RFC 9106) in threads: at most two at a time, 32 MiB each."""

from __future__ import annotations

import asyncio
from functools import cached_property

MEMORY_KIB = 32 * 1024
ROUNDS = 3


class Passwords:
    """Hashing and checking; a check against no account costs as much as one against an account."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(2)

    def hash(self, password: str) -> str:
        """Blocks some 50 ms."""
        return str(self._hasher.hash(password))

    async def hash_async(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """False where there is no hash, after the same work."""
        async with self._turns:
            return await asyncio.to_thread(self._matches, password_hash, password)

    def _matches(self, password_hash: str | None, password: str) -> bool:
        from argon2.exceptions import VerificationError, VerifyMismatchError

        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerifyMismatchError, VerificationError):
            return False
        return password_hash is not None

    @cached_property
    def _hasher(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - argon2 is imported when needed
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)

    @cached_property
    def _nobody(self) -> str:
        return self.hash("no account has this hash")
