"""Where what waits for a person is found: a source for each kind of cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from events import brake
from events.attention import Cause, Concern
from events.connection import PASSING, PRESSES
from events.delivery import UNKNOWN
from events.integration import Service
from events.reconcile import State
from events.words import Say, english
from worker.adapters.postgres import translating
from worker.operations import deliveries, in_force, integrations, reconciling, status
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration
from worker.operations.status import Lag

STANDS = timedelta(minutes=1)
"""After that an undecided event is no longer just on its way."""
PASSES = timedelta(hours=1)
"""A reading that has failed for less may well go on by itself."""
DRAFTED = timedelta(days=7)
"""A younger draft has time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    meant: AbstractSet[UUID]
    """The integrations that are asked about."""
    causes: AbstractSet[Cause]
    """What is asked for."""
    only: UUID | None
    """The one integration that is meant, where it is one."""
    now: datetime
    since: datetime
    stands: timedelta
    samples: int
    say: Say = english


async def of_workers(context: Context, asked: Asked) -> AsyncIterator[Concern]:
    """Nobody works, or a partition that has an integration among those asked about stands still."""
    with translating():
        workers = await context.pool.fetch(SQL["read_workers"])
        lags = [status.as_lag(row) for row in await context.pool.fetch(SQL["read_lag"])]
        partitions = await context.pool.fetch(SQL["list_partitions"], list(asked.meant))
    if not any(status.as_worker(row, asked.now).alive for row in workers):
        if asked.meant:
            yield Concern(cause=Cause.NO_WORKER)
        return
    theirs = {row["partition"] for row in partitions}
    for lag in lags:
        if lag.partition in theirs and lag.undecided_since and asked.now - lag.undecided_since > asked.stands:
            yield standing(lag, asked.say)


def standing(lag: Lag, say: Say) -> Concern:
    return Concern(
        cause=Cause.STANDSTILL,
        subject=str(lag.partition),
        label=say("partition {n}", n=lag.partition),
        since=lag.undecided_since,
        detail=say("{n} events behind position {position}", n=lag.head - lag.decided, position=lag.decided),
    )


async def of_restore(context: Context, asked: Asked) -> AsyncIterator[Concern]:
    with translating():
        rows = [row for row in await context.pool.fetch(SQL["list_held"]) if row["integration"] in asked.meant]
    names = await integrations.called(context, {row["integration"] for row in rows})
    for row in rows:
        yield Concern(
            cause=Cause.HELD,
            integration=row["integration"],
            label=names[row["integration"]].name,
            since=row["restored_at"],
        )


async def of_states(context: Context, asked: Asked, page: Sequence[Integration]) -> AsyncIterator[Concern]:
    paused = [one.id for one in page if one.state is integrations.State.PAUSED]
    with translating():
        rows = await context.pool.fetch(SQL["read_paused"], paused)
    since = {row["integration"]: row["at"] for row in rows}
    for each in page:
        for one in of_state(each, asked.now, asked.say):
            still = one.cause in (Cause.BRAKED, Cause.PAUSED)
            yield replace(one, since=since.get(each.id)) if still else one


def of_state(one: Integration, now: datetime, say: Say) -> Iterator[Concern]:
    """Broken connections, readings that fail, what is paused, what has no trigger."""
    broken = [each for each in one.connections.values() if each.state == "broken"]
    for each in broken:
        yield Concern(
            cause=Cause.BROKEN,
            key=f"{each.service.value}:{each.reason}",
            integration=one.id,
            label=one.name,
            since=each.since,
            urgent=each.reason not in PASSING,
        )
    for each in one.connections.values():
        if (days := each.ending(now)) is not None:
            yield Concern(
                cause=Cause.ENDING,
                key=str(days),
                integration=one.id,
                label=one.name,
                detail=f"{each.ends_at:%Y-%m-%d}",
                urgent=days <= PRESSES,
            )
    failing = one.reading.failing_since if one.reading else None
    if one.reading and failing and Service.PROCOUNTOR not in {each.service for each in broken}:
        yield Concern(
            cause=Cause.READING,
            integration=one.id,
            label=one.name,
            since=failing,
            detail=one.reading.failure,
            urgent=now - failing > PASSES,
        )
    if one.state is integrations.State.PAUSED:
        figures = f"{brake.said(one.rules.braked, say)}; " if one.rules.braked else ""
        yield Concern(
            cause=Cause.BRAKED if one.rules.braked else Cause.PAUSED,
            integration=one.id,
            label=one.name,
            detail=figures + say("{n} calls wait", n=one.waiting),
        )
    if not one.rules.triggers:
        yield Concern(cause=Cause.NO_TRIGGER, integration=one.id, label=one.name)


async def of_found_late(context: Context, asked: Asked) -> AsyncIterator[Concern]:
    """What reconciliations found *since*, and nothing has decided."""
    found = await reconciling.late(context, asked.meant, since=asked.since, only=asked.only)
    names = await integrations.called(context, {one.integration for one in found})
    for late in found:
        yield Concern(
            cause=Cause.FOUND_LATE,
            integration=late.integration,
            subject=str(late.invoice),
            label=names[late.integration].name,
            since=late.at,
            invoices=(late.number or late.invoice,),
            invoice=late.invoice,
            detail=late.status,
        )


async def of_not_as_sent(context: Context, asked: Asked) -> AsyncIterator[Concern]:
    """What reconciliations found *since* and is still so."""
    every = await reconciling.not_as_sent(context, since=asked.since, only=asked.only)
    wanting = [one for one in every if one.integration in asked.meant]
    names = await integrations.called(context, {one.integration for one in wanting})
    for found in wanting:
        yield Concern(
            cause=Cause.NOT_AS_SENT,
            key=found.state.value,
            integration=found.integration,
            subject=str(found.invoice),
            label=names[found.integration].name,
            since=found.at,
            invoices=(found.number or found.invoice,),
            invoice=found.invoice,
            urgent=found.state is State.MISSING,
        )


async def of_reconciling(context: Context, asked: Asked, page: Sequence[Integration]) -> AsyncIterator[Concern]:
    """Which reconciliations could not look at everything."""
    names = {one.id: one.name for one in page}
    for integration, last in (await reconciling.last(context, list(names))).items():
        if last.failure:
            yield Concern(
                cause=Cause.UNRECONCILED,
                integration=integration,
                label=names[integration],
                since=last.ended_at,
                detail=last.failure,
                urgent=False,
            )


async def of_drafts(context: Context, asked: Asked, page: Sequence[Integration]) -> AsyncIterator[Concern]:
    for one in page:
        drafts = [trigger for trigger in one.rules.triggers.values() if not trigger.live]
        versions = await in_force.read(context, one) if drafts else []
        for draft in drafts:
            since = in_force.draft_since(versions, draft.id)
            yield Concern(
                cause=Cause.DRAFT,
                integration=one.id,
                subject=str(draft.id),
                label=draft.name,
                since=since,
                detail=one.company,
                urgent=since is None or asked.now - since > DRAFTED,
            )


async def of_parked(context: Context, asked: Asked) -> AsyncIterator[Concern]:
    """Counted by the database; what is known of the oldest few of each cause is looked up."""
    with translating():
        rows = [row for row in await context.pool.fetch(SQL["count_parked"]) if row["integration"] in asked.meant]
    names = await integrations.called(context, {row["integration"] for row in rows})
    known: Counter[str] = Counter()
    for row in sorted(rows, key=lambda row: row["oldest"]):
        known[row["fingerprint"]] += 1
        shown = known[row["fingerprint"]] <= asked.samples
        yield parked(row, names[row["integration"]].name, await few(context, row, asked.samples) if shown else [])


async def few(context: Context, row: asyncpg.Record, samples: int) -> Sequence[deliveries.Delivery]:
    wanted = deliveries.Filter(
        integrations=(row["integration"],), states=("parked",), fingerprint=row["fingerprint"], limit=samples
    )
    return await deliveries.read(context, wanted)


def parked(row: asyncpg.Record, name: str, found: Sequence[deliveries.Delivery]) -> Concern:
    return Concern(
        cause=Cause.UNKNOWN if row["fingerprint"] == UNKNOWN else Cause.PARKED,
        key=row["fingerprint"],
        integration=row["integration"],
        label=name,
        since=row["oldest"],
        invoices=tuple(sorted({one.number or one.invoice for one in found})),
        detail=next((one.failure for one in found if one.failure), None),
        count=row["count"],
    )


SOURCES: Mapping[Callable[[Context, Asked], AsyncIterator[Concern]], frozenset[Cause]] = {
    of_workers: frozenset({Cause.NO_WORKER, Cause.STANDSTILL}),
    of_restore: frozenset({Cause.HELD}),
    of_parked: frozenset({Cause.UNKNOWN, Cause.PARKED}),
    of_found_late: frozenset({Cause.FOUND_LATE}),
    of_not_as_sent: frozenset({Cause.NOT_AS_SENT}),
}
"""What each finds in the database, whosever it is; `register` tells the rest."""
OF_PAGES: Mapping[Callable[[Context, Asked, Sequence[Integration]], AsyncIterator[Concern]], frozenset[Cause]] = {
    of_states: frozenset({Cause.BROKEN, Cause.READING, Cause.ENDING, Cause.BRAKED, Cause.PAUSED, Cause.NO_TRIGGER}),
    of_drafts: frozenset({Cause.DRAFT}),
    of_reconciling: frozenset({Cause.UNRECONCILED}),
}
"""What each tells of integrations that it has before it: of some of them at a time."""
