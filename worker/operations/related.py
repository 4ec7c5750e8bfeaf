"""What an event came of, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar
from uuid import UUID

from events.contact import Outcome
from events.envelope import identify, integration_stream
from events.replay import ReplayAsked
from worker.adapters.postgres import translating
from worker.operations import browse, integrations
from worker.operations.browse import Entry
from worker.operations.context import SQL, Context

K = TypeVar("K")
V = TypeVar("V")

MOST = 200
REMEMBERED = 4000
"""Companies, and invoices, whose names are kept: more than are ever looked at together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    of: UUID
    cause: Entry | None
    """None: it has none, or none that stands in the log."""
    effects: tuple[Entry, ...]
    """In order, at most `MOST`: of a replay's items the decisions, else what its stream and its integration's have."""


async def read(context: Context, entry: Entry) -> Related:
    row = entry.record.row
    causes = await find(context, [row.cause]) if row.cause else []
    return Related(of=row.id, cause=causes[0] if causes else None, effects=await effects(context, entry))


async def effects(context: Context, entry: Entry) -> tuple[Entry, ...]:
    if isinstance(entry.event, ReplayAsked):
        return tuple(await find(context, decided(entry.event)))
    row = entry.record.row
    streams = [row.stream, integration_stream(entry.integration)]
    with translating():
        rows = await context.pool.fetch(SQL["find_effects"], streams, row.id, MOST)
    return tuple(await browse.read(context, [(one["partition"], one["position"]) for one in rows]))


def decided(asked: ReplayAsked) -> list[UUID]:
    """The ids that the decisions on its items have, made or not."""
    return [identify("decision", item.takes_back or item.cause, item.trigger, asked.id) for item in asked.items[:MOST]]


async def find(context: Context, ids: Sequence[UUID]) -> list[Entry]:
    found = await browse.opened(context, await context.log.find(ids))
    return sorted(found, key=lambda entry: entry.key)


async def at(context: Context, partition: int, position: int) -> Entry | None:
    """The event at a place; None where there is none."""
    return next(iter(await browse.read(context, [(partition, position)])), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What events leave out that people know things by."""

    companies: Mapping[UUID, str] = field(default_factory=dict)
    numbers: Mapping[tuple[UUID, int], int] = field(default_factory=dict)
    """(integration, invoice) → the number that people know."""
    taken_off: frozenset[UUID] = frozenset()
    """Decisions whose contact is taken off a list, not added."""

    def joined(self, more: Known) -> Known:
        """What nothing new has needed for longest is forgotten: a log may be followed for days."""
        return Known(
            companies=renewed(self.companies, more.companies),
            numbers=renewed(self.numbers, more.numbers),
            taken_off=self.taken_off | more.taken_off,
        )


def renewed(kept: Mapping[K, V], more: Mapping[K, V]) -> Mapping[K, V]:
    every = {**{key: value for key, value in kept.items() if key not in more}, **more}
    return dict(islice(every.items(), max(0, len(every) - REMEMBERED), None))


async def known(context: Context, entries: Sequence[Entry], already: Known) -> Known:
    """All that *entries* need, asked for where it is not known *already*; an invoice may get its number later."""
    ids = {entry.integration for entry in entries}
    invoices = {key for entry in entries if (key := invoice_of(entry))}
    decisions = {entry.event.decision for entry in entries if isinstance(entry.event, Outcome)}
    return Known(
        companies={
            **{id: already.companies[id] for id in ids & already.companies.keys()},
            **await companies(context, ids - already.companies.keys()),
        },
        numbers={
            **{key: already.numbers[key] for key in invoices & already.numbers.keys()},
            **await numbers(context, invoices - already.numbers.keys()),
        },
        taken_off=await unlisted(context, decisions - already.taken_off),
    )


async def numbers(context: Context, invoices: Collection[tuple[UUID, int]]) -> Mapping[tuple[UUID, int], int]:
    if not invoices:
        return {}
    ids, ours = zip(*invoices, strict=True)
    with translating():
        rows = await context.pool.fetch(SQL["read_known_numbers"], ids, ours)
    return {(row["integration"], row["invoice"]): row["number"] for row in rows}


async def unlisted(context: Context, decisions: Collection[UUID]) -> frozenset[UUID]:
    if not decisions:
        return frozenset()
    with translating():
        rows = await context.pool.fetch(SQL["find_unlisted"], decisions)
    return frozenset(row["id"] for row in rows)


async def companies(context: Context, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What some integrations are called by."""
    if not ids:
        return {}
    return {id: one.briefly for id, one in (await integrations.called(context, ids)).items()}


def invoice_of(entry: Entry) -> tuple[UUID, int] | None:
    invoice = getattr(entry.event, "invoice_id", None)
    return None if invoice is None else (entry.integration, invoice)
