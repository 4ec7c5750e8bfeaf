"""What a reading of Procountor says about an invoice: nothing new, or that its status changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.invoice import FINAL, InvoiceStatusChanged, Kind
from events.picture import keep

LARGEST_ID = (1 << 63) - 1
EXACT = 1 << 53
"""From here on not every whole number can be told by one with a point."""
YEARS = range(1900, 3000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was recorded last about an invoice."""

    status: str
    change: int
    """0: noted as not sent yet when the integration was connected, and recorded by no event so far."""
    old: bool
    created: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one row of Procountor's list, or one of its detail answers, says about an invoice."""

    invoice: int
    status: str
    version: str | None
    """Local and without a zone, in whole seconds: such stamps sort as text."""
    created: str | None
    """Only the list has it."""
    partner: int | None
    row: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Empty for what is none."""
        type = self.row.get("type")
        return type if isinstance(type, str) else ""

    @property
    def number(self) -> int | None:
        """The one that people know."""
        return identifier(self.row.get("invoiceNumber"))


def see(row: object) -> Seen | None:
    """*row* as Procountor sent it, or None where it lacks what makes it an invoice: an id and a status."""
    if not isinstance(row, dict):
        return None
    invoice, status = identifier(row.get("id")), row.get("status")
    if invoice is None or not isinstance(status, str) or not status or "\0" in status:
        return None
    version, created = _stamp(row.get("version")), _stamp(row.get("created"))
    return Seen(
        invoice=invoice,
        status=status,
        version=version,
        created=None if created and version and _later(created, version) else created,
        partner=identifier(row.get("partnerId")),
        row=row,
    )


def observe(
    known: Known | None, seen: Seen, *, integration: UUID, baseline: str, connecting: bool = False
) -> InvoiceStatusChanged | None:
    """The change that *seen* is, still without its picture; None if the status is the one that was recorded last.

    *baseline* is the newest version when the integration was connected, empty for a company without invoices. Who was
    not known by then and was not created after it is old; so is one that does not say when it was created. What was
    not modified since either, and only comes up because reading overlaps, is no change. Who was noted while connecting
    is recorded as it was found, and live once its status is another.
    """
    same = known is not None and known.status == seen.status
    if known is not None and known.change and same:
        return None
    created = seen.created or (known.created if known else None)
    past = created is None or created <= baseline
    if known is None and past and not connecting and seen.version and seen.version <= baseline:
        return None
    return InvoiceStatusChanged(
        integration=integration,
        invoice_id=seen.invoice,
        change=known.change + 1 if known else 1,
        before=known.status if known and not same else None,
        after=seen.status,
        kind=Kind.BASELINE if past and (same or (connecting and known is None)) else Kind.LIVE,
        old=known.old if known else past and not connecting,
        version=seen.version,
        created=created,
    )


def before_connecting(known: Known | None, seen: Seen, *, baseline: str) -> bool:
    """Whether *seen* is of the past that nobody has read: as it should be, until a person asks for it."""
    return known is None and (seen.created or "") <= baseline and (seen.version or "") <= baseline


def backfilled(seen: Seen, *, integration: UUID) -> InvoiceStatusChanged:
    """What *seen* has come to, still without its picture: only a replay decides it."""
    return InvoiceStatusChanged(
        integration=integration,
        invoice_id=seen.invoice,
        change=1,
        before=None,
        after=seen.status,
        kind=Kind.BACKFILL,
        old=True,
        version=seen.version,
        created=seen.created,
    )


def complete(
    event: InvoiceStatusChanged,
    seen: Seen,
    *,
    detail: Mapping[str, Any] | None,
    customer: Mapping[str, Any] | None,
    missing: Mapping[str, str],
) -> InvoiceStatusChanged:
    """*event* with its picture: the list's row under the detail answer, and the register's entry."""
    known = {key: value for key, value in (detail or {}).items() if value is not None}
    picture = {**seen.row, **known, "id": event.invoice_id, "status": event.after}
    return replace(event, invoice=keep(picture), customer=keep(customer) if customer else None, missing=dict(missing))


def partner_of(seen: Seen, detail: Mapping[str, Any] | None) -> int | None:
    """Whose entry in the customer register is wanted; None for a one-off customer."""
    return (identifier(detail.get("partnerId")) if detail else None) or seen.partner


def stays_open(event: InvoiceStatusChanged) -> bool:
    """Whether the invoice is worth reading again without having been modified."""
    return not event.old and event.after not in FINAL


def identifier(value: object) -> int | None:
    """An id or a number of Procountor's, though it may come as text or as 7.0; None for anything else, as for True."""
    if isinstance(value, float) and value.is_integer() and value < EXACT:
        value = int(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < len(str(LARGEST_ID)):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID else None


def _later(created: str, version: str) -> bool:
    """Made long after it was changed: that says nothing of when."""
    return datetime.fromisoformat(created) - datetime.fromisoformat(version) > timedelta(days=1)


def _stamp(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None
    return moment.isoformat(timespec="seconds") if moment.year in YEARS else None
