"""The moment a request leaves: asked for leave just before, and known afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf


@dataclass(slots=True, kw_only=True)
class Departure:
    """Of one call. Where the session does not tell, a request counts as having left; so does one that is repeated."""

    guard: Callable[[], None] | None = None
    """Raises if the request may not leave any more."""
    left: bool = True
    told: bool = False
    """The session tells."""
    waits: bool = False
    """For leave that is to be drawn again."""
    draw: Callable[[], Awaitable[float]] | None = None
    """Gives leave for one request, until a moment of the event loop's clock."""
    until: float = inf
    """When the leave that was drawn before is over."""

    def begin(self) -> None:
        """A request that tells is made; the first of them has not left yet."""
        self.left = self.left and self.told
        self.told = True

    def spend(self) -> float:
        """The leave, for one request: aiohttp repeats a GET by itself where the kept connection had been closed."""
        until, self.until = self.until, -inf
        return until

    async def check(self, until: float) -> float:
        """The leave as it is now, drawn again where it was over; raises what *guard* raises."""
        while self.draw is not None and asyncio.get_running_loop().time() >= until:
            self.waits = True
            until = await self.draw()
            self.waits = False
        if self.guard is not None:
            self.guard()
        return until


DEPARTURE: ContextVar[Departure | None] = ContextVar("departure", default=None)


@contextmanager
def departing(departure: Departure) -> Iterator[Departure]:
    """Requests made inside are *departure*'s."""
    token = DEPARTURE.set(departure)
    try:
        yield departure
    finally:
        DEPARTURE.reset(token)
