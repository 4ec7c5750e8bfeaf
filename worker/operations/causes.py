"""Causes one by one, for who acts on them: whose they are, and what is in each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from uuid import UUID

from events.attention import Cause, Concern, Group, grouped, joined
from events.words import Say, english
from worker.adapters.postgres import translating
from worker.operations import attention, deliveries, integrations, labels
from worker.operations.attention import EVERY
from worker.operations.context import SQL, Context
from worker.operations.deliveries import Delivery
from worker.operations.integrations import Called, Integration
from worker.operations.saving import Held

DELIVERIES = frozenset({Cause.PARKED, Cause.UNKNOWN})
"""Their items are deliveries."""
MOST = 2000
"""Items that are shown of one cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Whose concerns are meant; without both: everybody's."""

    label: str | None = None
    integration: UUID | None = None
    name: str = ""
    """How the integration is called."""

    @property
    def option(self) -> str:
        """Of the commands that mean the same."""
        if self.label:
            return f"--label {quote(self.label)}"
        return f"--integration {str(self.integration)[:8]}" if self.integration else ""


EVERYBODY = Among()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cause, and whose it is."""

    group: Group
    companies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    at: datetime
    lines: tuple[Line, ...]
    cut: bool
    """More was found than is looked at in one go: counts are lower bounds."""
    integrations: int
    """How many were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a cause stands for."""

    id: str
    """The same for the same thing, as long as it waits."""
    integration: UUID | None
    company: str
    label: str
    since: datetime | None
    invoices: tuple[int, ...]
    invoice: int | None
    """Procountor's id of one of them."""
    detail: str
    delivery: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    group: Group | None
    """None: nothing of it waits any more."""
    items: tuple[Item, ...]
    """At most `MOST`: of deliveries the newest first, of all else the oldest."""


async def whose(context: Context, among: Among) -> Sequence[Integration]:
    """Raises `Misconfigured` where nobody is meant."""
    if among.integration:
        return [await integrations.read_one(context, among.integration)]
    return await (labels.having(context, among.label) if among.label else integrations.read_all(context))


async def meant(context: Context, among: Among) -> Sequence[UUID] | None:
    """None: everybody is. Raises `Misconfigured` where nobody is meant."""
    return None if among == EVERYBODY else [one.id for one in await whose(context, among)]


async def lines(context: Context, among: Among = EVERYBODY, *, say: Say = english) -> Lines:
    """What waits, gravest first."""
    found = await attention.find(context, among=await meant(context, among), causes=EVERY, say=say)
    names = await integrations.called(context, {one.integration for one in found.concerns if one.integration})
    groups = await asyncio.to_thread(grouped, found.concerns, of=among.option, say=say)
    companies: defaultdict[tuple[Cause, str], set[str]] = defaultdict(set)
    for one in found.concerns:
        if one.integration:
            companies[one.cause, one.key].add(names[one.integration].briefly)
    return Lines(
        at=found.at,
        lines=tuple(Line(group=one, companies=tuple(sorted(companies[one.cause, one.key]))) for one in groups),
        cut=found.cut,
        integrations=len(found.meant),
    )


async def items(context: Context, cause: Cause, key: str, among: Among = EVERYBODY, *, say: Say = english) -> Items:
    """What *cause* and *key* stand for, and no more than that is looked for."""
    found = await attention.find(context, among=await meant(context, among), causes={cause}, say=say)
    same = [one for one in found.concerns if one.key == key]
    groups = await asyncio.to_thread(grouped, same, of=among.option, say=say)
    if cause in DELIVERIES:
        wanted = deliveries.Filter(integrations=tuple(found.meant), states=("parked",), fingerprint=key, limit=MOST)
        parked = await deliveries.read(context, wanted)
        names = await integrations.called(context, {one.integration for one in parked})
        made = [of_delivery(one, names[one.integration]) for one in parked]
    else:
        shown = sorted(joined(same), key=since)[:MOST]
        names = await integrations.called(context, {one.integration for one in shown if one.integration})
        made = [of_concern(one, names.get(one.integration) if one.integration else None) for one in shown]
    return Items(group=groups[0] if groups else None, items=tuple(made))


def since(one: Concern) -> tuple[bool, datetime | None, str]:
    return one.since is None, one.since, one.label


def of_concern(one: Concern, called: Called | None) -> Item:
    """What is said of a whole integration needs not name it again."""
    whole = called is not None and one.label == called.name
    return Item(
        id=f"{one.integration} {one.subject}",
        integration=one.integration,
        company=called.briefly if called else "",
        label=(one.detail or "") if whole else one.label,
        since=one.since,
        invoices=one.invoices,
        invoice=one.invoice,
        detail="" if whole else one.detail or "",
    )


def of_delivery(one: Delivery, called: Called) -> Item:
    return Item(
        id=str(one.id),
        integration=one.integration,
        company=called.briefly,
        label=f"{one.id}, {one.call}",
        since=one.created_at,
        invoices=(one.number or one.invoice,),
        invoice=one.invoice,
        detail=one.failure or "",
        delivery=one.id,
    )


async def parked(context: Context, key: str, among: Among = EVERYBODY) -> list[int]:
    """Every delivery that is parked for *key*, also beyond what is shown."""
    ids = await meant(context, among)
    return await deliveries.parked(context, key, None if ids is None else tuple(ids))


async def held(context: Context, ids: Sequence[UUID]) -> Held:
    """What waits of all of these together."""
    with translating():
        row = await context.pool.fetchrow(SQL["count_waiting_among"], ids)
    assert row is not None, "an aggregate always answers"
    return Held(count=row["count"], since=row["since"], surveys=row["surveys"])
