"""One payment on an invoice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.invoices import Invoice
from sandbox.statuses import Act, Status

MOST = 1e12
"""More than any sum is: beyond, a double has no cents."""
_BY = {Act.PAY: "REFERENCEPAYMENT", Act.PARTLYPAY: "REFERENCEPAYMENT", Act.MARKPAID: "ELSEWHERE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    cents: int
    by: str
    """The type of the payment event."""
    on: str
    description: str | None = None


def paid_by(act: Act, invoice: Invoice, day: str) -> Paid | None:
    """What *act* pays when nobody says how much: all that is left, or half of it; None where it is no payment."""
    if act not in _BY:
        return None
    left = invoice.total_cents - paid_cents(invoice)
    return Paid(cents=left // 2 if act is Act.PARTLYPAY else left, by=_BY[act], on=day)


def paid_cents(invoice: Invoice) -> int:
    return sum(round(event["amount"] * 100) for event in invoice.payments)


def pay(invoice: Invoice, paid: Paid, *, number: int) -> None:
    """Notes the payment as `paymentevents` tells of it."""
    total = paid.cents / 100
    invoice.paid_on = paid.on
    invoice.payments.append(written(invoice, paid, number=number, total=total))


def written(invoice: Invoice, paid: Paid, *, number: int, total: float) -> dict[str, Any]:
    by_bank = paid.by == "REFERENCEPAYMENT"
    return {
        "id": number,
        "invoiceId": invoice.id,
        "type": paid.by,
        "paymentDate": paid.on,
        "status": Status.PAID if by_bank else Status.MARKED_PAID,
        "amount": total,
        "currency": invoice.currency,
        "description": paid.description,
        "paidAmount": total,
        "paidCurrency": invoice.currency,
    }
