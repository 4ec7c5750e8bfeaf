"""One loop for every stage: it knows time, failure and stopping, so that stages need not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from events.errors import Misconfigured, Outgrown, PtmError, Unavailable

log = structlog.get_logger()

IDLE = 1.0
"""Seconds between two looks when nobody rings: the net under every wake-up."""
LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class Beat:
    """When a stage last came round, and how it fares."""

    at: float = field(default_factory=time.monotonic)
    turns: int = 0
    done: int = 0
    failures: int = 0
    error: str | None = None


@dataclass(slots=True)
class Beats:
    """The pulse of every stage of this process: what /healthz looks at."""

    stages: dict[str, Beat] = field(default_factory=dict)
    partitions: Callable[[], Collection[int]] = frozenset
    """Those that the projector hears from Kafka now."""
    more: asyncio.Event = field(default_factory=asyncio.Event)
    """Rings for each stage that begins."""
    outgrown: Outgrown | None = None
    """Why no stage of this process takes anything on any more."""

    def began(self, stage: str) -> None:
        """From here on its silence counts: the first turn too may never end."""
        self.stages.setdefault(stage, Beat())
        self.more.set()

    def came_round(self, stage: str, done: int) -> None:
        beat = self.stages.setdefault(stage, Beat())
        beat.at, beat.turns, beat.done = time.monotonic(), beat.turns + 1, beat.done + done
        beat.failures, beat.error = 0, None

    def failed(self, stage: str, error: str) -> int:
        beat = self.stages.setdefault(stage, Beat())
        beat.at, beat.failures, beat.error = time.monotonic(), beat.failures + 1, error
        return beat.failures

    def end(self, why: Outgrown, stop: asyncio.Event) -> None:
        """All stages stop, and end what they have under way."""
        if self.outgrown is None:
            self.outgrown = why
            log.error("outgrown", error=str(why))
        stop.set()


async def run(
    stage: str,
    turn: Callable[[], Awaitable[int]],
    *,
    stop: asyncio.Event,
    wake: asyncio.Event,
    beats: Beats,
    idle: float = IDLE,
    linger: float = 0.0,
) -> None:
    """Calls *turn* until *stop*: again while it did something, else when *wake* rings or after *idle* seconds.

    Turns that follow each other at once would each carry one event: *linger* seconds from the start of one to that of
    the next make batches; what comes after a rest waits for nothing. A turn that meets a newer release stops all.
    """
    beats.began(stage)
    while not stop.is_set():
        wake.clear()
        began = time.monotonic()
        try:
            done = await turn()
        except Outgrown as error:
            beats.end(error, stop)
            return
        except Exception as error:
            pause = after_failure(stage, error, beats)
            await first_of(stop, within=pause)
            continue
        beats.came_round(stage, done)
        if not done:
            await first_of(stop, wake, within=idle)
        if (early := began + linger - time.monotonic()) > 0:
            await asyncio.sleep(early)


def after_failure(stage: str, error: Exception, beats: Beats) -> float:
    """Writes the failure down once where it happens, and says for how many seconds to leave the world alone."""
    said = told(error)
    failures = beats.failed(stage, said)
    known = isinstance(error, PtmError)
    log.warning("stage failed", stage=stage, failures=failures, error=said, exc_info=None if known else error)
    asked = error.retry_after if isinstance(error, Unavailable) else None
    own: float = 0.1 * 2 ** min(failures, 7)
    return min(LONGEST_PAUSE, max((asked or timedelta()).total_seconds(), own))


def told(error: Exception) -> str:
    """An error in words that name nobody: what a service said may name a person, so only its kind is told."""
    return str(error) if isinstance(error, Unavailable | Misconfigured) else type(error).__name__


async def first_of(*events: asyncio.Event, within: float) -> None:
    """Returns when one of *events* is set, or after so many seconds."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
