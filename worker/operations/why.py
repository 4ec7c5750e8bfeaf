"""Why, and why not: the whole life of an invoice, each decision with its trace, each call that was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from events import reasons, replay, rules
from events.contact import ContactAdded, ContactSkipped, Decision, Skip
from events.envelope import invoice_stream
from events.errors import Misconfigured
from events.integration import Rules, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.plan import Wanted
from worker.adapters.postgres import translating
from worker.operations import browse, deliveries, finding, in_force, integrations, related, replay_lines
from worker.operations.browse import Entry
from worker.operations.context import SQL, Context
from worker.operations.deliveries import Attempt, Delivery
from worker.operations.finding import Found, as_found
from worker.operations.in_force import Version
from worker.operations.integrations import Integration
from worker.operations.replay_lines import LAST
from worker.operations.stood import stood


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the lives of one integration's invoices have in common."""

    integration: Integration
    versions: Sequence[Version]
    """Every version of the rules by then."""
    checkpoint: int
    as_of: datetime | None

    @property
    def rules(self) -> Rules:
        """In force at that moment."""
        return self.versions[-1].rules if self.versions else Rules(integration=self.integration.id, version=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What a trigger, as it is now or was at the moment asked for, says to the invoice as it was seen last."""

    trigger: Trigger
    says: str
    remedy: str
    skip: Skip | None
    detail: str | None
    trace: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What else added a contact."""

    invoice: int
    """Its number, or where it has none Procountor's id."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that is known about one invoice, or was at a moment."""

    integration: Integration
    invoice: int
    number: int | None
    status: str | None
    """None: it had not been seen by the moment asked for."""
    changed_at: datetime | None
    entries: tuple[Entry, ...]
    deliveries: tuple[Delivery, ...]
    versions: Mapping[int, Version]
    """The position that a decision names → what was saved then, or last before it."""
    undecided: tuple[UUID, ...]
    """Changes that the projector has not come to yet, or had not."""
    today: tuple[Today, ...]
    """Only where nothing was ever decided, or the newest change is not decided yet: why not."""
    added_since: Mapping[UUID, Since] = field(default_factory=dict)
    """An item of a replay that was left out → what added its contact after the replay was planned."""
    as_of: datetime | None = None
    """None: as of now."""

    @property
    def timeline(self) -> list[Entry | tuple[Delivery, Attempt]]:
        """Events, and calls by the time they left: cause before effect."""
        calls = [(call, attempt) for call in self.deliveries for attempt in call.attempts]
        return sorted([*self.entries, *calls], key=when)

    @property
    def asked_after_all(self) -> str | None:
        """The command that adds whom it was skipped for, once the register is put right; None where none has to."""
        decided = [entry.event for entry in self.entries if isinstance(entry.event, ContactAdded | ContactSkipped)]
        newest = {one.trigger: one for one in decided}
        skips = {one.reason for one in newest.values() if isinstance(one, ContactSkipped)}
        if self.as_of or not skips & reasons.IN_REGISTER:
            return None
        return replay_lines.plan(
            self.integration.id, Wanted(upto=LAST, invoices=frozenset({self.invoice}), latest=True)
        )

    def trigger(self, decision: Decision) -> Trigger | None:
        """As it was when it decided."""
        version = self.versions.get(decision.rules_version)
        return version.rules.triggers.get(decision.trigger) if version else None


def when(one: Entry | tuple[Delivery, Attempt]) -> datetime:
    return one.record.at if isinstance(one, Entry) else one[1].started_at


async def why(
    context: Context, wanted: str, *, among: Sequence[Integration] | None = None, as_of: datetime | None = None
) -> list[Life]:
    """By invoice number, or where there is none with it by Procountor's id; several where companies share a number.

    *among*: only in these. *as_of*: what was recorded, decided and in force by then. Raises `Misconfigured` for an
    invoice that was never seen, saying how far reading has come.
    """
    return await lives(context, await finding.seen(context, wanted, among=among), as_of=as_of)


async def of_invoice(context: Context, integration: UUID, invoice: int, *, as_of: datetime | None = None) -> Life:
    """Of one, by Procountor's id. Raises `Misconfigured` where it was never seen."""
    with translating():
        rows = await context.pool.fetch(SQL["find_by_id"], invoice, [integration])
    if not rows:
        known = [await integrations.read_one(context, integration)]
        raise Misconfigured(await finding.never_seen(context, str(invoice), known))
    [life] = await lives(context, [as_found(row) for row in rows], as_of=as_of)
    return life


async def lives(context: Context, found: Sequence[Found], *, as_of: datetime | None = None) -> list[Life]:
    """In the order of *found*."""
    scenes = {id: await scene(context, id, as_of) for id in {one.integration for one in found}}
    return [await life(context, scenes[one.integration], one) for one in found]


async def scene(context: Context, id: UUID, as_of: datetime | None) -> Scene:
    integration = await integrations.read_one(context, id)
    with translating():
        checkpoint: int = await context.pool.fetchval(SQL["read_checkpoint"], integration.partition)
    versions = await in_force.read(context, integration, until=as_of)
    return Scene(integration=integration, versions=versions, checkpoint=checkpoint, as_of=as_of)


async def life(context: Context, at: Scene, found: Found) -> Life:
    integration, then = at.integration, at.as_of
    records = await context.log.read_stream(invoice_stream(integration.id, found.invoice))
    entries = await browse.opened(context, [one for one in records if then is None or one.at <= then])
    calls = tuple(reversed(await deliveries.of_invoice(context, integration.id, found.invoice)))
    status, changed_at = (found.status, found.changed_at) if then is None else last_change(entries)
    made = [entry.event for entry in entries if isinstance(entry.event, Decision)]
    named = {one.rules_version: in_force.named(at.versions, one.rules_version) for one in made}
    waiting = undecided(at, entries)
    return Life(
        integration=integration,
        invoice=found.invoice,
        number=found.number,
        status=status,
        changed_at=changed_at,
        entries=tuple(entries),
        deliveries=calls if then is None else stood(calls, then),
        versions={position: version for position, version in named.items() if version},
        undecided=waiting,
        today=today(at.rules, entries, waiting),
        added_since=await added_since(context, entries),
        as_of=then,
    )


async def added_since(context: Context, entries: Sequence[Entry]) -> dict[UUID, Since]:
    left_out = {one.record.row.id: one.event for one in entries if isinstance(one.event, ContactSkipped)}
    named = {id: newest for id, skipped in left_out.items() if (newest := replay.added_since(skipped))}
    if not named:
        return {}
    found = {one.record.row.id: one for one in await related.find(context, list(named.values()))}
    places = {id: (one.integration, getattr(one.event, "invoice_id", 0)) for id, one in found.items()}
    numbers = await related.numbers(context, places.values())
    return {
        id: Since(invoice=numbers.get(places[newest], places[newest][1]), at=found[newest].record.at)
        for id, newest in named.items()
        if newest in found
    }


def changes(entries: Sequence[Entry]) -> list[tuple[Entry, InvoiceStatusChanged]]:
    return [(entry, entry.event) for entry in entries if isinstance(entry.event, InvoiceStatusChanged)]


def last_change(entries: Sequence[Entry]) -> tuple[str, datetime] | tuple[None, None]:
    seen = changes(entries)
    return (seen[-1][1].after, seen[-1][0].record.at) if seen else (None, None)


def decisions(entries: Sequence[Entry]) -> list[ContactAdded | ContactSkipped]:
    return [entry.event for entry in entries if isinstance(entry.event, ContactAdded | ContactSkipped)]


def undecided(at: Scene, entries: Sequence[Entry]) -> tuple[UUID, ...]:
    """The checkpoint says it of now; of a moment in the past, what the rules ask for and was not recorded by then."""
    if at.as_of is None:
        return tuple(entry.record.row.id for entry, _ in changes(entries) if entry.record.position > at.checkpoint)
    decided = {one.cause for one in decisions(entries)}
    return tuple(
        entry.record.row.id
        for entry, change in changes(entries)
        if entry.record.row.id not in decided and asks(at, entry, change)
    )


def asks(at: Scene, entry: Entry, change: InvoiceStatusChanged) -> bool:
    """Whether the rules of its position want a decision about *change*."""
    owner = in_force.at_position(at.versions, entry.record.position)
    return owner is not None and any(rules.consider(owner, change, entry.record.at))


def today(now: Rules, entries: Sequence[Entry], waiting: Sequence[UUID]) -> tuple[Today, ...]:
    seen = changes(entries)
    if not seen:
        return ()
    entry, change = seen[-1]
    pending = entry.record.row.id in waiting
    if decisions(entries) and not pending:
        return ()
    return tuple(judge(now, trigger, change, at=entry.record.at, pending=pending) for trigger in now.triggers.values())


def judge(now: Rules, trigger: Trigger, change: InvoiceStatusChanged, *, at: datetime, pending: bool) -> Today:
    found = rules.candidate(now, trigger, change, at)
    skip, detail = found.skip or (None, None)
    says, remedy = verdict(trigger, change, skip, pending=pending)
    return Today(trigger=trigger, says=says, remedy=remedy, skip=skip, detail=detail, trace=found.trace)


def verdict(trigger: Trigger, event: InvoiceStatusChanged, skip: Skip | None, *, pending: bool) -> tuple[str, str]:
    """Why nothing was decided, first things first."""
    kept = next(kept_back(trigger, event), None)
    if kept:
        return kept
    if skip:
        return reasons.SKIPS[skip].says, reasons.SKIPS[skip].remedy
    if pending:
        return (
            "No rule stands against it; it is not decided yet.",
            "Is a worker running? Whether it was added before or is blocked is looked up when it is decided.",
        )
    return (
        "It would be added under these rules; the rules of the moment it was seen did not ask for it.",
        "A replay can send it.",
    )


def kept_back(trigger: Trigger, event: InvoiceStatusChanged) -> Iterator[tuple[str, str]]:
    """Why the trigger does not look at it at all."""
    if not trigger.live:
        yield "The trigger is a draft: it decides nothing.", "Put it in force: ptm trigger promote."
    if event.kind is Kind.BASELINE:
        yield "It was read while connecting: that is recorded, and fires nothing.", "Its next status change counts."
    if event.kind is Kind.BACKFILL:
        how = (
            "It was read from before connecting, since somebody asked for it: only a replay decides it."
            if event.old
            else "It was read late, by a reconciliation: only a replay decides it."
        )
        yield how, "Plan a replay."
    if not event.passed & trigger.condition.statuses:
        wanted = ", ".join(sorted(trigger.condition.statuses))
        yield f"It is {event.after}; the trigger waits for {wanted}.", "Nothing to do until its status changes."
