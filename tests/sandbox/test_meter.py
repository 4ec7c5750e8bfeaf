"""The sandbox counts the requests of every sliding second."""

from __future__ import annotations

from sandbox.meter import Meter


def test_the_fullest_sliding_second_is_found_across_clock_seconds() -> None:
    meter = Meter()
    for at in (0.0, 0.7, 0.8, 0.9, 1.1, 1.6, 1.75, 3.0):
        meter.arrive("procountor.invoices.get", at=at)
    assert meter.max_in_any_second() == 5
    assert meter.total == 8


def test_a_request_exactly_one_second_later_is_in_another_second() -> None:
    meter = Meter()
    meter.arrive("a", at=5.0)
    meter.arrive("a", at=6.0)
    assert meter.max_in_any_second() == 1


def test_tenants_are_counted_apart() -> None:
    meter = Meter()
    for place in range(6):
        meter.arrive("a", "1" if place % 3 else "2", at=place / 10)
    assert (meter.max_in_any_second(1), meter.max_in_any_second("2"), meter.max_in_any_second(3)) == (4, 2, 0)


def test_a_reset_forgets() -> None:
    meter = Meter()
    meter.arrive("a", "1", at=1.0)
    meter.reset()
    assert (meter.total, meter.max_in_any_second(), meter.max_in_any_second(1)) == (0, 0, 0)
