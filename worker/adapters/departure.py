"""The moment a request leaves: asked for leave just before, and known afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from typing import Any

import aiohttp

from events.errors import PtmError


@dataclass(slots=True, kw_only=True)
class Departure:
    """Of one call. Where the session does not tell, a request counts as having left."""

    guard: Callable[[], None] | None = None
    """Raises if the request may not leave any more."""
    left: bool = True
    draw: Callable[[], Awaitable[float]] | None = None
    """Gives leave for one request, until a moment of the event loop's clock."""
    until: float = inf
    """When the leave that was drawn before is over."""

    def spend(self) -> float:
        """The leave, for one request: aiohttp repeats a GET by itself where the kept connection had been closed."""
        until, self.until = self.until, -inf
        return until

    async def check(self, until: float) -> float:
        """The leave as it is now, drawn again where it was over; raises what *guard* raises."""
        while self.draw is not None and asyncio.get_running_loop().time() >= until:
            until = await self.draw()
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


class Request(aiohttp.ClientRequest):
    """A request that notes its departure.

    Waiting for a connection can take as long as anything, so that a lease checked before it, or a slice of the budget,
    may be over after it: the last look is here, where nothing but the write is left to do. A body is written by a task
    of its own, and the headers with it, which a busy or frozen process may come to much later: it looks once more.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._departure = DEPARTURE.get()
        self._leave = inf
        if self._departure is not None:
            self._departure.left = False

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        departure = self._departure
        if departure is not None:
            self._leave = await departure.check(departure.spend())
            departure.left = True
        return await super().send(conn)

    async def write_bytes(self, writer: Any, conn: Any, content_length: int | None = None) -> None:
        departure = self._departure
        try:
            if departure is not None:
                self._leave = await departure.check(self._leave)
        except PtmError as refused:
            assert departure is not None, "it was asked"
            departure.left = False
            conn.protocol.set_exception(refused)
            conn.close()
            return
        await super().write_bytes(writer, conn, content_length)
