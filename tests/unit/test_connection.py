"""What a turn at a service makes of how the connection stands: told once, and mended by nothing but a good answer."""

from __future__ import annotations

from datetime import timedelta

from events.connection import LASTS, PASSING, STATES, Met, Reason, after, needs_login, state
from events.integration import Service
from table import each

SHORT, LONG = LASTS - timedelta(seconds=1), LASTS


@each(
    ("before", "met", "failing", "then"),
    [
        (None, None, SHORT, None),
        (None, Reason.DOWN, SHORT, None),
        (None, Reason.DOWN, LONG, Reason.DOWN),
        (None, Reason.SUSPENDED, SHORT, None),
        (None, Reason.SUSPENDED, LONG, Reason.SUSPENDED),
        (None, Reason.RIGHTS, SHORT, Reason.RIGHTS),
        (Reason.DOWN, Reason.DOWN, LONG, Reason.DOWN),
        (Reason.DOWN, Reason.SUSPENDED, SHORT, Reason.SUSPENDED),
        (Reason.DOWN, Reason.CREDENTIALS, LONG, Reason.CREDENTIALS),
        (Reason.DOWN, None, SHORT, None),
        (Reason.CREDENTIALS, Reason.DOWN, LONG, Reason.CREDENTIALS),
        (Reason.CREDENTIALS, Reason.RIGHTS, LONG, Reason.RIGHTS),
        (Reason.OTHER_COMPANY, None, SHORT, None),
    ],
)
def test_what_follows_from_a_turn(
    before: Reason | None, met: Reason | None, failing: timedelta, then: Reason | None
) -> None:
    assert after(before, Met(reason=met, failing=failing)) == then


def test_what_is_met_again_tells_nothing_new() -> None:
    for reason in Reason:
        told = after(None, Met(reason=reason, failing=LONG))
        assert after(told, Met(reason=reason, failing=LONG)) == told


def test_every_reason_is_told_for_a_service() -> None:
    assert {reason for _, reason in STATES} == set(Reason)
    for told in STATES.values():
        assert told.remedy
        assert told.ask
        assert told.collected


def test_what_ends_by_itself_asks_for_no_login() -> None:
    assert not any(needs_login(reason) for reason in PASSING)
    assert needs_login(Reason.OTHER_COMPANY)


def test_a_word_that_is_not_known_is_told_all_the_same() -> None:
    assert state(Service.PROCOUNTOR, "of a later release").remedy
