"""How fast the log grows and whether its readers catch up: from what the pulse said lately."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.operations.pulse import Pulse

WINDOW = timedelta(seconds=20)
"""Long enough to be steady, short enough to be now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    per_second: float
    """Events that came."""
    draining: float
    """By how many a second the lag shrinks; negative: it grows."""

    def empty_in(self, undecided: int) -> timedelta | None:
        """None where it does not shrink."""
        return timedelta(seconds=undecided / self.draining) if self.draining > 0 else None


class Pace:
    def __init__(self) -> None:
        self._seen: deque[tuple[datetime, int, int]] = deque()

    def note(self, pulse: Pulse) -> Trend:
        self._seen.append((pulse.at, pulse.head, pulse.undecided))
        while len(self._seen) > 2 and pulse.at - self._seen[1][0] > WINDOW:
            self._seen.popleft()
        then, head, undecided = self._seen[0]
        seconds = (pulse.at - then).total_seconds()
        if seconds <= 0:
            return Trend(per_second=0, draining=0)
        return Trend(per_second=(pulse.head - head) / seconds, draining=(undecided - pulse.undecided) / seconds)
