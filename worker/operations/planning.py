"""Planning a replay: what the past would come to under today's rules, kept with its items until it is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import orjson

from events import address, replay
from events.contact import (
    ContactAdded,
    ContactDelivered,
    ContactRefused,
    ContactSkipped,
    ContactUnlisted,
    ContactWithdrawn,
    Skip,
)
from events.envelope import identify, subject_of
from events.errors import Misconfigured
from events.integration import Trigger
from events.invoice import FINAL, InvoiceStatusChanged, Order, Status
from events.plan import Item, Plan, Wanted, held_back
from events.planner import Found, Planner
from events.reconcile import ContactChecked
from worker.adapters import queries
from worker.adapters.beside import Beside
from worker.adapters.postgres import translating
from worker.operations import blocks, past
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.past import Window
from worker.operations.reread import Reread, read_again

SQL = queries.load("replay")
SENT = (
    ContactAdded.type,
    ContactUnlisted.type,
    ContactDelivered.type,
    ContactRefused.type,
    ContactWithdrawn.type,
    ContactChecked.type,
)
KEPT_AT_ONCE = 500
"""Items that one statement keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A plan that can be applied."""

    id: UUID
    plan: Plan
    triggers: tuple[Trigger, ...]


async def plan(
    context: Context,
    seen: Integration,
    wanted: Wanted,
    *,
    progress: Callable[[int, int], None] = lambda count, of: None,
    beside: Beside | None = None,
) -> Kept:
    """Decides the window's past by the triggers as they are now, drafts only where they are named; keeps the result.

    *wanted.upto* is capped to what the projector has decided; *progress* is told how many events of how many were met.
    *beside*: the processes that a large past is decided in, for who makes several plans. Given up halfway nothing is
    kept. Raises `Misconfigured` for a window that is empty, or ends before it starts.
    """
    decided = await past.decided_upto(context, seen)
    wanted = replace(wanted, upto=min(wanted.upto, decided))
    check(seen, wanted)
    triggers = chosen(seen, wanted)
    window = Window(after=wanted.after, upto=wanted.upto, since=wanted.since, until=wanted.until)
    reaching = wanted.statuses or frozenset(chain.from_iterable(one.condition.statuses for one in triggers))
    decisions = (*SENT, ContactSkipped.type) if wanted.skips else SENT
    earlier, later = window.halves
    first, rest, others = await asyncio.gather(
        past.places(context, seen, earlier, [InvoiceStatusChanged.type], reaching=reaching),
        past.places(context, seen, later, [InvoiceStatusChanged.type], reaching=reaching),
        past.places(context, seen, Window(upto=decided), decisions),
    )
    changes = first + rest
    if not changes and not await past.places(context, seen, window, [InvoiceStatusChanged.type]):
        raise Misconfigured(f"Nothing of {seen.name} was recorded in that window: choose a wider one.")
    causes: dict[UUID, Order] = {}

    async def follow() -> None:
        # Only what was sent is held against them: changes are decided meanwhile.
        causes.update(await past.causes(context, seen, decided))
        await reading.follow(planner, others)

    planner = Planner(
        in_force=seen.rules,
        triggers=triggers,
        wanted=wanted,
        now=await recorded_at(context, seen, decided),
        blocked=await blocked(context, seen),
        void=await void(context, seen),
        causes=causes,
    )
    async with nullcontext(beside) if beside else processes(context) as helping:
        reading = Reading(context, seen, helping, progress=progress, of=len(changes) + len(others))
        await together(reading.decide(planner, changes), follow())
        again = None
        if wanted.latest:
            again = await read_again(context, seen, sorted(planner.partners))
            planner = planner.anew(again.customers)
            await replace(reading, of=len(changes), count=0).decide(planner, changes)
    # Beside the event loop: of 20,000 contacts this takes most of a second, and a console draws meanwhile.
    made = await settled(context, seen, await asyncio.to_thread(planner.plan), decided)
    return Kept(id=await keep(context, seen, made, again=again), plan=made, triggers=triggers)


async def settled(context: Context, seen: Integration, made: Plan, decided: int) -> Plan:
    """*made* without what was sent before, of which this integration's log says nothing: for a person who is erased, or
    by an integration of the same company that was removed since.
    """
    key = await context.vault.contact_key()
    keys = await asyncio.to_thread(lambda: {item.email: key(seen.organization, item.email) for item in made.sendable})
    invoices = list({item.invoice for item in made.sendable})
    with translating():
        rows = await context.pool.fetch(SQL["read_newest"], seen.id, list(set(keys.values())), decided)
        former = await context.pool.fetch(SQL["find_added_before"], seen.id, invoices)
    newest = {row["contact_key"]: row["decision"] for row in rows}
    added = {(row["invoice"], row["contact_key"]): set(row["targets"]) for row in former}
    reasons: dict[int, str] = {}
    for item in made.sendable:
        if newest.get(keys[item.email]) != item.last:
            reasons[item.number] = "erased_before"
        elif not added.get((item.invoice, keys[item.email]), set()).isdisjoint(item.targets):
            reasons[item.number] = "added_before"
    return held_back(made, reasons) if reasons else made


def processes(context: Context) -> Beside:
    """For plans of *context*: none is started before a past is large enough for it to pay."""
    return Beside(context.database_url, context.vault.master)


@dataclass(slots=True)
class Reading:
    """How far a planner has met what it is to meet."""

    context: Context
    seen: Integration
    beside: Beside
    progress: Callable[[int, int], None]
    of: int
    count: int = 0

    async def decide(self, planner: Planner, changes: Sequence[int]) -> None:
        """Of a few changes here; of many in processes beside this one, which follows meanwhile what was sent."""
        if not self.beside.pays(len(changes)):
            await self.follow(planner, changes)
            return

        def note(found: Iterable[Found], count: int) -> None:
            planner.note(found)
            self.tell(count)

        await self.beside.decide(planner.decider, self.seen.partition, changes, note=note)

    async def follow(self, planner: Planner, positions: Sequence[int]) -> None:
        async for chunk in past.stream(self.context, self.seen, positions):
            count = 0
            for each in chunk:
                planner.meet(each)
                count += 1
            self.tell(count)

    def tell(self, count: int) -> None:
        self.count += count
        self.progress(self.count, self.of)


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Side by side; when one fails, or this is given up, all have ended before anything else happens."""
    tasks = [asyncio.create_task(each) for each in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def check(seen: Integration, wanted: Wanted) -> None:
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        raise Misconfigured("The window ends before it starts: --until has to be later than --since.")
    if wanted.dated_from and wanted.dated_to and wanted.dated_from > wanted.dated_to:
        raise Misconfigured("The window ends before it starts: --dated-to has to be later than --dated-from.")
    if wanted.upto <= wanted.after:
        raise Misconfigured(
            f"The window ends before it starts: it begins behind position {wanted.after} and ends at {wanted.upto}, "
            f"which may be as far as {seen.name} is decided: give a smaller --after, or a larger --upto."
        )
    for words, known, what in ((wanted.statuses, Status, "status"), (wanted.skips, Skip, "skip reason")):
        for word in sorted(words):
            if word not in list(known):
                raise Misconfigured(f"There is no {what} {word}: use {', '.join(known)}.")


def chosen(seen: Integration, wanted: Wanted) -> tuple[Trigger, ...]:
    """The live triggers, or those that are named."""
    named = [seen.rules.triggers[id] for id in sorted(wanted.triggers)]
    if both := [one.name for one in named if one.draft_of in wanted.triggers]:
        raise Misconfigured(f"{both[0]} is a draft of a trigger that is named too: plan them one by one.")
    triggers = tuple(named) or seen.rules.live
    if not triggers:
        raise Misconfigured(f"{seen.name} has no live trigger: save one, or name a draft with --trigger.")
    return triggers


async def recorded_at(context: Context, seen: Integration, position: int) -> datetime:
    with translating():
        at: datetime | None = await context.pool.fetchval(SQL["read_at"], seen.partition, position)
    if at is None:
        raise Misconfigured(f"Nothing of {seen.name} is decided yet: wait for a worker, or look at ptm status.")
    return at


async def blocked(context: Context, seen: Integration) -> Callable[[str], bool]:
    """Whether an address, or its domain, is on the block list."""
    listed = frozenset(address.same(one.address) for one in await blocks.read(context, seen) if one.address)
    return lambda email: address.same(email) in listed or address.domain(email) in listed


async def void(context: Context, seen: Integration) -> frozenset[int]:
    with translating():
        rows = await context.pool.fetch(SQL["read_void"], seen.id, sorted(FINAL))
    return frozenset(row["invoice"] for row in rows)


async def keep(
    context: Context, seen: Integration, made: Plan, *, undoes: UUID | None = None, again: Reread | None = None
) -> UUID:
    """The plan with its items, and what reading customers *again* took; who the contacts are is sealed for their
    customers."""
    id = uuid4()
    about = {
        "wanted": made.wanted,
        "looked_at": made.looked_at,
        "counts": made.counts,
        "skipped": made.skipped,
        "procountor": again.calls if again else 0,
        "unread": again.unread if again else 0,
    }
    digest = await asyncio.to_thread(lambda: made.hash)
    text = orjson.dumps(about, default=replay.canonical, option=orjson.OPT_NON_STR_KEYS).decode()
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                SQL["insert_replay"],
                id,
                seen.id,
                digest,
                list(made.triggers),
                made.pin,
                made.wanted.upto,
                context.vault.seal_text(text, about=f"replay/{id}"),
                context.actor,
                undoes,
            )
            for first in range(0, len(made.items), KEPT_AT_ONCE):
                items = made.items[first : first + KEPT_AT_ONCE]
                columns = zip(*await rows(context, seen, id, items), strict=True)
                await connection.execute(SQL["insert_items"], id, *map(list, columns))
    return id


async def rows(context: Context, seen: Integration, id: UUID, items: Sequence[Item]) -> Iterable[tuple[object, ...]]:
    details = [
        (item_id(id, item.number), subject_of(seen.id, item.invoice, item.partner), detail_of(item)) for item in items
    ]
    sealed = await context.vault.seal(details)
    return [
        (
            item.number,
            item.kind.value,
            item.reason,
            item.invoice,
            item.partner,
            item.invoices,
            item.trigger,
            item.cause,
            "\n".join(item.targets),
            item.resend,
            item.customer,
            item.last,
            item.starts_surveys,
            bool(item.differences),
            detail,
            item.takes_back,
            ",".join(map(str, item.others)),
        )
        for item, detail in zip(items, sealed, strict=True)
    ]


def item_id(replay: UUID, number: int) -> UUID:
    """What an item's sealed part is bound to."""
    return identify("replay", replay, "item", number)


def detail_of(item: Item) -> bytes:
    """Sealed for the item's customer; what was sent for another customer at the same address is that one's to erase."""
    before = dict(item.before) if item.before_of == item.partner else {}
    return orjson.dumps({"email": item.email, "before": before, "after": dict(item.after)})
