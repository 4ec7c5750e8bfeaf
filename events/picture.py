"""What of Procountor's answers an event keeps, and which of it may stand unsealed in the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from events.invoice import InvoiceType, Status
from events.jsonable import DEEPEST

Json = Mapping[str, Any]
Shape = Mapping[str, Any]
"""Key → test of a value that may stand open, a nested shape, or a list of one nested shape."""

DAY, MONTH = "(0[1-9]|[12][0-9]|3[01])", "(0[1-9]|1[0-2])"
BORN = rf"({DAY}{MONTH}[0-9]{{2}}|[0-9]{{2}}{MONTH}{DAY})"
"""As Finland writes it, and as Sweden does."""
CENTURY, CHECK = r"[-+A-FU-Y\u2010-\u2015\u2212]", "[0-9A-FHJ-NPR-Y]"
"""What stands between the date of birth and the rest: several since 2023, and dashes as word processors write them."""
IDENTITY_NUMBER = re.compile(rf"(?<![0-9A-Za-z])(FI)?{BORN}\s?{CENTURY}\s?\d{{3}}{CHECK}(?![0-9A-Za-z])", re.IGNORECASE)
"""A personal identity number of Finland's: dropped before anything is written down, in a tax code too."""
UNTIDY = re.compile(rf"(?<![0-9]){BORN}({CENTURY}\d{{3}}{CHECK}|\d{{3}}[A-FHJ-NPR-Y])(?![0-9A-Za-z])", re.IGNORECASE)
"""One that somebody wrote where a business id belongs, without blanks and dots."""

DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
STATUS = re.compile(r"[A-Z]{2,}(_[A-Z]+)*")
"""A status of Procountor's, known or not."""
REASON = re.compile(r"[a-z]+(_[a-z]+)*")
CURRENCY = re.compile(r"[A-Z]{3}")
CHANNELS = frozenset({"EMAIL", "MAIL", "ELECTRONIC_INVOICE", "EDIFACT", "PAPER_INVOICE", "NO_SENDING"})
LANGUAGES = frozenset({"DANISH", "ENGLISH", "ESTONIAN", "FINNISH", "NORWEGIAN", "SWEDISH"})

NOT_KEPT = frozenset({
    "notes", "attachments", "travelInformationItems", "bankAccount", "bankReferenceCode", "clearingCode",
    "cashDiscount", "einvoiceAddress", "einvoiceOperator", "ovt", "invoiceOperatorInfo",
    "invoiceApprovalInformation", "comments1", "comments2", "socialSecurityNumber", "accountingCode",
})  # fmt: skip
"""Keys, at any depth, that no mapping needs (notes, attachments, bank accounts, travel)."""
PERSONAL_KINDS = ("HETU", "PN", "SSN")
"""Identifiers that are a person's: in Finland, in Sweden, elsewhere."""
IDENTIFIERS = {"identifierType": "identifier", "parentCompanyIdType": "parentCompanyId"}
"""Key that says what kind of identifier another key holds → that key."""


def anything(value: object) -> bool:
    return True


def number(value: object) -> bool:
    return isinstance(value, (int, float))


def text_like(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


date, currency = text_like(DATE), text_like(CURRENCY)


def one_of(words: frozenset[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in words


INVOICE: Shape = {
    **dict.fromkeys(("id", "partnerId", "invoiceNumber", "creatorId", "ledgerReceiptId", "isOffer"), number),
    **dict.fromkeys(("discountPercent", "penaltyPercent"), number),
    **dict.fromkeys(("date", "dueDate", "newDueDate", "paymentDate", "created", "version"), date),
    **dict.fromkeys(("deliveryStartDate", "deliveryEndDate"), date),
    "type": one_of(frozenset(InvoiceType)),
    "status": one_of(frozenset(Status)),
    "invoiceChannel": one_of(CHANNELS),
    "language": one_of(LANGUAGES),
    "paymentInfo": {"currency": currency, "dueDate": date, "newDueDate": date, "currencyRate": number},
    "invoiceSumInfo": [
        {
            "currency": currency,
            **dict.fromkeys(("inAccountingCurrency", "excludingVatTotal", "vatSumTotal", "invoiceSumTotal"), number),
        }
    ],
}
CUSTOMER: Shape = {
    "id": number,
    "version": date,
    "type": one_of(frozenset({"CUSTOMER", "SUPPLIER", "PERSON"})),
    "invoicingInfo": {"invoiceChannel": one_of(CHANNELS), "language": one_of(LANGUAGES)},
    "registryInfo": {"active": number, "partnerGroups": [{"id": number, "active": number}]},
}
CHANGE: Shape = {
    **dict.fromkeys(("integration", "invoice_id", "change", "kind", "old"), anything),
    **dict.fromkeys(("before", "after"), text_like(STATUS)),
    **dict.fromkeys(("version", "created"), date),
    "missing": dict.fromkeys(("invoice", "customer"), text_like(REASON)),
    "invoice": INVOICE,
    "customer": CUSTOMER,
}
"""A whole InvoiceStatusChanged: what Procountor sent in place of a status or a time may be anything."""
READ: Shape = {**dict.fromkeys(("integration", "partner", "reading"), anything), "customer": CUSTOMER}
"""A whole CustomerRead."""


def keep(answer: Any, room: int = DEEPEST) -> Any:
    """An answer of Procountor's without what no mapping needs, and without personal identity numbers.

    With *room* for so many levels: what lies deeper is left out.
    """
    match answer:
        case dict() | list() if not room:
            return None
        case dict():
            dropped = NOT_KEPT | {
                of
                for kind, of in IDENTIFIERS.items()
                if answer.get(kind) in PERSONAL_KINDS or is_personal(answer.get(of))
            }
            return {
                key: kept
                for key, value in answer.items()
                if key not in dropped and (kept := keep(value, room - 1)) not in (None, "", [], {})
            }
        case list():
            return [keep(value, room - 1) for value in answer]
        case str():
            return IDENTITY_NUMBER.sub("", answer)
        case _:
            return answer


def is_personal(identifier: object) -> bool:
    """Whether a personal identity number stands where a business id belongs."""
    return isinstance(identifier, str) and UNTIDY.search("".join(identifier.split()).replace(".", "")) is not None


def impersonal(name: str) -> str:
    """*name* without the identity number that some have in it."""
    return IDENTITY_NUMBER.sub("", name).strip()


def split(value: Json, shape: Shape) -> tuple[dict[str, Any], dict[str, Any]]:
    """*value* in two: what may stand open, by *shape*'s allow-list, and all the rest; `join` makes it whole again."""
    opened: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for key, item in value.items():
        match shape.get(key):
            case dict() as inner if isinstance(item, dict):
                opened_item, sealed_item = split(item, inner)
                if opened_item or not sealed_item:
                    opened[key] = opened_item
                if sealed_item:
                    sealed[key] = sealed_item
            case [inner] if isinstance(item, list) and all(isinstance(entry, dict) for entry in item):
                pairs = [split(entry, inner) for entry in item]
                opened[key] = [pair[0] for pair in pairs]
                if any(pair[1] for pair in pairs):
                    sealed[key] = [pair[1] for pair in pairs]
            case test if test is not None and (item is None or (callable(test) and test(item))):
                opened[key] = item
            case _:
                sealed[key] = item
    return opened, sealed


def join(opened: Any, sealed: Any) -> Any:
    """The value that was split, made of *opened* itself; with *sealed* gone, what stood open."""
    if isinstance(opened, dict) and isinstance(sealed, dict):
        for key, item in sealed.items():
            opened[key] = join(opened[key], item) if key in opened else item
        return opened
    if isinstance(opened, list) and isinstance(sealed, list) and len(opened) == len(sealed):
        return [join(*pair) for pair in zip(opened, sealed, strict=True)]
    return sealed
