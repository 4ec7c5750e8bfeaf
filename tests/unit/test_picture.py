"""What an event keeps of Procountor's answers, and what of it stands open."""

from __future__ import annotations

from typing import Any

import orjson

from events.picture import CUSTOMER, INVOICE, keep, split
from facts import customer, invoice
from table import each


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


@each("odd", ["Päivi", "SENT\n", "2026-03-02 Päivi", "2026-03-02\n", "EURO", "eur", "٣", ["SENT"], {"a": "SENT"}])
def test_a_listed_field_with_an_odd_value_stays_sealed(odd: Any) -> None:
    for name in ("status", "date", "type", "invoiceChannel", "language", "partnerId"):
        opened, sealed = split({name: odd}, INVOICE)
        assert (opened, sealed) == ({}, {name: odd})


CENTURIES = "-+YXWVUABCDEF"
"""All there are, several of them since 2023 only."""
NUMBERS = [f"131052{century}308T" for century in CENTURIES]


@each(
    "number",
    [
        *NUMBERS,
        *map(str.lower, NUMBERS),
        "010594Y9032",
        "FI010594 y 9032",
        "131052 -308T",
        "131052 \u2013 308T",
        "131052\u2212308t",
        "811218-9876",
    ],
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
    for kind in ("YHD", "FI", ["HETU"]):
        assert keep({"identifier": "1234567-8", "identifierType": kind})["identifier"] == "1234567-8"
    for kind in ("PN", "SSN"):
        assert "identifier" not in keep({"identifier": "1234567-8", "identifierType": kind})


@each(
    "number",
    [*NUMBERS, "131052308T", "131052 308T", "131052 - 308 T", "13.10.52-308T", "FI131052-308T", "hetu:131052A308t"],
)
def test_a_business_id_that_is_a_persons_own_number_is_dropped(number: str) -> None:
    for field in ("identifier", "parentCompanyId"):
        assert keep({"additionalInfo": {field: number, "name": "A"}}) == {"additionalInfo": {"name": "A"}}


@each(
    "number",
    [
        "1234567-8",
        "FI12345678",
        "FI 1234567-8",
        "003712345678",
        "5566771234",
        "DE123456789",
        "SE556677123401",
        "NL123456789B01",
    ],
)
def test_a_business_id_is_kept(number: str) -> None:
    assert keep({"identifier": number}) == {"identifier": number}


def test_business_numbers_and_references_are_no_identity_numbers() -> None:
    texts = ["1234567-8", "FI12345678", "2026-03-02", "003712345678", "RF18539007547034", "1310523-308T"]
    texts += ["tilaus 202499 A 1234", "401234-5678", "erä 991399-1234"]
    assert keep(texts) == texts


def test_what_no_mapping_needs_is_not_kept_at_any_depth() -> None:
    answer = invoice(
        notes="salainen",
        attachments=[{"name": "x"}],
        travelInformationItems=[1],
        paymentInfo={"currency": "EUR", "bankAccount": {"accountNumber": "FI1"}, "cashDiscount": {"a": 1}},
    )
    assert keep(answer) == invoice(paymentInfo={"currency": "EUR"})
