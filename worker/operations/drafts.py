"""Drafts that stand beside a live trigger: made from it, watched in its shadow, put in its place."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import takewhile
from typing import get_args
from uuid import UUID, uuid4

import asyncpg

from events import address
from events.contact import ContactAdded, ContactSkipped
from events.envelope import identify
from events.errors import Misconfigured
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
    waiting_of,
)
from events.proof import Decided, Met
from events.rules import Candidate, Ledger
from events.shadow import Shadow, Use
from worker.adapters.postgres import translating
from worker.adapters.vault import ContactKeyer
from worker.operations import browse, past, triggers
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration, read_one
from worker.operations.past import Window
from worker.operations.rehearsing import CHANGES
from worker.operations.saving import hold, saving

Said = Sequence[tuple[int, Configuration]]


def beside(seen: Integration, live: Trigger) -> Trigger:
    """A draft of *live* that says the same. Raises `Misconfigured` where that is a draft itself."""
    if not live.live:
        raise Misconfigured(f"{live.name} is a draft already: change it with ptm trigger save.")
    names = {one.name for one in seen.rules.triggers.values()}
    numbered = (f"{live.name} draft{number}" for number in ("", *(f" {count}" for count in range(2, len(names) + 3))))
    return replace(
        live, id=uuid4(), live=False, draft_of=live.id, name=next(name for name in numbered if name not in names)
    )


def promoted(seen: Integration, draft: Trigger) -> Trigger:
    """What *draft* becomes: the trigger whose place it takes, under its id and name, or itself; live."""
    if draft.live:
        raise Misconfigured(f"{draft.name} is live already.")
    live = seen.rules.triggers.get(draft.draft_of) if draft.draft_of else None
    return replace(
        draft, id=draft.draft_of or draft.id, name=live.name if live else draft.name, live=True, draft_of=None
    )


async def promote(
    context: Context, seen: Integration, draft: Trigger, *, waiting: Waiting = Waiting.SEND, reason: str | None = None
) -> Integration:
    """Puts *draft* in force, and where it is one of another trigger in that one's place, under its id.

    So what that trigger has added stays added once for ever. Both events are one transaction's.
    """
    wanted = promoted(seen, draft)
    triggers.check(wanted)
    why = reason or f"promoted: {draft.name}"
    events: list[Configuration] = [triggers.saved(seen, wanted, waiting, why)]
    if wanted.id != draft.id:
        events.append(TriggerRemoved(integration=seen.id, id=uuid4(), trigger=draft.id, reason=why))
    async with saving(context, seen, *events) as connection:
        await hold(connection, seen.id, wanted.id, waiting)
    return await read_one(context, seen.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What came of watching a draft."""

    draft: Trigger
    live: Trigger | None
    """The trigger beside which it stands; None: none, or it is removed."""
    since: datetime | None
    """What was recorded then and later was looked at; None: nothing was recorded since the draft was saved."""
    changes: int
    shadow: Shadow


async def watch(context: Context, seen: Integration, draft: Trigger, *, since: datetime | None = None) -> Watched:
    """What *draft* would have decided beside the live rule, as far as that one has decided. Writes nothing.

    From where the draft was saved last, or from *since*. It is asked as if it had been put in force there: with what
    the live trigger had used up before, and with what the other triggers have used up whenever.
    """
    wanted = promoted(seen, draft)
    said = [
        (record.position, event)
        for record, event in await browse.said(context, seen)
        if isinstance(event, get_args(Configuration))
    ]
    upto = await past.decided_upto(context, seen)
    window = Window(upto=upto, after=0 if since else saved_at(said, draft), since=since)
    places = await past.places(context, seen, window, CHANGES)
    keyer = cache(await context.vault.contact_key())
    watching = Watching(
        context=context,
        seen=seen,
        shadow=Shadow(draft=wanted, said=said, ledger=Ledger(key=keyer)),
        keyer=keyer,
        start=places[0] - 1 if places else upto,
        blocks=list(blocks_of(said, keyer)),
    )
    began = None
    async for chunk in past.read(context, seen, places):
        began = began or chunk[0].at
        await watching.follow(chunk)
    live = seen.rules.triggers.get(draft.draft_of) if draft.draft_of else None
    return Watched(draft=draft, live=live, since=since or began, changes=len(places), shadow=watching.shadow)


def saved_at(said: Said, draft: Trigger) -> int:
    saves = (place for place, event in said if isinstance(event, TriggerSaved) and event.trigger.id == draft.id)
    return max(saves)


def blocks_of(said: Said, keyer: ContactKeyer) -> Iterator[Use]:
    for position, event in said:
        if isinstance(event, AddressBlocked | AddressUnblocked) and event.address:
            whole = event.address.startswith("@")
            key = address.same(event.address) if whole else keyer(str(event.integration), event.address)
            yield Use(position=position, key=key, freed=isinstance(event, AddressUnblocked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Reads beside each chunk of changes what the live trigger decided, and what was used up."""

    context: Context
    seen: Integration
    shadow: Shadow
    keyer: ContactKeyer
    start: int
    """Up to there what the live trigger used up counts; later it is the draft that uses."""
    blocks: Sequence[Use]

    async def follow(self, chunk: Sequence[Met]) -> None:
        asked = [(met, self.shadow.consider(met)) for met in chunk]
        live = await self.recorded(chunk)
        used = deque(await self.used([found for _, found in asked if found and not found.skip]))
        for met, found in asked:
            ready = self.before(met, found, used)
            self.shadow.compare(met, found, live.get(met.event.id), ready)

    def before(self, met: Met, found: Candidate | None, used: deque[Use]) -> Iterator[Use]:
        """What of *used* came before the change; of the change itself, what triggers ahead in the rules used."""
        while used and used[0].position < met.position:
            yield used.popleft()
        if found is not None:
            ahead = set(takewhile(lambda id: id != self.shadow.draft.id, found.rules.triggers))
            at_once = takewhile(lambda use: use.position == met.position, used)
            yield from (use for use in at_once if use.trigger in ahead)

    async def recorded(self, chunk: Sequence[Met]) -> Mapping[UUID, Decided]:
        """Change → what the live trigger decided about it last: at once, or when an operator had it decided again."""
        trigger = self.shadow.draft.id
        ids = [identify("decision", met.event.id, trigger, by) for met in chunk for by in self.asking(met.position)]
        records = sorted(await self.context.log.find(ids), key=lambda record: record.position)
        events = await self.context.log.open(records)
        return {event.cause: event for event in events if isinstance(event, ContactAdded | ContactSkipped)}

    def asking(self, position: int) -> Iterator[UUID | None]:
        """Who may have asked for a decision on the change at *position*: nobody, or an operator behind it."""
        yield None
        for place, event in reversed(self.shadow.said):
            if place < position:
                return
            others = isinstance(event, TriggerSaved) and event.trigger.id != self.shadow.draft.id
            if waiting_of(event) is Waiting.DECIDE_AGAIN and not others:
                yield event.id

    async def used(self, candidates: Sequence[Candidate]) -> list[Use]:
        """By position; blocks first, which the projector meets before it decides what stands behind them."""
        invoices = list({found.invoice_id for found in candidates})
        keys = list({self.keyer(found.rules.organization, found.contact["email"]) for found in candidates})
        arguments = (self.seen.id, self.shadow.draft.id, self.start, invoices, keys)
        with translating():
            rows = await self.context.pool.fetch(SQL["read_used_beside"], *arguments)
        return sorted([*self.blocks, *map(as_use, rows)], key=lambda use: use.position)


def as_use(row: asyncpg.Record) -> Use:
    return Use(
        position=row["position"],
        trigger=row["trigger"],
        invoice=row["invoice"],
        key=row["key"] or b"",
        target=row["target"],
        decision=row["decision"],
        at=row["at"],
    )
