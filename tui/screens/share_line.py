"""How a partition reads as one line, and in full: how far it stands, how that moves, and who hears it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from events.words import Words
from tui.pace import Trend
from tui.widgets.columns import Cell, Column
from worker.operations.pulse import Pulse
from worker.operations.status import Lag

LEVEL = Trend(per_second=0, draining=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    lag: Lag
    trend: Trend
    heard_by: str
    """Host and process; empty where nobody says that it does."""
    late: bool

    @property
    def undecided(self) -> int:
        return self.lag.head - self.lag.decided

    @property
    def unrelayed(self) -> int:
        return self.lag.head - self.lag.relayed


def shares(pulse: Pulse, trends: Mapping[int, Trend]) -> Iterator[Share]:
    whose = {place: f"{each.host} {each.pid}" for each in pulse.workers if each.alive for place in each.partitions}
    for lag in pulse.lags:
        yield Share(
            lag=lag,
            trend=trends.get(lag.partition, LEVEL),
            heard_by=whose.get(lag.partition, ""),
            late=pulse.is_late(lag),
        )


def columns(say: Words, now: datetime) -> list[Column[Share]]:
    return [
        Column(title=say("Partition"), width=9, right=True, cell=lambda one: str(one.lag.partition)),
        Column(title=say("Events"), width=11, right=True, rank=2, cell=lambda one: say.number(one.lag.head)),
        Column(title=say("Not in Kafka"), width=12, right=True, rank=1, cell=lambda one: say.number(one.unrelayed)),
        Column(title=say("Undecided"), width=9, right=True, cell=lambda one: say.number(one.undecided)),
        Column(title=say("Trend"), width=24, grow=2, cell=lambda one: moving(one, say)),
        Column(title=say("Oldest"), width=8, right=True, cell=lambda one: say.ago(one.lag.undecided_since, now)),
        Column(title=say("Heard by"), width=14, grow=1, rank=3, cell=lambda one: Cell(one.heard_by or "-", "quiet")),
    ]


def moving(one: Share, say: Words) -> Cell:
    if not one.late:
        return Cell(f"✔ {say('up to date')}", "good")
    left = one.trend.empty_in(one.undecided)
    if left is not None:
        return Cell(f"▼ {say('empty in {n} s', n=say.number(max(1, round(left.total_seconds()))))}", "warning")
    return Cell(f"▲ {say('growing')}", "bad") if one.trend.draining < 0 else Cell(f"■ {say('stands still')}", "bad")


def searched(one: Share, say: Words) -> str:
    return f"{one.lag.partition} {moving(one, say).text} {one.heard_by}"


def in_full(one: Share, say: Words) -> Iterator[str]:
    yield say("{n} events in the log", n=say.number(one.lag.head))
    yield say("{n} not told to Kafka yet", n=say.number(one.unrelayed))
    yield say("{n} undecided", n=say.number(one.undecided))
    if one.lag.undecided_since:
        yield say("the oldest since {at}", at=say.exact(one.lag.undecided_since))
    yield f"{moving(one, say).text} · {say('{n}/s events', n=say.number(round(one.trend.per_second)))}"
    yield say("heard by {worker}", worker=one.heard_by or say("nobody: it is decided from the database"))
