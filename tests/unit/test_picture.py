"""What an event keeps of Procountor's answers, and what of it stands open."""

from __future__ import annotations

import string
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.codec import decode, encode
from events.picture import CHANGE, CUSTOMER, INVOICE, join, keep, split
from facts import changed, customer, invoice

PLANTED = ("Päivi Mäkelä", "paivi.makela@kirjakauppa.fi", "131052-308T", "Kotikatu 1 A", "+358 40 123", "päivi")
VALUE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((*PLANTED, "", "EUR", "SENT", "EMAIL", "FINNISH", "2026-03-02", "SALES_INVOICE"))
    | st.text(string.ascii_letters + "äö@-_ 0", max_size=6)
)
KEYS = st.sampled_from(sorted({*INVOICE, *CUSTOMER, "currency", "invoiceSumTotal", "active", "name", "email", "x"}))
JSON = st.recursive(
    VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
PICTURE = st.dictionaries(KEYS, JSON, max_size=6)


@settings(max_examples=80, deadline=None)
@given(PICTURE, st.sampled_from([INVOICE, CUSTOMER, CHANGE, {}]))
def test_what_is_split_joins_to_the_same(value: dict[str, Any], shape: dict[str, Any]) -> None:
    opened, sealed = split(value, shape)
    assert join(opened, sealed) == value
    assert join(orjson.loads(orjson.dumps(opened)), orjson.loads(orjson.dumps(sealed))) == value


def texts(value: Any) -> list[str]:
    match value:
        case dict():
            return [text for key, item in value.items() for text in (key, *texts(item))]
        case list():
            return [text for item in value for text in texts(item)]
        case str():
            return [value]
        case _:
            return []


@settings(max_examples=80, deadline=None)
@given(
    PICTURE,
    PICTURE,
    st.dictionaries(st.sampled_from(["before", "after", "version", "created"]), st.sampled_from(PLANTED)),
)
def test_no_planted_person_ever_stands_open(one: dict[str, Any], other: dict[str, Any], odd: dict[str, Any]) -> None:
    event = changed(invoice=one, customer=other, missing={"invoice": PLANTED[0]}, **odd)
    encoded = encode(event)
    opened = texts(orjson.loads(encoded.data))
    assert not [text for text in opened if text in PLANTED or "@" in text or any(ord(letter) > 127 for letter in text)]
    assert decode(encoded.type, encoded.schema, encoded.data, encoded.personal) == event


def test_the_default_pictures_stand_open_as_listed_and_no_further() -> None:
    opened, _ = split(invoice(), INVOICE)
    assert set(opened) == {
        "id", "partnerId", "type", "status", "invoiceNumber", "invoiceChannel", "language", "date", "isOffer",
        "invoiceSumInfo",
    }  # fmt: skip
    opened, _ = split(customer(), CUSTOMER)
    assert opened == {
        "id": 51234,
        "type": "CUSTOMER",
        "version": "2026-01-15T09:30:00",
        "invoicingInfo": {"invoiceChannel": "EMAIL", "language": "SWEDISH"},
        "registryInfo": {"active": True, "partnerGroups": [{"id": 7}, {"id": 8}]},
    }


@pytest.mark.parametrize(
    "odd", ["Päivi", "SENT\n", "2026-03-02 Päivi", "2026-03-02\n", "EURO", "eur", "٣", ["SENT"], {"a": "SENT"}]
)
def test_a_listed_field_with_an_odd_value_stays_sealed(odd: Any) -> None:
    for name in ("status", "date", "type", "invoiceChannel", "language", "partnerId"):
        opened, sealed = split({name: odd}, INVOICE)
        assert (opened, sealed) == ({}, {name: odd})


@pytest.mark.parametrize(
    "number", ["131052-308T", "131052+308T", "131052A308T", "131052a308t", "010203Y999X", "010594Y9032"]
)
def test_identity_numbers_are_dropped_wherever_they_stand(number: str) -> None:
    answer = {"a": number, "b": [f"hetu {number}.", {"c": f"({number})", "d": "Päivi"}], "e": number * 1 + " "}
    assert number not in orjson.dumps(keep(answer)).decode()
    assert keep(answer)["b"][1]["d"] == "Päivi"


def test_an_identifier_that_says_it_is_an_identity_number_is_dropped_whatever_it_looks_like() -> None:
    answer = customer(
        invoicingInfo={"identifier": "131052308T", "identifierType": "HETU"},
        additionalInfo={"parentCompanyId": "131052 308T", "parentCompanyIdType": "HETU"},
    )
    assert "308T" not in orjson.dumps(keep(answer)).decode()
    assert keep({"identifier": "1234567-8", "identifierType": "YHD"})["identifier"] == "1234567-8"


def test_business_numbers_and_references_are_no_identity_numbers() -> None:
    texts = ["1234567-8", "FI12345678", "2026-03-02", "003712345678", "RF18539007547034", "1310523-308T"]
    assert keep(texts) == texts


def test_what_no_mapping_needs_is_not_kept_at_any_depth() -> None:
    answer = invoice(
        notes="salainen",
        attachments=[{"name": "x"}],
        travelInformationItems=[1],
        paymentInfo={"currency": "EUR", "bankAccount": {"accountNumber": "FI1"}, "cashDiscount": {"a": 1}},
    )
    assert keep(answer) == invoice(paymentInfo={"currency": "EUR"})


@settings(max_examples=60, deadline=None)
@given(PICTURE)
def test_keeping_what_is_kept_changes_nothing(answer: dict[str, Any]) -> None:
    assert keep(keep(answer)) == keep(answer)
