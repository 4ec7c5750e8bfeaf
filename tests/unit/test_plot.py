"""Numbers over time: how they are put into slots, and drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tui.past import KEPT, slots
from tui.widgets.plot import Labels, line, lines

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_each_slot_has_the_median_of_its_time_and_nothing_is_not_zero() -> None:
    ago = [(NOON - timedelta(seconds=seconds), number) for seconds, number in ((1, 3.0), (2, 9.0), (3, 4.0), (70, 0.0))]
    assert slots([*ago, (NOON - KEPT * 2, 99.0)], NOON, 5) == [None, None, None, 0.0, 4.0]


def test_what_came_after_the_last_look_counts_as_now() -> None:
    assert slots([(NOON + timedelta(seconds=1), 2.0)], NOON, 2) == [None, 2.0]


def test_bars_reach_the_top_at_the_most_and_leave_the_ground_where_there_is_anything() -> None:
    assert lines([None, 0.0, 1.0, 50.0, 100.0], lambda number: f"{number:.0f}/s", 2) == [
        "   100/s     █",
        "     0/s ··▁██",
    ]


def test_nothing_at_all_is_dots_without_numbers() -> None:
    assert lines([None, 0.0], str, 2) == ["           ", "         ··"]


LABELS = Labels(
    title="Events decided a second",
    brief="Decided",
    says=lambda number: f"{number:.0f}/s",
    sums=lambda newest, most: f"now {newest}, at most {most}",
)


def test_one_line_says_in_words_what_its_bars_cannot() -> None:
    numbers = [None, 0.0, 50.0, 100.0, 25.0]
    assert line(lambda count: numbers[-count:], LABELS, 41) == "Decided ··▄█▂ now 25/s, at most 100/s"


def test_one_line_of_nothing_is_dots_without_numbers() -> None:
    assert line(lambda count: [None] * count, LABELS, 13) == "Decided ···· "
