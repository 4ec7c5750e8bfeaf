from __future__ import annotations

from datetime import timedelta

from events.retry import DELIVERY, Backoff

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
