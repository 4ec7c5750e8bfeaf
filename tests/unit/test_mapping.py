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
        "invoice.invoiceSumInfo." + "9" * 5000,
    ],
)
def test_a_path_to_nothing_or_to_no_value_is_left_out(path: str) -> None:
    assert mapped(name=path) == {}


@each(("value", "sent"), [(1e22, "10000000000000000000000"), (0.0000001, "0.0000001"), (25.5, "25.5"), (True, "true")])
def test_numbers_are_sent_as_people_write_them(value: Any, sent: str) -> None:
    assert fill(FieldMapping(fields={"eid": "invoice.n"}), None, {"n": value}, None) == {"eid": sent}


def test_a_line_break_in_a_name_is_not_sent() -> None:
    assert fill(FieldMapping(fields={"name": "customer.name"}), None, {}, {"name": "A\nB"}) == {"name": "A B"}


@each(
    ("written", "sent"),
    [
        ("trim(customer.odd)", "Maija M"),
        ("lower(person.name)", "aino"),
        ("first(customer.nothing, invoice.nothing, person.phone)", "040 1"),
        ("first(customer.nothing, invoice.nothing)", None),
        ('join(" / ", customer.name, customer.nothing, invoice.invoiceNumber)', "Kirjakauppa Oy / 10045"),
        ('join(" ", customer.nothing, invoice.nothing)', None),
        ('default(customer.nothing, "ei tiedossa")', "ei tiedossa"),
        ('default(person.name, "ei tiedossa")', "Aino"),
        ('only_if(invoice.language, "FINNISH", person.name)', "Aino"),
        ('only_if(invoice.language, "SWEDISH", person.name)', None),
        ('only_if(invoice.language, "finnish", person.name)', None),
        ('only_if(invoice.nothing, "", person.name)', None),
        ('only_if(invoice.isOffer, "false", "lasku")', "lasku"),
        ('first(only_if(invoice.language, "SWEDISH", "sv"), only_if(invoice.language, "FINNISH", "fi"))', "fi"),
        ('join(", ", lower(trim(customer.odd)), default(invoice.nothing, "\\"Oy\\" \\\\"))', 'maija m, "Oy" \\'),
        ("  first( customer.nothing ,person.name )  ", "Aino"),
        ("upper(person.name)", None),
        ("trim(person.name", None),
    ],
)
def test_transformations_do_what_people_need_of_them(written: str, sent: str | None) -> None:
    filled = fill(FieldMapping(fields={"name": written}), AINO, invoice(), customer(odd=" Maija \t M "))
    assert filled.get("name") == sent


def test_persons_in_an_expression_are_the_one_that_was_chosen() -> None:
    fields = {
        "name": 'join(" ", person.name, person.phone)',
        "email": "first(person.email, invoice.counterParty.email)",
    }
    assert fill(FieldMapping(fields=fields), AINO, invoice(), customer()) == {
        "name": "Aino 040 1",
        "email": "aino@a.fi",
    }
    nobody = fill(FieldMapping(fields=fields), None, invoice(), customer())
    assert nobody == {"email": "aino.aari@kirjakauppa.fi"}


@each(
    ("written", "says"),
    [
        ("trim(person.name", r"at character 17: trim\(x\) goes on with '\)', not 'the end'"),
        ("trim(person.name, person.phone)", r"at character 17: trim\(x\) goes on with '\)', not ','"),
        ("first(person.name)", r"at character 18: first\(x, y, …\) goes on with ',', not '\)'"),
        ("blue(person.name)", r"at character 1: use one of trim, lower, first, join, default, only_if, not 'blue'"),
        ("join(person.name, person.phone)", r"at character 6: .* a text in double quotes here, not 'person.name'"),
        ("default(person.name, person.phone)", r"at character 22: .* a text in double quotes here"),
        ('only_if("FINNISH", invoice.language, person.name)', r"at character 9: .* a path here, not '\"FINNISH\"'"),
        ('only_if(invoice.language, "FINNISH")', r"at character 36: .* goes on with ',', not '\)'"),
        ('default(person.name, "Oy)', r"at character 22: a text ends with"),
        ('default(person.name, "a\nb")', r"at character 22: a text without line breaks"),
        ("trim(company.size)", r"at character 6: use person.email.* not 'company.size'"),
        (
            "trim(person.emial)",
            r"at character 6: did you mean person.email\? Else use .* not 'person.emial'",
        ),
        ("trim(invoice.a) x", r"at character 17: nothing more was expected, not 'x'"),
        ("trim()", r"at character 6: use person.email"),
        ("", r"at character 1: use person.email"),
        ('"Procountor"', "the same for everybody"),
        ('first("a", "b")', "the same for everybody"),
    ],
)
def test_what_does_not_read_is_refused_with_the_place_and_what_was_expected(written: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        check(FieldMapping(fields={"email": "person.email", "name": written}))


@each("written", ["lower(trim(person.email))", 'only_if(invoice.language, "FINNISH", person.email)'])
def test_an_address_may_be_an_expression(written: str) -> None:
    check(FieldMapping(fields={"email": written}))


@each(
    "written",
    [
        'default(person.email, "maija@a.fi")',
        'first(person.email, "maija@a.fi")',
        'only_if(invoice.language, "FINNISH", first(person.email, "maija@a.fi"))',
        'join("@", customer.name, invoice.language)',
    ],
)
def test_an_address_that_the_mapping_makes_up_is_refused(written: str) -> None:
    with pytest.raises(Misconfigured, match="may make up an address"):
        check(FieldMapping(fields={"email": written}))


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
    assert needs(PersonRule.COUNTERPARTY, email="person.email", name='only_if(customer.type, "CUSTOMER", person.name)')
    assert needs(PersonRule.NAMED_CONTACT, email="first(invoice.counterParty.email, person.email)")
    assert not needs(PersonRule.NAMED_CONTACT, email="lower(invoice.counterParty.email)")
