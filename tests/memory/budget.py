"""A request budget in memory: an account that remembers the last second, and those who draw on it."""

from __future__ import annotations

import asyncio
from collections import deque

Waiter = asyncio.Future[float]
SLICE = 0.1
"""Seconds that leave is good for: what leaves late is counted in a later second than it was taken in."""


class Account:
    """What all share: at most *per_second* requests in any second."""

    def __init__(self, per_second: int) -> None:
        self._recent: deque[float] = deque(maxlen=per_second)
        self._clock = asyncio.get_running_loop().time
        self.live = 0
        """Requests that wait and are not backfill, whoever wants them."""

    def wait(self, *, live: bool) -> float:
        """Seconds until there may be room for one more."""
        if self.live and not live:
            return SLICE
        full = len(self._recent) == self._recent.maxlen
        return max(0.0, self._recent[0] + 1 - self._clock()) if full else 0.0

    def take(self) -> float:
        """Until when it may leave."""
        self._recent.append(self._clock())
        return self._recent[-1] + SLICE


class Budget:
    """One who draws: live before backfill, whoever wants it, each in the order it asked; sharers take turns."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._live: deque[Waiter] = deque()
        self._backfill: deque[Waiter] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def draw(self, *, live: bool = True) -> float:
        waiter: Waiter = asyncio.get_running_loop().create_future()
        (self._live if live else self._backfill).append(waiter)
        self._account.live += live
        waiter.add_done_callback(lambda _: self._gone(live))
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        return await waiter

    async def _serve(self) -> None:
        while self._live or self._backfill:
            await asyncio.sleep(self._account.wait(live=bool(self._live)))
            if self._account.wait(live=bool(self._live)) == 0:
                waiter = (self._live or self._backfill).popleft()
                if not waiter.done():
                    waiter.set_result(self._account.take())

    def _gone(self, live: bool) -> None:
        self._account.live -= live
