"""Tokens that workers share, in memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from uuid import UUID

from worker.adapters.shared_tokens import NONE, Shared


@dataclass(slots=True)
class Entry:
    value: str | None = None
    until: float = 0.0
    fence: int = 0
    leased_until: float = 0.0


@dataclass(slots=True)
class SharedTokens:
    entries: dict[UUID, Entry] = field(default_factory=dict)

    async def read(self, secret: UUID) -> Shared:
        if (entry := self.entries.get(secret)) is None:
            return NONE
        return Shared(value=entry.value, seconds_left=entry.until - time.monotonic(), fence=entry.fence)

    async def lease(self, secret: UUID, fence: int, seconds: float) -> int | None:
        entry = self.entries.setdefault(secret, Entry())
        if entry.fence != fence or entry.leased_until > time.monotonic():
            return None
        entry.fence += 1
        entry.leased_until = time.monotonic() + seconds
        return entry.fence

    async def renew(self, secret: UUID, fence: int, seconds: float) -> bool:
        if (entry := self._mine(secret, fence)) is not None:
            entry.leased_until = time.monotonic() + seconds
        return entry is not None

    async def keep(self, secret: UUID, fence: int, value: str, seconds: float) -> None:
        if (entry := self._mine(secret, fence)) is not None:
            entry.value, entry.until, entry.leased_until = value, time.monotonic() + seconds, 0.0
            entry.fence += 1

    async def give_back(self, secret: UUID, fence: int) -> None:
        if (entry := self._mine(secret, fence)) is not None:
            entry.leased_until = 0.0

    def _mine(self, secret: UUID, fence: int) -> Entry | None:
        entry = self.entries.get(secret)
        return entry if entry is not None and entry.fence == fence else None
