"""What a reading says about an invoice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from events.invoice import InvoiceStatusChanged, Kind
from events.observe import Known, Seen, identifier, observe, see, stays_open
from facts import changed, invoice
from table import each

INTEGRATION = UUID(int=7)
BASELINE = "2026-03-01T12:00:00"


def row(status: str = "SENT", **more: Any) -> Seen:
    fields = {"id": 1, "version": "2026-03-02T09:00:00", "created": "2026-03-02T08:00:00"}
    seen = see({**fields, "status": status, **more})
    assert seen is not None
    return seen


def change(known: Known | None, seen: Seen, *, connecting: bool = False) -> InvoiceStatusChanged:
    found = observe(known, seen, integration=INTEGRATION, baseline=BASELINE, connecting=connecting)
    assert found is not None
    return found


def test_the_status_recorded_last_is_nothing_new() -> None:
    known = Known(status="SENT", change=1, old=False)
    assert observe(known, row("SENT"), integration=INTEGRATION, baseline=BASELINE) is None


def test_a_payment_that_skips_sending_says_where_it_came_from() -> None:
    found = change(Known(status="NOT_SENT", change=1, old=False), row("PAID"))
    assert (found.before, found.after, found.change) == ("NOT_SENT", "PAID", 2)
    assert "SENT" in found.passed


def test_a_status_that_comes_back_is_a_new_fact() -> None:
    sent = change(Known(status="NOT_SENT", change=1, old=False), row("SENT"))
    back = change(Known(status="SENT", change=2, old=False), row("UNFINISHED"))
    again = change(Known(status="UNFINISHED", change=3, old=False), row("SENT"))
    assert [sent.change, back.change, again.change] == [2, 3, 4]
    assert len({sent.id, back.id, again.id}) == 3


def test_the_same_sight_twice_is_the_same_fact() -> None:
    known = Known(status="NOT_SENT", change=1, old=False)
    assert change(known, row("SENT")).id == change(known, row("SENT", version="2026-03-02T10:00:00")).id


@each(
    ("created", "old"),
    [
        ("2024-01-15T08:00:00", True),
        (BASELINE, True),
        (None, True),
        ("2026-03-01T12:00:01", False),
        ("2026-03-03T08:00:00", False),
        ("2026-03-03T09:00:01", True),
        ("2999-12-31T23:59:59", True),
    ],
)
def test_first_seen_later_is_old_unless_created_after_the_baseline(created: str | None, old: bool) -> None:
    found = change(None, row("PAID", created=created))
    assert (found.old, found.kind, found.before) == (old, Kind.LIVE, None)


@each(
    ("told", "id"),
    [
        *((7, 7), ("7", 7), (7.0, 7), (2**63 - 1, 2**63 - 1), (2.0**52, 2**52)),
        *((each, None) for each in (True, 0, -7, 7.5, 2.0**53, 2**63, "7.0", "٧", "", " 7", None, [7], float("inf"))),
    ],
)
def test_an_id_is_read_though_its_type_has_changed(told: object, id: int | None) -> None:
    assert identifier(told) == id


def test_what_was_not_modified_since_the_baseline_is_no_change() -> None:
    seen = row("SENT", version=BASELINE, created="2026-02-01T08:00:00")
    assert observe(None, seen, integration=INTEGRATION, baseline=BASELINE) is None
    assert change(None, seen, connecting=True).kind is Kind.BASELINE


def test_old_stays_old() -> None:
    assert change(Known(status="PAID", change=1, old=True), row("SENT")).old


def test_while_connecting_what_was_there_before_is_baseline_and_not_old() -> None:
    found = change(None, row("NOT_SENT", created="2026-02-01T08:00:00"), connecting=True)
    assert (found.kind, found.old) == (Kind.BASELINE, False)


def test_what_is_created_while_connecting_is_live() -> None:
    found = change(None, row("NOT_SENT"), connecting=True)
    assert (found.kind, found.old) == (Kind.LIVE, False)


NOTED = Known(status="NOT_SENT", change=0, old=False, created="2026-02-01T08:00:00")


@each("connecting", [True, False])
def test_what_was_noted_and_is_as_it_was_is_recorded_as_found(connecting: bool) -> None:
    found = change(NOTED, row("NOT_SENT", created=NOTED.created), connecting=connecting)
    assert (found.kind, found.before, found.change, found.old) == (Kind.BASELINE, None, 1, False)
    assert observe(replace(NOTED, change=1), row("NOT_SENT"), integration=INTEGRATION, baseline=BASELINE) is None


@each(("connecting", "status"), [(False, "SENT"), (False, "PAID"), (True, "APPROVED")])
def test_what_was_noted_and_has_moved_since_is_live(connecting: bool, status: str) -> None:
    found = change(NOTED, row(status, created=None, version=BASELINE), connecting=connecting)
    assert (found.kind, found.before, found.change, found.old) == (Kind.LIVE, "NOT_SENT", 1, False)


def test_what_was_noted_but_created_after_the_baseline_is_live_from_the_start() -> None:
    found = change(replace(NOTED, created="2026-03-01T12:00:01"), row("NOT_SENT", created=None), connecting=True)
    assert (found.kind, found.before) == (Kind.LIVE, None)


def test_a_company_without_invoices_has_no_past() -> None:
    found = observe(None, row(created="2020-01-01T00:00:00"), integration=INTEGRATION, baseline="")
    assert found is not None
    assert not found.old


def test_created_is_remembered_where_a_detail_answer_lacks_it() -> None:
    known = Known(status="NOT_SENT", change=1, old=False, created="2026-03-02T08:00:00")
    assert change(known, row("SENT", created=None)).created == "2026-03-02T08:00:00"


@each("broken", [None, 7, [], {}, {"id": "x", "status": "SENT"}, {"id": 1, "status": None}, {"id": 1}])
def test_a_row_without_id_or_status_is_no_invoice(broken: object) -> None:
    assert see(broken) is None


def test_a_status_that_nobody_knows_is_carried_as_it_is() -> None:
    assert change(None, row("SOMETHING_NEW")).after == "SOMETHING_NEW"


def test_final_and_old_invoices_are_not_read_again() -> None:
    assert stays_open(change(None, row("SENT")))
    assert not stays_open(change(None, row("INVALIDATED")))
    assert not stays_open(change(None, row("SENT", created="2020-01-01T00:00:00")))


@each("partner", [1 << 63, -1, 0, "51234", None])
def test_a_customer_number_that_is_none_does_not_keep_the_change_from_being_recorded(partner: object) -> None:
    assert changed(invoice=invoice(partnerId=partner)).partner is None
