"""The fields that can be mapped: all that Procountor has and an event keeps, in two languages, and what was seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from events import picture
from events.catalogue import WITHHELD, Sightings, check, fields, offered
from events.errors import Misconfigured
from events.expression import Path as Place
from events.expression import look_up
from events.grammar import PERSON, parse
from events.integration import FieldMapping
from events.labels import FINNISH, MAIN, label
from events.shapes import FieldType
from facts import changed, invoice
from table import each

ROOT = Path(__file__).parents[2]
SCHEMA: Mapping[str, Any] = json.loads((ROOT / "tests" / "contract" / "procountor.schema.json").read_text())[
    "definitions"
]


def of_schema(at: str, what: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every value below *at*, as the schema has it, and its type."""
    if name := what.get("$ref"):
        yield from of_schema(at, SCHEMA[name.rpartition("/")[2]])
    elif what.get("type") == "array":
        yield from of_schema(f"{at}.0", what["items"])
    elif "properties" in what:
        for key, inner in what["properties"].items():
            yield from of_schema(f"{at}.{key}", inner)
    elif "enum" in what:
        yield at, "choice"
    else:
        by_format = {"date": "date", "date-time": "time"}
        yield at, by_format.get(what.get("format", ""), {"string": "text"}.get(what["type"], what["type"]))


def kept(path: str) -> bool:
    """Whether an answer with a value at *path* still has it once an event keeps it."""
    root, *steps = path.split(".")
    answer: Any = "Esimerkki"
    for step in reversed(steps):
        answer = [answer] if step == "0" else {step: answer}
    return bool(look_up({root: picture.keep(answer)}, path) == "Esimerkki")


def test_the_catalogue_is_what_the_schema_has_and_an_event_keeps() -> None:
    every = {
        **dict(of_schema("invoice", SCHEMA["InvoiceBasicInfo"])),
        **dict(of_schema("invoice", SCHEMA["Invoice"])),
        **dict(of_schema("customer", SCHEMA["BusinessPartner"])),
    }
    wanted = {path: type for path, type in every.items() if kept(path) and path not in WITHHELD}
    assert {path: str(field.type) for path, field in fields().items() if path not in PERSON} == wanted
    assert fields().keys() >= PERSON
    assert len(wanted) > 150


def test_what_is_offered_can_be_mapped_and_what_no_event_keeps_is_not_offered() -> None:
    for path in fields():
        assert parse(path) == Place(path)
        check(FieldMapping(fields={"name": path}))
    assert all(kept(path) for path in fields())
    assert not [path for path in fields() if picture.NOT_KEPT & set(path.split("."))]


def test_every_field_has_a_label_of_its_own_in_both_languages() -> None:
    labels = [one.label for one in fields().values()]
    for told in ([one.en for one in labels], [one.fi for one in labels]):
        assert len(set(told)) == len(told)
        assert all(one and one[0].isupper() for one in told)
    keys = {step for path in fields() for step in path.split(".") if step != "0"} - {"person"}
    assert keys - FINNISH.keys() == set()
    assert MAIN.keys() <= fields().keys()


@each(
    ("path", "en", "fi"),
    [
        ("invoice.date", "Invoice date", "Laskun päivä"),
        ("invoice.billingAddress.zip", "Invoice: billing address, postal code", "Lasku: laskutusosoite, postinumero"),
        ("customer.contactPersons.1.id", "Customer: contact person 2, id", "Asiakas: yhteyshenkilö 2, tunnus"),
        (
            "invoice.customFields.0.myOwn_key",
            "Invoice: custom fields 1, my own key",
            "Lasku: custom fields 1, my own key",
        ),
    ],
)
def test_labels_are_readable(path: str, en: str, fi: str) -> None:
    assert (label(path).en, label(path).fi) == (en, fi)


def test_what_was_seen_has_type_example_and_how_often_it_was_filled() -> None:
    seen = Sightings()
    own = {"key": 7, "on": True, "day": "2026-03-02"}
    seen.add([changed(invoice=invoice(orderReference="PO-1", customFields=[own]))])
    seen.add([changed(invoice=invoice(orderReference=" ")), changed(invoice=invoice(orderReference="PO-0"))])
    assert seen.changes == 3

    def sighted(path: str) -> tuple[str, str, int]:
        one = seen.fields[path]
        return one.type.value, one.example, one.filled

    assert sighted("invoice.orderReference") == ("text", "PO-1", 2)
    assert sighted("invoice.invoiceNumber") == ("number", "10045", 3)
    assert sighted("invoice.language") == ("choice", "FINNISH", 3)
    assert sighted("invoice.invoiceSumInfo.0.invoiceSumTotal") == ("number", "124.0", 3)
    assert sighted("customer.name") == ("text", "Kirjakauppa Oy", 3)
    assert sighted("person.email") == ("text", "paivi.makela@kirjakauppa.fi", 3)
    assert sighted("invoice.customFields.0.key") == ("number", "7", 1)
    assert sighted("invoice.customFields.0.on") == ("boolean", "true", 1)
    assert sighted("invoice.customFields.0.day") == ("date", "2026-03-02", 1)
    assert "customer.contactPersons.1.name" not in seen.fields


def test_what_is_seen_is_offered_only_where_an_event_keeps_it_and_a_path_can_name_it() -> None:
    seen = Sightings()
    odd = {"two words": "x", "": "x", "a.b": "x", "näin": "x", "notes": "x", "counterParty": {"identifier": "1"}}
    deep: Any = "x"
    for _ in range(1000):
        deep = {"a": deep}
    seen.add([changed(invoice={**odd, "deep": deep, "many": list(range(50))}, customer={"socialSecurityNumber": "x"})])
    found = {one.field.path for one in offered(seen)} - fields().keys()
    assert found == {"invoice.näin", *(f"invoice.many.{number}" for number in range(10))}
    for path in found:
        check(FieldMapping(fields={"name": f"trim({path})"}), seen.fields)


def test_the_useful_ones_come_first_and_then_those_that_are_filled_most_often() -> None:
    seen = Sightings()
    seen.add([changed(invoice=invoice(sum=1, ownKey="x"))])
    seen.add([changed(invoice=invoice(sum=2))])
    order = [one.field.path for one in offered(seen)]
    assert order[: len(MAIN)] == list(MAIN)
    assert order.index("invoice.sum") < order.index("invoice.ownKey") < order.index("invoice.billingAddress.city")
    assert {one.changes for one in offered(seen)} == {2}
    assert [one.filled for one in offered(seen) if one.field.path == "invoice.sum"] == [2]
    assert len(offered(Sightings())) == len(fields())


@each(
    ("written", "says"),
    [
        ("invoice.counterparty.name", "did you mean invoice.counterParty.counterPartyAddress.name?"),
        ("trim(customer.emial)", "name is mapped to customer.emial: .* did you mean customer.invoicingInfo.email or "),
        ("customer.contactPersons.email", "did you mean customer.contactPersons.0.email?"),
        ("customer.contactPersons.2.emial", "did you mean customer.contactPersons.2.email?"),
        ("invoice.number", "did you mean invoice.orderNumber or invoice.invoiceNumber?"),
        ("invoice.customfields.0.valeu", "did you mean invoice.customFields.0.value?"),
        ("invoice.counterParty", "holds several fields; name one of them, such as invoice.counterParty.email"),
        ("customer.contactPersons.1", "such as customer.contactPersons.1.email"),
        ("invoice.notes", "no event keeps notes"),
        ("invoice.counterParty.identifier", "personal identity number; use customer.invoicingInfo.identifier"),
        ("invoice.xyzzy", "`ptm trigger fields` lists"),
        ('only_if(invoice.langauge, "FINNISH", person.name)', "did you mean invoice.language?"),
    ],
)
def test_a_path_that_nothing_has_is_refused_with_what_it_may_have_meant(written: str, says: str) -> None:
    seen = ["invoice.customFields.0.value"]
    with pytest.raises(Misconfigured, match=re.escape(says).replace(r"\.\*", ".*").replace(r"\ ", " ")):
        check(FieldMapping(fields={"email": "person.email", "name": written}), seen)


def test_any_entry_of_a_list_and_any_key_that_was_seen_may_be_mapped() -> None:
    check(FieldMapping(fields={"name": "customer.contactPersons.7.name", "eid": "invoice.invoiceRows.3.productCode"}))
    check(FieldMapping(fields={"name": "invoice.customFields.4.value"}), ["invoice.customFields.0.value"])
    with pytest.raises(Misconfigured):
        check(FieldMapping(fields={"name": "invoice.customFields.4.value"}))


def test_types_are_words_that_are_told() -> None:
    assert {one.type for one in fields().values()} == set(FieldType)
