"""`GET /invoices`: what every query parameter means, and the search over a company's indexes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sandbox.answers import Rejected
from sandbox.company import Company
from sandbox.invoices import Invoice
from sandbox.query import (
    DAY,
    MAX_SIZE,
    MOMENT,
    read_flag,
    read_int,
    read_members,
    read_moment,
    read_order,
    read_page,
    whole,
)
from sandbox.statuses import Channel, InvoiceType, Status

Test = Callable[[Invoice], bool]

_ORDERS: dict[str, Callable[[Invoice], tuple[str, int] | int]] = {
    "orderById": lambda invoice: invoice.id,
    "orderByDate": lambda invoice: (invoice.date, invoice.id),
    "orderByCreated": lambda invoice: (invoice.created, invoice.id),
    "orderByVersion": lambda invoice: (invoice.version, invoice.id),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    invoices: list[Invoice]
    total: int


def search(company: Company, query: Mapping[str, str], *, creator: int | None, inclusive: bool) -> Found:
    """The page asked for and the number of all that match; *creator* narrows to one user's invoices."""
    page = read_page(query)
    tests = _tests(query, inclusive=inclusive)
    if creator is not None:
        tests.append(lambda invoice: invoice.creator == creator)
    matching = _in_order(_candidates(company, query, inclusive=inclusive), query)
    found = [invoice for invoice in matching if all(test(invoice) for test in tests)]
    start = page.number * page.size
    return Found(invoices=found[start : start + page.size], total=len(found))


def _candidates(company: Company, query: Mapping[str, str], *, inclusive: bool) -> list[Invoice]:
    start, end = read_moment(query, "versionStartDate"), read_moment(query, "versionEndDate")
    statuses = read_members(query, "status", Status)
    ids: Iterable[int]
    if start or end or not statuses:
        ids = company.between(start, end, inclusive=inclusive)
    else:
        ids = company.in_statuses(statuses)
    return [company.invoices[number] for number in ids if number not in company.hidden]


def _in_order(invoices: list[Invoice], query: Mapping[str, str]) -> list[Invoice]:
    orders = [name for name in _ORDERS if name in query] or ["orderById"]
    for name in reversed(orders):
        invoices.sort(key=_ORDERS[name], reverse=read_order(query, name))
    return invoices


def _tests(query: Mapping[str, str], *, inclusive: bool) -> list[Test]:
    tests: list[Test] = []
    statuses = read_members(query, "status", Status)
    types = read_members(query, "types", InvoiceType)
    channels = read_members(query, "invoiceChannel", Channel)
    if statuses:
        tests.append(lambda invoice: invoice.status in statuses)
    if types:
        tests.append(lambda invoice: invoice.type in types)
    if channels:
        tests.append(lambda invoice: invoice.channel in channels)
    tests += _date_tests(query, inclusive=inclusive)
    tests += _number_tests(query)
    return tests + _text_tests(query)


def _date_tests(query: Mapping[str, str], *, inclusive: bool) -> list[Test]:
    tests: list[Test] = []
    ranges: tuple[tuple[str, re.Pattern[str], Callable[[Invoice], str]], ...] = (
        ("{}", DAY, lambda invoice: invoice.date),
        ("due{}", DAY, lambda invoice: invoice.due),
        ("created{}", MOMENT, lambda invoice: invoice.created),
    )
    for form, pattern, value in ranges:
        first, last = ("startDate", "endDate") if form == "{}" else (form.format("StartDate"), form.format("EndDate"))
        start, end = read_moment(query, first, pattern), read_moment(query, last, pattern)
        if start or end:
            tests.append(_within(value, start, end or "9999", inclusive=inclusive))
    return tests


def _within(value: Callable[[Invoice], str], start: str, end: str, *, inclusive: bool) -> Test:
    if inclusive:
        return lambda invoice: start <= value(invoice) <= end
    return lambda invoice: start < value(invoice) < end


def _number_tests(query: Mapping[str, str]) -> list[Test]:
    tests: list[Test] = []
    if partner := read_int(query, "businessPartnerId", 0):
        tests.append(lambda invoice: invoice.partner == partner)
    if number := read_int(query, "invoiceNumber", 0):
        tests.append(lambda invoice: invoice.number == number)
    if read_int(query, "factoringContractId", 0):
        tests.append(lambda invoice: False)
    if query.get("productId"):
        wanted = {whole(word, "productId") for word in query["productId"].split(",")}
        if len(wanted) > MAX_SIZE:
            raise Rejected(400, f"at most {MAX_SIZE} products", field="productId")
        tests.append(lambda invoice: any(row.get("productId") in wanted for row in invoice.paper["invoiceRows"]))
    if previous := read_int(query, "previousId", 0):
        falling = read_order(query, "orderById")
        tests.append(lambda invoice: invoice.id < previous if falling else invoice.id > previous)
    return tests


def _text_tests(query: Mapping[str, str]) -> list[Test]:
    tests: list[Test] = []
    if original := query.get("originalInvoiceNumber"):
        tests.append(lambda invoice: invoice.paper.get("originalInvoiceNumber") == original)
    if "isOffer" in query:
        offer = read_flag(query, "isOffer", default=False)
        tests.append(lambda invoice: invoice.type is InvoiceType.SALES_ORDER and invoice.is_offer is offer)
    if term := query.get("searchTerm", "").lower():
        tests.append(lambda invoice: term in _searched(invoice))
    return tests


def _searched(invoice: Invoice) -> str:
    name = invoice.paper["counterParty"]["counterPartyAddress"]["name"]
    return f"{name} {invoice.number} {invoice.paper.get('additionalInformation') or ''}".lower()
