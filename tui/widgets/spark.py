"""Numbers as a row of bars, one cell each."""

from __future__ import annotations

from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def spark(numbers: Sequence[int]) -> str:
    """Nothing is a dot, so that it is not taken for little."""
    most = max(numbers, default=0)
    return "".join("·" if not number else BARS[(number * len(BARS) - 1) // most] for number in numbers)
