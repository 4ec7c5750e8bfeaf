"""The loop between two turns of a stage: it lets events gather, and keeps none waiting that comes after a rest."""

from __future__ import annotations

import asyncio

from worker import loop
from worker.loop import Beats

LINGER = 0.2


class Turns:
    """Turns that last as long as *lasting* says, each; stops the loop when there are no more."""

    def __init__(self, *lasting: float) -> None:
        self.lasting = list(lasting)
        self.stop, self.wake = asyncio.Event(), asyncio.Event()
        self.began: list[float] = []

    async def take(self) -> int:
        clock = asyncio.get_running_loop()
        self.began.append(clock.time())
        over = asyncio.Event()
        clock.call_later(self.lasting.pop(0), over.set)
        await over.wait()
        if not self.lasting:
            self.stop.set()
        return 1

    async def run(self) -> list[float]:
        """Seconds from the start of each turn to that of the next."""
        await loop.run("stage", self.take, stop=self.stop, wake=self.wake, beats=Beats(), linger=LINGER)
        return [later - earlier for earlier, later in zip(self.began, self.began[1:], strict=False)]


async def test_events_gather_between_two_short_turns() -> None:
    [between] = await Turns(0.0, 0.0).run()
    assert between >= LINGER


async def test_what_came_during_a_long_turn_waits_for_nothing_more() -> None:
    [between] = await Turns(LINGER, 0.0).run()
    assert between < 2 * LINGER
