"""The life of an invoice in Procountor: statuses, the acts that change them, and which act is allowed when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    EMPTY = "EMPTY"
    UNFINISHED = "UNFINISHED"
    NOT_SENT = "NOT_SENT"
    SENT = "SENT"
    RECEIVED = "RECEIVED"
    PAID = "PAID"
    PAYMENT_DENIED = "PAYMENT_DENIED"
    VERIFIED = "VERIFIED"
    APPROVED = "APPROVED"
    INVALIDATED = "INVALIDATED"
    PAYMENT_QUEUED = "PAYMENT_QUEUED"
    PARTLY_PAID = "PARTLY_PAID"
    PAYMENT_SENT_TO_BANK = "PAYMENT_SENT_TO_BANK"
    MARKED_PAID = "MARKED_PAID"
    STARTED = "STARTED"
    INVOICED = "INVOICED"
    OVERRIDDEN = "OVERRIDDEN"
    DELETED = "DELETED"
    UNSAVED = "UNSAVED"
    PAYMENT_TRANSACTION_REMOVED = "PAYMENT_TRANSACTION_REMOVED"


class InvoiceType(StrEnum):
    SALES_INVOICE = "SALES_INVOICE"
    SALES_ORDER = "SALES_ORDER"
    PURCHASE_INVOICE = "PURCHASE_INVOICE"
    PURCHASE_ORDER = "PURCHASE_ORDER"
    TRAVEL_INVOICE = "TRAVEL_INVOICE"
    BILL_OF_CHARGES = "BILL_OF_CHARGES"
    PERIODIC_TAX_RETURN = "PERIODIC_TAX_RETURN"


class Channel(StrEnum):
    EMAIL = "EMAIL"
    MAIL = "MAIL"
    ELECTRONIC_INVOICE = "ELECTRONIC_INVOICE"
    EDIFACT = "EDIFACT"
    PAPER_INVOICE = "PAPER_INVOICE"
    NO_SENDING = "NO_SENDING"


class Act(StrEnum):
    APPROVE = "approve"
    SEND = "send"
    UNFINISHED = "unfinished"
    INVALIDATE = "invalidate"
    DENY = "deny"
    DELETE = "delete"
    MARKPAID = "markpaid"
    PAY = "pay"
    PARTLYPAY = "partlypay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    after: Status
    allowed: frozenset[Status]
    moves_version: str = ""
    """The switch that says whether this act moves the version; empty always does."""


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


_OPEN = _from(Status.NOT_SENT, Status.APPROVED, Status.SENT, Status.PARTLY_PAID)

STEPS: dict[Act, Step] = {
    Act.APPROVE: Step(after=Status.NOT_SENT, allowed=_from(Status.UNFINISHED)),
    Act.SEND: Step(after=Status.SENT, allowed=_from(Status.NOT_SENT, Status.SENT), moves_version="version_on_send"),
    Act.UNFINISHED: Step(
        after=Status.UNFINISHED,
        allowed=_from(Status.NOT_SENT, Status.APPROVED, Status.SENT, Status.PAYMENT_DENIED),
    ),
    Act.INVALIDATE: Step(after=Status.INVALIDATED, allowed=_from(Status.UNFINISHED, Status.NOT_SENT, Status.APPROVED)),
    Act.DENY: Step(after=Status.PAYMENT_DENIED, allowed=_from(Status.UNFINISHED, Status.NOT_SENT, Status.SENT)),
    Act.DELETE: Step(after=Status.DELETED, allowed=_from(Status.UNFINISHED, Status.NOT_SENT)),
    Act.MARKPAID: Step(after=Status.MARKED_PAID, allowed=_OPEN, moves_version="version_on_payment"),
    Act.PAY: Step(after=Status.PAID, allowed=_OPEN, moves_version="version_on_payment"),
    Act.PARTLYPAY: Step(after=Status.PARTLY_PAID, allowed=_OPEN, moves_version="version_on_payment"),
}


def status_after(act: Act, *, now: Status, channel: Channel) -> Status | None:
    """Where *act* leads, or None where it is not allowed."""
    step = STEPS[act]
    if now not in step.allowed:
        return None
    if act is Act.APPROVE and channel is Channel.NO_SENDING:
        return Status.APPROVED
    return step.after
