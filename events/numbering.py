"""Many numbers in few words: `1-20,25`, as people name the lines of a plan."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from events.errors import Misconfigured

PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
MOST = 1_000_000
"""Numbers that one may name: a slip of the finger is no million of them."""


def written(numbers: Collection[int]) -> str:
    """In order, runs as ranges."""
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs(sorted(numbers)))


def runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last


def read(text: str) -> frozenset[int]:
    """Raises `Misconfigured` for what names no numbers."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        named = PART.fullmatch(part)
        first, last = (int(named[1]), int(named[2] or named[1])) if named else (1, 0)
        if last < first or len(found) + last - first >= MOST:
            raise Misconfigured(f"{text} names no lines: write numbers and ranges, such as 1-20,25.")
        found.update(range(first, last + 1))
    return frozenset(found)
