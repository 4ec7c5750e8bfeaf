"""After a restore: what is held, what Trustmary has already, and the release."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg

from events.connection import SendingReleased
from events.contact import Carried
from events.delivery import UNKNOWN, Call, Delivered, outcome
from events.delivery import Delivery as Errand
from events.errors import PtmError
from events.restored import DOUBT, Fate, fate, since
from worker.adapters.log import Draft
from worker.adapters.postgres import translating
from worker.operations import deliveries, integrations
from worker.operations.context import SQL, Context
from worker.operations.deliveries import Delivery
from worker.operations.integrations import Integration

MOST = 100_000
"""Of one integration; what is not looked up is not released."""
AT_ONCE = 8
"""Organizations that are asked at the same time."""
TOGETHER = 200
"""Deliveries that are settled in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An integration of which nothing is sent since a restore."""

    integration: Integration
    restored_at: datetime
    taken_at: datetime
    """When the backup was taken: what was sent afterwards the log does not know."""
    secret: UUID | None
    not_ready: str | None
    """Why it cannot be released yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A contact that waits, and what Trustmary shows of it."""

    delivery: Delivery
    partner: int | None
    email: str
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    held: Held
    items: tuple[Item, ...] = ()

    @property
    def counts(self) -> Counter[str]:
        return Counter(one.fate.value for one in self.items)

    @property
    def surveys(self) -> int:
        """Of what would be sent, calls that may start a survey."""
        return sum(one.fate is Fate.SEND and one.delivery.starts_surveys for one in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Integrations in the order of their ids."""

    looked: tuple[Looked, ...]
    replays: tuple[UUID, ...]
    """Replays that were under way at the backup, and are paused."""

    @property
    def ready(self) -> tuple[Looked, ...]:
        return tuple(one for one in self.looked if one.held.not_ready is None)

    @property
    def counts(self) -> Counter[str]:
        return sum((one.counts for one in self.ready), Counter[str]())


async def held(context: Context, among: Sequence[Integration] | None = None) -> list[Held]:
    """Of all that are held, or *among* some; reading only the database."""
    with translating():
        rows = await context.pool.fetch(SQL["read_held"])
    found = await integrations.read_all(context) if rows and among is None else among or ()
    every = {one.id: one for one in found}
    return [as_held(row, every[row["integration"]]) for row in rows if row["integration"] in every]


def as_held(row: asyncpg.Record, seen: Integration) -> Held:
    return Held(
        integration=seen,
        restored_at=row["restored_at"],
        taken_at=row["taken_at"],
        secret=row["trustmary_secret"],
        not_ready=waits_for(row),
    )


def waits_for(row: asyncpg.Record) -> str | None:
    if not row["read"]:
        return f"Procountor has not been read since the restore{': ' + row['failure'] if row['failure'] else ''}"
    if row["undecided"]:
        return "what was found since the restore is not decided yet"
    if row["under_way"]:
        return f"{row['under_way']} calls that were under way at the backup are not looked up yet"
    return None if row["trustmary_secret"] else "it has no Trustmary key any more: reconnect it"


async def plan(
    context: Context,
    *,
    among: Sequence[Integration] | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Plan:
    """Looks up in Trustmary whoever waits, of all integrations that are ready, or *among* some that are. Nothing is
    written, nothing sent."""
    every = await held(context, among)
    with translating():
        rows = await context.pool.fetch(SQL["read_stopped_replays"], [one.integration.id for one in every])
        replays = [row["id"] for row in rows]
    room, met = asyncio.Semaphore(AT_ONCE), Counter[str]()
    turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def looked_up() -> None:
        met["looked up"] += 1
        progress(met["looked up"])

    async def one(mine: Held) -> Looked:
        if mine.not_ready is not None:
            return Looked(held=mine)
        async with turns[mine.integration.organization], room:
            return await look(context, mine, looked_up)

    looked = await asyncio.gather(*(one(mine) for mine in every))
    return Plan(looked=tuple(looked), replays=tuple(replays))


async def look(context: Context, mine: Held, looked_up: Callable[[], None]) -> Looked:
    """An organization that does not answer to the end is not ready: nothing of it is released."""
    assert mine.secret is not None, "ready"
    wanted = deliveries.Filter(integrations=(mine.integration.id,), states=("waiting", "parked"), limit=MOST)
    waiting = await deliveries.read(context, wanted)
    if len(waiting) == MOST:
        return Looked(held=replace(mine, not_ready=f"{MOST} or more wait: drop some first, ptm delivery discard"))
    try:
        key = (await context.vault.secret(mine.secret)).decode()
        found = []
        for one in reversed(waiting):
            found.append(await judged(context, mine.taken_at, one, key))
            looked_up()
    except PtmError as error:
        return Looked(held=replace(mine, not_ready=f"Trustmary could not be asked to the end: {error}"))
    return Looked(held=mine, items=tuple(told_apart(found)))


async def judged(context: Context, taken_at: datetime, one: Delivery, key: str) -> Item:
    added = await decided(context, one)
    email = added.contact.get("email", "")
    if not email:
        return Item(delivery=one, partner=added.partner, email="", fate=Fate.WITHHELD)
    contact = await context.trustmary.contact(key, email)
    if pace := context.settings.trustmary_pace:
        await asyncio.sleep(1 / pace)  # no lane is held here, and its pace is the organization's all the same
    found = fate(contact, as_errand(one, since(taken_at, one.attempted_at)), added)
    stays = one.state == "parked" and found is not Fate.FOUND
    return Item(delivery=one, partner=added.partner, email=email, fate=Fate.PARKED if stays else found)


def told_apart(found: Sequence[Item]) -> list[Item]:
    """Of several to one contact nobody can tell which arrived."""
    meant = Counter(one.email for one in found if one.delivery.step == 1)
    doubtful = {email for email, count in meant.items() if count > 1}
    return [
        replace(one, fate=Fate.UNKNOWN) if one.fate is Fate.FOUND and one.email in doubtful else one for one in found
    ]


async def decided(context: Context, one: Delivery) -> Carried:
    (event,) = await context.log.open(await context.log.read_at([(one.partition, one.position)]))
    assert isinstance(event, Carried), "a delivery carries what a decision says"
    return event


def as_errand(one: Delivery, at: datetime) -> Errand:
    return Errand(
        id=one.id,
        integration=one.integration,
        organization=one.organization,
        partition=one.partition,
        position=one.position,
        decision=one.decision,
        invoice=one.invoice,
        step=one.step,
        call=Call(one.call),
        attempts=one.tries,
        attempted_at=at,
        secret=None,
    )


async def release(context: Context, planned: Plan) -> list[Integration]:
    """Sends again, of the integrations that are ready; what was found is recorded as delivered, what is unknown parked.

    Once more is harmless: what was settled before is not settled twice.
    """
    for one in planned.ready:
        await settle(context, one.held.integration.partition, [each for each in one.items if each.fate is Fate.FOUND])
        unknown = [each.delivery.id for each in one.items if each.fate is Fate.UNKNOWN]
        await let_go(context, one.held.integration, unknown)
        context.ringer.ring("ptm_delivery", one.held.integration.organization)
    return [one.held.integration for one in planned.ready]


async def let_go(context: Context, seen: Integration, unknown: Sequence[int]) -> None:
    """The end of the state, told where its beginning was, with it."""
    [row] = await context.log.prepare(
        [Draft(event=SendingReleased(integration=seen.id, id=uuid4()), actor=context.actor)]
    )
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            await context.log.lock(connection, seen.partition)
            await connection.execute(SQL["park_unknown"], unknown, UNKNOWN, DOUBT)
            if await connection.fetchval(SQL["release"], seen.id, context.actor) is not None:
                await context.log.append(connection, seen.partition, [row])


async def settle(context: Context, partition: int, found: Sequence[Item]) -> None:
    for first in range(0, len(found), TOGETHER):
        await settle_some(context, partition, found[first : first + TOGETHER])
    context.ringer.ring("ptm_log", str(partition))


async def settle_some(context: Context, partition: int, some: Sequence[Item]) -> None:
    """What still waits once partition and deliveries are locked, in that order, has arrived."""
    drafts = [
        Draft(
            event=outcome(as_errand(one.delivery, one.delivery.created_at), one.partner, Delivered()),
            cause=one.delivery.decision,
            actor=context.actor,
        )
        for one in some
    ]
    rows = dict(zip((one.delivery.id for one in some), await context.log.prepare(drafts), strict=True))
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            await context.log.lock(connection, partition)
            locked = [row["id"] for row in await connection.fetch(SQL["lock_discardable"], list(rows))]
            await context.log.append(connection, partition, [rows[id] for id in locked])
            await connection.execute(SQL["settle_found"], locked)
