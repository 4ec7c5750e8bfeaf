"""Who of the customer gets the survey: each rule alone, then their order."""

from __future__ import annotations

import unicodedata
from typing import Any

from events.integration import DEFAULT_PERSON, PersonRule
from events.person import FROM_REGISTER, Person, choose, find, text
from facts import customer, invoice
from table import each

PAIVI = Person(email="paivi.makela@kirjakauppa.fi", name="Päivi Mäkelä", phone="+358 40 222")
MATTI = Person(email="matti.maki@kirjakauppa.fi", name="Matti Mäki", phone="+358 40 111")
ONE_OFF = invoice(partnerId=None)


def register(*contacts: Any, **invoicing: Any) -> dict[str, Any]:
    return {"contactPersons": list(contacts), "invoicingInfo": invoicing}


def test_the_named_contact_is_the_entry_with_the_invoicing_persons_name() -> None:
    assert find(PersonRule.NAMED_CONTACT, invoice(), customer()) == PAIVI


@each("spelling", ["  päivi   MÄKELÄ ", unicodedata.normalize("NFD", "Päivi Mäkelä")])
def test_a_name_is_the_same_whatever_its_case_spaces_and_encoding(spelling: str) -> None:
    found = find(PersonRule.NAMED_CONTACT, invoice(), customer(invoicingInfo={"contactPerson": spelling}))
    assert found == PAIVI


def test_of_two_entries_with_one_name_the_one_with_an_address_is_taken() -> None:
    without, having = {"name": "Aino"}, {"name": "aino", "email": "aino@a.fi"}
    assert find(PersonRule.NAMED_CONTACT, {}, register(without, having, contactPerson="Aino")) == Person(
        name="aino", email="aino@a.fi"
    )
    assert find(PersonRule.NAMED_CONTACT, {}, register(without, contactPerson="Aino")) == Person(name="Aino")


def test_nobody_is_named_where_no_name_or_another_is_given() -> None:
    assert find(PersonRule.NAMED_CONTACT, {}, register({"name": "Aino", "email": "a@a.fi"})) is None
    assert find(PersonRule.NAMED_CONTACT, {}, register({"email": "a@a.fi"}, contactPerson="Aino")) is None
    assert find(PersonRule.NAMED_CONTACT, {}, register({"name": "Ainomaija"}, contactPerson="Aino")) is None


def test_the_invoicing_contact_has_the_invoicing_address() -> None:
    assert find(PersonRule.INVOICING_CONTACT, {}, customer()) == Person(
        name="Päivi Mäkelä", email="laskutus@kirjakauppa.fi"
    )
    assert find(PersonRule.INVOICING_CONTACT, {}, register(email="a@a.fi")) is None


def test_the_only_contact_is_the_only_one_that_says_anything() -> None:
    aino = {"name": "Aino", "email": "aino@a.fi"}
    assert find(PersonRule.ONLY_CONTACT, {}, register(aino)) == Person(name="Aino", email="aino@a.fi")
    assert find(PersonRule.ONLY_CONTACT, {}, register(aino, {}, {"phone": "1"}, "?", None)) is not None
    assert find(PersonRule.ONLY_CONTACT, {}, register(aino, {"name": "Eino"})) is None
    assert find(PersonRule.ONLY_CONTACT, {}, register()) is None


def test_the_first_contact_is_the_first_of_many() -> None:
    assert find(PersonRule.FIRST_CONTACT, {}, customer()) == MATTI
    assert find(PersonRule.FIRST_CONTACT, {}, register()) is None


def test_the_invoicing_address_alone_has_no_name() -> None:
    assert find(PersonRule.INVOICING_EMAIL, {}, customer()) == Person(email="laskutus@kirjakauppa.fi")
    assert find(PersonRule.INVOICING_EMAIL, {}, register(contactPerson="Aino")) is None


def test_a_one_off_customer_is_the_invoices_counterparty_and_a_registered_one_is_not() -> None:
    aino = Person(email="aino.aari@kirjakauppa.fi", name="Aino Ääri")
    assert find(PersonRule.ONE_OFF, ONE_OFF, None) == aino
    assert find(PersonRule.ONE_OFF, invoice(), None) is None
    assert find(PersonRule.COUNTERPARTY, invoice(), None) == aino
    assert find(PersonRule.COUNTERPARTY, invoice(counterParty={"contactPersonName": " "}), None) is None


def test_the_default_order_is_named_then_invoicing_then_only_then_one_off() -> None:
    full = customer()
    assert choose(DEFAULT_PERSON, invoice(), full) == (PersonRule.NAMED_CONTACT, PAIVI)
    unnamed = customer(contactPersons=[{"name": "Matti", "email": "matti@a.fi"}])
    assert (choose(DEFAULT_PERSON, invoice(), unnamed) or ("",))[0] == PersonRule.INVOICING_CONTACT
    only = register({"name": "Matti", "email": "matti@a.fi"}, email="laskutus@a.fi")
    assert (choose(DEFAULT_PERSON, invoice(), only) or ("",))[0] == PersonRule.ONLY_CONTACT
    assert (choose(DEFAULT_PERSON, ONE_OFF, None) or ("",))[0] == PersonRule.ONE_OFF
    assert choose(DEFAULT_PERSON, invoice(), None) is None


def test_one_without_an_address_gives_way_to_the_next_rule_but_is_remembered() -> None:
    lacking = register({"name": "Aino", "phone": "1"}, contactPerson="Aino", email="aino@a.fi")
    assert choose(DEFAULT_PERSON, {}, lacking) == (
        PersonRule.INVOICING_CONTACT,
        Person(name="Aino", email="aino@a.fi"),
    )
    nobody = register({"name": "Aino", "phone": "1"}, contactPerson="Aino")
    assert choose(DEFAULT_PERSON, {}, nobody) == (PersonRule.NAMED_CONTACT, Person(name="Aino", phone="1"))


def test_the_order_is_the_operators() -> None:
    order = (PersonRule.COUNTERPARTY, PersonRule.NAMED_CONTACT)
    assert (choose(order, invoice(), customer()) or ("",))[0] == PersonRule.COUNTERPARTY
    assert choose((), invoice(), customer()) is None


def test_address_name_and_phone_always_come_from_one_entry() -> None:
    for rule in PersonRule:
        person = find(rule, ONE_OFF, customer())
        assert person is None or person.phone is None or person in (PAIVI, MATTI)


@each("odd", [None, "x", 7, [], {"a": 1}, [[1]], True])
def test_odd_answers_name_nobody_and_raise_nothing(odd: Any) -> None:
    for rule in PersonRule:
        assert find(rule, {"counterParty": odd}, {"contactPersons": odd, "invoicingInfo": odd}) is None
        oddly = {"contactPersons": [{"name": odd, "email": odd}], "invoicingInfo": {"contactPerson": odd, "email": odd}}
        found = find(rule, {"counterParty": {"email": odd, "contactPersonName": odd}}, oddly)
        assert found is None or odd == "x"


def test_rules_that_need_the_register_find_nobody_without_it() -> None:
    assert all(find(rule, ONE_OFF, None) is None for rule in FROM_REGISTER)
    assert all(find(rule, ONE_OFF, None) for rule in set(PersonRule) - FROM_REGISTER)


def test_texts_lose_control_characters_and_outer_blanks() -> None:
    assert text(" Aino\r\n\tÄäri\u00a0") == "Aino   Ääri"
    assert [text(odd) for odd in (" \n", "", None, 1, ["a"])] == [None] * 5
