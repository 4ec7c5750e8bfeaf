"""Reconciliation for people: run at once, and what of it still waits for somebody, by whomever it was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from events import replay
from events.errors import Misconfigured, PtmError, Unavailable
from events.integration import Rules
from events.invoice import FINAL, InvoiceStatusChanged
from events.reconcile import REPAIRABLE, State
from worker import reconciling
from worker.adapters import queries
from worker.adapters.postgres import translating
from worker.looking_up import Line
from worker.operations import integrations, past
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.reconciling import Reconciled

SQL = queries.load("reconcile")
MOST = 1000
"""Findings that are looked at in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An invoice that only a reconciliation found, and that no replay has decided yet: nothing fires by itself."""

    integration: UUID
    invoice: int
    number: int | None
    status: str
    at: datetime
    """When it was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAsSent:
    """A contact that was found missing or changed in Trustmary, and not sent since."""

    integration: UUID
    invoice: int
    number: int | None
    state: State
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """What the last reconciliation of an integration came to."""

    ended_at: datetime | None
    """None: there was none yet."""
    due_at: datetime
    days: int | None
    counts: Mapping[str, int]
    failure: str | None
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    integration: Integration
    found: Reconciled
    late: tuple[Late, ...]
    """Found now or earlier: the ones that would be added, were they released."""
    numbers: Mapping[int, int]
    """Invoice → the number that people know."""

    @property
    def wants_person(self) -> bool:
        return self.found.refused or bool(self.late) or bool(self.repairable)

    @property
    def repairable(self) -> list[Line]:
        return [line for line in self.found.contacts.lines if line.state in REPAIRABLE]


async def reconcile(
    context: Context,
    seen: Integration,
    *,
    days: int = reconciling.DAYS,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Report:
    """Reads both services and records what differs; sends nothing. Raises `Unavailable` while one is under way.

    *progress* is told how many contacts have been looked up, and of how many.
    """
    if seen.state is integrations.State.REMOVED:
        raise Misconfigured(f"{seen.name} is removed: there is nothing to hold its log against.")
    work = reconciling.reconciler(
        pool=context.pool,
        log=context.log,
        vault=context.vault,
        ringer=context.ringer,
        procountor=context.procountor,
        trustmary=context.trustmary,
        pace=context.settings.trustmary_pace,
        worker=uuid4(),
        actor=context.actor,
        progress=progress,
    )
    turn = await work.ask_for(seen.id)
    if turn is None:
        raise Unavailable(
            f"{seen.name} is being reconciled already: repeat this when that is done (ptm integration show)."
        )
    try:
        found = await work.run(turn, days=days)
    finally:
        await work.give_back()
    context.ringer.ring("ptm_log", str(seen.partition))
    invoices = {line.invoice for line in found.contacts.lines}
    since = datetime.now(UTC) - timedelta(days=days)
    return Report(
        integration=seen,
        found=found,
        late=tuple(await late(context, {seen.id}, since=since, only=seen.id)),
        numbers=await past.numbers(context, seen, invoices),
    )


async def reconcile_each(
    context: Context,
    every: Sequence[Integration],
    *,
    days: int = reconciling.DAYS,
    progress: Callable[[Integration, int, int], None] = lambda seen, done, of: None,
) -> tuple[list[Report], list[tuple[Integration, str]]]:
    """One after the other, since companies may share an organization and its pace; one that fails stops no other.

    Answers what was found, and why not everything could be looked at.
    """
    reports: list[Report] = []
    failed: list[tuple[Integration, str]] = []
    for seen in every:
        try:
            reports.append(await reconcile(context, seen, days=days, progress=partial(progress, seen)))
        except PtmError as error:
            failed.append((seen, str(error)))
    failed += [(one.integration, failure) for one in reports for failure in one.found.failures]
    return reports, failed


async def late(context: Context, among: AbstractSet[UUID], *, since: datetime, only: UUID | None) -> list[Late]:
    """Recorded *since*, of the integrations *among*; such only as their live triggers would add."""
    with translating():
        rows = await context.pool.fetch(SQL["find_late"], since, only, sorted(FINAL), MOST)
    records = await context.log.read_at([(row["partition"], row["position"]) for row in rows])
    events = await context.log.open(records)
    theirs = {event.integration for event in events} & among
    rules = {one.id: one.rules for one in await integrations.read(context, list(theirs), removed=True)}
    return [
        Late(
            integration=event.integration,
            invoice=event.invoice_id,
            number=event.number,
            status=event.after,
            at=record.at,
        )
        for record, event in zip(records, events, strict=True)
        if isinstance(event, InvoiceStatusChanged)
        and event.integration in rules
        and would_fire(rules[event.integration], event, record.at)
    ]


def would_fire(rules: Rules, event: InvoiceStatusChanged, at: datetime) -> bool:
    """Whether a live trigger would add its contact; what is older than the connection is nobody's concern."""
    if event.old or not event.invoice:
        return False
    return any(
        event.passed & trigger.condition.statuses and replay.reconsider(rules, trigger, event, at).skip is None
        for trigger in rules.live
    )


async def not_as_sent(context: Context, *, since: datetime, only: UUID | None) -> list[NotAsSent]:
    with translating():
        rows = await context.pool.fetch(SQL["find_not_as_sent"], since, only, MOST)
    return [
        NotAsSent(
            integration=row["integration"],
            invoice=row["invoice"],
            number=row["number"],
            state=State(row["state"]),
            at=row["at"],
        )
        for row in rows
    ]


async def last(context: Context, ids: Sequence[UUID]) -> dict[UUID, Last]:
    """Those that have been reconciled, or are scheduled."""
    with translating():
        rows = await context.pool.fetch(SQL["read_last"], list(ids))
    return {
        row["integration"]: Last(
            ended_at=row["ended_at"],
            due_at=row["due_at"],
            days=row["days"],
            counts=json.loads(row["counts"]) if row["counts"] else {},
            failure=row["failure"],
            running=row["running"],
        )
        for row in rows
    }
