"""Why, and why not: the whole life of an invoice, each decision with its trace, each call that was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from events import reasons, rules
from events.contact import ContactAdded, ContactSkipped, Skip
from events.errors import Misconfigured
from events.integration import Trigger
from events.invoice import InvoiceStatusChanged, Kind
from worker.adapters.postgres import translating
from worker.operations import browse, deliveries, integrations
from worker.operations.browse import Entry
from worker.operations.context import SQL, Context
from worker.operations.deliveries import Delivery
from worker.operations.integrations import Integration

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What a trigger, as it is now, says to the invoice as it was seen last."""

    trigger: Trigger
    says: str
    remedy: str
    skip: Skip | None
    detail: str | None
    trace: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that is known about one invoice."""

    integration: Integration
    invoice: int
    number: int | None
    status: str
    changed_at: datetime
    entries: tuple[Entry, ...]
    deliveries: tuple[Delivery, ...]
    undecided: tuple[UUID, ...]
    """Changes that the projector has not come to yet."""
    today: tuple[Today, ...]
    """Only where nothing was ever decided: why not."""


async def why(context: Context, wanted: str, *, integration: Integration | None = None) -> list[Life]:
    """By invoice number, or where there is none with it by Procountor's id; several where companies share a number.

    Raises `Misconfigured` for an invoice that was never seen, saying how far reading has come.
    """
    if not wanted.strip().isdecimal() or int(wanted) > LARGEST:
        raise Misconfigured(f"{wanted} is no invoice number: give the number, or Procountor's id, in digits.")
    number = int(wanted)
    of = integration.id if integration else None
    with translating():
        rows = await context.pool.fetch(SQL["find_by_number"], number, of)
        rows = rows or await context.pool.fetch(SQL["find_by_id"], number, of)
    if not rows:
        raise Misconfigured(await never_seen(context, wanted, integration))
    return [await life(context, row) for row in rows]


async def never_seen(context: Context, wanted: str, integration: Integration | None) -> str:
    known = [integration] if integration else await integrations.read_all(context)
    said = [f"Invoice {wanted} was never seen."]
    for one in known:
        reading = one.reading
        if reading and reading.failure:
            said.append(f"Reading of {one.company} has failed since {reading.failing_since}: {reading.failure}.")
        elif reading:
            said.append(f"{one.company} was read up to its changes of {reading.cursor or 'none so far'}.")
    return " ".join(
        [*said, "Unchanged invoices from before connecting are not read, unless they still wait to be sent."]
    )


async def life(context: Context, row: asyncpg.Record) -> Life:
    integration = await integrations.read_one(context, row["integration"])
    records = await context.log.read_stream(f"invoice/{integration.id}/{row['invoice']}")
    entries = await browse.opened(context, records)
    calls = await deliveries.read(
        context, deliveries.Filter(integration=integration.id, invoice=row["invoice"]), attempts=True
    )
    return Life(
        integration=integration,
        invoice=row["invoice"],
        number=row["number"],
        status=row["status"],
        changed_at=row["changed_at"],
        entries=tuple(entries),
        deliveries=tuple(reversed(calls)),
        undecided=await undecided(context, integration, entries),
        today=today(integration, entries),
    )


async def undecided(context: Context, integration: Integration, entries: Sequence[Entry]) -> tuple[UUID, ...]:
    with translating():
        checkpoint = await context.pool.fetchval(SQL["read_checkpoint"], integration.partition)
    return tuple(
        entry.record.row.id
        for entry in entries
        if isinstance(entry.event, InvoiceStatusChanged) and entry.record.position > checkpoint
    )


def today(integration: Integration, entries: Sequence[Entry]) -> tuple[Today, ...]:
    if any(isinstance(entry.event, ContactAdded | ContactSkipped) for entry in entries):
        return ()
    seen = [entry for entry in entries if isinstance(entry.event, InvoiceStatusChanged)]
    if not seen:
        return ()
    return tuple(judge(integration, trigger, seen[-1]) for trigger in integration.rules.triggers.values())


def judge(integration: Integration, trigger: Trigger, entry: Entry) -> Today:
    event = entry.event
    assert isinstance(event, InvoiceStatusChanged), "chosen so"
    found = rules.candidate(integration.rules, trigger, event, entry.record.at)
    skip, detail = found.skip or (None, None)
    says, remedy = verdict(trigger, event, skip)
    return Today(trigger=trigger, says=says, remedy=remedy, skip=skip, detail=detail, trace=found.trace)


def verdict(trigger: Trigger, event: InvoiceStatusChanged, skip: Skip | None) -> tuple[str, str]:
    """Why nothing was decided, first things first."""
    if not trigger.live:
        return "The trigger is a draft: it decides nothing.", "Put it in force: ptm trigger promote."
    if event.kind is Kind.BASELINE:
        return "It was read while connecting: that is recorded, and fires nothing.", "Its next status change counts."
    if event.kind is Kind.BACKFILL:
        return "It was read from the past on request: only a replay decides it.", "Plan a replay."
    if not event.passed & trigger.condition.statuses:
        wanted = ", ".join(sorted(trigger.condition.statuses))
        return f"It is {event.after}; the trigger waits for {wanted}.", "Nothing to do until its status changes."
    if skip:
        return reasons.SKIPS[skip].says, reasons.SKIPS[skip].remedy
    return (
        "It would be added under today's rules; the rules of that moment did not ask for it.",
        "A replay can send it.",
    )
