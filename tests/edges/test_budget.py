"""The shares of a second."""

from __future__ import annotations

from table import each
from worker.adapters.budget import MOST, Budget


@each("per_second", [1, 3, 7, 10, 20, 33, 50, 55, 60])
def test_no_sliding_second_can_hold_more_than_the_service_allows(per_second: int) -> None:
    slice_ms, per_slice = Budget.shares(per_second)
    touched = -(-1000 // slice_ms) + 1
    assert touched * per_slice <= MOST
    assert per_slice / slice_ms * 1000 <= per_second


@each(("per_second", "late_ms"), [(40, 400), (50, 100), (60, 100)])
def test_requests_that_are_held_up_on_the_way_may_arrive_together(per_second: int, late_ms: int) -> None:
    slice_ms, per_slice = Budget.shares(per_second)
    touched = (1000 + late_ms) // slice_ms + 1
    assert touched * per_slice <= MOST
