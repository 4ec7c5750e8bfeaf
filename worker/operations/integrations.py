"""Integrations as operators see them."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from events import codec
from events.connection import PASSING, step
from events.errors import Misconfigured
from events.integration import Rules, Service, Trigger
from worker.adapters.postgres import translating
from worker.operations import trouble
from worker.operations.context import SQL, Context
from worker.operations.trouble import Rest, Trouble

SHORTEST = 4
"""Letters of an id's beginning that mean it."""
PAGE = 1000
BREATH = 100
"""Integrations that are read between two moments for whoever else wants the event loop."""


class State(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


WORDS: Mapping[State | Trouble, str] = {state: state.value for state in State} | {**trouble.WORDS}


def standing(state: State, wrong: Trouble | None) -> State | Trouble:
    """How an integration is said to stand: what somebody has paused is paused, whatever else is *wrong*."""
    return state if wrong is None or (state is not State.ACTIVE and wrong is not Trouble.BRAKED) else wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How one service has answered this integration lately."""

    service: Service
    state: str
    """`connected` or `broken`."""
    reason: str | None
    since: datetime
    last_good_at: datetime | None
    ends_at: datetime | None = None
    """When its login ends by itself; None: it does not, or nobody has looked yet."""

    def ending(self, now: datetime) -> int | None:
        """The step of `connection.STEPS` that its login has come to."""
        return step(self.ends_at - now) if self.ends_at and self.state != "broken" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far Procountor's invoices have been read."""

    cursor: str
    phase: str
    """`baseline` while the invoices before sending are read for the first time, then `live`."""
    interval_s: float
    polled_at: datetime | None
    failing_since: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """By a restore."""

    since: datetime
    taken_at: datetime
    """When the backup was taken: what was sent afterwards is not in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    company: str
    organization: str
    twice: bool
    """The company is joined to another organization as well."""

    @property
    def name(self) -> str:
        """How it is called where one is talked about."""
        return f"{self.company} → {self.organization}"

    @property
    def briefly(self) -> str:
        """How it is called among others: by the company, as long as that tells it from them."""
        return self.name if self.twice else self.company


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """One Procountor company joined to one Trustmary organization."""

    id: UUID
    partition: int
    version: int
    """Position of its newest configuration event: what a save has to name."""
    state: State
    company_id: int
    organization: str
    names: Mapping[str, str]
    """`company`, `business_id`, `user`, `organization`."""
    rules: Rules
    connected_at: datetime
    connections: Mapping[Service, Connection] = field(default_factory=dict)
    reading: Reading | None = None
    waiting: int = 0
    attempting: int = 0
    parked: int = 0
    held: Held | None = None
    """Since a restore, until a person releases it."""
    rest: Rest | None = None
    """While nothing is sent to its organization."""
    procountor_secret: UUID | None = None
    trustmary_secret: UUID | None = None

    @property
    def company(self) -> str:
        return self.names.get("company") or f"company {self.company_id}"

    @property
    def organization_name(self) -> str:
        return self.names.get("organization") or self.organization

    @property
    def name(self) -> str:
        """How it is called where one is talked about."""
        return f"{self.company} → {self.organization_name}"

    @property
    def trouble(self) -> Trouble | None:
        broken = {one.reason for one in self.connections.values() if one.state == "broken"}
        return trouble.worst(
            Trouble.BROKEN if broken - PASSING else None,
            Trouble.HELD if self.held else None,
            Trouble.PARKED if self.parked else None,
            Trouble.BRAKED if self.rules.braked and self.state is State.PAUSED else None,
            None if self.rules.triggers else Trouble.NO_TRIGGER,
            Trouble.AWAY if broken & PASSING else None,
            Trouble.RESTING if self.rest else None,
            Trouble.FAILING if self.reading and self.reading.failing_since else None,
        )

    @property
    def standing(self) -> State | Trouble:
        """In one word, which `WORDS` says."""
        return standing(self.state, self.trouble)

    def trigger(self, wanted: str) -> Trigger:
        """The trigger with that id, beginning of an id, or name; `Misconfigured` where there is none or several."""
        triggers = list(self.rules.triggers.values())
        found = [one for one in triggers if one.name.casefold() == wanted.casefold()]
        found = found or [one for one in triggers if str(one.id).startswith(wanted.lower())]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{one.name} ({str(one.id)[:8]})" for one in triggers) or "none"
        raise Misconfigured(f"{self.name} has {len(found) or 'no'} triggers called {wanted}; it has: {known}.")


async def read_all(context: Context, *, removed: bool = False) -> list[Integration]:
    return await read(context, None, removed=removed)


async def read_one(context: Context, id: UUID) -> Integration:
    found = await read(context, [id], removed=True)
    if not found:
        raise Misconfigured(f"There is no integration {id}.")
    return found[0]


async def find(context: Context, wanted: str, *, removed: bool = False) -> Integration:
    """By id or its beginning, company id, business id, or a part of the company's name.

    Raises `Misconfigured` where nothing, or more than one integration, is meant.
    """
    every = await read_all(context, removed=removed)
    text = wanted.strip().casefold()
    for matches in (is_numbered, is_named, is_partly_named):
        found = [one for one in every if matches(one, text)]
        if len(found) == 1:
            return found[0]
        if found:
            which = "; ".join(f"{str(one.id)[:8]} {one.name}" for one in found)
            raise Misconfigured(f"{wanted} may mean {len(found)} integrations: {which}. Give the id.")
    known = "; ".join(f"{str(one.id)[:8]} {one.name}" for one in every) or "none is connected"
    raise Misconfigured(f"No integration is called {wanted} ({known}).")


async def with_ids(context: Context, words: Iterable[str]) -> list[Integration]:
    """Those whose ids *words* are, or begin with; each once. Raises `Misconfigured` for a word that means not one."""
    known = sorted(map(str, await every_id(context)))
    return await read(context, list(dict.fromkeys(begun(known, word) for word in words)), removed=False)


def begun(known: Sequence[str], word: str) -> UUID:
    """The one of *known* ids, which are sorted, that begins with *word*."""
    text = word.casefold()
    place = bisect_left(known, text)
    found = [id for id in known[place : place + 2] if id.startswith(text)]
    if len(found) == 1 and len(text) >= SHORTEST:
        return UUID(found[0])
    if found:
        raise Misconfigured(f"{word} is the beginning of more than one id: give it whole.")
    raise Misconfigured(f"No integration has an id that begins with {word}.")


async def going_to(context: Context, organization: str) -> list[Integration]:
    """All whose contacts go to the organization of that id or name. Raises `Misconfigured` where none, or two, are."""
    every = await read_all(context)
    text = organization.strip()
    found = [one for one in every if one.organization == text]
    found = found or [one for one in every if one.organization_name.casefold() == text.casefold()]
    if len({one.organization for one in found}) != 1:
        known = ", ".join(sorted({f"{one.organization_name} ({one.organization})" for one in every})) or "none"
        raise Misconfigured(f"{organization} is no one organization; there are: {known}. Give the id.")
    return found


def is_numbered(one: Integration, text: str) -> bool:
    return (len(text) >= SHORTEST and str(one.id).startswith(text)) or str(one.company_id) == text


def is_named(one: Integration, text: str) -> bool:
    return text in (one.company.casefold(), one.names.get("business_id", "").casefold())


def is_partly_named(one: Integration, text: str) -> bool:
    return bool(text) and text in one.company.casefold()


def is_let_in_by(one: Integration, user: str) -> bool:
    """Whether its Procountor login is that user's, by name or a part of it."""
    return user.strip().casefold() in one.names.get("user", "").casefold()


async def read(context: Context, ids: Sequence[UUID] | None, *, removed: bool) -> list[Integration]:
    """In the order in which they were connected; many a page at a time, so that no two copies of all are in memory."""
    return [one async for page in pages(context, ids, removed=removed) for one in page]


async def every_id(context: Context, *, removed: bool = False) -> list[UUID]:
    with translating():
        return [row["id"] for row in await context.pool.fetch(SQL["list_ids"], removed)]


async def pages(
    context: Context, ids: Sequence[UUID] | None = None, *, removed: bool
) -> AsyncIterator[Sequence[Integration]]:
    """The same a page at a time, for who keeps no more of them than that."""
    ids = await every_id(context, removed=removed) if ids is None else ids
    for first in range(0, len(ids), PAGE):
        yield await page(context, ids[first : first + PAGE], removed=removed)


async def called(context: Context, ids: Iterable[UUID]) -> Mapping[UUID, Called]:
    """What these are called, removed ones too, without anything else of them."""
    with translating():
        rows = await context.pool.fetch(SQL["read_names"], list(ids))
    return {row["id"]: as_called(row, context.vault.open_names(row["id"], row["names"])) for row in rows}


def as_called(row: asyncpg.Record, names: Mapping[str, str]) -> Called:
    return Called(
        company=names.get("company") or f"company {row['company_id']}",
        organization=names.get("organization") or row["organization"],
        twice=row["twice"],
    )


async def page(context: Context, ids: Sequence[UUID], *, removed: bool) -> list[Integration]:
    with translating():
        rows = await context.pool.fetch(SQL["read_integrations"], ids, removed)
        found = [row["id"] for row in rows]
        states = await context.pool.fetch(SQL["read_connections"], found)
        counts = await context.pool.fetch(SQL["count_open_deliveries"], found)
    connections: defaultdict[UUID, dict[Service, Connection]] = defaultdict(dict)
    for row in states:
        connections[row["integration"]][Service(row["service"])] = as_connection(row)
    open_deliveries: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    for row in counts:
        open_deliveries[row["integration"]][row["state"]] = row["count"]
    every: list[Integration] = []
    for row in rows:
        every.append(as_integration(context, row, connections[row["id"]], open_deliveries[row["id"]]))
        if len(every) % BREATH == 0:
            await asyncio.sleep(0)
    return every


def as_connection(row: asyncpg.Record) -> Connection:
    return Connection(
        service=Service(row["service"]),
        state=row["state"],
        reason=row["reason"],
        since=row["since"],
        last_good_at=row["last_good_at"],
        ends_at=row["ends_at"],
    )


def as_integration(
    context: Context, row: asyncpg.Record, connections: Mapping[Service, Connection], counts: Mapping[str, int]
) -> Integration:
    return Integration(
        id=row["id"],
        partition=row["partition"],
        version=row["version"],
        state=State(row["state"]),
        company_id=row["company_id"],
        organization=row["organization"],
        names=context.vault.open_names(row["id"], row["names"]),
        rules=codec.rules_from_json(row["configuration"]),
        connected_at=row["connected_at"],
        connections=connections,
        reading=as_reading(row),
        waiting=counts.get("waiting", 0),
        attempting=counts.get("attempting", 0),
        parked=counts.get("parked", 0),
        held=Held(since=row["restored_at"], taken_at=row["taken_at"]) if row["restored_at"] else None,
        rest=Rest(failures=row["failures"], until=row["broken_until"]) if row["broken_until"] else None,
        procountor_secret=row["procountor_secret"],
        trustmary_secret=row["trustmary_secret"],
    )


def as_reading(row: asyncpg.Record) -> Reading | None:
    if row["reading"] is None:
        return None
    return Reading(
        cursor=row["cursor"],
        phase=row["reading"],
        interval_s=row["interval_s"],
        polled_at=row["polled_at"],
        failing_since=row["failing_since"],
        failure=row["failure"],
    )
