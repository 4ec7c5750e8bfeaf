"""What became of a contact between a backup and its restore, by what Trustmary shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.delivery import Call, Delivery
from events.restored import Fate, fate, since
from facts import to_add

ADDED = to_add(UUID(int=1), 1, "maija@asiakas.fi", lists=("l",))
TAKEN = datetime(2026, 3, 2, 12, tzinfo=UTC)


def delivery(call: Call = Call.LISTS, *, step: int = 1) -> Delivery:
    return Delivery(
        id=1,
        integration=UUID(int=1),
        organization="o",
        partition=0,
        position=1,
        decision=uuid4(),
        invoice=1,
        step=step,
        call=call,
        attempts=0,
        attempted_at=TAKEN,
        secret=None,
    )


def shown(minutes: float, **other: Any) -> dict[str, Any]:
    return {**ADDED.contact, "updated_at": (TAKEN + timedelta(minutes=minutes)).isoformat(), **other}


@pytest.mark.parametrize(
    ("contact", "call", "expected"),
    [
        (None, Call.LISTS, Fate.SEND),
        (shown(-5), Call.LISTS, Fate.SEND),
        (shown(5), Call.LISTS, Fate.FOUND),
        (shown(5), Call.CONTACT, Fate.FOUND),
        (shown(5, name="Somebody Else"), Call.LISTS, Fate.UNKNOWN),
        (shown(5), Call.AUTOMATION, Fate.UNKNOWN),
        (None, Call.AUTOMATION, Fate.SEND),
        (shown(-5, status="unsubscribed"), Call.LISTS, Fate.WITHHELD),
        (shown(-5, updated_at=None), Call.LISTS, Fate.UNKNOWN),
    ],
)
def test_a_contact_that_was_touched_is_not_sent_again(
    contact: dict[str, Any] | None, call: Call, expected: Fate
) -> None:
    assert fate(contact, delivery(call), ADDED) is expected


def test_an_attempt_under_way_at_the_backup_counts_from_its_beginning() -> None:
    just, long, later = TAKEN - timedelta(seconds=4), TAKEN - timedelta(hours=1), TAKEN + timedelta(seconds=4)
    assert [since(TAKEN, at) for at in (None, just, long, later)] == [TAKEN, just, TAKEN, TAKEN]
