"""Which invoices a number means: the one that people know, else Procountor's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from events.errors import Misconfigured
from worker.adapters.postgres import translating
from worker.operations import integrations
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An invoice, before its life is told."""

    integration: UUID
    invoice: int
    number: int | None
    status: str | None
    changed_at: datetime | None


def as_found(row: asyncpg.Record) -> Found:
    return Found(**{name: row[name] for name in ("integration", "invoice", "number", "status", "changed_at")})


async def find(context: Context, wanted: str, *, among: Sequence[Integration] | None = None) -> list[Found]:
    """By number, else by id, most lately changed first. Raises `Misconfigured` for what is neither."""
    if not wanted.strip().isdecimal() or int(wanted) > LARGEST:
        raise Misconfigured(f"{wanted} is no invoice number: give the number, or Procountor's id, in digits.")
    number = int(wanted)
    of = None if among is None else [one.id for one in among]
    with translating():
        rows = await context.pool.fetch(SQL["find_by_number"], number, of)
        rows = rows or await context.pool.fetch(SQL["find_by_id"], number, of)
    return [as_found(row) for row in rows]


async def seen(context: Context, wanted: str, *, among: Sequence[Integration] | None = None) -> list[Found]:
    """At least one. Raises `Misconfigured` where there is none, saying how far reading has come."""
    found = await find(context, wanted, among=among)
    if not found:
        raise Misconfigured(await never_seen(context, wanted, among))
    return found


async def never_seen(context: Context, wanted: str, among: Sequence[Integration] | None) -> str:
    known = await integrations.read_all(context) if among is None else among
    said = [f"Invoice {wanted} was never seen."]
    for one in known:
        reading = one.reading
        if reading and reading.failure:
            said.append(f"Reading of {one.company} has failed since {reading.failing_since}: {reading.failure}.")
        elif reading:
            said.append(f"{one.company} was read up to its changes of {reading.cursor or 'none so far'}.")
    return " ".join(
        [
            *said,
            "Unchanged invoices from before connecting are not read, unless they still wait to be sent: a replay's "
            "plan reads them where that is asked for (--backfill).",
        ]
    )
