"""What a trigger would have done with the past, in counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.contact import ContactDelivered, Skip
from events.integration import Condition, FieldMapping, Settings, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.proof import Met
from events.rehearsal import Rehearsal, blocking
from facts import INTEGRATION, NOW, OTHER, changed, contact, customer, in_force, invoice

HELSINKI = ZoneInfo("Europe/Helsinki")


def by(email: str | None, number: int, **changes: Any) -> InvoiceStatusChanged:
    person = {"name": "Aino"} | ({"email": email} if email else {})
    who = customer(contactPersons=[person], invoicingInfo={})
    return changed(number, invoice=invoice(invoiceNumber=number), customer=who, **changes)


def rehearsed(
    *events: InvoiceStatusChanged, trigger: Trigger | None = None, blocked: Iterable[str] = (), **rules: Any
) -> Rehearsal:
    made = Rehearsal(
        rules=in_force(**rules),
        trigger=trigger or contact(),
        zone=HELSINKI,
        ledger=blocking(INTEGRATION, blocked),
    )
    for place, event in enumerate(events, start=1):
        made.follow(Met(position=place, at=NOW + timedelta(hours=place), event=event))
    return made


def test_matches_contacts_and_reasons_are_counted() -> None:
    found = rehearsed(
        by("aino@a.fi", 1),
        by("eino@a.fi", 2),
        by(None, 3),
        by("eino@@a.fi", 4),
        by("laskutus@a.fi", 5),
        changed(6, invoice=invoice(type="PURCHASE_INVOICE")),
        by("aino@a.fi", 7, before="SENT", after="PAID"),
    )
    assert (found.events, found.unmet, found.met, found.matches, found.contacts) == (7, 1, 6, 5, 2)
    assert found.skipped == {Skip.NO_EMAIL: 1, Skip.INVALID_EMAIL: 1, Skip.ROLE_ADDRESS: 1, Skip.TYPE: 1}
    assert (found.filled["email"], found.filled["name"], found.invalid, found.roles) == (4, 5, 1, 1)


def test_a_shared_mailbox_is_told_also_where_it_is_let_through() -> None:
    found = rehearsed(by("laskutus@a.fi", 1), settings=Settings(role_addresses=True))
    assert (found.contacts, found.roles) == (1, 1)


def test_the_rate_of_each_mapped_field_is_of_the_invoices_that_match() -> None:
    trigger = contact(mapping=FieldMapping(fields={"email": "person.email", "phone": "person.phone"}))
    with_phone = customer()
    found = rehearsed(changed(1, customer=with_phone), by("aino@a.fi", 2), by("eino@a.fi", 3), trigger=trigger)
    assert (found.matches, found.filled["email"], found.filled["phone"]) == (3, 3, 1)


def test_what_cannot_or_must_not_be_decided_is_counted_apart() -> None:
    found = rehearsed(by("aino@a.fi", 1, kind=Kind.BASELINE), by("aino@a.fi", 2, kind=Kind.BACKFILL))
    assert (found.unfired, found.contacts) == (1, 1)
    found.follow(Met(position=9, at=NOW, event=by(None, 3), erased=True))
    found.follow(Met(position=10, at=NOW, event=ContactDelivered(**ABOUT)))
    assert (found.events, found.erased, found.met) == (3, 1, 1)


ABOUT: dict[str, Any] = {"integration": INTEGRATION, "invoice_id": 1, "partner": None, "decision": OTHER}


def test_once_per_invoice_the_cool_down_and_the_block_list_hold_as_they_would() -> None:
    found = rehearsed(
        by("aino@a.fi", 1),
        by("aino@a.fi", 1, change=3),
        by("aino@a.fi", 2),
        by("eino@b.fi", 3),
        by("veera@c.fi", 4),
        settings=Settings(cool_down_days=30),
        blocked=["@B.fi", "Veera@c.fi"],
    )
    assert found.skipped == {Skip.ALREADY_ADDED: 1, Skip.COOL_DOWN: 1, Skip.BLOCKED: 2}
    assert found.contacts == 1


def test_persons_are_told_by_how_many_invoices_they_share() -> None:
    found = rehearsed(
        by("aino@a.fi", 1), by("AINO@a.fi", 2), by("aino@a.fi", 2, change=3), by("eino@a.fi", 3), by("eino@a.fi", 4),
        by("eino@a.fi", 5), by("veera@a.fi", 6),
    )  # fmt: skip
    assert len(found.invoices) == 3
    assert found.sharing == (2, 5, 3)


def test_the_newest_contacts_are_kept_as_samples() -> None:
    found = rehearsed(*(by(f"n{number}@a.fi", number) for number in range(1, 9)))
    assert [one.number for one in found.latest] == [4, 5, 6, 7, 8]
    assert found.latest[-1].contact == {"email": "n8@a.fi", "name": "Aino"}


def test_weeks_begin_on_mondays_where_the_settings_are_and_none_is_left_out() -> None:
    found = Rehearsal(rules=in_force(), trigger=contact(), zone=HELSINKI)
    sunday_night = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # Monday in Helsinki
    for place, at in enumerate((sunday_night - timedelta(hours=1), sunday_night, sunday_night + timedelta(days=15))):
        found.follow(Met(position=place + 1, at=at, event=by(f"n{place}@a.fi", place + 1)))
    assert found.weeks == [(date(2026, 2, 23), 1), (date(2026, 3, 2), 1), (date(2026, 3, 9), 0), (date(2026, 3, 16), 1)]


def test_nothing_recorded_is_no_week_and_no_rate() -> None:
    found = rehearsed(trigger=contact(condition=Condition(statuses=frozenset({"PAID"}))))
    assert (found.events, found.weeks, found.sharing) == (0, [], (0, 0, 0))
