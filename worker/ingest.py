"""Stage 1: due companies are leased and read, many at once; what was seen becomes events."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from events.connection import Met, Reason, after
from events.errors import PtmError, Refused, Unavailable
from events.schedule import interval, pause_after, rate_after
from worker.adapters.invoices import Lease, LeaseLost, Next, Progress
from worker.reading import Came, Reader

log = structlog.get_logger()

LASTING = frozenset({Reason.CREDENTIALS, Reason.RIGHTS, Reason.NOT_ENABLED, Reason.OTHER_COMPANY})
"""Refusals of the whole connection that only a person can end."""
WEIGHED = 10.0
"""Seconds that the sum of all weights may be old."""
REMEMBERED = timedelta(hours=1)
"""So long a 429 makes a suspension likelier than anything else, where nobody was served since."""
LOOK = 0.25
"""Seconds until new companies are looked for while others are still being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often, how many and how long."""

    floor: timedelta = timedelta(seconds=5)
    ceiling: timedelta = timedelta(minutes=15)
    polls_per_second: float = 30
    """The part of the request budget that asks for lists; the rest is for what has changed."""
    refused_retry: timedelta = timedelta(minutes=5)
    lease: timedelta = timedelta(seconds=6)
    at_once: int = 24
    """Companies that one worker reads at the same time; each has one request under way."""


class Schedules(Protocol):
    """Whose turn it is: a lease on each due company, whose fence ends the writes of who lost it (LeaseLost).

    What became of a connection is said once: where it is so already, nothing is.
    """

    async def lease(self, worker: UUID, limit: int, duration: timedelta) -> list[Lease]: ...
    async def renew(self, lease: Lease, duration: timedelta) -> bool: ...
    async def give_back(self, worker: UUID) -> None: ...
    async def release(self, lease: Lease, progress: Progress, then: Next) -> None: ...
    async def fail(self, lease: Lease, failure: str, *, pause: timedelta) -> None: ...
    async def weights(self) -> float: ...
    async def note_limit(self) -> None: ...
    async def limited(self, within: timedelta) -> bool: ...
    async def break_connection(self, lease: Lease, reason: str, detail: str | None) -> None: ...
    async def restore_connection(self, lease: Lease) -> None: ...


class Ingest:
    """`run_once` while there is something to do; `close` to stop with nothing half done and no lease left."""

    def __init__(
        self,
        *,
        invoices: Schedules,
        reader: Reader,
        worker: UUID,
        pace: Pace = Pace(),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._invoices = invoices
        self._reader = reader
        self._worker = worker
        self._pace = pace
        self._jitter = jitter
        self._turns: set[asyncio.Task[None]] = set()
        self._weights, self._weighed_at = 0.0, -WEIGHED

    async def run_once(self) -> int:
        """Fills the free hands, and waits until one is free again; 0 when nothing is due and nothing under way."""
        free = self._pace.at_once - len(self._turns)
        if free > 0:
            for lease in await self._invoices.lease(self._worker, free, self._pace.lease):
                self._turns.add(asyncio.create_task(self._hold(lease)))
        if not self._turns:
            return 0
        done, self._turns = await asyncio.wait(self._turns, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
        errors = [error for turn in done if (error := turn.exception())]
        if errors:
            raise errors[0]
        return max(1, len(done))

    async def close(self) -> None:
        """Whatever is under way is dropped where it stands: unwritten, and due again at once for another worker."""
        for turn in self._turns:
            turn.cancel()
        await asyncio.gather(*self._turns, return_exceptions=True)
        self._turns.clear()
        with suppress(PtmError):
            await self._invoices.give_back(self._worker)

    async def _hold(self, lease: Lease) -> None:
        renewing = asyncio.create_task(self._renew(lease))
        try:
            await self._turn(lease)
        except LeaseLost:
            log.info("lease lost", stage="ingest", integration=str(lease.integration))
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, lease: Lease) -> None:
        """As long as the turn lasts; a renewal that fails is tried again while there is time."""
        kept = True
        while kept:
            await asyncio.sleep(self._pace.lease.total_seconds() / 3)
            with suppress(PtmError):
                kept = await self._invoices.renew(lease, self._pace.lease)

    async def _turn(self, lease: Lease) -> None:
        began = time.monotonic()
        try:
            came = await self._reader.read(lease)
        except Refused as refused:
            await self._refused(lease, refused)
        except LeaseLost:
            raise
        except PtmError as error:
            await self._put_off(lease, error)
        except Exception as error:
            # One company that brings the unforeseen must not stop the others.
            log.exception("turn failed", stage="ingest", integration=str(lease.integration))
            await self._put_off(lease, error)
        else:
            await self._release(lease, came, took=time.monotonic() - began)

    async def _release(self, lease: Lease, came: Came, *, took: float) -> None:
        if lease.broken:
            await self._invoices.restore_connection(lease)
        rate = rate_after(lease.rate, came.changes, lease.rated)
        pause = await self._interval(rate)
        more = came.progress.place is not None or lease.progress.connecting
        due = timedelta() if more else pause * (0.9 + 0.2 * self._jitter())
        await self._invoices.release(lease, came.progress, Next(due=due, interval=pause, rate=rate))
        if came.unreadable:
            log.warning(
                "rows passed over", stage="ingest", integration=str(lease.integration), unreadable=came.unreadable
            )
        if came.changes:
            log.info(
                "ingested",
                stage="ingest",
                integration=str(lease.integration),
                changes=came.changes,
                took_ms=round(took * 1000),
            )

    async def _interval(self, rate: float) -> timedelta:
        if time.monotonic() - self._weighed_at >= WEIGHED:
            self._weights, self._weighed_at = await self._invoices.weights(), time.monotonic()
        return interval(
            rate,
            weights=self._weights,
            polls_per_second=self._pace.polls_per_second,
            floor=self._pace.floor,
            ceiling=self._pace.ceiling,
        )

    async def _refused(self, lease: Lease, refused: Refused) -> None:
        try:
            reason = await self._reason(lease, refused)
        except PtmError as error:
            await self._put_off(lease, error)
            return
        if reason not in LASTING:
            await self._put_off(lease, refused, Reason.SUSPENDED if reason is Reason.SUSPENDED else None)
            return
        await self._stand(lease, Met(reason=Reason(reason)), refused)
        await self._invoices.fail(lease, str(refused), pause=self._pace.refused_retry)
        log.warning("connection refused", stage="ingest", integration=str(lease.integration), reason=reason)

    async def _reason(self, lease: Lease, refused: Refused) -> str:
        """Procountor says 403 to what a user may not, and perhaps to a client that it suspends: then to everything."""
        if refused.reason != Reason.RIGHTS or not await self._reader.refuses_all(lease):
            return refused.reason
        suspended = lease.reason == Reason.SUSPENDED or await self._invoices.limited(REMEMBERED)
        return Reason.SUSPENDED if suspended else Reason.NOT_ENABLED

    async def _stand(self, lease: Lease, met: Met, error: Exception) -> None:
        """Tells how the connection stands where that is another way than before."""
        before = lease.reason if lease.broken else None
        reason = after(before, met)
        if reason is not None and reason != before:
            detail = "; ".join(getattr(error, "__notes__", ())) or None
            await self._invoices.break_connection(lease, reason, detail)

    async def _put_off(self, lease: Lease, error: Exception, reason: Reason | None = None) -> None:
        if isinstance(error, Unavailable):
            if error.status == 429:
                await self._invoices.note_limit()
            reason = Reason.SUSPENDED if error.status == 429 else Reason.DOWN
        if reason is not None:
            await self._stand(lease, Met(reason=reason, failing=lease.failing), error)
        asked = error.retry_after if isinstance(error, Unavailable) else None
        pause = max(pause_after(lease.failures + 1, jitter=self._jitter()), asked or timedelta())
        told = str(error) if isinstance(error, PtmError) else type(error).__name__
        await self._invoices.fail(lease, told, pause=pause)
        log.info(
            "reading put off",
            stage="ingest",
            integration=str(lease.integration),
            failures=lease.failures + 1,
            pause_s=round(pause.total_seconds(), 1),
            error=told,
        )
