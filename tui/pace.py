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
        return self.note_at(pulse.at, pulse.head, pulse.undecided)

    def note_at(self, at: datetime, head: int, undecided: int) -> Trend:
        """Of one partition, or of all together."""
        self._seen.append((at, head, undecided))
        while len(self._seen) > 2 and at - self._seen[1][0] > WINDOW:
            self._seen.popleft()
        then, was_head, was_undecided = self._seen[0]
        seconds = (at - then).total_seconds()
        if seconds <= 0:
            return Trend(per_second=0, draining=0)
        return Trend(per_second=(head - was_head) / seconds, draining=(was_undecided - undecided) / seconds)
