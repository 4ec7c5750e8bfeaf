"""`/invoices/{id}/paymentevents`: what was paid on an invoice, and marking it paid elsewhere."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.answers import Rejected, json_answer
from sandbox.door import read_object
from sandbox.invoices import Invoice
from sandbox.payment import MOST, Paid, paid_cents
from sandbox.query import DAY, read_int, read_moment, read_order
from sandbox.statuses import Act
from sandbox.visit import Visit
from sandbox.world import NotAllowed, World

_MARKED = {
    "ADJUSTMENT": "ADJUSTMENT",
    "BANK_STATEMENT": "BANKSTATEMENT",
    "CASH": "CASH",
    "CHARGE_CARD": "CHARGECARD",
    "CORRECTION": "CORRECTION",
    "CREDIT_LOSS": "CREDITLOSS",
    "CREDIT_NOTE": "COMPENSATIONINVOICE",
    "EXTERNAL_BANK_TRANSFER": "BANKTRANSFERELSEWHERE",
    "SET_OFF": "SETOFF",
}
"""The type of the event that each method of marking leaves; which belongs to which is told by the names alone."""
_LONGEST = 140


class Payments:
    """Handlers of one invoice's payments, which the caller has found already."""

    def __init__(self, world: World) -> None:
        self._world = world

    def listed(self, visit: Visit, invoice: Invoice) -> web.Response:
        query = visit.query()
        falling = read_order(query, "orderById")
        rows = sorted(invoice.payments, key=lambda event: int(event["id"]), reverse=falling)
        if previous := read_int(query, "previousId", 0):
            rows = [event for event in rows if (event["id"] < previous if falling else event["id"] > previous)]
        return visit.paged(query, rows)

    async def mark(self, visit: Visit, invoice: Invoice) -> web.Response:
        body = await read_object(visit.request)
        cents, kind = _checked(body, invoice)
        part = abs(paid_cents(invoice) + cents) < abs(invoice.total_cents)
        paid = Paid(cents=cents, by=kind, on=body["paymentDate"], description=body.get("description"))
        try:
            self._world.act(invoice, Act.PARTLYPAY if part else Act.MARKPAID, paid)
        except NotAllowed as error:
            raise Rejected(403, str(error)) from error
        return json_answer(invoice.payments[-1])


def _checked(body: dict[str, Any], invoice: Invoice) -> tuple[int, str]:
    """Cents and type of the payment that *body* names."""
    for name in ("paymentDate", "amount", "currency"):
        if body.get(name) is None:
            raise Rejected(400, "NOT_NULL", field=name)
    read_moment({"paymentDate": str(body["paymentDate"])}, "paymentDate", DAY)
    if body["currency"] != invoice.currency:
        raise Rejected(400, "The payment is not in the invoice's currency", field="currency")
    kind = body.get("paymentMethodType") or "EXTERNAL_BANK_TRANSFER"
    if not isinstance(kind, str) or kind not in _MARKED:
        raise Rejected(400, f"{kind!r} is no payment method", field="paymentMethodType")
    if isinstance(body["amount"], bool) or not isinstance(body["amount"], int | float):
        raise Rejected(400, "The amount is not a number", field="amount")
    if abs(body["amount"]) > MOST:
        raise Rejected(400, "The amount is too large", field="amount")
    told = body.get("description")
    if told is not None and not (isinstance(told, str) and len(told) <= _LONGEST):
        raise Rejected(400, f"not a text of up to {_LONGEST} characters", field="description")
    return round(body["amount"] * 100), _MARKED[kind]
