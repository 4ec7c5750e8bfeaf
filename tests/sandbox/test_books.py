"""The sandbox judges by itself who should have arrived in Trustmary, and compares."""

from __future__ import annotations

from typing import Any

import pytest
from email_validator import EmailNotValidError, validate_email

from sandbox.books import judge
from sandbox.customers import CustomerKind
from sandbox.world import NotAllowed, World
from table import each


def founded() -> World:
    return World(seed=1, companies=2, customers=12)


@pytest.fixture
def world() -> World:
    return founded()


def sent(world: World, **how: Any) -> int:
    number = world.add_invoice(**how).id
    world.act(number, "approve")
    world.act(number, "send")
    return number


def arrive(world: World, number: int, *, email: str = "", lists: bool = True, value: str = "") -> None:
    organization = world.organization()
    body: dict[str, Any] = {
        "email": email or world.books.expected[number].email,
        "field_invoice": value or str(number),
        "addToLists": list(organization.lists)[:1] if lists else [],
    }
    _, arrival = organization.upsert(body, at=world.clock(), switches=world.switches)
    world.books.arrive(arrival)


KINDS_THAT_FIRE = ("named_contact", "invoicing_contact", "only_contact", "several_contacts", "e_invoice", "one_off")


@each("kind", KINDS_THAT_FIRE)
def test_a_sent_invoice_of_a_reachable_customer_is_expected(kind: str) -> None:
    world = founded()
    number = sent(world, kind=kind, total=100)
    assert list(world.books.expected) == [number]


@each(
    ("kind", "reason"),
    [("no_email", "no_email"), ("invalid_email", "invalid_email"), ("shared_mailbox", "role_address")],
)
def test_an_unreachable_customer_is_skipped_with_its_reason(kind: str, reason: str) -> None:
    world = founded()
    sent(world, kind=kind, total=100)
    assert world.books.verdict().skipped == {reason: 1}


def test_credit_notes_orders_and_purchases_are_not_expected(world: World) -> None:
    sent(world, kind="credit_note")
    sent(world, kind="order")
    sent(world, kind="purchase")
    verdict = world.books.verdict()
    assert (verdict.expected, verdict.skipped) == (0, {"not_positive": 1})


def test_sent_is_passed_by_a_payment_and_not_by_marking_paid(world: World) -> None:
    paid, partly, marked = (world.add_invoice(kind="named_contact", status="NOT_SENT").id for _ in range(3))
    world.act(paid, "pay")
    world.act(partly, "partlypay")
    world.act(marked, "markpaid")
    assert sorted(world.books.expected) == [paid, partly]


def test_an_old_invoice_that_is_paid_is_not_expected(world: World) -> None:
    old = world.add_invoice(kind="named_contact", status="SENT", created="2024-01-02T03:04:05")
    world.act(old.id, "pay")
    assert world.books.expected == {}


def test_sent_twice_is_expected_once(world: World) -> None:
    number = sent(world, kind="named_contact")
    for act in ("unfinished", "approve", "send", "send"):
        world.act(number, act)
    assert list(world.books.expected) == [number]


def test_skipped_then_fixed_then_sent_again_is_expected(world: World) -> None:
    number = sent(world, kind="no_email", total=10)
    invoice = world.invoice(number)
    world.edit_customer(invoice.company, invoice.partner or 0, email="maija@esimerkki-oy.fi", contact_person="Maija")
    for act in ("unfinished", "approve", "send"):
        world.act(number, act)
    verdict = world.books.verdict()
    assert (verdict.expected, verdict.skipped) == (1, {})
    assert world.books.expected[number].email == "maija@esimerkki-oy.fi"


def test_the_verdict_tells_delivered_from_lost_doubled_and_unexpected(world: World) -> None:
    first, second, third, fourth = (sent(world, kind="named_contact", total=10) for _ in range(4))
    arrive(world, first)
    arrive(world, second, value=f"14001/{second}")
    arrive(world, second)
    arrive(world, third, lists=False)
    arrive(world, third, lists=False)
    arrive(world, fourth, email="joku.muu@esimerkki-oy.fi")
    verdict = world.books.verdict()
    assert (verdict.expected, verdict.delivered, verdict.lost_invoices) == (4, 3, [fourth])
    assert (verdict.duplicated, verdict.duplicated_invoices, verdict.repeated) == (1, [second], 1)
    assert verdict.unexpected_invoices == [str(fourth)]


def test_what_was_sent_before_connecting_can_be_left_out(world: World) -> None:
    first, second = (sent(world, company=number, kind="named_contact") for number in world.companies)
    world.books.start_over(14001)
    assert list(world.books.expected) == [second]
    world.books.start_over()
    assert (world.books.expected, world.books.skipped) == ({}, {})
    assert first != second


def test_the_person_is_chosen_in_the_default_order() -> None:
    entry: dict[str, Any] = {
        "invoicingInfo": {"contactPerson": "Maija Öhman", "email": "jokin@esimerkki-a.fi"},
        "contactPersons": [
            {"name": "Pekka Aho", "email": "pekka@esimerkki-a.fi"},
            {"name": "Maija Öhman", "email": "maija@esimerkki-a.fi"},
        ],
    }
    invoice: dict[str, Any] = {
        "invoiceSumInfo": [{"invoiceSumTotal": 1.0}],
        "counterParty": {"email": "kerta@esimerkki-b.fi", "contactPersonName": "Kerta Asiakas"},
    }
    assert judge(invoice, entry) == (("maija@esimerkki-a.fi", "Maija Öhman"), "")
    entry["contactPersons"][1]["email"] = None
    assert judge(invoice, entry) == (("jokin@esimerkki-a.fi", "Maija Öhman"), "")
    entry["invoicingInfo"]["contactPerson"] = None
    assert judge(invoice, entry) == (("jokin@esimerkki-a.fi", None), "")
    entry["contactPersons"] = entry["contactPersons"][:1]
    assert judge(invoice, entry) == (("pekka@esimerkki-a.fi", "Pekka Aho"), "")
    assert judge(invoice, None) == (("kerta@esimerkki-b.fi", "Kerta Asiakas"), "")


def test_generated_addresses_are_valid_exactly_where_they_should_be(world: World) -> None:
    for customer in world.company().customers.values():
        for address in [customer.email, *(contact.email for contact in customer.contacts)]:
            if address:
                assert _valid(address) is (customer.kind is not CustomerKind.INVALID_EMAIL), address


def test_an_act_out_of_turn_is_not_allowed(world: World) -> None:
    number = sent(world, kind="named_contact")
    with pytest.raises(NotAllowed, match="while invoice"):
        world.act(number, "invalidate")


def _valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
