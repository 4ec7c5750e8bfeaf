"""What waits for a person: everything that stands in the database, as concerns that `events.attention` groups."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from events import brake
from events.attention import Cause, Concern, Group, grouped
from events.delivery import UNKNOWN
from events.integration import Service
from events.reconcile import State
from worker.adapters.postgres import translating
from worker.operations import deliveries, in_force, integrations, reconciling, register, status
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
class Attention:
    at: datetime
    since: datetime
    """What ended, or was skipped, before is not looked at."""
    groups: tuple[Group, ...]
    cut: bool
    """More was found than is looked at in one go: counts are lower bounds."""


async def read(
    context: Context,
    *,
    among: Sequence[Integration] | None = None,
    of: str = "",
    days: int = 30,
    samples: int = 5,
    stands: timedelta = STANDS,
) -> Attention:
    """Of all integrations, or *among* some; refused and skipped contacts of the last *days*, the rest whatever its age.

    *of*: the option that names *among*, such as `--label pilot`, so that the commands have it too.
    *stands*: how long an event may be undecided while a worker runs.
    """
    now = datetime.now(UTC)
    since = now - timedelta(days=days)
    every = await integrations.read_all(context) if among is None else list(among)
    only = every[0].id if among is not None and len(every) == 1 else None
    seen = await register.read(context, every, since=since, only=only)
    concerns = [
        *[one async for one in of_workers(context, every, now, stands)],
        *[one for each in every for one in of_state(each, now)],
        *[one async for one in of_drafts(context, every, now)],
        *[one async for one in of_parked(context, every, samples)],
        *[one async for one in of_reconciling(context, every, since, only)],
        *seen.concerns,
    ]
    return Attention(at=now, since=since, groups=tuple(grouped(concerns, samples=samples, of=of)), cut=seen.cut)


async def of_workers(
    context: Context, every: Sequence[Integration], now: datetime, stands: timedelta
) -> AsyncIterator[Concern]:
    """Nobody works, or a partition that has an integration among *every* stands still."""
    with translating():
        workers = await context.pool.fetch(SQL["read_workers"])
        lags = [status.as_lag(row) for row in await context.pool.fetch(SQL["read_lag"])]
    if not any(status.as_worker(row, now).alive for row in workers):
        if every:
            yield Concern(cause=Cause.NO_WORKER)
        return
    theirs = {one.partition for one in every}
    for lag in lags:
        if lag.partition in theirs and lag.undecided_since and now - lag.undecided_since > stands:
            yield standing(lag)


def standing(lag: Lag) -> Concern:
    return Concern(
        cause=Cause.STANDSTILL,
        subject=str(lag.partition),
        label=f"partition {lag.partition}",
        since=lag.undecided_since,
        detail=f"{lag.head - lag.decided} events behind position {lag.decided}",
    )


def of_state(one: Integration, now: datetime) -> Iterator[Concern]:
    """Broken connections, readings that fail, what is paused, what has no trigger."""
    broken = [each for each in one.connections.values() if each.state == "broken"]
    for each in broken:
        yield Concern(
            cause=Cause.BROKEN,
            key=f"{each.service.value}:{each.reason}",
            integration=one.id,
            label=one.name,
            since=each.since,
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
        figures = f"{brake.said(one.rules.braked)}; " if one.rules.braked else ""
        yield Concern(
            cause=Cause.BRAKED if one.rules.braked else Cause.PAUSED,
            integration=one.id,
            label=one.name,
            detail=f"{figures}{one.waiting} calls wait",
        )
    if not one.rules.triggers:
        yield Concern(cause=Cause.NO_TRIGGER, integration=one.id, label=one.name)


async def of_reconciling(
    context: Context, every: Sequence[Integration], since: datetime, only: UUID | None
) -> AsyncIterator[Concern]:
    """What reconciliations found *since* and is still so, and which of them could not look at everything."""
    names = {one.id: one.name for one in every}
    for late in await reconciling.late(context, {one.id: one.rules for one in every}, since=since, only=only):
        yield Concern(
            cause=Cause.FOUND_LATE,
            integration=late.integration,
            subject=str(late.invoice),
            label=names[late.integration],
            since=late.at,
            invoices=(late.number or late.invoice,),
            detail=late.status,
        )
    for found in await reconciling.not_as_sent(context, since=since, only=only):
        if found.integration in names:
            yield Concern(
                cause=Cause.NOT_AS_SENT,
                key=found.state.value,
                integration=found.integration,
                subject=str(found.invoice),
                label=names[found.integration],
                since=found.at,
                invoices=(found.number or found.invoice,),
                urgent=found.state is State.MISSING,
            )
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


async def of_drafts(context: Context, every: Sequence[Integration], now: datetime) -> AsyncIterator[Concern]:
    for one in every:
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
                urgent=since is None or now - since > DRAFTED,
            )


async def of_parked(context: Context, every: Sequence[Integration], samples: int) -> AsyncIterator[Concern]:
    """Counted by the database; the invoices of a few are named."""
    names = {one.id: one.name for one in every}
    with translating():
        rows = await context.pool.fetch(SQL["count_parked"])
    for row in rows:
        if row["integration"] not in names:
            continue
        wanted = deliveries.Filter(
            integrations=(row["integration"],), states=("parked",), fingerprint=row["fingerprint"], limit=samples
        )
        found = await deliveries.read(context, wanted)
        yield Concern(
            cause=Cause.UNKNOWN if row["fingerprint"] == UNKNOWN else Cause.PARKED,
            key=row["fingerprint"],
            integration=row["integration"],
            label=names[row["integration"]],
            since=row["oldest"],
            invoices=tuple(sorted({one.number or one.invoice for one in found})),
            detail=next((one.failure for one in found if one.failure), None),
            count=row["count"],
        )
