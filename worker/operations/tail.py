"""What is new in the log, as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from worker.adapters.postgres import translating
from worker.operations import browse, narrowing
from worker.operations.browse import Entry, Filter
from worker.operations.context import SQL, Context
from worker.operations.narrowing import Terms

LOOK_EVERY = 0.3
STEP = 1000
"""Positions of a partition that are read at once."""

Heads = Mapping[int, int]
"""Partition → position of its newest event, or of the newest that was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What stands in each partition behind one position and up to another."""

    partitions: list[int]
    behind: list[int]
    until: list[int]

    @property
    def length(self) -> int:
        return sum(self.until) - sum(self.behind)


async def heads(context: Context) -> dict[int, int]:
    with translating():
        rows = await context.pool.fetch(SQL["read_heads"])
    return {row["partition"]: row["position"] for row in rows}


def between(behind: Heads, until: Heads, wanted: Filter) -> Span:
    """Where something has come; partitions that *wanted* leaves out are not looked at, and after its end none is."""
    mine = [] if wanted.until else wanted.partitions
    moved = [each for each in until if until[each] > behind.get(each, 0) and (mine is None or each in mine)]
    return Span(
        partitions=moved,
        behind=[behind.get(each, 0) for each in moved],
        until=[until[each] for each in moved],
    )


async def read(context: Context, wanted: Filter, span: Span) -> list[Entry]:
    """What *wanted* lets through of it, whole: who asks keeps it short."""
    with translating():
        rows = await context.pool.fetch(
            SQL["follow_events"],
            span.partitions,
            span.behind,
            span.until,
            wanted.types,
            wanted.tenants,
            wanted.streams,
        )
    return await browse.read(context, [(row["partition"], row["position"]) for row in rows])


async def count(context: Context, wanted: Filter, span: Span) -> int:
    """How many *wanted* lets through of it."""
    if wanted.types is None and wanted.among is None and wanted.streams is None:
        return span.length
    with translating():
        found: int = await context.pool.fetchval(
            SQL["count_events"],
            span.partitions,
            span.behind,
            span.until,
            wanted.types,
            wanted.tenants,
            wanted.streams,
        )
    return found


async def follow(context: Context, terms: Terms, behind: Heads | None = None) -> AsyncIterator[Entry]:
    """Every event behind *behind* (None: behind now) that *terms* let through, as it comes, until cancelled."""
    places = dict(await heads(context) if behind is None else behind)
    wanted = await narrowing.resolve(context, terms)
    while True:
        until = await heads(context)
        steps = {each: min(places.get(each, 0) + STEP, head) for each, head in until.items()}
        span = between(places, steps, wanted)
        if not span.partitions:
            await asyncio.sleep(LOOK_EVERY)
            continue
        if terms.narrow:
            wanted = await narrowing.resolve(context, terms)
        for entry in await read(context, wanted, span):
            yield entry
        places.update(zip(span.partitions, span.until, strict=True))
