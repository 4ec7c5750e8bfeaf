"""What the pulse said lately, for whoever comes to look later: kept for as long as the console runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from tui.pace import Pace, Trend
from worker.operations.pulse import Pulse

KEPT = timedelta(minutes=5)


class Past:
    def __init__(self) -> None:
        self._decided: deque[tuple[datetime, int]] = deque()
        self._paces: dict[int, Pace] = {}
        self.trends: Mapping[int, Trend] = {}
        """Partition → whether its lag grows."""

    def note(self, pulse: Pulse) -> None:
        self._decided.append((pulse.at, pulse.head - pulse.undecided))
        while pulse.at - self._decided[0][0] > KEPT:
            self._decided.popleft()
        self.trends = {
            lag.partition: self._paces.setdefault(lag.partition, Pace()).note_at(
                pulse.at, lag.head, lag.head - lag.decided
            )
            for lag in pulse.lags
        }

    def decided(self) -> Iterator[tuple[datetime, float]]:
        """Events a second that were decided, as of each pulse."""
        for (before, was), (at, now) in pairwise(self._decided):
            seconds = (at - before).total_seconds()
            if seconds > 0:
                yield at, (now - was) / seconds


def slots(numbers: Iterable[tuple[datetime, float]], until: datetime, count: int) -> list[float | None]:
    """The median of each of *count* equal parts of the time kept, oldest first; None where there is nothing."""
    width = KEPT / count
    found: list[list[float]] = [[] for _ in range(count)]
    for at, number in numbers:
        place = count - 1 - max(0, (until - at) // width)
        if place >= 0:
            found[place].append(number)
    return [median(each) if each else None for each in found]
