"""`/invoices`: searching, reading in batches, and driving an invoice through its life."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from sandbox.answers import Rejected, json_answer, raw_answer
from sandbox.company import NO_ACCESS
from sandbox.door import read_object
from sandbox.invoices import Invoice, due_after, total_cents
from sandbox.register import meta
from sandbox.search import read_page, search
from sandbox.statuses import Act, Channel, InvoiceType, Status
from sandbox.visit import Visit
from sandbox.world import NotAllowed, World

_ACTS = {"reject": Act.DENY}
_PRINTED = ("billingAddress", "deliveryAddress", "orderReference", "originalInvoiceNumber", "additionalInformation")


class Invoicing:
    """Handlers of invoices."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def search(self, visit: Visit) -> web.Response:
        query, switches = visit.request.query, self._world.switches
        page = read_page(query)
        creator = visit.user if visit.company.rights.personal_sales_invoices_only else None
        found = search(visit.company, query, creator=creator, inclusive=switches.version_range_inclusive)
        invoices, total = (found.invoices, found.total) if self._may_see(visit) else ([], 0)
        if not invoices and switches.empty_list_is_404:
            raise Rejected(404, "Invoice not found")
        items = [orjson.Fragment(item.old_item() if visit.old else item.item()) for item in invoices]
        return json_answer({"results": items, "meta": meta(page.number, page.size, len(items), total)})

    async def read(self, visit: Visit) -> web.Response:
        numbers = visit.ids()
        known = visit.company.invoices if self._may_see(visit) else {}
        seen = [known[number] for number in numbers if number in known and _shown(visit, known[number])]
        if not seen:
            raise Rejected(404, "Invoice not found")
        if visit.single:
            return raw_answer(seen[0].detail())
        return raw_answer(b"[" + b",".join(invoice.detail() for invoice in seen) + b"]")

    async def act(self, visit: Visit) -> web.Response:
        word = visit.request.match_info["act"]
        return self._done(visit, _ACTS.get(word) or Act(word))

    async def mark_paid(self, visit: Visit) -> web.Response:
        body = await read_object(visit.request)
        for name in ("paymentDate", "amount", "currency"):
            if name not in body:
                raise Rejected(400, "NOT_NULL", field=name)
        invoice = self._target(visit)
        part = _amount(body) * 100 < invoice.total_cents
        return self._done(visit, Act.PARTLYPAY if part else Act.MARKPAID)

    async def create(self, visit: Visit) -> web.Response:
        body = await read_object(visit.request)
        invoice = self._written(visit, body)
        self._world.file(invoice)
        return raw_answer(invoice.detail())

    def _may_see(self, visit: Visit) -> bool:
        """Without the right there is nothing to see, or an error."""
        if visit.company.rights.sales_invoices != NO_ACCESS:
            return True
        if self._world.switches.missing_rights_are_403:
            raise Rejected(403, "Insufficient user rights")
        return False

    def _target(self, visit: Visit) -> Invoice:
        word = visit.request.match_info["id"]
        invoice = visit.company.invoices.get(int(word)) if word.isdigit() else None
        if invoice is None or invoice.id in visit.company.hidden:
            raise Rejected(404, "Invoice not found")
        return invoice

    def _done(self, visit: Visit, act: Act) -> web.Response:
        try:
            self._world.act(self._target(visit).id, act)
        except NotAllowed as error:
            raise Rejected(403, str(error)) from error
        return json_answer({"message": f"Invoice {act}: done"})

    def _written(self, visit: Visit, body: dict[str, Any]) -> Invoice:
        """A draft from the caller's *body*; what it leaves out is filled in plainly."""
        _check(body)
        day = body["date"]
        due = body["paymentInfo"].get("dueDate") or due_after(day)
        if due < day:
            raise Rejected(400, "DUE_DATE_BEFORE_BILL_DATE", field="paymentInfo.dueDate")
        rows = [row | {"id": place} for place, row in enumerate(body["invoiceRows"], start=1)]
        stamp = self._world.stamp()
        number, printed = self._world.next_invoice(visit.company)
        return Invoice(
            id=number,
            company=visit.company.id,
            partner=body.get("partnerId"),
            type=InvoiceType(body["type"]),
            status=Status.UNFINISHED,
            number=printed,
            channel=Channel(body["invoiceChannel"]),
            date=day,
            due=due,
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


def _amount(body: dict[str, Any]) -> float:
    try:
        return float(body["amount"])
    except (TypeError, ValueError):
        raise Rejected(400, "The amount is not a number", field="amount") from None


def _shown(visit: Visit, invoice: Invoice) -> bool:
    if invoice.id in visit.company.hidden:
        return False
    return not visit.company.rights.personal_sales_invoices_only or invoice.creator == visit.user


def _check(body: dict[str, Any]) -> None:
    """The least that a new invoice must have, by the names that the API requires."""
    for name in ("type", "date", "counterParty", "paymentInfo", "invoiceRows", "invoiceChannel"):
        if name not in body:
            raise Rejected(400, "NOT_NULL", field=name)
    try:
        InvoiceType(body["type"]), Channel(body["invoiceChannel"])
        total_cents(body["invoiceRows"])
        body["counterParty"]["counterPartyAddress"]["name"], due_after(body["date"])
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected(400, str(error)) from error
