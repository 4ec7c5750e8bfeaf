"""How long to wait before trying again, and when to stop trying."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Waits that grow by *factor* from *first* to *longest*, for at most *attempts* attempts (None: without end)."""

    first: timedelta
    longest: timedelta
    factor: float = 2
    attempts: int | None = None

    def after(self, attempt: int, *, jitter: float, asked: timedelta | None = None) -> timedelta | None:
        """The wait after failed attempt 1, 2, 3, …; None: give up.

        *jitter* in [0, 1) spreads the wait over half to one and a half of its length. *asked* is what the other side
        wants (Retry-After): never less than that, and spread above it, so that all who were told the same do not come
        back at once.
        """
        if self.attempts is not None and attempt >= self.attempts:
            return None
        steps = min(max(attempt, 1) - 1, 64)
        wait = min(self.longest, self.first * min(self.factor**steps, self.longest / self.first))
        wait *= 0.5 + jitter
        return wait if asked is None else max(wait, asked + min(asked, timedelta(minutes=1)) * 0.2 * jitter)


DELIVERY = Backoff(first=timedelta(seconds=1), longest=timedelta(hours=8), factor=3, attempts=12)
"""1 s, 3 s, 9 s, … 8 h: about sixteen hours in all, then a person is asked."""

LANE = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=2))
"""How long an organization is left alone once it has failed several times running."""
