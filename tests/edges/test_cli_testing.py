"""Counts as a person sees them."""

from __future__ import annotations

from table import each
from worker.cli.testing import percent, spark


@each(
    ("counts", "bars"),
    [([], ""), ([0, 0], "▁▁"), ([7], "█"), ([0, 1, 1000], "▁▂█"), ([1, 2, 3, 4, 5, 6, 7], "▂▃▄▅▆▇█")],
)
def test_a_bar_a_week_and_only_an_empty_one_is_the_lowest(counts: list[int], bars: str) -> None:
    assert spark(counts) == bars


def test_of_nothing_there_is_no_rate() -> None:
    assert (percent(0, 0), percent(1, 3)) == (None, 33.3)
