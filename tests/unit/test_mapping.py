"""Contact fields from what was seen."""

from __future__ import annotations

from typing import Any

import pytest

from events.errors import Misconfigured
from events.integration import FieldMapping, PersonRule
from events.mapping import check, fill, needs_customer
from events.person import FROM_REGISTER, Person
from facts import customer, invoice
from table import each

AINO = Person(email="aino@a.fi", name="Aino", phone="040 1")


def mapped(**fields: str) -> dict[str, str]:
    return fill(FieldMapping(fields=fields), AINO, invoice(), customer())


def test_only_address_and_name_are_sent_unless_more_is_mapped() -> None:
    assert fill(FieldMapping(), AINO, invoice(), customer()) == {"email": "aino@a.fi", "name": "Aino"}


def test_what_is_empty_is_not_sent() -> None:
    assert fill(FieldMapping(), Person(email="aino@a.fi"), invoice(), None) == {"email": "aino@a.fi"}
    assert fill(FieldMapping(), None, invoice(), customer()) == {}


def test_paths_lead_into_invoice_customer_and_their_lists() -> None:
    assert mapped(
        phone="person.phone",
        company="customer.name",
        eid="invoice.invoiceNumber",
        field_sum="invoice.invoiceSumInfo.0.invoiceSumTotal",
        field_city="invoice.counterParty.counterPartyAddress.city",
        field_second="customer.contactPersons.1.name",
        field_offer="invoice.isOffer",
    ) == {
        "phone": "040 1",
        "company": "Kirjakauppa Oy",
        "eid": "10045",
        "field_sum": "124.0",
        "field_city": "Jyväskylä",
        "field_second": "Päivi Mäkelä",
        "field_offer": "false",
    }


@each(
    "path",
    [
        "invoice.nothing",
        "invoice.counterParty",
        "invoice.invoiceSumInfo",
        "invoice.invoiceSumInfo.9.currency",
        "invoice.invoiceSumInfo.currency",
        "invoice.type.0",
        "customer.registryInfo.partnerGroups.1.name",
        "person.shoe",
    ],
)
def test_a_path_to_nothing_or_to_no_value_is_left_out(path: str) -> None:
    assert mapped(name=path) == {}


@each(("value", "sent"), [(1e22, "10000000000000000000000"), (0.0000001, "0.0000001"), (25.5, "25.5"), (True, "true")])
def test_numbers_are_sent_as_people_write_them(value: Any, sent: str) -> None:
    assert fill(FieldMapping(fields={"eid": "invoice.n"}), None, {"n": value}, None) == {"eid": sent}


def test_a_line_break_in_a_name_is_not_sent() -> None:
    assert fill(FieldMapping(fields={"name": "customer.name"}), None, {}, {"name": "A\nB"}) == {"name": "A B"}


def test_the_default_mapping_and_a_custom_field_are_well() -> None:
    check(FieldMapping())
    check(FieldMapping(fields={"email": "invoice.counterParty.email", "field_x.y-z": "customer.contactPersons.0.id"}))
    check(FieldMapping(person=(), fields={"email": "customer.invoicingInfo.email"}))


@each(
    ("mapping", "says"),
    [
        (FieldMapping(fields={"name": "person.name"}), "no e-mail"),
        (FieldMapping(fields={"email": "person.email", "shoe": "person.name"}), "no contact field 'shoe'"),
        (FieldMapping(fields={"email": "person.email", "field_": "person.name"}), "no contact field"),
        (FieldMapping(fields={"email": "person.shoe"}), "person.shoe"),
        (FieldMapping(fields={"email": "invoice"}), "'invoice'"),
        (FieldMapping(fields={"email": "invoice..email"}), "invoice..email"),
        (FieldMapping(fields={"email": "invoice.email\n"}), "email"),
        (FieldMapping(fields={"email": "trigger.name"}), "trigger.name"),
        (FieldMapping(person=()), "no rule chooses a person"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_in_words(mapping: FieldMapping, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        check(mapping)


def test_the_register_is_needed_for_its_fields_and_for_its_persons() -> None:
    def needs(*rules: PersonRule, **fields: str) -> bool:
        return needs_customer(FieldMapping(person=rules, fields=fields), FROM_REGISTER)

    assert needs(PersonRule.NAMED_CONTACT, email="person.email")
    assert needs(PersonRule.COUNTERPARTY, email="person.email", company="customer.name")
    assert not needs(PersonRule.ONE_OFF, PersonRule.COUNTERPARTY, email="person.email")
    assert not needs(PersonRule.NAMED_CONTACT, email="invoice.counterParty.email")
