"""A lane's pace and its breaker, by a clock that is told the time."""

from __future__ import annotations

from datetime import timedelta

from worker.lane import TROUBLE, Lane, Pace


def lane(rate: float = 0) -> Lane:
    return Lane(organization="esimerkki", until=1000.0, pace=Pace(rate=rate, at=0.0))


def test_a_pace_lets_a_seconds_worth_through_and_then_as_many_as_it_says() -> None:
    pace = Pace(rate=4, at=0.0)
    assert pace.deliveries(0.0) == 2
    pace.take(4, 0.0)
    assert pace.deliveries(0.0) == 0
    assert pace.wait(0.0) == 0.5
    assert pace.deliveries(0.5) == 1
    assert pace.deliveries(60.0) == 2


def test_the_slowest_pace_still_has_room_for_one() -> None:
    pace = Pace(rate=0.1, at=0.0)
    assert pace.deliveries(0.0) == 1
    pace.take(2, 0.0)
    assert pace.wait(0.0) == 20.0


def test_without_a_pace_only_the_calls_under_way_count() -> None:
    free = lane()
    free.flying = 3
    assert free.room(1.0, most=16) == 13


def test_nothing_is_claimed_after_the_lease() -> None:
    assert lane().room(999.9, most=16) == 16
    assert lane().room(1000.0, most=16) == 0


def test_a_lane_that_filled_its_room_is_looked_at_again_at_once() -> None:
    full, slack = lane(), lane()
    full.claimed(4, 4, 10.0)
    slack.claimed(3, 4, 10.0)
    assert (full.look_at, slack.look_at) == (10.0, 11.0)
    full.flying = slack.flying = 1
    assert full.landed(10.5)
    assert not slack.landed(10.5)


def test_failures_running_close_the_lane_and_ever_longer() -> None:
    ill = lane()
    assert [ill.ailing(1.0, jitter=0.5, asked=None) for _ in range(TROUBLE - 1)] == [None] * (TROUBLE - 1)
    assert ill.ailing(1.0, jitter=0.5, asked=None) == 2.0
    assert ill.room(2.9, most=16) == 0
    assert ill.room(3.0, most=16) == 1, "one call finds out whether it is well again"
    assert ill.ailing(3.0, jitter=0.5, asked=None) == 4.0


def test_what_fails_while_the_lane_is_closed_says_nothing_new() -> None:
    ill = lane()
    for _ in range(16):
        ill.ailing(1.0, jitter=0.5, asked=None)
    assert (ill.failures, ill.closed_until) == (TROUBLE, 3.0)


def test_a_service_that_asks_for_rest_gets_it_at_once() -> None:
    asked = lane()
    assert asked.ailing(1.0, jitter=0.5, asked=timedelta(seconds=30)) == 30.0
    assert asked.room(30.9, most=16) == 0
    assert asked.room(31.0, most=16) == 16
