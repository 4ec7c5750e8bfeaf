"""A lane as the worker that leases it knows it: until when, how fast, and whether it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from events.retry import LANE

TROUBLE = 5
"""Failures running that close a lane."""
CALLS = 2
"""Of one delivery: the look-up and what follows it."""


@dataclass(slots=True, kw_only=True)
class Pace:
    """A bucket of calls that fills at *rate* a second; 0: without limit."""

    rate: float
    at: float
    tokens: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.size

    @property
    def size(self) -> float:
        """A second's worth, and room for one delivery at least."""
        return max(self.rate, CALLS)

    def look(self, now: float) -> float:
        """Calls that may be made now; a debt is below zero."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return self.tokens

    def take(self, calls: int, now: float) -> None:
        if self.rate:
            self.tokens = self.look(now) - calls

    def deliveries(self, now: float) -> int | None:
        """How many may start now; None: any number."""
        return max(0, int(self.look(now) // CALLS)) if self.rate else None

    def wait(self, now: float) -> float:
        """Seconds until one may start."""
        return max(0.0, (CALLS - self.look(now)) / self.rate) if self.rate else 0.0


@dataclass(slots=True, kw_only=True)
class Lane:
    organization: str
    until: float
    """When the lease is over, by the monotonic clock from before it was asked for."""
    pace: Pace
    failures: int = 0
    """Of Trustmary itself, one after the other."""
    closed_until: float = 0.0
    flying: int = 0
    look_at: float = 0.0
    """When to claim again if nothing calls for it earlier."""
    more: bool = False
    """The last claim filled its room: what lands makes room for the next."""
    busy_at: float = 0.0
    """When it last had something to do."""
    since: float = 0.0
    """When it was taken."""

    def room(self, now: float, *, most: int) -> int:
        """How many deliveries may be claimed now."""
        if now >= self.until or now < self.closed_until or now < self.look_at:
            return 0
        free = (1 if self.failures >= TROUBLE else most) - self.flying
        paced = self.pace.deliveries(now)
        return max(0, free if paced is None else min(free, paced))

    def claimed(self, count: int, room: int, now: float) -> None:
        """Took *count* of *room*: look again at once where there may be more, else when something happens."""
        if count:
            self.busy_at = now
            self.pace.take(count * CALLS, now)
        self.more = count >= room
        self.look_at = now + self.pace.wait(now) if self.more else now + 1.0

    def landed(self, now: float) -> bool:
        """One call less under way; says whether that makes another claim worth while."""
        self.flying -= 1
        self.busy_at = now
        if self.more:
            self.look_at = min(self.look_at, now + self.pace.wait(now))
        return self.more

    def ailing(self, now: float, *, jitter: float, asked: timedelta | None) -> float | None:
        """Counts a failure; answers for how many seconds the lane is closed, if it is.

        What fails while it is closed had left before, and says nothing new.
        """
        if now < self.closed_until and not asked:
            return None
        self.failures += 1
        wait = timedelta()
        if self.failures >= TROUBLE:
            wait = LANE.after(self.failures - TROUBLE + 1, jitter=jitter) or LANE.longest
        wait = max(wait, asked or wait)
        if not wait:
            return None
        self.closed_until = now + wait.total_seconds()
        return wait.total_seconds()

    def idle(self, now: float, *, seconds: float) -> bool:
        return not self.flying and now - self.busy_at > seconds
