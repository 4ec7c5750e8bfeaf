"""All integrations at a glance, ten thousand too: a line each, and the figures of those in sight."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from events import brake
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.integrations import State

BREATH = 500
"""Lines that are made between two moments for whoever else wants the event loop."""


class Trouble(StrEnum):
    """What needs a person, the worst of it."""

    BROKEN = "broken"
    """A service refuses us."""
    PARKED = "parked"
    BRAKED = "braked"
    NO_TRIGGER = "no_trigger"
    FAILING = "failing"
    """Reading fails, and may well go on by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One integration, without its rules."""

    id: UUID
    version: int
    partition: int
    state: State
    company_id: int
    company: str
    business_id: str
    organization: str
    triggers: int
    labels: tuple[str, ...]
    waiting: int
    parked: int
    trouble: Trouble | None

    @property
    def name(self) -> str:
        return f"{self.company} → {self.organization}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What moves."""

    seen_at: datetime | None
    """When its newest invoice change was recorded."""
    added_at: datetime | None
    """When its newest contact was delivered."""
    hours: tuple[int, ...]
    """Contacts that live changes led to in each of the last 24 hours, oldest first."""


async def lines(context: Context) -> tuple[Line, ...]:
    """In the order in which they were connected; removed ones are left out."""
    with translating():
        rows = await context.pool.fetch(SQL["list_integrations"])
        counts = {row["integration"]: row for row in await context.pool.fetch(SQL["count_open"])}
    found: list[Line] = []
    for row in rows:
        found.append(as_line(context, row, counts.get(row["id"])))
        if len(found) % BREATH == 0:
            await asyncio.sleep(0)
    return tuple(found)


async def names(context: Context, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Of these, removed ones too, as `Line.name` says them."""
    with translating():
        rows = await context.pool.fetch(SQL["read_names"], list(ids))
    return {row["id"]: name_of(context, row) for row in rows}


def name_of(context: Context, row: asyncpg.Record) -> str:
    names = context.vault.open_names(row["id"], row["names"])
    company = names.get("company") or f"company {row['company_id']}"
    return f"{company} → {names.get('organization') or row['organization']}"


def as_line(context: Context, row: asyncpg.Record, count: asyncpg.Record | None) -> Line:
    names = context.vault.open_names(row["id"], row["names"])
    return Line(
        id=row["id"],
        version=row["version"],
        partition=row["partition"],
        state=State(row["state"]),
        company_id=row["company_id"],
        company=names.get("company") or f"company {row['company_id']}",
        business_id=names.get("business_id", ""),
        organization=names.get("organization") or row["organization"],
        triggers=row["triggers"],
        labels=tuple(json.loads(row["labels"] or "[]")),
        waiting=count["waiting"] if count else 0,
        parked=count["parked"] if count else 0,
        trouble=trouble(row, parked=count["parked"] if count else 0),
    )


def trouble(row: asyncpg.Record, *, parked: int) -> Trouble | None:
    if row["broken"]:
        return Trouble.BROKEN
    if parked:
        return Trouble.PARKED
    if row["state"] == State.PAUSED and json.loads(row["braked"] or "null"):
        return Trouble.BRAKED
    if not row["triggers"]:
        return Trouble.NO_TRIGGER
    return Trouble.FAILING if row["failing_since"] else None


async def figures(context: Context, ids: Sequence[UUID]) -> Mapping[UUID, Figures]:
    """Of those in sight."""
    with translating():
        rows = await context.pool.fetch(SQL["read_figures"], list(ids))
    now = brake.hour_of(datetime.now(UTC))
    return {
        row["id"]: Figures(
            seen_at=row["seen_at"],
            added_at=row["added_at"],
            hours=hours(brake.from_json(row["tally"]), now) if row["tally"] else (0,) * brake.HOURS,
        )
        for row in rows
    }


def hours(tally: brake.Tally, now: int) -> tuple[int, ...]:
    """The last 24 hours until *now*, oldest first."""
    newest_first = (0,) * max(0, now - tally.hour) + tally.hours
    day = (newest_first + (0,) * brake.HOURS)[: brake.HOURS]
    return tuple(reversed(day))
