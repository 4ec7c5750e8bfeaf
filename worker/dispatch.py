"""Stage 4: deliveries reach Trustmary, once, in order per contact, and what came of them returns to the log."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self
from uuid import UUID, uuid4

import structlog

from events.connection import GONE, Reason, gone_reason
from events.contact import Carried, ContactUnlisted, Withdrawal
from events.delivery import (
    Again,
    Delivery,
    Gone,
    Parked,
    Seen,
    Silence,
    Unanswered,
    Verdict,
    Withheld,
    turns_away,
    withheld_as_blocked,
    withheld_as_undone,
)
from events.errors import PtmError, Refused, Unavailable
from worker.adapters.deliveries import Ended, Probe
from worker.adapters.trustmary import Organization
from worker.attempt import Adds, Courier, Errand, aims, missing
from worker.keys import Keys
from worker.lane import CALLS, Lane
from worker.lanes import Lanes, Leases
from worker.settling import Settles, Settling, without

log = structlog.get_logger()


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
    linger: float = 0.02
    """Seconds between two turns, for batches to form."""
    probe: float = 180.0
    """Seconds between two looks whether a refused key works again."""
    drain: float = 8.0
    """Seconds that calls under way are given when stopping."""
    lease: float = 6.0


class Claims(Leases, Settles, Protocol):
    """The deliveries as one worker sees them: in order and one at a time per contact, each attempt marked before its
    call leaves.
    """

    async def claim(self, room: Mapping[str, int], *, timeout: float) -> list[Delivery]: ...
    async def claim_unanswered(
        self, organizations: Iterable[str], flying: Iterable[int], *, timeout: float, most: int
    ) -> list[Delivery]: ...
    async def contacts(self, deliveries: Sequence[Delivery]) -> dict[int, Carried | None]: ...
    async def blocked(self, added: Collection[Carried]) -> set[UUID]: ...
    async def overtaken(self, unlisted: Mapping[int, ContactUnlisted]) -> set[int]: ...
    async def undone(self, replays: Collection[UUID]) -> set[UUID]: ...
    async def gone(self, integrations: Collection[UUID]) -> Mapping[UUID, Collection[str]]: ...
    async def take_probes(self, *, every: float) -> list[Probe]: ...
    async def standing(self, organization: str) -> list[Probe]: ...
    async def tell(self, probe: Probe, reason: str, detail: str, id: UUID, *, retry: float) -> None: ...
    async def restore_connection(self, probe: Probe, id: UUID, *, every: float = ...) -> None: ...
    async def bring_back(self, probe: Probe, targets: Collection[str], *, every: float = ...) -> None: ...


class Admits(Adds, Protocol):
    """Trustmary that also says whose a key is, so that a refused one is tried again."""

    async def test(self, key: str) -> Organization: ...


class Dispatch:
    """`run_once()` is the stage's turn; calls go on between turns. Use as a context manager: leaving drains.

    *wake* is set when a turn is worth while though nobody rang; *rung* takes the organizations that ptm_delivery named.
    """

    def __init__(
        self,
        deliveries: Claims,
        trustmary: Admits,
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
        self._settling = Settling(deliveries=deliveries, keys=self._keys, clock=clock, probe=self.manner.probe)
        self._wake, self._rung, self._clock, self._jitter = wake, rung, clock, jitter
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._before: dict[tuple[int, int], Seen] = {}
        self._unforeseen: list[BaseException] = []
        self._probing: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = float("inf")  # asked of ourselves: uvloop's handle of an alarm that is due at once cannot say
        self._probed_at = self._looked_at = self._turned_at = float("-inf")
        self._stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drain()

    async def run_once(self) -> int:
        """Keeps the lanes, claims what may leave, lets what has ended be settled; answers how many it claimed."""
        await self._rest()
        self._settle_soon()
        await self.lanes.keep(self._rung(), self._settling.organizations)
        claimed = 0 if self._stopping else await self._look_up() + await self._claim()
        self._probe()
        self._set_alarm()
        self._raise_unforeseen()
        return claimed

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
        await asyncio.gather(*tasks, *([self._writing] if self._writing else []), return_exceptions=True)
        if self._alarm:
            self._alarm.cancel()
        try:
            await self._settling.settle()
            await self.lanes.release(list(self.lanes.held.values()))
        except PtmError as error:
            log.warning("lanes not given back", stage="dispatch", error=str(error))

    async def _rest(self) -> None:
        """Turns that follow each other at once would each carry one delivery."""
        await asyncio.sleep(max(0.0, self._turned_at + self.manner.linger - self._clock()))
        self._turned_at = self._clock()

    def _settle_soon(self) -> None:
        """Beside the claims, which need not wait for what has been."""
        if self._settling.due_in == 0.0 and not self._is_writing:
            self._writing = asyncio.create_task(self._settle())
            self._writing.add_done_callback(self._note)

    @property
    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    async def _settle(self) -> None:
        """What is settled frees its contact, so that its lane is looked at again."""
        for one in await self._settling.settle():
            if lane := self.lanes.held.get(one.delivery.organization):
                lane.look_at = min(lane.look_at, self._clock() + lane.pace.wait(self._clock()))
        self._wake.set()

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
            self.lanes.held, [*self._flying, *self._settling.ended], timeout=timeout, most=max(0, most)
        )
        await self._start(found, until=asked_at + timeout)
        return len(found)

    @property
    def _busy(self) -> int:
        return len(self._flying) + len(self._settling.ended)

    async def _start(self, deliveries: Sequence[Delivery], *, until: float) -> None:
        if not deliveries:
            return
        contacts = await self.deliveries.contacts(deliveries)
        leaving = [added for one in deliveries if not one.unresolved and (added := contacts[one.id]) is not None]
        blocked = await self.deliveries.blocked(leaving)
        undone = await self.deliveries.undone({one.replay for one in leaving if one.replay})
        off = {
            one.id: unlisted
            for one in deliveries
            if not one.unresolved and isinstance(unlisted := contacts[one.id], ContactUnlisted)
        }
        overtaken = await self.deliveries.overtaken(off)
        gone = await self.deliveries.gone({one.integration for one in deliveries})
        keys = await self._keys.of({delivery.secret for delivery in deliveries})
        for delivery in deliveries:
            lane, added, key = self.lanes.held[delivery.organization], contacts[delivery.id], keys[delivery.secret]
            if added is not None and added.id in blocked:
                self._land(delivery, added, withheld_as_blocked(delivery, added))
                continue
            if added is not None and not delivery.unresolved and added.replay in undone:
                self._land(delivery, added, withheld_as_undone(delivery, added))
                continue
            if delivery.id in overtaken:
                self._land(delivery, added, Withheld(reason=Withdrawal.PUT_ON_AGAIN))
                continue
            lost = gone.get(delivery.integration, ())
            if added is not None and (target := next((one for one in aims(delivery, added) if one in lost), None)):
                self._land(delivery, added, Gone(target=target, tried=False))
                continue
            if added is None or not isinstance(key, str):
                self._land(delivery, added, without(delivery, key))
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
        self._land(delivery, errand.added, report.verdict)

    def _land(self, delivery: Delivery, added: Carried | None, verdict: Verdict) -> None:
        self._settling.land(Ended(delivery=delivery, added=added, verdict=verdict, at=self._clock()))

    def _landed(self, id: int, lane: Lane, task: asyncio.Task[None]) -> None:
        del self._flying[id]
        self._note(task)
        if lane.landed(self._clock()):
            self._wake.set()
        elif self._alarm_at > self._clock() + self._settling.every:
            self._set_alarm()

    def _note(self, task: asyncio.Task[None]) -> None:
        """What fails beside the turns is raised by the next one, where the loop sees it."""
        if not task.cancelled() and (error := task.exception()):
            self._unforeseen.append(error)
            self._wake.set()

    def _raise_unforeseen(self) -> None:
        """All of it at once: raised one a turn, what failed while the database was away would hold up what follows."""
        failed, self._unforeseen = self._unforeseen, []
        if failed:
            raise min(failed, key=lambda error: isinstance(error, PtmError))

    def _mind(self, lane: Lane, verdict: Verdict) -> None:
        """A lane whose service fails again and again, or asks for rest, is closed for a while."""
        closed, before = None, lane.failures
        match verdict:
            case Again(ailing=True, asked=asked):
                closed = lane.ailing(self._clock(), jitter=self._jitter(), asked=asked)
            case Silence(ailing=True) | Parked(ailing=True):
                closed = lane.ailing(self._clock(), jitter=self._jitter(), asked=None)
            case _:
                lane.failures = 0
        if lane.failures != before:
            self._settling.closing[lane.organization] = (lane.failures, closed)

    def _probe(self) -> None:
        now = self._clock()
        if self._stopping or now - self._probed_at < min(5.0, self.manner.probe):
            return
        if self._probing is None or self._probing.done():
            self._probed_at = now
            self._probing = asyncio.create_task(self._try_broken())
            self._probing.add_done_callback(self._note)

    async def _try_broken(self) -> None:
        """What did not stand may stand again, and what fails may be down, without anybody telling us."""
        ailing, self._settling.ailing = self._settling.ailing, set()
        for organization in ailing:
            for probe in await self.deliveries.standing(organization):
                await self._ask_whether_down(probe, await self._key_of(probe))
        for probe in await self.deliveries.take_probes(every=self.manner.probe):
            with suppress(PtmError):
                await self._try(probe, await self._key_of(probe))

    async def _key_of(self, probe: Probe) -> str:
        self._keys.drop(probe.secret)
        key = (await self._keys.of({probe.secret}))[probe.secret]
        return key if isinstance(key, str) else ""

    async def _ask_whether_down(self, probe: Probe, key: str) -> None:
        """Trustmary is down where it does not even say whose the key is: what fails besides is its own affair."""
        try:
            await self.trustmary.test(key)
        except Unavailable as error:
            reason = Reason.SUSPENDED if error.status == 429 else Reason.DOWN
            await self.deliveries.tell(probe, reason, str(error), uuid4(), retry=self.manner.probe)
        except Refused as refused:
            reason = Reason(refused.reason) if turns_away(refused) else Reason.DOWN
            await self.deliveries.tell(probe, reason, str(refused), uuid4(), retry=self.manner.probe)

    async def _try(self, probe: Probe, key: str) -> None:
        """Raises what the service raises: then it is as it was."""
        if probe.reason is not None and probe.reason not in GONE:
            await self.trustmary.test(key)
            await self.deliveries.restore_connection(probe, uuid4(), every=self._spacing)
        if probe.reason in GONE or probe.missed:
            await self._look_for(probe, await missing(self.trustmary, key, probe.named | probe.missed))

    async def _look_for(self, probe: Probe, lost: Sequence[str]) -> None:
        """What came back is sent; while a live trigger names what did not, it stays told."""
        await self.deliveries.bring_back(probe, probe.missed - set(lost), every=self._spacing)
        if not lost and probe.reason in GONE:
            await self.deliveries.restore_connection(probe, uuid4())
        if probe.reason not in GONE and (still := probe.missed & set(lost)):
            gone = Gone(target=min(still))
            reason = gone_reason(gone.target)
            await self.deliveries.tell(probe, reason, gone.failure, uuid4(), retry=self.manner.probe)

    @property
    def _spacing(self) -> float:
        """Seconds between two deliveries that leave half of the pace to what is live."""
        return 2 * CALLS / self.manner.pace if self.manner.pace else 0.0

    def _set_alarm(self) -> None:
        """The bell does not ring when a lane's pace or rest is over, or when there is something to settle."""
        if self._alarm:
            self._alarm.cancel()
        settle_in = None if self._is_writing else self._settling.due_in
        waits = [wait for wait in (self.lanes.next_look(), settle_in) if wait is not None]
        self._alarm = asyncio.get_running_loop().call_later(min(waits), self._wake.set) if waits else None
        self._alarm_at = self._clock() + min(waits) if waits else float("inf")
