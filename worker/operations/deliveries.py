"""Deliveries: what waits, what is parked and why, and what an operator does about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID, uuid4

import asyncpg

from events.contact import Carried, ContactWithdrawn, Withdrawal
from events.delivery import UNKNOWN
from worker.adapters.log import Draft
from worker.adapters.postgres import translating
from worker.lane import CALLS
from worker.operations.context import SQL, Context

TOGETHER = 200
"""Deliveries that are discarded in one transaction."""
OPEN = frozenset({"waiting", "attempting", "parked"})
"""States of what has not ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One call to Trustmary that carries a contact."""

    id: int
    integration: UUID
    organization: str
    partition: int
    position: int
    """Of its decision."""
    decision: UUID
    cause: UUID
    trigger: UUID
    invoice: int
    number: int | None
    step: int
    call: str
    starts_surveys: bool
    replay: bool
    state: str
    tries: int
    next_at: datetime | None
    """When it may leave; None while it is held until what waits has been taken back."""
    attempted_at: datetime | None
    failure: str | None
    fingerprint: str | None
    """The cause that it is parked for: the same for all that failed alike."""
    created_at: datetime
    settled_at: datetime | None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    integrations: tuple[UUID, ...] | None = None
    states: tuple[str, ...] | None = None
    invoice: int | None = None
    ids: tuple[int, ...] | None = None
    fingerprint: str | None = None
    limit: int = 100

    @property
    def only_open(self) -> bool:
        return self.states is not None and OPEN.issuperset(self.states)


async def read(context: Context, wanted: Filter, *, attempts: bool = False) -> list[Delivery]:
    """Newest first."""
    with translating():
        rows = await context.pool.fetch(
            SQL["read_open_deliveries" if wanted.only_open else "read_deliveries"],
            wanted.integrations,
            wanted.states,
            wanted.invoice,
            wanted.ids,
            wanted.fingerprint,
            wanted.limit,
        )
    return await with_attempts(context, rows) if attempts else [as_delivery(row, ()) for row in rows]


async def of_invoice(context: Context, integration: UUID, invoice: int) -> list[Delivery]:
    """All of one invoice, newest first, with their attempts."""
    with translating():
        rows = await context.pool.fetch(SQL["read_deliveries_of_invoice"], integration, invoice)
    return await with_attempts(context, rows)


async def with_attempts(context: Context, rows: Sequence[asyncpg.Record]) -> list[Delivery]:
    with translating():
        calls = await context.pool.fetch(SQL["read_attempts"], [row["id"] for row in rows])
    made: defaultdict[int, list[Attempt]] = defaultdict(list)
    for row in calls:
        made[row["delivery"]].append(as_attempt(row))
    return [as_delivery(row, tuple(made[row["id"]])) for row in rows]


def as_attempt(row: asyncpg.Record) -> Attempt:
    return Attempt(
        number=row["number"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        outcome=row["outcome"],
        status=row["status"],
    )


def as_delivery(row: asyncpg.Record, attempts: tuple[Attempt, ...]) -> Delivery:
    values = dict(row.items())
    tries, next_at = values.pop("attempts"), values.pop("next_at")
    return Delivery(**values, tries=tries, next_at=None if next_at.year >= 9999 else next_at, attempts=attempts)


async def doubtful(context: Context, ids: Sequence[int]) -> list[Delivery]:
    """Those among *ids* that may have started a survey already: sending them again is for a person to decide."""
    wanted = Filter(ids=tuple(ids), states=("parked",), fingerprint=UNKNOWN, limit=max(1, len(ids)))
    return [one for one in await read(context, wanted) if one.starts_surveys]


async def parked(context: Context, fingerprint: str, integrations: Sequence[UUID] | None = None) -> list[int]:
    """All that are parked for one cause, of all integrations or of these."""
    with translating():
        rows = await context.pool.fetch(SQL["find_parked"], fingerprint, integrations)
    return [row["id"] for row in rows]


async def retry(context: Context, ids: Sequence[int]) -> list[int]:
    """Sends parked deliveries again, in order from now on; answers which were parked.

    They are given half of their organization's pace at most: what is live keeps the other half.
    """
    pace = context.settings.trustmary_pace
    with translating():
        rows = await context.pool.fetch(SQL["retry_deliveries"], list(ids), 2 * CALLS / pace if pace else 0.0)
    for organization in {row["organization"] for row in rows}:
        context.ringer.ring("ptm_delivery", organization)
    return sorted(row["id"] for row in rows)


async def discard(context: Context, ids: Sequence[int], *, reason: str | None = None) -> list[int]:
    """Gives up waiting and parked deliveries, with the later steps of the same decisions; answers which.

    So many in one transaction that whoever appends to the same partition hardly waits.
    """
    with translating():
        rows = await context.pool.fetch(SQL["with_later_steps"], list(ids))
    gone: list[int] = []
    for partition, group in groupby(sorted(rows, key=lambda row: row["partition"]), key=lambda row: row["partition"]):
        left = iter([row["id"] for row in group])
        while some := list(islice(left, TOGETHER)):
            gone += await discard_in(context, partition, some, reason)
        context.ringer.ring("ptm_log", str(partition))
    return sorted(gone)


async def discard_in(
    context: Context, partition: int, ids: list[int], reason: str | None, *, why: Withdrawal = Withdrawal.DISCARDED
) -> list[int]:
    """What is still there once partition and deliveries are locked, in that order, is discarded."""
    asked = await read(context, Filter(ids=tuple(ids), limit=len(ids)))
    records = await context.log.read_at([(one.partition, one.position) for one in asked])
    decided = {event.id: event for event in await context.log.open(records) if isinstance(event, Carried)}
    by = uuid4()
    drafts = [
        Draft(
            event=ContactWithdrawn(
                integration=one.integration,
                invoice_id=one.invoice,
                partner=decided[one.decision].partner,
                decision=one.decision,
                step=one.step,
                attempts=one.tries,
                reason=why,
                by=by,
                detail=reason,
                uncertain=one.fingerprint == UNKNOWN,
            ),
            cause=one.decision,
            actor=context.actor,
        )
        for one in asked
    ]
    rows = dict(zip((one.id for one in asked), await context.log.prepare(drafts), strict=True))
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            await context.log.lock(connection, partition)
            locked = [row["id"] for row in await connection.fetch(SQL["lock_discardable"], ids)]
            await context.log.append(connection, partition, [rows[id] for id in locked])
            await connection.execute(SQL["discard_deliveries"], locked)
    return locked
