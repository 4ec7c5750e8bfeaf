"""The loop of a stage: it knows time, failure and stopping, so that the stages need not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from events.errors import Unavailable
from worker import loop
from worker.loop import Beats

LINGER = 0.05
AN_HOUR = 3600.0


class Turns:
    """Turns that each move the clock on by what *lasting* says; stops the loop when there are no more."""

    def __init__(self, *lasting: float) -> None:
        self.lasting = list(lasting)
        self.stop, self.wake = asyncio.Event(), asyncio.Event()
        self.now = 0.0
        self.began: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def take(self) -> int:
        self.began.append(asyncio.get_running_loop().time())
        self.now += self.lasting.pop(0)
        if not self.lasting:
            self.stop.set()
        return 1

    async def run(self, linger: float) -> None:
        async with asyncio.timeout(10):
            await loop.run("stage", self.take, stop=self.stop, wake=self.wake, beats=Beats(), linger=linger)


async def test_events_gather_between_two_short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(0.0, LINGER)
    monkeypatch.setattr(loop, "time", turns)
    await turns.run(LINGER)
    assert turns.began[1] - turns.began[0] >= LINGER


async def test_what_came_during_a_long_turn_waits_for_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(AN_HOUR, AN_HOUR)
    monkeypatch.setattr(loop, "time", turns)
    await turns.run(AN_HOUR)
    assert len(turns.began) == 2


class Quiet:
    """A stage that finds nothing to do; each turn does what *then* says for it."""

    def __init__(self, *then: Callable[[Quiet], None]) -> None:
        self.then = list(then)
        self.stop, self.wake, self.beats = asyncio.Event(), asyncio.Event(), Beats()

    async def take(self) -> int:
        self.then.pop(0)(self)
        return 0

    async def run(self, *, idle: float) -> None:
        async with asyncio.timeout(10):
            await loop.run("stage", self.take, stop=self.stop, wake=self.wake, beats=self.beats, idle=idle)
        assert self.then == []


def rest(_: Quiet) -> None:
    """Nothing, and nobody rings."""


def ring(quiet: Quiet) -> None:
    asyncio.get_running_loop().call_soon(quiet.wake.set)


def stop(quiet: Quiet) -> None:
    asyncio.get_running_loop().call_soon(quiet.stop.set)


def fail(_: Quiet) -> None:
    raise Unavailable("PostgreSQL does not answer")


def trip(_: Quiet) -> None:
    raise ZeroDivisionError


async def test_where_nobody_rings_it_looks_again_all_the_same() -> None:
    await Quiet(rest, rest, stop).run(idle=0.01)
    assert loop.IDLE <= 1.0


async def test_who_rings_is_not_kept_waiting_and_neither_is_who_wants_it_to_stop() -> None:
    await Quiet(ring, ring, stop).run(idle=AN_HOUR)


async def test_a_failure_whatever_it_is_is_counted_and_left_behind_by_the_next_good_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "LONGEST_PAUSE", 0.01)
    quiet = Quiet(fail, trip, lambda quiet: seen.append(quiet.beats.stages["stage"].failures), stop)
    seen: list[int] = []
    with capture_logs() as said:
        await quiet.run(idle=0.01)
    assert seen == [2]
    assert (quiet.beats.stages["stage"].failures, quiet.beats.stages["stage"].error) == (0, None)
    assert [line["error"] for line in said] == ["PostgreSQL does not answer", "ZeroDivisionError"]
