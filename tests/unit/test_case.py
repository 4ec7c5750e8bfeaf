"""A case beside a trigger is decided by the projector's rules, and says what was not as expected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from events.case import LATER, REASONS, UNMET, Case, Given, answer, differences
from events.contact import Skip
from events.integration import Condition, FieldMapping, Settings, Trigger
from facts import changed, contact, customer, invoice, outcome
from table import each

PAIVI = {"email": "paivi.makela@kirjakauppa.fi", "name": "Päivi Mäkelä"}


def found(trigger: Trigger | None = None, *, expect: dict[str, str] | None = None, **given: Any) -> tuple[str, ...]:
    facts = {"invoice": invoice(), "customer": customer(), **given}
    case = Case(name="x", given=Given(**facts), expect=expect or PAIVI)
    return differences(Settings(), trigger or contact(), case)


def test_the_contact_as_a_whole_is_expected() -> None:
    assert found() == ()
    assert found(expect=PAIVI | {"name": "Päivi"}) == ("name: Päivi expected, Päivi Mäkelä found",)
    assert found(expect={"email": PAIVI["email"]}) == ("name: nothing expected, Päivi Mäkelä found",)
    assert found(expect=PAIVI | {"phone": "1"}) == ("phone: 1 expected, nothing found",)


def test_a_skip_is_expected_by_its_reason_and_told_with_its_detail() -> None:
    nobody = customer(invoicingInfo={"contactPerson": "Aino"}, contactPersons=[])
    assert found(customer=nobody, expect={"skip": "no_email"}) == ()
    assert found(customer=nobody) == ("a contact expected, skip: no_email (Aino) found",)
    assert found(customer=nobody, expect={"skip": "type"}) == ("skip: type expected, skip: no_email (Aino) found",)
    assert found(expect={"skip": "no_email"}) == ("skip: no_email expected, a contact found",)


@each(
    ("given", "reason"),
    [
        ({"invoice": invoice(status="NOT_SENT")}, UNMET),
        ({"before": "SENT", "after": "PAID"}, UNMET),
        ({"invoice": invoice(type="PURCHASE_INVOICE")}, "type"),
        ({"old": True}, "before_connection"),
        ({"customer": None, "missing": {"customer": "rights"}}, "customer_unreadable"),
        ({"missing": {"invoice": "rights"}}, "invoice_unreadable"),
    ],
)
def test_what_is_given_is_a_change_as_the_log_has_it(given: dict[str, Any], reason: str) -> None:
    assert found(expect={"skip": reason}, **given) == ()


def test_a_jump_passes_what_it_passes_for_the_projector() -> None:
    assert found(before="NOT_SENT", after="PAID") == ()
    assert found(invoice=invoice(status="PAID")) == ()


def test_without_a_status_it_is_the_triggers() -> None:
    bare = {key: value for key, value in invoice().items() if key != "status"}
    assert found(contact(condition=Condition(statuses=frozenset({"APPROVED"}))), invoice=bare) == ()


def test_the_settings_beside_the_triggers_hold() -> None:
    trigger = contact(mapping=FieldMapping(fields={"email": "customer.invoicingInfo.email"}))
    given = Given(invoice=invoice(), customer=customer())
    assert answer(Settings(), trigger, given)["skip"] == "role_address"
    assert answer(Settings(role_addresses=True), trigger, given) == {"email": "laskutus@kirjakauppa.fi"}


def test_what_no_event_keeps_is_not_there_to_map() -> None:
    trigger = contact(mapping=FieldMapping(fields={"email": "person.email", "field_a": "invoice.notes"}))
    assert "field_a" not in answer(Settings(), trigger, Given(invoice=invoice(notes="secret"), customer=customer()))


@each(
    ("change", "trigger"),
    [
        ({}, contact()),
        (
            {"invoice": invoice(isOffer=True, type="SALES_ORDER")},
            contact(condition=Condition(types=frozenset({"SALES_ORDER"}))),
        ),
        ({"customer": customer(contactPersons=[], invoicingInfo={})}, contact()),
        ({}, contact(condition=Condition(languages=frozenset({"SWEDISH"})))),
    ],
)
def test_a_case_says_what_the_projector_decides(change: dict[str, Any], trigger: Trigger) -> None:
    event = changed(**change)
    given = Given(invoice=event.invoice, customer=event.customer, before=event.before, after=event.after)
    assert answer(Settings(), trigger, given).get("skip", "added") == outcome(trigger, event)
    assert answer(Settings(), replace(trigger, live=False), given).get("skip", "added") == outcome(trigger, event)


def test_only_reasons_that_a_case_can_have_may_be_expected() -> None:
    assert {*REASONS} == {UNMET} | {reason.value for reason in Skip} - {reason.value for reason in LATER}
    assert len(REASONS) == len(set(REASONS))
