"""A delivery as it stood at a moment: what came later is not known yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from worker.operations.deliveries import Attempt, Delivery
from worker.operations.stood import stood

NOBODY = UUID(int=0)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def minute(n: float) -> datetime:
    return START + timedelta(minutes=n)


def call(number: int, left: float, answered: float | None, outcome: str | None, status: int | None = None) -> Attempt:
    finished = None if answered is None else minute(answered)
    return Attempt(number=number, started_at=minute(left), finished_at=finished, outcome=outcome, status=status)


DELIVERY = Delivery(
    id=1,
    integration=NOBODY,
    organization="o",
    partition=0,
    position=1,
    decision=NOBODY,
    cause=NOBODY,
    trigger=NOBODY,
    invoice=1,
    number=None,
    step=1,
    call="contact",
    starts_surveys=False,
    replay=False,
    state="delivered",
    tries=3,
    next_at=minute(8),
    attempted_at=minute(8),
    failure=None,
    fingerprint=None,
    created_at=minute(1),
    settled_at=minute(10),
    attempts=(
        call(1, 2, 3, "failed", 503),
        call(2, 4, 5, "parked", 403),
        call(3, 8, 9, "delivered", 200),
    ),
)


@pytest.mark.parametrize(
    ("at", "state", "outcomes"),
    [
        (0, None, []),
        (1, "waiting", []),
        (2.5, "attempting", [None]),
        (3.5, "waiting", ["failed"]),
        (4.5, "attempting", ["failed", None]),
        (6, "parked", ["failed", "parked"]),
        (8.5, "attempting", ["failed", "parked", None]),
        (9.5, "attempting", ["failed", "parked", "delivered"]),
        (10, "delivered", ["failed", "parked", "delivered"]),
        (60, "delivered", ["failed", "parked", "delivered"]),
    ],
)
def test_state_and_calls_are_those_of_the_moment(at: float, state: str | None, outcomes: list[str | None]) -> None:
    found = stood([DELIVERY], minute(at))
    assert [one.state for one in found] == ([] if state is None else [state])
    assert [attempt.outcome for one in found for attempt in one.attempts] == outcomes


def test_a_status_is_not_known_before_its_answer() -> None:
    [then] = stood([DELIVERY], minute(2.5))
    assert (then.attempts[0].status, then.attempts[0].finished_at, then.tries) == (None, None, 1)


def test_what_is_parked_still_keeps_its_cause_and_an_older_one_is_not_guessed() -> None:
    parked = replace(DELIVERY, state="parked", settled_at=None, fingerprint="x", attempts=DELIVERY.attempts[:2])
    assert [one.fingerprint for one in stood([parked], minute(6))] == ["x"]
    again = replace(DELIVERY, state="parked", settled_at=None, fingerprint="x")
    assert [one.fingerprint for one in stood([again], minute(6))] == [None]
