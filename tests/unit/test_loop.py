"""The loop between two turns of a stage: it lets events gather, and keeps none waiting that comes after a long one."""

from __future__ import annotations

import asyncio

import pytest

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
