"""When to look again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from events.schedule import interval, pause_after, rate_after, reread_after, weight

FLOOR, CEILING = timedelta(seconds=5), timedelta(minutes=15)


def pause(rate: float, others: list[float]) -> float:
    weights = weight(rate) + sum(map(weight, others))
    found = interval(rate, weights=weights, polls_per_second=30, floor=FLOOR, ceiling=CEILING)
    return found.total_seconds()


def test_one_company_alone_is_polled_at_the_floor_however_quiet() -> None:
    assert pause(0, []) == 5


def test_three_hundred_equal_companies_share_the_budget_evenly() -> None:
    assert pause(4, [4.0] * 299) == pytest.approx(10)


def test_polls_go_as_the_square_root_of_the_rate() -> None:
    others = [1.0] * 500 + [4.0] * 500
    assert pause(1, others) == pytest.approx(2 * pause(4, others), rel=0.01)


def test_a_quiet_company_among_thousands_waits_no_longer_than_the_ceiling() -> None:
    assert pause(0, [400.0] * 10_000) == 900


def test_one_greedy_company_does_not_push_the_others_to_the_ceiling() -> None:
    assert pause(1, [100_000.0] + [1.0] * 99) < 30


def test_a_rate_settles_at_what_is_seen_and_fades_when_nothing_is() -> None:
    rate = 0.0
    for _ in range(2000):
        rate = rate_after(rate, 1, timedelta(minutes=6))
    assert rate == pytest.approx(10, rel=0.01)
    assert rate_after(rate, 0, timedelta(hours=12)) == pytest.approx(10 / 2.718, rel=0.01)


def test_an_invoice_that_stays_the_same_is_read_again_ever_more_rarely() -> None:
    first, longest = timedelta(minutes=10), timedelta(days=1)
    pauses = [reread_after(count, first=first, longest=longest) for count in range(12)]
    assert pauses[:3] == [first, 2 * first, 4 * first]
    assert pauses == sorted(pauses)
    assert pauses[-1] == longest


def test_failures_in_a_row_make_the_pause_longer_up_to_two_minutes() -> None:
    pauses = [pause_after(count, jitter=0.5).total_seconds() for count in (1, 2, 3, 30)]
    assert pauses == [1, 2, 4, 120]
