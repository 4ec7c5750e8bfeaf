from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.retry import DELIVERY, LANE


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
