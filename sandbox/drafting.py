"""Invoices as callers write them: checked, made, and changed as long as they have not been sent."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from sandbox.answers import Rejected, raw_answer
from sandbox.invoices import Invoice, due_after, total_cents
from sandbox.payment import MOST
from sandbox.query import DAY, read_moment
from sandbox.statuses import Channel, InvoiceType, Status
from sandbox.visit import Visit
from sandbox.world import World

_NEEDED = (
    "type",
    "date",
    "counterParty",
    "paymentInfo",
    "extraInfo",
    "discountPercent",
    "invoiceRows",
    "invoiceChannel",
)
_TEXTS = {
    **dict.fromkeys(("orderReference", "buyerReferenceIdentifier", "sellerReferenceIdentifier"), 70),
    "originalInvoiceNumber": 40,
    "deliveryInstructions": 255,
    **dict.fromkeys(("additionalInformation", "notes"), 10_000),
    **dict.fromkeys(("orderNumber", "agreementNumber", "accountingCode", "deliverySite", "tenderReference"), 255),
}
"""By name, and how long each may be."""
_PRINTED = ("billingAddress", "deliveryAddress", *_TEXTS)
_PERSON = 70
_CHANGED = ("partner", "channel", "date", "due", "is_offer", "language", "currency", "total_cents", "paper")
_EDITABLE = (Status.UNFINISHED, Status.NOT_SENT)
_SALES = (InvoiceType.SALES_INVOICE, InvoiceType.SALES_ORDER)


class Drafting:
    """What a body becomes; what it leaves out is filled in plainly."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, visit: Visit, body: dict[str, Any]) -> web.Response:
        _check(body)
        invoice = self._written(visit, body, *self._world.next_invoice(visit.company))
        self._world.file(invoice)
        return raw_answer(invoice.detail())

    def update(self, visit: Visit, invoice: Invoice, body: dict[str, Any]) -> web.Response:
        """The whole invoice anew; *body* says which version it changes, so that nobody's change is lost."""
        given = body.get("version")
        if not given and visit.version.needs_version:
            raise Rejected(400, "NOT_NULL", field="version")
        if given and given != invoice.version:
            raise Rejected(400, "The invoice has been modified meanwhile", field="version")
        if invoice.status not in _EDITABLE:
            raise Rejected(403, f"Invoice {invoice.id} is {invoice.status} and cannot be edited")
        _check(body)
        draft = self._written(visit, body, invoice.id, invoice.number)
        for name in _CHANGED:
            setattr(invoice, name, getattr(draft, name))
        self._world.move(invoice, invoice.status)
        return raw_answer(invoice.detail())

    def _written(self, visit: Visit, body: dict[str, Any], number: int, printed: int) -> Invoice:
        rows = [row | {"id": place} for place, row in enumerate(body["invoiceRows"], start=1)]
        stamp = self._world.stamp()
        return Invoice(
            id=number,
            company=visit.company.id,
            partner=body.get("partnerId"),
            type=InvoiceType(body["type"]),
            status=Status.UNFINISHED,
            number=printed,
            channel=Channel(body["invoiceChannel"]),
            date=body["date"],
            due=body["paymentInfo"].get("dueDate") or due_after(body["date"]),
            created=stamp,
            version=stamp,
            creator=visit.user,
            is_offer=bool(body.get("isOffer", False)),
            language=body.get("language", "FINNISH"),
            currency=body["paymentInfo"].get("currency", "EUR"),
            total_cents=total_cents(rows),
            paper={
                "counterParty": body["counterParty"],
                "invoiceRows": rows,
                **{name: body[name] for name in _PRINTED if name in body},
            },
        )


def _check(body: dict[str, Any]) -> None:
    """The least that an invoice must have, by the names that the API requires."""
    for name in _NEEDED:
        if body.get(name) is None:
            raise Rejected(400, "NOT_NULL", field=name)
    _check_text(body)
    try:
        kind, _ = InvoiceType(body["type"]), Channel(body["invoiceChannel"])
        if abs(total_cents(body["invoiceRows"])) > MOST * 100:
            raise Rejected(400, "The sum is too large", field="invoiceRows")
        body["counterParty"]["counterPartyAddress"]["name"], body["paymentInfo"].get("dueDate")
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Rejected(400, str(error)) from error
    if kind in _SALES and not body.get("language"):
        raise Rejected(400, "NOT_NULL", field="language")
    _check_dates(body)
    person = body["counterParty"].get("contactPersonName")
    lengths = [(name, body.get(name), most) for name, most in _TEXTS.items()]
    for name, text, most in [*lengths, ("counterParty.contactPersonName", person, _PERSON)]:
        if text is not None and not (isinstance(text, str) and len(text) <= most):
            raise Rejected(400, f"not a text of up to {most} characters", field=name)


def _check_dates(body: dict[str, Any]) -> None:
    day, due = str(body["date"]), body["paymentInfo"].get("dueDate")
    read_moment({"date": day}, "date", DAY)
    if due:
        read_moment({"paymentInfo.dueDate": str(due)}, "paymentInfo.dueDate", DAY)
    if due and due < day:
        raise Rejected(400, "DUE_DATE_BEFORE_BILL_DATE", field="paymentInfo.dueDate")


def _check_text(body: dict[str, Any]) -> None:
    """UTF-8 on the way, but only what Windows-1252 can say."""
    try:
        orjson.dumps(body).decode().encode("cp1252")
    except UnicodeEncodeError as error:
        raise Rejected(400, f"{error.object[error.start]!r} is not in Windows-1252") from None
