"""What is to be put right in Procountor's register: contacts that are missing, invalid, shared or refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import asyncpg

from events import address, unsent
from events.attention import SHARED, Cause, Concern
from events.codec import Event
from events.contact import Carried, ContactRefused, ContactSkipped, Skip
from events.envelope import Recorded, identify
from events.invoice import BEFORE_SENDING, InvoiceStatusChanged
from events.unsent import Prospect, subject
from events.words import Say, english
from worker.adapters.postgres import translating
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration

MOST = 2000
"""Pictures, skips and refusals that are looked at in one go, of each."""
FEW = 20
"""Unsent invoices of one integration that are looked at, however many integrations there are."""
CAUSES = frozenset({Cause.UNASKED, Cause.REFUSED})
CHUNK = 100
"""Pictures that are open at once; between two such, whoever else wants the event loop has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    concerns: tuple[Concern, ...]
    cut: bool
    """There was more than is looked at."""


async def read(
    context: Context,
    meant: AbstractSet[UUID],
    *,
    since: datetime,
    only: UUID | None,
    causes: AbstractSet[Cause] = CAUSES,
    say: Say = english,
) -> Found:
    """What was skipped or refused *since* in the integrations that are *meant*; *only*: they are this one."""
    with translating():
        skips = await context.pool.fetch(
            SQL["find_unasked"], since, str(only) if only else None, most(Cause.UNASKED, causes)
        )
        refused = await context.pool.fetch(SQL["find_refused"], since, only, most(Cause.REFUSED, causes))
    concerns = [
        *await unasked(context, skips, meant, say),
        *await refusals(context, [row for row in refused if row["integration"] in meant], say),
    ]
    return Found(concerns=tuple(concerns), cut=MOST in (len(skips), len(refused)))


def most(cause: Cause, causes: AbstractSet[Cause]) -> int:
    return MOST if cause in causes else 0


class Unsent:
    """What each live trigger would do with what is not sent yet, in some integrations after the other."""

    def __init__(self, integrations: int) -> None:
        """*integrations*: how many are looked at in all."""
        self._of_one = max(FEW, MOST // max(1, integrations))
        self._left = MOST
        self.cut = False
        """There was more than is looked at."""

    async def of(self, context: Context, page: Sequence[Integration], say: Say) -> list[Concern]:
        in_force = {one.id: one.rules for one in page if one.rules.live}
        asked = list(in_force), sorted(BEFORE_SENDING), self._of_one, self._left
        with translating():
            rows = await context.pool.fetch(SQL["find_unsent"], *asked)
        found: list[Prospect] = []
        async for record, event in opened(context, rows):
            if isinstance(event, InvoiceStatusChanged):
                found += unsent.prospects(in_force[event.integration], event, record.at)
        self._left -= len(rows)
        of_each = Counter(row["integration"] for row in rows)
        self.cut = self.cut or not self._left or self._of_one in of_each.values()
        return list(before_sending(found, say))


async def opened(context: Context, rows: Sequence[asyncpg.Record]) -> AsyncIterator[tuple[Recorded, Event]]:
    """The events whose `partition` and `position` *rows* have, in their order."""
    remaining = iter([(row["partition"], row["position"]) for row in rows])
    while places := list(islice(remaining, CHUNK)):
        records = await context.log.read_at(places)
        for each in zip(records, await context.log.open(records), strict=True):
            yield each
        await asyncio.sleep(0)


def before_sending(found: Sequence[Prospect], say: Say) -> Iterator[Concern]:
    shared = unsent.shared(found)
    for one in found:
        if one.skip is not None:
            yield about(one, one.skip.value, one.detail, say)
        elif one.email is not None and (one.integration, address.same(one.email)) in shared:
            yield about(one, SHARED, one.email, say)


def about(one: Prospect, key: str, detail: str | None, say: Say) -> Concern:
    return Concern(
        cause=Cause.UNSENT,
        key=key,
        integration=one.integration,
        subject=one.subject,
        label=called(one.customer, one.partner, one.number or one.invoice, say),
        since=one.seen,
        invoices=(one.number or one.invoice,),
        invoice=one.invoice,
        detail=detail,
        urgent=key != Skip.OLD_INVOICE,
    )


def called(customer: str | None, partner: int | None, invoice: int, say: Say) -> str:
    """The customer's name and number; of a one-off customer, who has none, the invoice's."""
    number = say("invoice {n}", n=invoice) if partner is None else say("customer {n}", n=partner)
    return f"{customer} ({number})" if customer else number


async def unasked(
    context: Context, rows: Sequence[asyncpg.Record], wanted: AbstractSet[UUID], say: Say
) -> list[Concern]:
    """By customer; an invoice that the trigger added somebody for after all, or that a replay settled, is none."""
    skips = [
        (record, event)
        async for record, event in opened(context, rows)
        if isinstance(event, ContactSkipped) and event.integration in wanted
    ]
    done = await settled(context, skips)
    left = [(record.at, event) for record, event in skips if key_of(event) not in done]
    changes = await pictures(context, [event.cause for _, event in left])
    return [skipped(at, event, changes.get(event.cause), say) for at, event in left]


async def settled(context: Context, skips: Sequence[tuple[Recorded, ContactSkipped]]) -> set[tuple[UUID, int, UUID]]:
    """The keys of those that nobody need mind any more."""
    if not skips:
        return set()
    keys = [list(column) for column in zip(*(key_of(event) for _, event in skips), strict=True)]
    positions = [record.position for record, _ in skips]
    old = [event.reason is Skip.OLD_INVOICE for _, event in skips]
    since = min(record.at for record, _ in skips)
    with translating():
        added = await context.pool.fetch(SQL["find_added_since"], *keys)
        replayed = await context.pool.fetch(SQL["find_replayed"], *keys, positions, old, since)
    return {(row["integration"], row["invoice"], row["trigger"]) for row in (*added, *replayed)}


def key_of(event: ContactSkipped) -> tuple[UUID, int, UUID]:
    return event.integration, event.invoice_id, event.trigger


async def pictures(context: Context, causes: Sequence[UUID]) -> Mapping[UUID, tuple[int, int | None, str | None]]:
    """Change → invoice, its number and the customer's name; the pictures themselves are not kept."""
    found: dict[UUID, tuple[int, int | None, str | None]] = {}
    remaining = iter(dict.fromkeys(causes))
    while ids := list(islice(remaining, CHUNK)):
        for event in await by_id(context, ids):
            if isinstance(event, InvoiceStatusChanged):
                found[event.id] = (event.invoice_id, event.number, event.customer_name)
    return found


async def by_id(context: Context, ids: Sequence[UUID]) -> list[Event]:
    return await context.log.open(await context.log.find(ids))


def skipped(at: datetime, event: ContactSkipped, seen: tuple[int, int | None, str | None] | None, say: Say) -> Concern:
    invoice, number, customer = seen or (event.invoice_id, None, None)
    return Concern(
        cause=Cause.UNASKED,
        key=event.reason.value,
        integration=event.integration,
        subject=subject(event.partner, number or invoice),
        label=called(customer, event.partner, number or invoice, say),
        since=at,
        invoices=(number or invoice,),
        invoice=invoice,
        detail=event.detail,
    )


async def refusals(context: Context, rows: Sequence[asyncpg.Record], say: Say) -> list[Concern]:
    """By what Trustmary said; the contact is read from the decision."""
    outcomes = {identify("outcome", row["decision"], row["step"], "refused"): row for row in rows}
    said = {event.id: event for event in await by_id(context, list(outcomes)) if isinstance(event, ContactRefused)}
    decided = [row["decision"] for row in rows]
    whom = {event.id: event for event in await by_id(context, decided) if isinstance(event, Carried)}
    return [refusal(row, said[id], whom.get(row["decision"]), say) for id, row in outcomes.items() if id in said]


def refusal(row: asyncpg.Record, event: ContactRefused, added: Carried | None, say: Say) -> Concern:
    number = row["number"] or row["invoice"]
    email = added.contact.get("email") if added else None
    return Concern(
        cause=Cause.REFUSED,
        key=f"{event.reason}, {event.status}",
        integration=row["integration"],
        subject=f"{row['decision']} {row['step']}",
        label=email or say("erased"),
        since=row["settled_at"],
        invoices=(number,),
        invoice=row["invoice"],
    )
