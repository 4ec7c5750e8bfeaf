"""What Trustmary was found to have counts for plans, until something is delivered again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from events import codec
from events.contact import ContactAdded, ContactDelivered, ContactUnlisted, Withdrawal
from events.history import Contact, History
from events.proof import Met
from events.reconcile import ContactChecked, State
from facts import INTEGRATION, NOW, OTHER, TRIGGER, to_add

MAIJA = "maija@asiakas.fi"


class Past:
    """A history, told event by event."""

    def __init__(self) -> None:
        self.history = History()
        self.position = 0

    def deliver(self, invoice: int, *, trigger: UUID = TRIGGER, **fields: str) -> ContactAdded:
        added = replace(to_add(INTEGRATION, invoice, MAIJA, lists=("l1",), contact=fields), trigger=trigger)
        self.position += 1
        self.history.add(Met(position=self.position, at=NOW, event=added), added)
        self.history.end(
            ContactDelivered(integration=INTEGRATION, invoice_id=invoice, partner=invoice, decision=added.id)
        )
        return added

    def check(self, added: ContactAdded, state: State, **facts: Any) -> Contact:
        checked = ContactChecked(
            integration=INTEGRATION,
            invoice_id=added.invoice_id,
            partner=added.partner,
            decision=added.id,
            reconciliation=OTHER,
            state=state,
            email=MAIJA,
            **facts,
        )
        self.history.check(checked)
        return self.maija

    @property
    def maija(self) -> Contact:
        return self.history.contact(MAIJA)


def test_who_is_missing_was_as_good_as_never_delivered() -> None:
    past = Past()
    found = past.check(past.deliver(1), State.MISSING)
    assert (found.fields, found.by_trigger, found.targets, list(found.against)) == ({}, {}, set(), [])
    assert found.last is not None


def test_who_has_drifted_is_compared_by_the_values_that_are_there() -> None:
    past = Past()
    found = past.check(past.deliver(1), State.DRIFTED, theirs={"name": "Maija Lehto"})
    assert found.fields["name"] == "Maija Lehto"
    assert found.by_trigger[TRIGGER]["name"] == "Maija Lehto"
    assert "list:l1" in found.targets


def test_a_trigger_whose_value_was_replaced_by_another_one_stays_as_it_was() -> None:
    past = Past()
    past.deliver(1, name="Asiakas Oy", trigger=OTHER)
    found = past.check(past.deliver(2, name="Maija Virta"), State.DRIFTED, theirs={"name": "Maija Lehto"})
    assert (found.by_trigger[OTHER]["name"], found.by_trigger[TRIGGER]["name"]) == ("Asiakas Oy", "Maija Lehto")


def test_deleted_and_not_active_hold_everything_back_until_they_are_found_otherwise() -> None:
    past = Past()
    added = past.deliver(1)
    assert list(past.check(added, State.DELETED).against) == [Withdrawal.DELETED_THERE.value]
    assert list(past.check(added, State.NOT_ACTIVE, status="bounce").against) == [Withdrawal.NOT_ACTIVE.value]
    assert list(past.check(added, State.AS_SENT).against) == []


def test_who_is_back_is_known_as_sent_again() -> None:
    past = Past()
    added = past.deliver(1)
    before = (past.maija.fields, past.maija.by_trigger, past.maija.targets)
    past.check(added, State.DRIFTED, theirs={"name": "Maija Lehto"})
    past.check(added, State.MISSING)
    found = past.check(added, State.AS_SENT)
    assert (found.fields, found.by_trigger, found.targets) == before


def test_who_was_taken_off_a_list_while_missing_is_not_on_it_when_found_again() -> None:
    past = Past()
    added = past.deliver(1)
    past.check(added, State.MISSING)
    off = ContactUnlisted(
        integration=INTEGRATION,
        invoice_id=1,
        partner=1,
        cause=added.id,
        trigger=TRIGGER,
        rules_version=1,
        contact={"email": MAIJA},
        lists=("l1",),
    )
    past.history.take_off(off)
    past.history.end(ContactDelivered(integration=INTEGRATION, invoice_id=1, partner=1, decision=off.id))
    assert past.check(added, State.AS_SENT).targets == {"contact"}


def test_a_check_says_nothing_about_what_was_delivered_since() -> None:
    past = Past()
    first = past.deliver(1)
    past.deliver(2, name="Maija Lehto")
    assert past.check(first, State.MISSING).fields["name"] == "Maija Lehto"


def test_a_delivery_ends_what_was_found() -> None:
    past = Past()
    past.check(past.deliver(1, phone="1"), State.MISSING)
    past.deliver(2)
    assert past.maija.fields["name"] == "Maija Meikäläinen"
    assert "phone" not in past.maija.fields


def test_a_check_of_somebody_erased_says_nothing() -> None:
    past = Past()
    added = past.deliver(1)
    checked = ContactChecked(
        integration=INTEGRATION,
        invoice_id=1,
        partner=1,
        decision=added.id,
        reconciliation=OTHER,
        state=State.MISSING,
        email=MAIJA,
    )
    wire = codec.encode(checked)
    erased = codec.decode(wire.type, wire.schema, wire.data, None)
    assert isinstance(erased, ContactChecked)
    past.history.check(erased)
    assert past.maija.fields
