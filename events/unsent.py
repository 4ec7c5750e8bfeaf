"""Whom an invoice would be asked about if it were sent as it is: what can still be put right in the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from events import address, rules
from events.contact import Skip
from events.integration import Rules, Trigger
from events.invoice import InvoiceStatusChanged, Kind, can_reach

UNUSABLE = frozenset({
    Skip.NO_CONTACT_PERSON, Skip.NO_EMAIL, Skip.INVALID_EMAIL, Skip.ROLE_ADDRESS, Skip.OLD_INVOICE,
    Skip.CUSTOMER_UNREADABLE, Skip.INVOICE_UNREADABLE,
})  # fmt: skip
"""Skips that somebody can end in Procountor: the invoice was wanted, and nobody could be asked."""
SHARED_BY = 3
"""Customers with one address from which on it is no longer taken for theirs: an accountant's, most likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One invoice and one trigger, as if it had been sent as it was seen last."""

    integration: UUID
    invoice: int
    number: int | None
    partner: int | None
    customer: str | None
    seen: datetime
    email: str | None
    """None where nobody can be asked: then *skip* says why."""
    skip: Skip | None
    detail: str | None

    @property
    def subject(self) -> str:
        return subject(self.partner, self.number or self.invoice)


def subject(partner: int | None, invoice: int) -> str:
    """The customer; of a one-off customer the invoice."""
    return f"invoice {invoice}" if partner is None else f"customer {partner}"


def prospects(now: Rules, event: InvoiceStatusChanged, at: datetime) -> Iterator[Prospect]:
    """One per live trigger that would want the invoice and may still get it."""
    for trigger in now.live:
        if not can_reach(event.after, trigger.condition.statuses):
            continue
        found = rules.candidate(now, trigger, as_sent(event, trigger), at)
        skip, detail = found.skip or (None, None)
        if skip is None or skip in UNUSABLE:
            yield Prospect(
                integration=event.integration,
                invoice=event.invoice_id,
                number=event.number,
                partner=event.partner,
                customer=event.customer_name,
                seen=at,
                email=found.contact["email"] if skip is None else None,
                skip=skip,
                detail=detail,
            )


def as_sent(event: InvoiceStatusChanged, trigger: Trigger) -> InvoiceStatusChanged:
    return replace(event, before=event.after, after=min(trigger.condition.statuses), kind=Kind.LIVE)


def shared(found: Iterable[Prospect], *, by: int = SHARED_BY) -> Mapping[tuple[UUID, str], frozenset[str]]:
    """(integration, address) → the customers that it stands for, where there are *by* of them or more."""
    whose: defaultdict[tuple[UUID, str], set[str]] = defaultdict(set)
    for one in found:
        if one.email is not None:
            whose[one.integration, address.same(one.email)].add(one.subject)
    return {key: frozenset(subjects) for key, subjects in whose.items() if len(subjects) >= by}
