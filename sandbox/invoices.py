"""One invoice: what is printed on it, and its two shapes on the wire, kept as bytes until it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Any

import orjson

from sandbox.customers import Customer, CustomerKind
from sandbox.population import phone
from sandbox.statuses import Channel, InvoiceType, Status

NEWER_FIELDS = ("counterParty", "newDueDate", "creatorId", "isOffer")
"""List fields that versions before 26.04 do not have."""

_VAT = 25.5
_WORK = (
    ("Huoltotyö", "HOUR", 78.0),
    ("Kuukausimaksu, ylläpito", "MONTH", 149.0),
    ("Asennus ja käyttöönotto", "PIECE", 390.0),
    ("Matkakulut", "KILOMETER", 0.57),
    ("Siivous, toimistotilat", "MONTH", 620.0),
    ("Konsultointi", "HOUR", 115.0),
    ("Varaosat ja tarvikkeet", "LOT", 64.9),
    ("Lisenssi, vuosimaksu", "PIECE", 980.0),
)
_REMARK = (
    "Kiitos tilauksestanne! Työn ovat tehneet omat asentajamme sovitussa aikataulussa. Huomautukset laskusta pyydämme "
    "tekemään kahdeksan päivän kuluessa. Viivästyskorko korkolain mukaan. Ystävällisesti pyydämme käyttämään maksaessa "
    "viitenumeroa, niin suoritus kohdistuu oikein."
)


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    ORDER = "order"
    OFFER = "offer"
    PURCHASE = "purchase"


_TYPES = {
    InvoiceKind.ORDER: InvoiceType.SALES_ORDER,
    InvoiceKind.OFFER: InvoiceType.SALES_ORDER,
    InvoiceKind.PURCHASE: InvoiceType.PURCHASE_INVOICE,
}


@dataclass(slots=True, kw_only=True)
class Invoice:
    id: int
    company: int
    partner: int | None
    type: InvoiceType
    status: Status
    number: int
    channel: Channel
    date: str
    due: str
    created: str
    version: str
    creator: int
    is_offer: bool
    language: str
    currency: str
    total_cents: int
    paper: dict[str, Any]
    """What is printed: counterParty, addresses, invoiceRows, texts and references."""
    paid_on: str | None = None
    payments: list[dict[str, Any]] = field(default_factory=list)
    detail_bytes: bytes | None = None
    item_bytes: bytes | None = None

    def detail(self) -> bytes:
        """The whole invoice, as `GET /invoices/{id}` gives it."""
        if self.detail_bytes is None:
            self.detail_bytes = orjson.dumps(self.written())
        return self.detail_bytes

    def item(self) -> bytes:
        """The list item, as `GET /invoices` gives it."""
        if self.item_bytes is None:
            self.item_bytes = orjson.dumps(self._item())
        return self.item_bytes

    def older_item(self, *, sums: bool) -> bytes:
        """The list item of versions before 26.04; those before 24.08 have no *sums* either."""
        gone = NEWER_FIELDS if sums else (*NEWER_FIELDS, "invoiceSumInfo")
        return orjson.dumps({name: value for name, value in self._item().items() if name not in gone})

    def change(self, status: Status, version: str | None) -> None:
        self.status = status
        self.version = version or self.version
        self.detail_bytes = self.item_bytes = None

    def written(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "partnerId": self.partner,
            "type": self.type,
            "status": self.status,
            "date": self.date,
            "paymentDate": self.paid_on,
            **self.paper,
            "paymentInfo": self._payment(),
            "extraInfo": {"accountingByRow": False, "unitPricesIncludeVat": False},
            "discountPercent": 0,
            "invoiceNumber": self.number,
            "vatStatus": 1,
            "invoiceChannel": self.channel,
            "penaltyPercent": 8.0,
            "language": self.language,
            "ledgerReceiptId": self.id + 500_000,
            "travelInformationItems": [],
            "attachments": [],
            "version": self.version,
            "invoiceSumInfo": [self._sums()],
            "creatorId": self.creator,
            "isOffer": self.is_offer,
        }

    def _item(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "partnerId": self.partner,
            "type": self.type,
            "status": self.status,
            "invoiceNumber": self.number,
            "originalInvoiceNumber": self.paper.get("originalInvoiceNumber", ""),
            "invoiceChannel": self.channel,
            "date": self.date,
            "dueDate": self.due,
            "newDueDate": None,
            "created": self.created,
            "version": self.version,
            "invoiceSumInfo": [self._sums()],
            "creatorId": self.creator,
            "counterParty": self.paper["counterParty"],
            "isOffer": self.is_offer,
        }

    def _payment(self) -> dict[str, Any]:
        return {
            "paymentMethod": "BANK_TRANSFER",
            "currency": self.currency,
            "bankAccount": {"accountNumber": "FI2112345600000785", "bic": "NDEAFIHH"},
            "dueDate": self.due,
            "newDueDate": None,
            "currencyRate": 1,
            "bankReferenceCode": str(self.number),
            "bankReferenceCodeType": "FI",
        }

    def _sums(self) -> dict[str, Any]:
        total = self.total_cents / 100
        net = round(total / (1 + _VAT / 100), 2)
        return {
            "currency": self.currency,
            "inAccountingCurrency": True,
            "excludingVatTotal": net,
            "vatSumTotal": round(total - net, 2),
            "invoiceSumTotal": total,
        }


def type_of(kind: InvoiceKind) -> InvoiceType:
    return _TYPES.get(kind, InvoiceType.SALES_INVOICE)


def due_after(day: str, days: int = 14) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def print_paper(customer: Customer, rng: Random, *, total: float | None, first_row: int) -> tuple[dict[str, Any], int]:
    """What is printed for *customer*, and its total in cents with VAT; a given *total* makes it one row."""
    rows = [_row(first_row, total / (1 + _VAT / 100), rng)] if total is not None else _rows(first_row, rng)
    cents = round(total * 100) if total is not None else total_cents(rows)
    paper = {
        "counterParty": counter_party(customer),
        "billingAddress": customer.written_address,
        "deliveryAddress": customer.written_address,
        "deliveryTermsInfo": {"name": None, "municipality": None},
        "orderReference": f"PO-{rng.randrange(10_000)}",
        "invoiceRows": rows,
        "originalInvoiceNumber": "",
        "deliveryInstructions": None,
        "additionalInformation": _REMARK,
        "notes": f"Asiakas tavoitettu puhelimitse {phone(rng)}, toimitus sovittu.",
        "orderNumber": str(rng.randrange(1_000_000)),
        "agreementNumber": None,
        "accountingCode": None,
        "deliverySite": customer.address.city,
        "buyerReferenceIdentifier": None,
        "sellerReferenceIdentifier": None,
    }
    return paper, cents


def counter_party(customer: Customer) -> dict[str, Any]:
    contact = customer.contact_person or (customer.contacts[0].name if customer.contacts else "")
    email = None if customer.kind is CustomerKind.E_INVOICE else customer.email or None
    return {
        "contactPersonName": contact or None,
        "identifier": customer.identifier,
        "taxCode": "FI" + customer.identifier.replace("-", ""),
        "customerNumber": customer.number,
        "email": email,
        "bccAddresses": [],
        "counterPartyAddress": customer.written_address,
        "bankAccount": {"accountNumber": None, "bic": None},
        "einvoiceAddress": {"operator": None, "address": None, "ediId": None},
    }


def total_cents(rows: list[dict[str, Any]]) -> int:
    """The sum of *rows* with VAT."""
    return round(sum(_row_total(row) for row in rows) * 100)


def _row_total(row: dict[str, Any]) -> float:
    net = float(row["quantity"]) * float(row["unitPrice"]) * (1 - float(row["discountPercent"]) / 100)
    return net * (1 + float(row["vatPercent"]) / 100)


def _rows(first: int, rng: Random) -> list[dict[str, Any]]:
    return [_row(first + place, None, rng) for place in range(rng.choice((1, 2, 2, 3, 4)))]


def _row(number: int, net: float | None, rng: Random) -> dict[str, Any]:
    product, unit, price = rng.choice(_WORK)
    return {
        "id": number,
        "productId": None,
        "product": product,
        "productCode": f"T{rng.randrange(1000):03d}",
        "quantity": 1 if net is not None else rng.randrange(1, 20),
        "unit": unit,
        "unitPrice": price if net is None else round(net, 4),
        "discountPercent": 0,
        "vatPercent": _VAT,
        "vatStatus": 1,
        "comment": "",
        "startDate": None,
        "endDate": None,
        "headerText": None,
        "explanationText": "Sopimuksen mukaan",
    }
