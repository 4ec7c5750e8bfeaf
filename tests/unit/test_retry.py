from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.retry import DELIVERY, LANE, Backoff

SECOND = timedelta(seconds=1)


def test_waits_grow_from_the_first_to_the_longest() -> None:
    backoff = Backoff(first=SECOND, longest=10 * SECOND, factor=3)
    waits = [backoff.after(attempt, jitter=0.5) for attempt in range(1, 6)]
    assert waits == [SECOND, 3 * SECOND, 9 * SECOND, 10 * SECOND, 10 * SECOND]


def test_the_last_attempt_is_not_followed_by_another() -> None:
    assert DELIVERY.after(11, jitter=0) is not None
    assert DELIVERY.after(12, jitter=0) is None


def test_trying_a_delivery_goes_on_for_most_of_a_day() -> None:
    waits = [DELIVERY.after(attempt, jitter=0.5) or timedelta() for attempt in range(1, 12)]
    assert timedelta(hours=12) < sum(waits, timedelta()) < timedelta(hours=24)


@given(st.integers(1, 11), st.floats(0, 1, exclude_max=True), st.integers(0, 100_000))
def test_nobody_comes_back_before_the_service_asked(attempt: int, jitter: float, seconds: int) -> None:
    asked = timedelta(seconds=seconds)
    wait = DELIVERY.after(attempt, jitter=jitter, asked=asked)
    assert wait is not None
    assert wait >= asked


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_jitter_stays_within_half_and_one_and_a_half(attempt: int, jitter: float) -> None:
    wait = LANE.after(attempt, jitter=jitter)
    assert wait is not None
    assert timedelta(seconds=1) <= wait <= 1.5 * LANE.longest
