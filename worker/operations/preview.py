"""What a trigger would do with a company's latest invoices, before it is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from events import mapping, person, picture, rules
from events.contact import Skip
from events.integration import Rules, Settings, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.observe import Seen, see
from worker.adapters.tokens import Access
from worker.operations.context import Context

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """One invoice, as if it had just reached the trigger's status."""

    invoice: int
    number: int | None
    date: str | None
    status: str
    customer: str | None
    total: Decimal | None
    contact: Mapping[str, str]
    skip: Skip | None
    detail: str | None
    trace: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a trigger would do with some invoices."""

    shown: tuple[Previewed, ...]
    filled: Mapping[str, int]
    """Contact field → invoices that have something for it, whether somebody would be added for them or not."""

    @property
    def added(self) -> int:
        return sum(one.skip is None for one in self.shown)

    @property
    def skips(self) -> Counter[Skip]:
        """Why nobody would be added, and for how many."""
        return Counter(one.skip for one in self.shown if one.skip is not None)


async def preview(
    context: Context, access: Access, trigger: Trigger, *, settings: Settings | None = None, count: int = 5
) -> list[Previewed]:
    """The company's latest invoices of the trigger's types, however old; reads three times, writes nothing."""
    return list(outlook(await latest(context, access, trigger, count=count), trigger, settings).shown)


def outlook(changes: Sequence[InvoiceStatusChanged], trigger: Trigger, settings: Settings | None = None) -> Outlook:
    """Asks nobody, so that it can be had again for every letter that is typed. *changes* are those of `latest`."""
    anyhow = replace(settings or Settings(), oldest_invoice=0)
    in_force = Rules(integration=NOBODY, version=0, settings=anyhow, triggers={trigger.id: trigger})
    reached = [reaching(change, trigger) for change in changes]
    filled = Counter(name for change in reached for name in contact_of(trigger, change))
    return Outlook(shown=tuple(shown(in_force, trigger, change) for change in reached), filled=filled)


def reaching(change: InvoiceStatusChanged, trigger: Trigger) -> InvoiceStatusChanged:
    """As if it had just, and for the first time, been seen in the trigger's status."""
    return replace(change, before=None, after=min(trigger.condition.statuses), kind=Kind.LIVE, old=False)


def contact_of(trigger: Trigger, change: InvoiceStatusChanged) -> Mapping[str, str]:
    choice = person.choose(trigger.mapping.person, change.invoice, change.customer)
    return mapping.fill(trigger.mapping, choice[1] if choice else None, change.invoice, change.customer)


async def latest(context: Context, access: Access, trigger: Trigger, *, count: int) -> list[InvoiceStatusChanged]:
    """As they would be recorded, had they just reached the trigger's status."""
    page = await context.procountor.invoices(access, types=trigger.condition.types, order="DESC", size=count)
    rows = [row for item in page.items if (row := see(item)) is not None]
    details = await context.procountor.invoice_details(access, [row.invoice for row in rows])
    partners = sorted({row.partner for row in rows if row.partner is not None})
    customers = await context.procountor.customers(access, partners)
    return [event_of(row, trigger, details, customers) for row in rows]


def event_of(
    row: Seen, trigger: Trigger, details: Mapping[int, Any], customers: Mapping[int, Any]
) -> InvoiceStatusChanged:
    known = row.partner is None or row.partner in customers
    return InvoiceStatusChanged(
        integration=NOBODY,
        invoice_id=row.invoice,
        change=1,
        before=None,
        after=min(trigger.condition.statuses),
        kind=Kind.LIVE,
        version=row.version,
        created=row.created,
        invoice=picture.keep({**row.row, **details.get(row.invoice, {})}),
        customer=None if row.partner is None or not known else picture.keep(customers[row.partner]),
        missing={} if known else {"customer": "not_found"},
    )


def shown(in_force: Rules, trigger: Trigger, event: InvoiceStatusChanged) -> Previewed:
    found = rules.candidate(in_force, trigger, event, datetime.now(UTC))
    skip, detail = found.skip or (None, None)
    return Previewed(
        invoice=event.invoice_id,
        number=event.number,
        date=event.invoice.get("date"),
        status=str(event.invoice.get("status")),
        customer=event.customer_name,
        total=rules.total(event.invoice),
        contact=found.contact,
        skip=skip,
        detail=detail,
        trace=found.trace,
    )
