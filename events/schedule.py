"""When to look again: the interval of an integration's polls, and the re-reading of one open invoice."""

from __future__ import annotations

import math
from datetime import timedelta

MEMORY = timedelta(hours=12)
"""How long a change counts in the rate (to 1/e)."""
QUIET = 0.05
"""The rate, in changes an hour, that even a silent integration is polled for."""


def weight(rate: float) -> float:
    """An integration's part in the polls: the square root of its rate (Sia & Cho: polls so shared miss the least)."""
    return math.sqrt(max(rate, QUIET))


def rate_after(rate: float, changes: int, elapsed: timedelta) -> float:
    """Changes an hour, exponentially weighted, after *changes* were seen in the last *elapsed*."""
    hours = max(elapsed / timedelta(hours=1), 1 / 3600)
    kept = math.exp(-hours / (MEMORY / timedelta(hours=1)))
    return rate * kept + changes / hours * (1 - kept)


def interval(
    rate: float, *, weights: float, polls_per_second: float, floor: timedelta, ceiling: timedelta
) -> timedelta:
    """The pause between two polls: the integration's share of *polls_per_second*; *weights* is the sum over all."""
    share = weight(rate) / max(weights, weight(rate))
    return min(max(timedelta(seconds=1 / (share * polls_per_second)), floor), ceiling)


def reread_after(rereads: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """The pause before an open invoice that stayed the same *rereads* times is read again: ever longer."""
    return min(first * (1 << min(rereads, 20)), longest)


def pause_after(failures: int, *, jitter: float, longest: timedelta = timedelta(minutes=2)) -> timedelta:
    """The pause after so many failures in a row: a second, then ever twice as long; *jitter* in 0..1 spreads it."""
    return min(timedelta(seconds=1 << min(failures - 1, 20)), longest) * (0.75 + 0.5 * jitter)
