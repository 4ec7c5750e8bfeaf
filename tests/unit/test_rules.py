"""Condition by condition: which invoices a trigger wants, whom it would add, and the reason if nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from events.contact import ContactAdded, ContactSkipped
from events.integration import (
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    Settings,
    StartsSurveys,
    Trigger,
)
from events.invoice import InvoiceStatusChanged, InvoiceType, Kind
from events.rules import Ledger, settle, total
from facts import (
    NOW,
    OTHER,
    TRIGGER,
    changed,
    considered,
    contact,
    customer,
    decided,
    email_of,
    in_force,
    invoice,
    key,
    outcome,
    said,
    to_lists,
)
from table import each


def wanting(**condition: Any) -> Trigger:
    return contact(condition=Condition(**condition))


def costing(amount: Any, **changes: Any) -> InvoiceStatusChanged:
    sums = [{"inAccountingCurrency": True, "invoiceSumTotal": amount}]
    return changed(invoice=invoice(invoiceSumInfo=sums, **changes))


def test_a_sent_invoice_adds_its_named_contact() -> None:
    (added,) = decided(in_force(), changed())
    assert isinstance(added, ContactAdded)
    assert added.contact == {"email": "paivi.makela@kirjakauppa.fi", "name": "Päivi Mäkelä"}
    assert (added.kind, added.lists, added.automation, added.starts_surveys) == ("contact", (), None, False)
    assert (added.rules_version, added.partner, added.cause) == (3, 51234, changed().id)


@each("kind", [Kind.BASELINE, Kind.BACKFILL])
def test_what_was_not_seen_live_is_never_decided(kind: Kind) -> None:
    assert considered(in_force(), changed(kind=kind)) == []


def test_a_status_that_no_live_trigger_names_decides_nothing() -> None:
    assert considered(in_force(), changed(after="MARKED_PAID")) == []
    assert considered(in_force(contact(live=False)), changed()) == []
    assert considered(in_force(removed=True), changed()) == []
    assert len(considered(in_force(paused=True), changed())) == 1


def test_a_paid_invoice_passed_sent_and_one_marked_as_paid_did_not() -> None:
    assert outcome(contact(), changed(after="PAID")) == "added"
    assert considered(in_force(), changed(after="MARKED_PAID")) == []
    both = wanting(statuses=frozenset({"SENT", "PAID"}))
    assert len(considered(in_force(both), changed(after="PAID"))) == 1


def test_an_old_invoice_fires_nothing_whatever_else_is_wrong_with_it() -> None:
    assert outcome(contact(), changed(old=True, invoice=invoice(type="PURCHASE_INVOICE"))) == "before_connection"


def test_an_unreadable_invoice_is_skipped_and_says_why() -> None:
    (skip,) = decided(in_force(), changed(missing={"invoice": "rights"}))
    assert isinstance(skip, ContactSkipped)
    assert (skip.reason.value, skip.detail) == ("invoice_unreadable", "rights")


@each("kind", [*InvoiceType, "SOMETHING_NEW", None, ["SALES_INVOICE"], {"a": 1}, 7])
def test_only_the_types_wanted_pass(kind: Any) -> None:
    expected = "added" if kind == "SALES_INVOICE" else "type"
    assert outcome(contact(), changed(invoice=invoice(type=kind))) == expected


def test_offers_pass_only_when_ticked_and_orders_when_their_type_is() -> None:
    orders, offers = (
        wanting(types=frozenset({"SALES_ORDER"})),
        wanting(types=frozenset({"SALES_ORDER"}), offers=True),
    )
    order, offer = (changed(invoice=invoice(type="SALES_ORDER", isOffer=is_offer)) for is_offer in (False, True))
    assert [outcome(orders, order), outcome(orders, offer), outcome(offers, offer)] == ["added", "offer", "added"]


@each("amount", [0, 0.0, -0.01, -124, None, "124", True, [124]])
def test_totals_of_zero_and_less_and_unknown_ones_pass_only_when_ticked(amount: Any) -> None:
    assert outcome(contact(), costing(amount)) == "not_positive"
    assert outcome(wanting(not_positive=True), costing(amount)) == "added"


@each(
    ("condition", "amount", "expected"),
    [
        ({"minimum": Decimal("124.00")}, 124.0, "added"),
        ({"minimum": Decimal("124.01")}, 124.0, "filtered"),
        ({"maximum": Decimal("124")}, 124, "added"),
        ({"maximum": Decimal("123.99")}, 124, "filtered"),
        ({"minimum": Decimal("-10"), "not_positive": True}, -5, "added"),
        ({"minimum": Decimal("1"), "not_positive": True}, None, "filtered"),
        ({"maximum": Decimal("1"), "not_positive": True}, None, "filtered"),
    ],
)
def test_amounts_are_inclusive_bounds(condition: dict[str, Any], amount: Any, expected: str) -> None:
    assert outcome(wanting(**condition), costing(amount)) == expected


def test_the_total_is_that_in_the_accounting_currency_or_of_the_rows() -> None:
    sums = [
        {"inAccountingCurrency": False, "invoiceSumTotal": 1},
        {"inAccountingCurrency": True, "invoiceSumTotal": 2.5},
    ]
    assert total({"invoiceSumInfo": sums}) == Decimal("2.5")
    assert total({"invoiceSumInfo": sums[:1]}) == Decimal(1)
    rows = [{"quantity": 3, "unitPrice": 0.1}, {"quantity": 1}, {"quantity": True, "unitPrice": 5}, "?"]
    assert total({"invoiceRows": rows}) == Decimal("0.3")
    assert total({}) is total({"invoiceSumInfo": "?", "invoiceRows": None}) is None


@each(
    ("condition", "event", "expected"),
    [
        ({"channels": frozenset({"EMAIL", "MAIL"})}, changed(), "added"),
        ({"channels": frozenset({"MAIL"})}, changed(), "filtered"),
        ({"channels": frozenset({"MAIL"})}, changed(invoice=invoice(invoiceChannel=["MAIL"])), "filtered"),
        ({"languages": frozenset({"FINNISH"})}, changed(), "added"),
        ({"languages": frozenset({"SWEDISH"})}, changed(), "filtered"),
        ({"languages": frozenset({"SWEDISH"})}, changed(invoice=invoice(language=None)), "added"),
        ({"languages": frozenset({"SWEDISH"})}, changed(invoice=invoice(language={"a": 1})), "filtered"),
        ({"customers": frozenset({51234})}, changed(), "added"),
        ({"customers": frozenset({1})}, changed(), "filtered"),
        ({"customers": frozenset({1})}, changed(invoice=invoice(partnerId=None)), "filtered"),
        ({"customer_groups": frozenset({8, 99})}, changed(), "added"),
        ({"customer_groups": frozenset({99})}, changed(), "filtered"),
        ({"customer_groups": frozenset({7})}, changed(customer=customer(registryInfo="?")), "filtered"),
    ],
)
def test_each_filter_alone(condition: dict[str, Any], event: InvoiceStatusChanged, expected: str) -> None:
    assert outcome(wanting(**condition), event) == expected


UNREADABLE = changed(customer=None, missing={"customer": "rights"})


def test_an_unreadable_customer_is_the_reason_wherever_the_register_is_needed() -> None:
    assert outcome(contact(), UNREADABLE) == "customer_unreadable"
    plain = FieldMapping(person=(PersonRule.COUNTERPARTY,))
    assert outcome(contact(mapping=plain), UNREADABLE) == "added"
    grouped = contact(mapping=plain, condition=Condition(customer_groups=frozenset({7})))
    assert outcome(grouped, UNREADABLE) == "customer_unreadable"
    speaking = contact(mapping=plain, condition=Condition(languages=frozenset({"FINNISH"})))
    assert outcome(speaking, UNREADABLE) == "added"


def test_what_the_invoice_alone_rules_out_is_not_blamed_on_the_register() -> None:
    assert outcome(wanting(channels=frozenset({"MAIL"})), UNREADABLE) == "filtered"


def test_nobody_at_all_and_somebody_without_an_address_are_two_reasons() -> None:
    nobody = customer(contactPersons=[], invoicingInfo={})
    nameless = customer(contactPersons=[{"name": "Aino"}], invoicingInfo={})
    assert outcome(contact(), changed(customer=nobody)) == "no_contact_person"
    (skip,) = decided(in_force(), changed(customer=nameless))
    assert isinstance(skip, ContactSkipped)
    assert (skip.reason.value, skip.detail) == ("no_email", "Aino")


def test_an_invalid_address_is_named_and_explained() -> None:
    (skip,) = decided(in_force(), changed(customer=customer(contactPersons=[{"email": "aino@a"}], invoicingInfo={})))
    assert isinstance(skip, ContactSkipped)
    assert skip.reason.value == "invalid_email"
    assert (skip.detail or "").startswith("aino@a: ")


def test_an_address_by_an_expression_is_looked_at_like_any_other() -> None:
    def by(written: str, **odd: Any) -> str:
        trigger = contact(mapping=FieldMapping(fields={"email": written}))
        return outcome(trigger, changed(invoice=invoice(counterParty={"email": "AINO@A.FI", **odd})))

    assert by("lower(invoice.counterParty.email)") == "added"
    assert by("first(invoice.counterParty.email, person.email)", email="aino@") == "invalid_email"
    assert by("first(invoice.counterParty.email, person.email)", email=" ") == "added"
    assert by("lower(invoice.counterParty.email)", email="laskut@a.fi") == "role_address"
    assert by('only_if(invoice.language, "SWEDISH", person.email)') == "no_email"


def test_an_unreadable_customer_is_the_reason_where_an_expression_looks_into_the_register() -> None:
    event = changed(customer=None, missing={"customer": "rights"})
    fields = {"email": "invoice.counterParty.email", "name": "first(invoice.nothing, customer.name)"}
    assert outcome(contact(mapping=FieldMapping(fields=fields)), event) == "customer_unreadable"
    assert outcome(contact(mapping=FieldMapping(fields={"email": fields["email"]})), event) == "added"


def test_a_shared_mailbox_is_let_through_only_by_the_settings() -> None:
    shared = changed(customer=customer(contactPersons=[], invoicingInfo={"email": "laskutus@a.fi"}))
    assert outcome(contact(), shared) == "role_address"
    assert outcome(contact(), shared, settings=Settings(role_addresses=True)) == "added"


def test_a_missing_name_never_blocks() -> None:
    unnamed = changed(customer=customer(contactPersons=[{"email": "aino@a.fi"}], invoicingInfo={}))
    assert email_of(contact(), unnamed) == {"email": "aino@a.fi"}


def test_the_address_is_sent_as_the_validator_writes_it() -> None:
    loud = changed(customer=customer(contactPersons=[{"email": " Aino@KIRJA.FI "}], invoicingInfo={}))
    assert email_of(contact(), loud) == {"email": "Aino@kirja.fi"}


@each(
    ("destination", "lists", "automation", "surveys"),
    [
        (Destination(), (), None, False),
        (Destination(lists=("a",), automation="x"), (), None, False),
        (Destination(kind=DestinationKind.LISTS, lists=("a", "b", "a")), ("a", "b"), None, True),
        (Destination(kind=DestinationKind.LISTS, lists=("a",), starts_surveys=StartsSurveys.NO), ("a",), None, False),
        (Destination(kind=DestinationKind.SURVEY, survey="s", lists=("a",)), ("a",), None, True),
        (Destination(kind=DestinationKind.AUTOMATION, automation="x", lists=("a",)), (), "x", True),
    ],
)
def test_a_destination_adds_only_to_what_its_kind_is(
    destination: Destination, lists: tuple[str, ...], automation: str | None, surveys: bool
) -> None:
    (added,) = decided(in_force(contact(destination=destination)), changed())
    assert isinstance(added, ContactAdded)
    assert (added.lists, added.automation, added.starts_surveys) == (lists, automation, surveys)
    assert added.targets == destination.targets


def test_each_live_trigger_decides_for_itself_in_their_order() -> None:
    paid = contact(OTHER, condition=Condition(statuses=frozenset({"PAID"})))
    draft = contact(UUID(int=9), live=False)
    rules = in_force(to_lists("a"), paid, draft)
    assert [found.trigger.id for found in considered(rules, changed(after="PAID"))] == [TRIGGER, OTHER]
    assert [found.trigger.id for found in considered(rules, changed())] == [TRIGGER]


def test_a_decision_is_one_per_cause_trigger_and_asker() -> None:
    (once,) = decided(in_force(), changed())
    (elsewhere,) = decided(in_force(contact(OTHER)), changed())
    (later,) = decided(in_force(), changed(change=3), at=NOW + timedelta(days=1))
    (found,) = considered(in_force(), changed())
    asked = settle(replace(found, asked_by=UUID(int=7)), Ledger(key=key))
    newer = decided(in_force(version=99), changed(), at=NOW + timedelta(days=1))[0]
    assert len({once.id, elsewhere.id, later.id, asked.id}) == 4
    assert newer.id == once.id
    assert said([once, elsewhere, later, asked]) == ["added"] * 4
