"""The state of everything in one word and a line, for monitors: measured from the database, no service is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from events.words import Language, Words
from worker.operations import status
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.status import Status

ENGLISH = Words(Language.ENGLISH, ZoneInfo("UTC"))


class Level(IntEnum):
    """And the exit code of each."""

    OK = 0
    WARNING = 1
    CRITICAL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is reached is told: the first number warns, the second alarms."""

    lag: tuple[float, float] = (60, 300)
    """Seconds that the oldest event has been undecided."""
    parked: tuple[int, int] = (1, 100)
    workers: int = 1
    """That have to be alive."""
    ends_within: timedelta = timedelta(days=14)
    """A login that ends sooner warns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """The figures that are held against the limits."""

    lag: float
    parked: int
    held: int
    """Integrations of which nothing is sent until a person has said so: by the brake, or since a restore."""
    broken: int
    """Connections that a service refuses."""
    ending: int
    """Logins that end soon."""
    alive: int


async def read(context: Context, limits: Limits) -> Vitals:
    found = await status.read(context)
    return measured(found, ending_soon(found.integrations, found.at + limits.ends_within))


def measured(found: Status, ending: int) -> Vitals:
    ages = [(found.at - lag.undecided_since).total_seconds() for lag in found.lags if lag.undecided_since]
    return Vitals(
        lag=max([*ages, 0.0]),
        parked=found.deliveries.get("parked", 0),
        held=sum(found.holds.values()),
        broken=sum(link.state == "broken" for one in found.integrations for link in one.connections.values()),
        ending=ending,
        alive=sum(one.alive for one in found.workers),
    )


def ending_soon(every: Iterable[Integration], before: datetime) -> int:
    ends = (link.ends_at for one in every for link in one.connections.values())
    return sum(at is not None and at < before for at in ends)


def judge(seen: Vitals, limits: Limits, say: Words = ENGLISH) -> tuple[Level, str]:
    """The worst, and one line with all that is told, and the figures behind a bar, as monitors read them."""
    told = list(troubles(seen, limits, say))
    level = max((each for each, _ in told), default=Level.OK)
    says = "; ".join(says for _, says in sorted(told, reverse=True)) or say.count(
        seen.alive, "{n} worker, nothing waits", "{n} workers, nothing waits"
    )
    lag, parked = limits.lag, limits.parked
    figures = (
        f"lag={seen.lag:.0f}s;{lag[0]:g};{lag[1]:g};0 parked={seen.parked};{parked[0]};{parked[1]};0 "
        f"held={seen.held};;1;0 broken={seen.broken};;1;0 ending={seen.ending};1;;0 "
        f"workers={seen.alive};;{limits.workers}:;0"
    )
    return level, f"PTM {level.name} - {says} | {figures}"


def troubles(seen: Vitals, limits: Limits, say: Words) -> Iterator[tuple[Level, str]]:
    if seen.alive < limits.workers:
        yield Level.CRITICAL, say("{n} workers alive of {all}", n=seen.alive, all=limits.workers)
    if seen.broken:
        yield Level.CRITICAL, say.count(seen.broken, "{n} connection broken", "{n} connections broken")
    if seen.held:
        yield (
            Level.CRITICAL,
            say.count(
                seen.held,
                "{n} integration held by the brake or since a restore",
                "{n} integrations held by the brake or since a restore",
            ),
        )
    for value, (warns, alarms), says in (
        (seen.lag, limits.lag, say("oldest undecided event {n} s old", n=round(seen.lag))),
        (seen.parked, limits.parked, say.count(seen.parked, "{n} delivery parked", "{n} deliveries parked")),
    ):
        if value >= warns:
            yield (Level.CRITICAL if value >= alarms else Level.WARNING), says
    if seen.ending:
        says = "{n} login ends within {days} days" if seen.ending == 1 else "{n} logins end within {days} days"
        yield Level.WARNING, say(says, n=seen.ending, days=limits.ends_within.days)
