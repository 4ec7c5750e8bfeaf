"""What a reading of Procountor says about an invoice: nothing new, or that its status changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events.invoice import FINAL, InvoiceStatusChanged, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was recorded last about an invoice."""

    status: str
    change: int
    old: bool
    created: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one row of Procountor's list, or one of its detail answers, says about an invoice."""

    invoice: int
    status: str
    version: str | None
    created: str | None
    """Only the list has it."""
    partner: int | None
    row: Mapping[str, Any]


def see(row: object) -> Seen | None:
    """*row* as Procountor sent it, or None where it lacks what makes it an invoice: an id and a status."""
    if not isinstance(row, dict):
        return None
    invoice, status, partner = row.get("id"), row.get("status"), row.get("partnerId")
    if not isinstance(invoice, int) or not isinstance(status, str) or not status:
        return None
    return Seen(
        invoice=invoice,
        status=status,
        version=_text(row.get("version")),
        created=_text(row.get("created")),
        partner=partner if isinstance(partner, int) else None,
        row=row,
    )


def observe(
    known: Known | None, seen: Seen, *, integration: UUID, baseline: str, connecting: bool = False
) -> InvoiceStatusChanged | None:
    """The change that *seen* is, still without its picture; None if the status is the one that was recorded last.

    *baseline* is the newest version when the integration was connected, empty for a company without invoices. Who was
    not recorded by then and was not created after it is old; so is one that does not say when it was created.
    """
    if known is not None and known.status == seen.status:
        return None
    created = seen.created or (known.created if known else None)
    past = created is None or created <= baseline
    return InvoiceStatusChanged(
        integration=integration,
        invoice_id=seen.invoice,
        change=known.change + 1 if known else 1,
        before=known.status if known else None,
        after=seen.status,
        kind=Kind.BASELINE if connecting and past else Kind.LIVE,
        old=known.old if known else past and not connecting,
        version=seen.version,
        created=created,
    )


def stays_open(event: InvoiceStatusChanged) -> bool:
    """Whether the invoice is worth reading again without having been modified."""
    return not event.old and event.after not in FINAL


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
