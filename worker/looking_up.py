"""Delivered contacts against Trustmary, one look-up at a time behind what is being sent; what differs is recorded."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from events.contact import ContactAdded
from events.errors import Refused, Unavailable
from events.reconcile import ContactChecked, Found, State, compare
from worker.adapters import queries
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Connection, Pool, translating
from worker.catching_up import By

SQL = queries.load("reconcile")
BATCH = 20
"""Contacts whose findings are written together."""
LIVE_FIRST = 10.0
"""Seconds that a look-up waits, at most, while something is being sent to the organization."""
LOOK_AGAIN = 0.5


class LooksUp(Protocol):
    async def contact(self, key: str, email: str, *, timeout: float | None = ...) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """Where one integration's contacts are."""

    integration: UUID
    partition: int
    id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A contact that is not as it was sent."""

    state: State
    email: str
    invoice: int
    decision: UUID
    status: str | None
    drift: Mapping[str, tuple[str, str]]
    """Field → as it was sent, as it is there."""
    first_seen: bool
    """It was not known to be so."""


@dataclass(slots=True, kw_only=True)
class Checked:
    of: int = 0
    """Contacts that there are to be looked up."""
    met: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """State → contacts; beside the states `under_way` (something is on its way to it, or was sent since), `blocked`,
    `erased`, and `unreadable` (Trustmary refused the question).
    """
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUps:
    """Raises Unavailable or Refused where Trustmary does not answer; the batches written before stand."""

    pool: Pool
    log: Log
    trustmary: LooksUp
    blocked: Callable[[Collection[ContactAdded]], Awaitable[Collection[UUID]]]
    """Whose address is on the block list: what Trustmary has of them is nobody's concern any more."""
    pace: float
    """Calls a second that the organization's lane may make; look-ups take half. 0: without limit."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    progress: Callable[[int, int], None] = lambda done, of: None
    """Told how many contacts have been met, and of how many."""

    async def run(
        self,
        there: Organization,
        *,
        since: datetime,
        by: By,
        hold: Callable[[Connection], Awaitable[None]],
    ) -> Checked:
        """*hold* is called in the transaction of every write, and raises where the turn is another's by now."""
        with translating():
            rows = await self.pool.fetch(SQL["read_delivered"], there.integration, since)
        checked = Checked(of=len(rows))
        for first in range(0, len(rows), BATCH):
            places = [(row["partition"], row["position"]) for row in rows[first : first + BATCH]]
            await self.batch(there, places, checked, by=by, hold=hold)
        return checked

    async def batch(
        self,
        there: Organization,
        places: Sequence[tuple[int, int]],
        checked: Checked,
        *,
        by: By,
        hold: Callable[[Connection], Awaitable[None]],
    ) -> None:
        events = await self.log.open(await self.log.read_at(places))
        added = [event for event in events if isinstance(event, ContactAdded)]
        before = await self.before(there, added)
        found: list[ContactChecked] = []
        for one, said in await self.answers(there, added, checked):
            checked.counts[said.state.value] += 1
            news = said != before.get(one.id, Found(state=State.AS_SENT))
            if said.state is not State.AS_SENT:
                checked.lines.append(line(one, said, news=news))
            if news:
                found.append(as_event(one, said, by))
        await self.write(there, found, by=by, hold=hold)

    async def answers(
        self, there: Organization, added: Sequence[ContactAdded], checked: Checked
    ) -> list[tuple[ContactAdded, Found]]:
        """What Trustmary says of each; who cannot be asked about is counted."""
        known = [one for one in added if one.contact.get("email")]
        checked.counts["erased"] += len(added) - len(known)
        checked.met += len(added) - len(known)
        unsettled, blocked = await self.unsettled(known), await self.blocked(known)
        said: list[tuple[ContactAdded, Found]] = []
        for one in known:
            checked.met += 1
            self.progress(checked.met, checked.of)
            if one.id in blocked:
                checked.counts["blocked"] += 1
            elif one.id in unsettled:
                checked.counts["under_way"] += 1
            elif (found := await self.ask(there, one)) is None:
                checked.counts["unreadable"] += 1
            else:
                said.append((one, found))
        # What was sent while others were being looked up says nothing about what was sent before.
        overtaken = await self.unsettled([one for one, _ in said])
        checked.counts["under_way"] += len(overtaken)
        return [(one, found) for one, found in said if one.id not in overtaken]

    async def before(self, there: Organization, added: Sequence[ContactAdded]) -> dict[UUID, Found]:
        """How each was found the last time, where it was not as sent then, or is again since."""
        streams, decisions = [one.stream for one in added], [one.id for one in added]
        with translating():
            rows = await self.pool.fetch(SQL["read_checked"], there.partition, streams, decisions)
        events = await self.log.open(await self.log.read_at([(row["partition"], row["position"]) for row in rows]))
        return {event.decision: event.found for event in events if isinstance(event, ContactChecked)}

    async def unsettled(self, added: Sequence[ContactAdded]) -> frozenset[UUID]:
        with translating():
            rows = await self.pool.fetch(SQL["read_unsettled"], [one.id for one in added])
        return frozenset(row["decision"] for row in rows)

    async def ask(self, there: Organization, one: ContactAdded) -> Found | None:
        """None where Trustmary refuses this question, and no other."""
        await self.behind_live(there)
        asked = asyncio.get_running_loop().time()
        try:
            return compare(one.contact, await self.trustmary.contact(there.key, one.contact["email"]))
        except Refused as refused:
            if refused.reason == "credentials":
                raise
            return None
        finally:
            if self.pace:
                await self.sleep(max(0.0, 2 / self.pace - (asyncio.get_running_loop().time() - asked)))

    async def behind_live(self, there: Organization) -> None:
        """Waits while something is being sent there; a lane that rests is left alone altogether."""
        deadline = asyncio.get_running_loop().time() + LIVE_FIRST
        while True:
            with translating():
                rest = await self.pool.fetchval(SQL["read_rest"], there.id)
                busy = await self.pool.fetchval(SQL["read_busy"], there.id)
            if rest:
                raise Unavailable("Trustmary fails or asks for rest: contacts were not looked up to the end.")
            if not busy or asyncio.get_running_loop().time() > deadline:
                return
            await self.sleep(LOOK_AGAIN)

    async def write(
        self,
        there: Organization,
        found: Sequence[ContactChecked],
        *,
        by: By,
        hold: Callable[[Connection], Awaitable[None]],
    ) -> None:
        rows = await self.log.prepare([Draft(event=one, cause=one.decision, actor=by.actor) for one in found])
        with translating():
            async with self.pool.acquire() as connection, connection.transaction():
                await self.log.append(connection, there.partition, rows)
                await hold(connection)


def line(one: ContactAdded, said: Found, *, news: bool) -> Line:
    return Line(
        state=said.state,
        email=one.contact["email"],
        invoice=one.invoice_id,
        decision=one.id,
        status=said.status,
        drift={name: (one.contact[name], value) for name, value in said.theirs.items()},
        first_seen=news,
    )


def as_event(one: ContactAdded, said: Found, by: By) -> ContactChecked:
    return ContactChecked(
        integration=one.integration,
        invoice_id=one.invoice_id,
        partner=one.partner,
        decision=one.id,
        reconciliation=by.run,
        state=said.state,
        email=one.contact["email"],
        status=said.status,
        theirs=said.theirs,
    )
