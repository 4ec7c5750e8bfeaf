"""Stage 4: deliveries reach Trustmary, once, in order per contact, and what came of them returns to the log."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Self
from uuid import UUID, uuid4

import structlog

from events.contact import Withdrawal
from events.delivery import Again, Broken, Delivered, Delivery, Parked, Seen, Silence, Unanswered, Verdict, Withheld
from events.errors import PtmError
from worker.adapters.deliveries import Deliveries, Ended
from worker.adapters.trustmary import Trustmary
from worker.attempt import Courier, Errand
from worker.keys import Keys
from worker.lane import Lane
from worker.lanes import Lanes

log = structlog.get_logger()

PARTITIONS_AT_ONCE = 4
GOOD_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to treat Trustmary, and how much at once."""

    pace: float = 4.0
    """Calls a second per organization; 0: without limit."""
    timeout: float = 10.0
    """Seconds for one attempt, look-up and call together."""
    unanswered: Unanswered = Unanswered.HOLD
    per_lane: int = 16
    """Deliveries of one organization under way at once."""
    in_all: int = 256
    linger: float = 0.01
    """Seconds between two turns, for batches to form."""
    probe: float = 180.0
    """Seconds between two looks whether a refused key works again."""
    drain: float = 8.0
    """Seconds that calls under way are given when stopping."""
    lease: float = 6.0


class Dispatch:
    """`run_once()` is the stage's turn; calls go on between turns. Use as a context manager: leaving drains.

    *wake* is set when a turn is worth while though nobody rang; *rung* takes the organizations that ptm_delivery named.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        trustmary: Trustmary,
        secret: Callable[[UUID], Awaitable[bytes]],
        *,
        wake: asyncio.Event,
        rung: Callable[[], set[str]] = set,
        manner: Manner | None = None,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.deliveries = deliveries
        self.trustmary = trustmary
        self.manner = manner or Manner()
        self.lanes = Lanes(deliveries=deliveries, clock=clock, rate=self.manner.pace, lease=self.manner.lease)
        self._courier = Courier(
            trustmary=trustmary,
            timeout=self.manner.timeout,
            rule=self.manner.unanswered,
            clock=clock,
            jitter=jitter,
        )
        self._keys = Keys(secret, clock)
        self._wake, self._rung, self._clock, self._jitter = wake, rung, clock, jitter
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._ended: dict[int, Ended] = {}
        self._before: dict[tuple[int, int], Seen] = {}
        self._closing: dict[str, tuple[int, float | None]] = {}
        self._good: dict[UUID, float] = {}
        self._unforeseen: list[BaseException] = []
        self._probing: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._probed_at = self._looked_at = self._turned_at = float("-inf")
        self._stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drain()

    async def run_once(self) -> int:
        """Settles what has ended, keeps the lanes, claims what may leave; answers how many deliveries it moved."""
        await self._rest()
        settled = await self._settle()
        await self.lanes.keep(self._rung())
        claimed = 0 if self._stopping else await self._look_up() + await self._claim()
        self._probe()
        self._set_alarm()
        if self._unforeseen:
            raise self._unforeseen.pop()
        return settled + claimed

    async def drain(self) -> None:
        """Claims nothing more, gives the calls under way some time, settles them and gives the lanes back."""
        self._stopping, self.lanes.most = True, 0
        until = self._clock() + self.manner.drain
        while self._flying and self._clock() < until:
            await asyncio.wait(self._flying.values(), timeout=0.5)
            with suppress(PtmError):
                await self.run_once()
        tasks = [*self._flying.values(), *([self._probing] if self._probing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._alarm:
            self._alarm.cancel()
        try:
            await self._settle()
            await self.lanes.release(list(self.lanes.held.values()))
        except PtmError as error:
            log.warning("lanes not given back", stage="dispatch", error=str(error))

    async def _rest(self) -> None:
        """Turns that follow each other at once would each carry one delivery."""
        await asyncio.sleep(max(0.0, self._turned_at + self.manner.linger - self._clock()))
        self._turned_at = self._clock()

    async def _claim(self) -> int:
        room = self.lanes.room(per_lane=self.manner.per_lane, in_all=self.manner.in_all - self._busy)
        if not room:
            return 0
        asked_at = self._clock()
        claimed = await self.deliveries.claim(room, timeout=self.manner.timeout)
        counts = Counter(delivery.organization for delivery in claimed)
        for organization, wanted in room.items():
            self.lanes.held[organization].claimed(counts[organization], wanted, asked_at)
        await self._start(claimed, until=asked_at + self.manner.timeout)
        return len(claimed)

    async def _look_up(self) -> int:
        """Attempts that nobody heard the end of, ours or a dead worker's."""
        asked_at = self._clock()
        if asked_at - self._looked_at < 0.5 or not self.lanes.held:
            return 0
        self._looked_at = asked_at
        timeout, most = self.manner.timeout, self.manner.in_all - self._busy
        found = await self.deliveries.claim_unanswered(
            self.lanes.held, [*self._flying, *self._ended], timeout=timeout, most=max(0, most)
        )
        await self._start(found, until=asked_at + timeout)
        return len(found)

    @property
    def _busy(self) -> int:
        return len(self._flying) + len(self._ended)

    async def _start(self, deliveries: Sequence[Delivery], *, until: float) -> None:
        if not deliveries:
            return
        contacts = await self.deliveries.contacts(deliveries)
        keys = await self._keys.of({delivery.secret for delivery in deliveries})
        for delivery in deliveries:
            lane, added, key = self.lanes.held[delivery.organization], contacts[delivery.id], keys[delivery.secret]
            if added is None or not isinstance(key, str):
                verdict = without(delivery, key)
                self._ended[delivery.id] = Ended(delivery=delivery, added=added, verdict=verdict)
                continue
            errand = Errand(
                delivery=delivery,
                added=added,
                key=key,
                until=until,
                leased=partial(self._leased, lane),
                before=self._before.pop((delivery.id, delivery.attempts), None),
            )
            self._fly(errand, lane)

    def _leased(self, lane: Lane) -> bool:
        return self._clock() < lane.until

    def _fly(self, errand: Errand, lane: Lane) -> None:
        lane.flying += 1
        task = asyncio.create_task(self._carry(errand, lane))
        self._flying[errand.delivery.id] = task
        task.add_done_callback(partial(self._landed, errand.delivery.id, lane))

    async def _carry(self, errand: Errand, lane: Lane) -> None:
        delivery = errand.delivery
        report = await self._courier.carry(errand)
        if isinstance(report.verdict, Silence) and (before := report.before or errand.before):
            self._before[delivery.id, delivery.attempts] = before
        self._mind(lane, report.verdict)
        self._ended[delivery.id] = Ended(delivery=delivery, added=errand.added, verdict=report.verdict)

    def _landed(self, id: int, lane: Lane, task: asyncio.Task[None]) -> None:
        del self._flying[id]
        lane.flying -= 1
        lane.busy_at, lane.look_at = self._clock(), 0.0
        self._note(task)
        self._wake.set()

    def _note(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._unforeseen.append(error)

    def _mind(self, lane: Lane, verdict: Verdict) -> None:
        """A lane whose service fails again and again, or asks for rest, is closed for a while."""
        match verdict:
            case Again(ailing=True, asked=asked):
                closed = lane.ailing(self._clock(), jitter=self._jitter(), asked=asked)
            case Silence(ailing=True) | Parked(ailing=True):
                closed = lane.ailing(self._clock(), jitter=self._jitter(), asked=None)
            case _ if lane.failures:
                lane.failures, closed = 0, None
                self._closing[lane.organization] = (0, None)
            case _:
                return
        if closed:
            self._closing[lane.organization] = (lane.failures, closed)

    async def _settle(self) -> int:
        ended = list(self._ended.values())
        closing, self._closing = self._closing, {}
        for organization, (failures, seconds) in closing.items():
            await self.deliveries.close_lane(organization, failures, seconds)
        await self._break(ended)
        by_partition: defaultdict[int, list[Ended]] = defaultdict(list)
        for one in sorted(ended, key=lambda one: one.delivery.id):
            by_partition[one.delivery.partition].append(one)
        turns = asyncio.Semaphore(PARTITIONS_AT_ONCE)
        written = await asyncio.gather(
            *(self._write(partition, group, turns) for partition, group in by_partition.items()),
            return_exceptions=True,
        )
        for failure in written:
            if failure is not None:
                raise failure
        await self._note_good(ended)
        return len(ended)

    async def _write(self, partition: int, ended: Sequence[Ended], turns: asyncio.Semaphore) -> None:
        async with turns:
            await self.deliveries.settle(partition, ended)
        for one in ended:
            del self._ended[one.delivery.id]
            log.info(
                "delivery",
                stage="dispatch",
                stream=f"invoice/{one.delivery.integration}/{one.delivery.invoice}",
                position=one.delivery.position,
                step=one.delivery.step,
                attempt=one.delivery.attempts,
                outcome=type(one.verdict).__name__.lower(),
            )

    async def _break(self, ended: Sequence[Ended]) -> None:
        """Before its deliveries wait again, so that none is claimed in between."""
        broken = {one.delivery.secret: one for one in ended if isinstance(one.verdict, Broken)}
        for secret, one in broken.items():
            self._keys.drop(secret)
            if isinstance(one.verdict, Broken):
                await self.deliveries.break_connection(one, one.verdict, retry=self.manner.probe)

    async def _note_good(self, ended: Sequence[Ended]) -> None:
        """Once a minute is often enough to say that a key works."""
        now = self._clock()
        good = {one.delivery.integration for one in ended if isinstance(one.verdict, Delivered)}
        stale = [one for one in good if now - self._good.get(one, float("-inf")) > GOOD_SECONDS]
        if stale:
            self._good |= dict.fromkeys(stale, now)
            await self.deliveries.note_good(stale)

    def _probe(self) -> None:
        now = self._clock()
        if self._stopping or now - self._probed_at < min(5.0, self.manner.probe):
            return
        if self._probing is None or self._probing.done():
            self._probed_at = now
            self._probing = asyncio.create_task(self._try_broken())
            self._probing.add_done_callback(self._note)

    async def _try_broken(self) -> None:
        """Keys that were refused may work again, without anybody telling us."""
        for probe in await self.deliveries.take_probes(every=self.manner.probe):
            self._keys.drop(probe.secret)
            key = (await self._keys.of({probe.secret}))[probe.secret]
            with suppress(PtmError):
                await self.trustmary.test(key if isinstance(key, str) else "")
                await self.deliveries.restore_connection(probe, uuid4())

    def _set_alarm(self) -> None:
        """The bell does not ring when a lane's pace or rest is over."""
        if self._alarm:
            self._alarm.cancel()
        wait = self.lanes.next_look()
        self._alarm = None if wait is None else asyncio.get_running_loop().call_later(wait, self._wake.set)


def without(delivery: Delivery, key: str | PtmError | None) -> Verdict:
    """Of a delivery whose contact or key cannot be had."""
    if delivery.removed:
        return Withheld(reason=Withdrawal.REMOVED, detail="outcome unknown")
    if isinstance(key, str):
        return Parked(fingerprint="corrupt:log:-", failure="The decision's event does not read: run ptm verify.")
    failure = str(key or "The integration has no key.")
    if delivery.unresolved:
        return Silence(failure=failure, wait=timedelta(minutes=1), ailing=False)
    return Broken(reason="credentials", failure=failure)
