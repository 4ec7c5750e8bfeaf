"""How attempts ended, kept until it is written in batches: outcomes, rows, breakers and broken connections."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from events.connection import LASTS, gone_reason
from events.contact import Withdrawal
from events.delivery import Broken, Delivered, Delivery, Gone, Parked, Silence, Verdict, Withheld
from events.errors import PtmError
from worker.adapters.deliveries import Ended
from worker.keys import Keys

log = structlog.get_logger()

GOOD_SECONDS = 60.0


class Settles(Protocol):
    """How attempts ended, of those that are still this worker's, and what follows for their lane and their key."""

    async def settle(self, ended: Sequence[Ended], *, now: float) -> None: ...
    async def close_lane(self, organization: str, failures: int, seconds: float | None) -> timedelta: ...
    async def break_connection(self, ended: Ended, why: Broken | Gone, *, retry: float) -> None: ...
    async def note_good(self, integrations: Iterable[UUID]) -> None: ...


@dataclass(slots=True, kw_only=True)
class Settling:
    """What could not be written, Postgres being away, stays here and is written next time."""

    deliveries: Settles
    keys: Keys
    clock: Callable[[], float]
    probe: float
    """Seconds until a refused key is tried again."""
    ended: dict[int, Ended] = field(default_factory=dict)
    closing: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    """Organization → failures running, and for how many seconds its lane is closed."""
    ailing: set[str] = field(default_factory=set)
    """Organizations that Trustmary has failed for so long that it may be down."""
    every: float = 0.1
    """Seconds between two writes: a transaction is dear, a contact that waits its turn is not."""
    good: dict[UUID, float] = field(default_factory=dict)
    settled_at: float = float("-inf")

    def land(self, ended: Ended) -> None:
        self.ended[ended.delivery.id] = ended

    @property
    def organizations(self) -> frozenset[str]:
        return frozenset(one.delivery.organization for one in self.ended.values())

    @property
    def due_in(self) -> float | None:
        """Seconds until there is something to write; None while there is not."""
        if not self.ended and not self.closing:
            return None
        return max(0.0, self.settled_at + self.every - self.clock())

    async def settle(self) -> list[Ended]:
        """Writes all that has ended, and answers what that was."""
        self.settled_at = self.clock()
        ended = sorted(self.ended.values(), key=lambda one: one.delivery.id)
        await self.close_lanes()
        await self.break_connections(ended)
        await self.write(ended)
        await self.note_good(ended)
        tell(ended)
        return ended

    async def write(self, ended: Sequence[Ended]) -> None:
        """All in one transaction; where that fails by partition, so that one that is held keeps only its own back."""
        try:
            await self.deliveries.settle(ended, now=self.clock())
        except PtmError:
            groups = list(by_partition(ended))
            if len(groups) == 1:
                raise
            written = await asyncio.gather(*(self.write(group) for group in groups), return_exceptions=True)
            for failure in written:
                if failure is not None:
                    raise failure from None
            return
        for one in ended:
            del self.ended[one.delivery.id]

    async def close_lanes(self) -> None:
        closing, self.closing = self.closing, {}
        for organization, (failures, seconds) in closing.items():
            if await self.deliveries.close_lane(organization, failures, seconds) >= LASTS:
                self.ailing.add(organization)

    async def break_connections(self, ended: Sequence[Ended]) -> None:
        """Before their deliveries wait again, so that none is claimed in between."""
        broken = {one.delivery.secret: (one, one.verdict) for one in ended if isinstance(one.verdict, Broken)}
        for secret, (one, verdict) in broken.items():
            self.keys.drop(secret)
            await self.deliveries.break_connection(one, verdict, retry=self.probe)
        gone = {
            (one.delivery.integration, gone_reason(one.verdict.target)): (one, one.verdict)
            for one in ended
            if isinstance(one.verdict, Gone) and one.verdict.tried
        }
        for one, lost in gone.values():
            await self.deliveries.break_connection(one, lost, retry=self.probe)

    async def note_good(self, ended: Sequence[Ended]) -> None:
        """Once a minute is often enough to say that a key works."""
        now = self.clock()
        good = {one.delivery.integration for one in ended if isinstance(one.verdict, Delivered)}
        stale = [one for one in good if now - self.good.get(one, float("-inf")) > GOOD_SECONDS]
        if stale:
            self.good |= dict.fromkeys(stale, now)
            await self.deliveries.note_good(stale)


def by_partition(ended: Sequence[Ended]) -> Iterable[list[Ended]]:
    groups = defaultdict[int, list[Ended]](list)
    for one in ended:
        groups[one.delivery.partition].append(one)
    return groups.values()


def tell(ended: Sequence[Ended]) -> None:
    """One line for all that arrived, one for each that did not."""
    if arrived := [one for one in ended if isinstance(one.verdict, Delivered)]:
        log.info("deliveries", stage="dispatch", outcome="delivered", done=len(arrived))
    for one in ended:
        if not isinstance(one.verdict, Delivered):
            log.info(
                "delivery",
                stage="dispatch",
                stream=f"invoice/{one.delivery.integration}/{one.delivery.invoice}",
                position=one.delivery.position,
                step=one.delivery.step,
                attempt=one.delivery.attempts,
                outcome=type(one.verdict).__name__.lower(),
            )


def without(delivery: Delivery, key: str | PtmError | None) -> Verdict:
    """Of a delivery whose contact or key cannot be had."""
    if delivery.removed:
        return Withheld(reason=Withdrawal.REMOVED, detail="outcome unknown", uncertain=True)
    if isinstance(key, str):
        return Parked(fingerprint="corrupt:log:-", failure="The decision's event does not read: run ptm verify.")
    failure = str(key or "The integration has no key.")
    if delivery.unresolved:
        return Silence(failure=failure, wait=timedelta(minutes=1), ailing=False)
    return Broken(reason="credentials", failure=failure)
