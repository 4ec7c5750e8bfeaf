"""The request budget of a service: granted by Postgres in slices that expire, shared out first come, first served."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from worker.adapters import queries
from worker.adapters.postgres import Pool, translating

MOST = 60
"""Requests in any second that Procountor allows to one API client."""
SLICES = 10
"""A second touches at most one slice more than it is long, so a slice holds at most MOST / (SLICES + 1) requests.

What is left out of it is room for the way: requests that leave in their slices may be held up, by a lost packet or a
busy machine, and arrive together. At 40 a second, all may be late by 400 ms, at 50 by 100.
"""

ASK_AGAIN = 1.0
"""Seconds after which a refusal is asked again, however far off Postgres says that room is."""

Waiter = asyncio.Future[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave for so many requests between two moments of the event loop's clock."""

    requests: int
    asked: float
    opens: float
    closes: float


class Budget:
    """All workers and commands of one database share it; *service* names the row.

    A grant is worth nothing outside its slice, so that a stalled process cannot save requests up and send them at once.
    Of the round trip to Postgres, the whole is taken off the slice: it opens late and closes early, never the reverse.
    """

    def __init__(self, pool: Pool, service: str = "procountor", *, per_second: int = 40, ahead: int = 5) -> None:
        self._pool = pool
        self._service = service
        self._slice_ms, self._per_slice = self.shares(per_second)
        self._ahead = ahead
        self._live: deque[Waiter] = deque()
        self._backfill: deque[Waiter] = deque()
        self._sharing: asyncio.Task[None] | None = None

    @staticmethod
    def shares(per_second: int) -> tuple[int, int]:
        """Milliseconds of a slice, and requests in it: below ten a second one request in a longer slice."""
        if per_second < SLICES:
            return -(-1000 // per_second), 1
        return 1000 // SLICES, min(per_second // SLICES, MOST // (SLICES + 1))

    async def draw(self, *, live: bool = True) -> float:
        """Returns when one request may leave, and until when; *live* goes before backfill. Raises Unavailable."""
        waiter: Waiter = asyncio.get_running_loop().create_future()
        (self._live if live else self._backfill).append(waiter)
        if self._sharing is None or self._sharing.done():
            self._sharing = asyncio.create_task(self._share())
            self._sharing.add_done_callback(self._shared)
        return await waiter

    async def _share(self) -> None:
        while self._waiting():
            grant = await self._take()
            await _until(grant.opens if grant.requests else min(grant.opens, grant.asked + ASK_AGAIN))
            for _ in range(grant.requests):
                if asyncio.get_running_loop().time() < grant.closes and (waiter := self._next()):
                    waiter.set_result(grant.closes)

    async def _take(self) -> Grant:
        """Backfill takes only what is open now, so that it never stands in the way of what comes live."""
        live = sum(1 for _ in _still(self._live))
        want, ahead = (live, self._ahead) if live else (len(self._backfill), 0)
        clock = asyncio.get_running_loop().time
        before = clock()
        with translating():
            row = await self._pool.fetchrow(
                queries.load("ingest")["take_budget"],
                self._service,
                min(want, self._per_slice),
                self._slice_ms,
                self._per_slice,
                ahead,
            )
        assert row is not None, "a function that always answers"
        return Grant(
            requests=row["granted"],
            asked=before,
            opens=clock() + row["opens_ms"] / 1000,
            closes=before + row["closes_ms"] / 1000,
        )

    def _next(self) -> Waiter | None:
        for queue in (self._live, self._backfill):
            while queue:
                if not (waiter := queue.popleft()).done():
                    return waiter
        return None

    def _waiting(self) -> bool:
        return any(True for queue in (self._live, self._backfill) for _ in _still(queue))

    def _shared(self, task: asyncio.Task[None]) -> None:
        """Nobody may wait for a grant that will not come."""
        error = None if task.cancelled() else task.exception()
        if not task.cancelled() and error is None:
            return
        while waiter := self._next():
            waiter.set_exception(error) if error else waiter.cancel()


def _still(queue: Iterable[Waiter]) -> Iterable[Waiter]:
    return (waiter for waiter in queue if not waiter.done())


async def _until(moment: float) -> None:
    pause = moment - asyncio.get_running_loop().time()
    if pause > 0:
        await asyncio.sleep(pause)
