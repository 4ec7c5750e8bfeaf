"""The log as operators read it: newest first by a filter, or live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.codec import TYPES, Event
from events.envelope import Recorded, integration_stream
from events.errors import Misconfigured
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration

LOOK_EVERY = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event at its place, opened; what was erased is empty."""

    record: Recorded
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    types: tuple[str, ...] | None = None
    among: tuple[Integration, ...] | None = None
    """None: all integrations, removed ones too."""
    since: datetime | None = None

    @property
    def tenants(self) -> list[str] | None:
        return None if self.among is None else [str(one.id) for one in self.among]

    @property
    def partitions(self) -> list[int] | None:
        return None if self.among is None else sorted({one.partition for one in self.among})


def check(types: Sequence[str]) -> tuple[str, ...] | None:
    """Raises `Misconfigured` for a type that no event has."""
    for one in types:
        if one not in TYPES:
            raise Misconfigured(f"There is no event type {one}: use {', '.join(sorted(TYPES))}.")
    return tuple(types) or None


async def latest(context: Context, wanted: Filter, *, limit: int = 50) -> list[Entry]:
    """The newest that *wanted* lets through, oldest of them first."""
    with translating():
        rows = await context.pool.fetch(
            SQL["browse_events"], wanted.types, wanted.tenants, wanted.since, wanted.partitions, limit
        )
    return await read(context, [(row["partition"], row["position"]) for row in reversed(rows)])


async def heads(context: Context) -> dict[int, int]:
    """Partition → position of its newest event."""
    with translating():
        rows = await context.pool.fetch(SQL["read_heads"])
    return {row["partition"]: row["position"] for row in rows}


async def follow(context: Context, wanted: Filter, behind: dict[int, int] | None = None) -> AsyncIterator[Entry]:
    """Every event behind *behind* (None: behind now) that *wanted* lets through, as it comes, until cancelled."""
    places = await heads(context) if behind is None else dict(behind)
    while True:
        until = await heads(context)
        moved = {each: places.get(each, 0) for each, head in until.items() if head > places.get(each, 0)}
        if not moved:
            await asyncio.sleep(LOOK_EVERY)
            continue
        steps = {each: min(after + 1000, until[each]) for each, after in moved.items()}
        with translating():
            rows = await context.pool.fetch(
                SQL["follow_events"],
                list(moved),
                list(moved.values()),
                list(steps.values()),
                wanted.types,
                wanted.tenants,
            )
        for entry in await read(context, [(row["partition"], row["position"]) for row in rows]):
            yield entry
        places.update(steps)


async def read(context: Context, places: list[tuple[int, int]]) -> list[Entry]:
    return await opened(context, await context.log.read_at(places))


async def said(context: Context, integration: Integration) -> list[tuple[Recorded, Event]]:
    """All that operators have said about it, in order: what `events.versions` folds."""
    records = await context.log.read_stream(integration_stream(integration.id))
    return list(zip(records, await context.log.open(records), strict=True))


async def opened(context: Context, records: list[Recorded]) -> list[Entry]:
    events = await context.log.open(records)
    return [Entry(record=record, event=event) for record, event in zip(records, events, strict=True)]
