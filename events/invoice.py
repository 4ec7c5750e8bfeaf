"""What happens to an invoice: its statuses, which of them a jump passes, and the fact that it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from events.envelope import identify, invoice_stream, subject_of


class Status(StrEnum):
    """Procountor's 20 statuses (API 26.04). An unknown one is carried as text and meets no condition."""

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


class Kind(StrEnum):
    """How an invoice's change came to be seen."""

    LIVE = "live"
    BASELINE = "baseline"
    """Read while connecting: recorded so that what follows is understood; nothing fires."""
    BACKFILL = "backfill"
    """Read from the past on request: only a replay decides it."""


DRAFT = frozenset({Status.EMPTY, Status.UNSAVED, Status.UNFINISHED})
BEFORE_SENDING = DRAFT | {Status.NOT_SENT}
FINAL = frozenset({Status.INVALIDATED, Status.DELETED, Status.OVERRIDDEN})
NO_SENDING = "NO_SENDING"
ZONE = ZoneInfo("Europe/Helsinki")
"""Procountor's times carry no zone; they are taken as Finnish local time (unconfirmed)."""
Order = tuple[float, int]
"""When something happened, in seconds since 1970, and its position."""


@lru_cache(maxsize=1024)
def passed(before: str | None, after: str, *, channel: str | None = None) -> frozenset[str]:
    """The statuses that an invoice reached on its way from *before* (None: not seen before) to *after*.

    Polling can miss steps. Only what must have happened is passed: a payment through the bank (PAID, PARTLY_PAID)
    passes SENT; MARKED_PAID, INVALIDATED, PAYMENT_DENIED and DELETED pass nothing but themselves. An invoice whose
    channel is NO_SENDING never leaves by Procountor: its way leads through APPROVED instead of NOT_SENT and SENT.
    """
    reached = {after}
    paid = after in (Status.PAID, Status.PARTLY_PAID)
    if before is None or before in BEFORE_SENDING:
        if channel == NO_SENDING:
            if paid:
                reached.add(Status.APPROVED)
        elif paid or after == Status.SENT:
            reached.add(Status.SENT)
            if before != Status.NOT_SENT:
                reached.add(Status.NOT_SENT)
    return frozenset(reached)


def openly_passed(facts: Mapping[str, Any]) -> frozenset[str] | None:
    """What a change passed, by that part of its facts that stands open in the log; None where that does not say.

    What was not seen live passes nothing that anybody asks about; a channel that is sealed is none of Procountor's.
    """
    if facts.get("kind") in (Kind.BASELINE, Kind.BACKFILL):
        return frozenset()
    before, after, invoice = facts.get("before", ...), facts.get("after"), facts.get("invoice")
    if before is ... or not isinstance(after, str) or facts.get("kind") != Kind.LIVE:
        return None
    return passed(before, after, channel=invoice.get("invoiceChannel") if isinstance(invoice, dict) else None)


def leaping(statuses: frozenset[str]) -> frozenset[str]:
    """`before>after` of each change that may pass one of *statuses* on its way to another; no before: not seen yet."""
    return frozenset(
        f"{before or ''}>{after}"
        for before in (None, *Status)
        for after in Status
        if any(statuses & (passed(before, after, channel=channel) - {after}) for channel in (None, NO_SENDING))
    )


def happened(
    recorded: datetime,
    position: int,
    *,
    kind: str,
    old: bool,
    before: str | None,
    created: str | None,
    version: str | None,
) -> Order:
    """Where a change belongs among others.

    What was seen live: when it was *recorded*. What was read later may have happened long before that. An invoice whose
    first status it is counts from when it was made: Procountor does not say when it was sent, and that it was paid is
    no news of its customer. Another one counts from when Procountor last modified it.
    """
    at = recorded.timestamp()
    if kind == Kind.LIVE and (before is not None or not old):
        return at, position
    stamp = version if before is not None else created or version
    return min(at, datetime.fromisoformat(stamp).replace(tzinfo=ZONE).timestamp() if stamp else 0.0), position


def can_reach(status: str, targets: frozenset[str]) -> bool:
    """Whether an invoice in *status* may still come to one of *targets*, so that reading it again is worth a call."""
    if status in FINAL:
        return False
    if status in (Status.PAID, Status.MARKED_PAID):
        return bool(targets & {Status.PAYMENT_TRANSACTION_REMOVED})
    if status in (Status.SENT, Status.PARTLY_PAID):
        return bool(targets - BEFORE_SENDING - {Status.SENT, Status.APPROVED, status})
    return bool(targets - {status})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStatusChanged:
    """An invoice was seen in another status than before, with everything a mapping may use, as it was then."""

    type: ClassVar[str] = "InvoiceStatusChanged"
    schema: ClassVar[int] = 1

    integration: UUID
    invoice_id: int
    change: int
    """The invoice's own count of changes: 1, 2, 3, …"""
    before: str | None
    after: str
    kind: Kind
    old: bool = False
    """First seen after connecting, but created before it: recorded, never fired."""
    version: str | None = None
    """Procountor's last-modified time, local and without a zone, as it was sent."""
    created: str | None = None
    invoice: Mapping[str, Any] = field(default_factory=dict)
    """Procountor's Invoice (API 26.04 names) joined with its list item, without what no mapping needs."""
    customer: Mapping[str, Any] | None = None
    """Procountor's BusinessPartner, or None for a one-off customer or where `missing` says why."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Part (`invoice`, `customer`) → why it could not be read for good: `rights`, `not_found`, `unreadable`."""

    @property
    def id(self) -> UUID:
        return identify("change", self.integration, self.invoice_id, self.change, self.after)

    @property
    def stream(self) -> str:
        return invoice_stream(self.integration, self.invoice_id)

    def happened(self, recorded: datetime, position: int) -> Order:
        """Where it belongs among other changes, which is not always where it was recorded."""
        return happened(
            recorded,
            position,
            kind=self.kind,
            old=self.old,
            before=self.before,
            created=self.created,
            version=self.version,
        )

    @property
    def partner(self) -> int | None:
        """The customer's id in the register; None for a one-off customer."""
        partner = self.invoice.get("partnerId")
        return partner if isinstance(partner, int) and 0 < partner < 1 << 63 else None

    @property
    def customer_name(self) -> str | None:
        """As the register has it, else as it stands on the invoice."""
        party = self.invoice.get("counterParty")
        address = party.get("counterPartyAddress") if isinstance(party, dict) else None
        name = (self.customer or {}).get("name") or (address.get("name") if isinstance(address, dict) else None)
        return name if isinstance(name, str) else None

    @property
    def number(self) -> int | None:
        """The one that people know."""
        number = self.invoice.get("invoiceNumber")
        return number if isinstance(number, int) else None

    @property
    def subject(self) -> str:
        return subject_of(self.integration, self.invoice_id, self.partner)

    @property
    def passed(self) -> frozenset[str]:
        channel = self.invoice.get("invoiceChannel")
        return passed(self.before, self.after, channel=channel if isinstance(channel, str) else None)
