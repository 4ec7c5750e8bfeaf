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


@each("number", ["131052-308T", "131052+308T", "131052A308T", "131052a308t", "010203Y999X", "010594Y9032"])
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
