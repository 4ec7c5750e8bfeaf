"""What was found in Procountor and Trustmary, held against the log."""

from __future__ import annotations

from typing import Any

import pytest

from events.observe import Known, Seen
from events.reconcile import Found, Gap, State, compare, gap, still_to_come

SENT = {"email": "maija@asiakas.fi", "name": "Maija Virta", "phone": "+358 40 111", "field_invoice": "7"}
THERE = {"email": "maija@asiakas.fi", "name": "Maija Virta", "phone": "+35840111", "field_invoice": "7"}
EMPTIED = Found(state=State.DRIFTED, theirs={"phone": "", "field_invoice": ""})
COMPLAINED = Found(state=State.NOT_ACTIVE, status="complaint")
BASELINE = "2026-03-01T08:00:00"


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (THERE, Found(state=State.AS_SENT)),
        (THERE | {"status": "active", "name": " MAIJA  virta", "company": "Muu Oy"}, Found(state=State.AS_SENT)),
        ({"name": "Maija Virta"}, Found(state=State.AS_SENT)),
        (None, Found(state=State.MISSING)),
        (THERE | {"name": "Maija Lehto"}, Found(state=State.DRIFTED, theirs={"name": "Maija Lehto"})),
        (THERE | {"phone": None, "field_invoice": ""}, EMPTIED),
        (THERE | {"deleted_at": "2026-03-05T10:00:00.000Z", "status": "unsubscribed"}, Found(state=State.DELETED)),
        (THERE | {"deleted_at": None, "status": "complaint", "name": "X"}, COMPLAINED),
        (THERE | {"status": "bounce"}, Found(state=State.NOT_ACTIVE, status="bounce")),
    ],
    ids=lambda value: value.state.value if isinstance(value, Found) else "",
)
def test_a_contact_is_compared_field_by_field_with_what_was_sent(there: dict[str, Any] | None, found: Found) -> None:
    assert compare(SENT, there) == found


def seen(**changes: Any) -> Seen:
    facts: dict[str, Any] = {
        "invoice": 7,
        "status": "SENT",
        "version": "2026-03-02T12:00:00",
        "created": "2026-03-02T11:00:00",
        "partner": 1,
        "row": {},
    }
    return Seen(**facts | changes)


def known(status: str) -> Known:
    return Known(status=status, change=1, old=False)


@pytest.mark.parametrize(
    ("of", "row", "found"),
    [
        (None, seen(), Gap.MISSING),
        (None, seen(created=BASELINE), None),
        (None, seen(created="2026-02-28T08:00:00"), None),
        (None, seen(created=None), None),
        (known("SENT"), seen(), None),
        (known("NOT_SENT"), seen(), Gap.BEHIND),
        (known("SENT"), seen(status="PAID", created=None), Gap.BEHIND),
    ],
)
def test_an_invoice_is_missing_or_behind(of: Known | None, row: Seen, found: Gap | None) -> None:
    assert gap(of, row, baseline=BASELINE) is found


def test_a_company_that_had_no_invoices_misses_whatever_was_never_seen() -> None:
    assert gap(None, seen(), baseline="") is Gap.MISSING


@pytest.mark.parametrize(
    ("version", "to_come"),
    [("2026-03-02T11:59:59", False), ("2026-03-02T12:00:00", True), ("2026-03-02T12:00:01", True), (None, True)],
)
def test_what_the_next_pass_meets_is_not_judged(version: str | None, to_come: bool) -> None:
    assert still_to_come(seen(version=version), reading_from="2026-03-02T12:00:00") is to_come
