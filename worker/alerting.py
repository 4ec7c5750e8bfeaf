"""Telling recipients: what lasts is written down once each, and leaves by whichever worker leases the address."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from events import alert
from events.alert import Alert, Letter
from events.envelope import identify
from events.errors import Misconfigured, PtmError, Refused, Unavailable
from events.recipient import Channel, Recipient
from events.retry import Backoff
from events.words import Language, Words
from worker.adapters.alerts import Alerts, Box, Due, Row
from worker.summing import Summing

log = structlog.get_logger()
LEASE = timedelta(seconds=30)
AT_ONCE = 4
"""Addresses that one worker writes to at the same time."""
LOOK = 0.25
NEXT = 15.0
"""Seconds between two looks for what lasts or is over, at most."""
WEEKS = 60.0
"""Seconds between two looks for summaries that are due."""
MOST = 100
"""Alerts that a webhook gets one by one; of ten thousand companies it would get megabytes, and refuse them."""
DRAIN = 5.0
"""Seconds that letters under way are given when stopping."""
AGAIN = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=10))
NO_FOR_GOOD = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=6))
"""After a refusal: an address may be put right, or the server."""


class Turn(StrEnum):
    """What a letter is about; each leaves by itself, so that what has left is not sent again for what has not."""

    STARTED = "alert.started"
    ENDED = "alert.ended"
    WEEK = "week"


class Sends(Protocol):
    """Takes a letter to an address and tells what was answered, or raises a `PtmError` that names nobody."""

    async def mail(self, to: str, letter: Letter, *, id: UUID) -> str: ...
    async def post(self, url: str, said: Mapping[str, Any]) -> str: ...


@dataclass(slots=True, kw_only=True)
class Alerting:
    """`run_once` for the loop; `close` to stop with no lease left."""

    alerts: Alerts
    sends: Sends
    summing: Summing
    secret: Callable[[UUID], Awaitable[bytes]]
    keyed: Callable[[str, str], bytes]
    zone: ZoneInfo
    after: timedelta
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    gather: timedelta = timedelta(minutes=5)
    """Between two letters to one address: what begins in a thousand companies within minutes is to be a few letters."""
    again: Backoff = AGAIN
    lease: timedelta = LEASE
    look_every: float = NEXT
    weeks_every: float = WEEKS
    turns: set[asyncio.Task[None]] = field(default_factory=set)
    looked_at: float = float("-inf")
    summed_at: float = float("-inf")

    async def run_once(self) -> int:
        """Notes what lasts and what is over, takes letters that are to leave; 0 when nothing is under way."""
        now = asyncio.get_running_loop().time()
        if now - self.looked_at >= self.look_every:
            await self.note()
            self.looked_at = now
        if (free := AT_ONCE - len(self.turns)) > 0:
            for box in await self.alerts.lease(free, self.lease):
                self.turns.add(asyncio.create_task(self.one(box)))
        if not self.turns:
            return 0
        _, self.turns = await asyncio.wait(self.turns, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
        return 1

    async def note(self) -> None:
        """What has ended first: what has begun again since is told again."""
        await self.alerts.end()
        due = [*await self.alerts.lasting(self.after), *await self.weeks()]
        await self.alerts.write([(one, await self.box(one)) for one in due])

    async def weeks(self) -> list[Due]:
        now, week = asyncio.get_running_loop().time(), alert.week_of(self.clock(), self.zone)
        if week is None or now - self.summed_at < self.weeks_every:
            return []
        await self.alerts.forget_weeks(week)
        _, ended = alert.span(week, self.zone)
        due = await self.alerts.unsummed(week, ended)
        self.summed_at = now
        return due

    async def box(self, due: Due) -> bytes:
        """The lane of its address, keyed: equal for equal addresses, and nothing to anybody else.

        What cannot be opened has one of its own, and fails there.
        """
        to = due.recipient
        try:
            exact = await self.address(to)
        except Misconfigured:
            exact = str(to.id)
        return self.keyed(to.channel, exact if to.channel is Channel.EMAIL else exact.encode().hex())

    async def address(self, to: Recipient) -> str:
        """Raises `Misconfigured` where the vault does not hold it."""
        return to.to if to.channel is Channel.EMAIL else (await self.secret(to.id)).decode()

    async def one(self, box: Box) -> None:
        """Everything that is to leave for an address; what fails is tried again later, and stops no other."""
        keeping = asyncio.create_task(self.keep(box))
        try:
            await self.letters(box)
            await self.alerts.finish(box, again=self.gather)
        except Unavailable as error:
            await self.put_off(box, self.again, error)
        except PtmError as error:
            await self.put_off(box, NO_FOR_GOOD if isinstance(error, Refused) else self.again, error)
        except Exception as error:
            log.exception("not told", stage="alert")
            await self.put_off(box, self.again, error)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def keep(self, box: Box) -> None:
        """While the letters are on their way nobody else writes to the address."""
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            with suppress(PtmError):
                await self.alerts.hold(box, self.lease)

    async def put_off(self, box: Box, backoff: Backoff, error: Exception) -> None:
        asked = error.retry_after if isinstance(error, Unavailable) else None
        wait = backoff.after(box.failures + 1, jitter=random.random(), asked=asked)
        failure = str(error) if isinstance(error, PtmError) else type(error).__name__
        log.warning("not told", stage="alert", failures=box.failures + 1, error=failure)
        with suppress(PtmError):
            await self.alerts.finish(box, again=wait or timedelta(), failure=failure)

    async def letters(self, box: Box) -> None:
        rows = await self.alerts.letters(box)
        await self.alerts.remove([one for one in rows if one.recipient is None])
        for (turn, language), those in sorted(sorted_out(rows).items()):
            words = Words(language, self.zone)
            if turn is Turn.WEEK:
                await self.summaries(those, words)
            else:
                await self.states(turn, those, words)

    async def states(self, turn: Turn, rows: Sequence[Row], words: Words) -> None:
        told = [as_alert(one) for one in rows]
        letter = await asyncio.to_thread(alert.started if turn is Turn.STARTED else alert.ended, told, words)
        await self.send(rows, turn, letter, posted(told, words))
        await (self.alerts.told(rows) if turn is Turn.STARTED else self.alerts.remove(rows))

    async def summaries(self, rows: Sequence[Row], words: Words) -> None:
        """One letter a week: where some were left over from before, each of its own."""
        weeks: defaultdict[str, list[Row]] = defaultdict(list)
        for one in rows:
            weeks[one.about].append(one)
        for those in weeks.values():
            week = those[0].week
            assert week is not None, "sorted out as one"
            counted = await self.summing.of(those, week)
            letter = await asyncio.to_thread(alert.summary, counted, week, words)
            await self.send(those, Turn.WEEK, letter, [])
            await self.alerts.told(those)

    async def send(self, rows: Sequence[Row], turn: Turn, letter: Letter, told: Sequence[Mapping[str, Any]]) -> None:
        to = rows[0].recipient
        assert to is not None, "what has none is not sent"
        address = await self.address(to)
        id = identify(turn, *sorted((one.id, one.since.isoformat()) for one in rows))
        if to.channel is Channel.EMAIL:
            await self.sends.mail(address, letter, id=id)
        else:
            await self.sends.post(
                address,
                {
                    "id": id,
                    "event": turn.value,
                    "text": f"{letter.subject}\n\n{letter.body}",
                    "alerts": told[:MOST],
                    "more": max(0, len(told) - MOST),
                },
            )
        log.info("told", stage="alert", what=turn.value, alerts=len(rows), channel=to.channel.value)

    async def close(self) -> None:
        """Letters under way are given a moment: one that is cut off might arrive twice."""
        if self.turns:
            _, late = await asyncio.wait(self.turns, timeout=DRAIN)
            for turn in late:
                turn.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            self.turns.clear()
        with suppress(PtmError):
            await self.alerts.give_back()


def sorted_out(rows: Collection[Row]) -> Mapping[tuple[Turn, Language], list[Row]]:
    """By letter. What was over before its beginning could be told is told as over."""
    found: defaultdict[tuple[Turn, Language], list[Row]] = defaultdict(list)
    for one in rows:
        if one.recipient is not None:
            turn = Turn.WEEK if one.week else Turn.ENDED if one.over_at else Turn.STARTED
            found[turn, one.recipient.language].append(one)
    return found


def as_alert(one: Row) -> Alert:
    return Alert(
        integration=one.integration,
        name=one.name,
        about=one.about,
        key=one.key,
        count=one.deliveries,
        since=one.since,
        over_at=one.over_at,
        told=one.told_at is not None,
    )


def posted(told: Sequence[Alert], words: Words) -> list[dict[str, Any]]:
    """For programs; people read the text beside it."""
    return [
        {
            "integration": one.integration,
            "name": one.name,
            "cause": one.cause.value,
            "key": one.key,
            "title": alert.title(one.cause, one.key, words),
            "deliveries": one.count,
            "since": one.since,
            "over_at": one.over_at,
        }
        for one in told
    ]
