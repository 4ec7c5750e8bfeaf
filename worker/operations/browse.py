"""The log as operators read it: page by page from any place in it, both ways, through a filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import asyncpg
import orjson

from events.codec import TYPES, Event
from events.envelope import Recorded, integration_of, integration_stream
from events.errors import Misconfigured
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration

PAGE = 200
LOOKS = 32_000
"""Positions that one page looks at, over all partitions: what a filter leaves out is not searched for without end."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Key:
    """A place in the order in which the log is read: by time, and where that is the same by partition and position."""

    at: datetime
    partition: int = 0
    position: int = 0
    """0: before the first event of that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event at its place, opened; what was erased is empty."""

    record: Recorded
    event: Event

    @property
    def key(self) -> Key:
        return Key(at=self.record.at, partition=self.record.partition, position=self.record.position)

    @property
    def integration(self) -> UUID:
        return integration_of(self.record.row.stream)

    @property
    def told(self) -> dict[str, object]:
        """All of it, by name: `data` as the log has it, which names nobody, and `event` opened, which does."""
        record, row = self.record, self.record.row
        return {
            "partition": record.partition,
            "position": record.position,
            "at": record.at,
            "stream": row.stream,
            "type": row.type,
            "schema": row.schema,
            "id": row.id,
            "cause": row.cause,
            "actor": row.actor,
            "data": orjson.loads(row.data),
            "event": self.event,
        }


class Placed(Protocol):
    """An integration, as far as its events have to be found."""

    @property
    def id(self) -> UUID: ...
    @property
    def partition(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    types: tuple[str, ...] | None = None
    among: tuple[Placed, ...] | None = None
    """None: all integrations, removed ones too."""
    since: datetime | None = None
    until: datetime | None = None
    """Before then. What has come since is not looked at, so it has to have passed."""
    streams: tuple[str, ...] | None = None
    """None: all. They are few: what invoices, a customer or an address lead to."""

    @property
    def tenants(self) -> list[str] | None:
        return None if self.among is None else [str(one.id) for one in self.among]

    @property
    def end(self) -> Key | None:
        return Key(at=self.until) if self.until else None

    @property
    def partitions(self) -> list[int] | None:
        return None if self.among is None else sorted({one.partition for one in self.among})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Oldest first, whichever way it was read."""

    entries: tuple[Entry, ...]
    further: Key | None
    """Where the next page in the same direction begins; None: there is nothing further.

    A page that is not full may have one: it has looked that far.
    """


def check(types: Sequence[str]) -> tuple[str, ...] | None:
    """Raises `Misconfigured` for a type that no event has."""
    for one in types:
        if one not in TYPES:
            raise Misconfigured(f"There is no event type {one}: use {', '.join(sorted(TYPES))}.")
    return tuple(types) or None


async def latest(context: Context, wanted: Filter, *, limit: int = 50) -> list[Entry]:
    """The newest that *wanted* lets through, oldest of them first, however far back they are."""
    page = await before(context, wanted, limit=limit)
    found = list(page.entries)
    while page.further and len(found) < limit:
        page = await before(context, wanted, page.further, limit=limit - len(found))
        found[:0] = page.entries
    return found


async def before(context: Context, wanted: Filter, key: Key | None = None, *, limit: int = PAGE) -> Page:
    """The newest before *key* (None: the newest of all)."""
    key = min([end for end in (key, wanted.end) if end is not None], default=None)
    if wanted.streams is not None:
        return await of_streams(context, wanted, key, limit=limit)
    places = await positions(context, wanted, key or Key(at=datetime.max.replace(tzinfo=UTC)))
    return await looked(context, "page_before", wanted, places, limit=limit)


async def after(context: Context, wanted: Filter, key: Key, *, limit: int = PAGE) -> Page:
    """The oldest behind *key*."""
    if wanted.streams is not None:
        return ended(await of_streams(context, wanted, key, limit=limit, forwards=True), wanted.end)
    places = await positions(context, wanted, key)
    if key.position and key.partition in places:
        places[key.partition] += 1
    return ended(await looked(context, "page_after", wanted, places, limit=limit), wanted.end)


def ended(page: Page, end: Key | None) -> Page:
    """Without what lies behind *end*."""
    if end is None or ((page.further is None or page.further < end) and all(each.key < end for each in page.entries)):
        return page
    return Page(entries=tuple(each for each in page.entries if each.key < end), further=None)


async def positions(context: Context, wanted: Filter, key: Key) -> dict[int, int]:
    """Partition → its last position before *key*."""
    with translating():
        rows = await context.pool.fetch(SQL["find_places"], key.at, key.partition, wanted.partitions)
    found = {row["partition"]: row["position"] for row in rows}
    return found | ({key.partition: key.position - 1} if key.position and key.partition in found else {})


async def looked(context: Context, query: str, wanted: Filter, places: dict[int, int], *, limit: int) -> Page:
    each = max(limit, LOOKS // max(1, len(places)))
    with translating():
        rows = await context.pool.fetch(
            SQL[query], list(places), list(places.values()), each, wanted.types, wanted.tenants, wanted.since, limit
        )
    found = [as_key(row) for row in rows if not row["edge"]]
    edge = next((as_key(row) for row in rows if row["edge"]), None)
    if edge and query == "page_before" and wanted.since and edge.at < wanted.since:
        edge = None
    return await page(context, found, found[-1] if len(found) == limit else edge)


async def of_streams(context: Context, wanted: Filter, key: Key | None, *, limit: int, forwards: bool = False) -> Page:
    place = (key.at, key.partition, key.position) if key else (None, None, None)
    with translating():
        rows = await context.pool.fetch(
            SQL["page_streams_after" if forwards else "page_streams_before"],
            wanted.streams,
            wanted.types,
            wanted.since,
            *place,
            limit,
        )
    found = [as_key(row) for row in rows]
    return await page(context, found, found[-1] if len(found) == limit else None)


async def page(context: Context, found: Sequence[Key], further: Key | None) -> Page:
    return Page(entries=tuple(await read(context, [(key.partition, key.position) for key in found])), further=further)


def as_key(row: asyncpg.Record) -> Key:
    return Key(at=row["at"], partition=row["partition"], position=row["position"])


async def read(context: Context, places: list[tuple[int, int]]) -> list[Entry]:
    """In the order in which the log is read."""
    return sorted(await opened(context, await context.log.read_at(places)), key=lambda entry: entry.key)


async def said(context: Context, integration: Integration) -> list[tuple[Recorded, Event]]:
    """All that operators have said about it, in order: what `events.versions` folds."""
    records = await context.log.read_stream(integration_stream(integration.id))
    return list(zip(records, await context.log.open(records), strict=True))


async def opened(context: Context, records: list[Recorded]) -> list[Entry]:
    events = await context.log.open(records)
    return [Entry(record=record, event=event) for record, event in zip(records, events, strict=True)]
