"""A replay: past events through today's rules, asked for by an operator, item by item, and decided by the projector."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import orjson

from events import rules
from events.contact import ContactAdded, ContactSkipped, Skip
from events.customer import CustomerRead, as_now
from events.envelope import identify
from events.integration import Destination, DestinationKind, Rules, Trigger
from events.invoice import InvoiceStatusChanged
from events.rules import Candidate, Ledger


class Reach(StrEnum):
    """How far a replay may go; each includes the ones before it."""

    RECORD = "record"
    """Decide only: what would be added is recorded, nothing is sent."""
    CONTACT = "contact"
    """The contact is added or updated, on no list."""
    LIST = "list"
    """Lists too, where the destination is marked as starting no surveys."""
    SURVEY = "survey"
    """Everything, surveys and automations included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One item of a plan, as the log carries it: ids only."""

    number: int
    """Its place in the plan: 1, 2, 3, …"""
    cause: UUID
    """The InvoiceStatusChanged that is decided again."""
    trigger: UUID
    targets: tuple[str, ...]
    """What the contact is to be added to, of what the trigger's destination names."""
    resend: bool = False
    """The trigger has added somebody for this invoice before: once more, and knowingly."""
    customer: UUID | None = None
    """The CustomerRead in whose light it is decided; None: as the change has it."""
    last: UUID | None = None
    """The newest decision that added this contact when the plan was made; another one by now: it has moved."""
    takes_back: UUID | None = None
    """The ContactAdded whose lists, those among the targets, the contact is taken off; None: it is to be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What every event of a replay has."""

    integration: UUID
    replay: UUID

    @property
    def stream(self) -> str:
        return f"replay/{self.integration}/{self.replay}"

    @property
    def subject(self) -> str:
        return str(self.integration)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStarted(Replayed):
    """An operator applies a plan."""

    type: ClassVar[str] = "ReplayStarted"
    schema: ClassVar[int] = 1

    name: str
    reason: str
    reach: Reach
    plan: str
    """SHA-256 of the plan, hexadecimal."""
    items: int
    """How many are asked for."""
    upto: int
    """The position up to which the plan has looked."""
    undoes: UUID | None = None
    """The replay whose contacts are taken off the lists that it has put them on."""
    remove_old: bool = False
    """Old addresses, and contacts no longer matched, are taken off their lists as well."""

    @property
    def id(self) -> UUID:
        return started(self.replay)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayAsked(Replayed):
    """The next items of a replay: the projector decides them when it meets this event, under the rules it was planned
    with or not at all."""

    type: ClassVar[str] = "ReplayAsked"
    schema: ClassVar[int] = 1

    reach: Reach
    triggers: tuple[UUID, ...]
    """Those that the plan was made for."""
    rules: str
    """`pin` of the rules that the plan was made with."""
    items: tuple[Ask, ...]
    undoes: UUID | None = None

    @property
    def id(self) -> UUID:
        return identify("replay", self.replay, "asked", self.items[0].number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEnded(Replayed):
    """All is asked for, or an operator has cancelled the rest."""

    type: ClassVar[str] = "ReplayEnded"
    schema: ClassVar[int] = 1

    cancelled: bool = False
    reason: str | None = None

    @property
    def id(self) -> UUID:
        return identify("replay", self.replay, "ended")


def started(replay: UUID) -> UUID:
    """The id of the event that started *replay*: what all that follows is caused by."""
    return identify("replay", replay, "started")


def pin(in_force: Rules, triggers: Collection[UUID]) -> str:
    """What of the rules a plan depends on, as SHA-256 in hexadecimal; pausing, say, changes nothing about it."""
    chosen = [trigger for id, trigger in sorted(in_force.triggers.items()) if id in triggers]
    settings = {name: getattr(in_force.settings, name) for name in ("cool_down_days", "role_addresses")}
    facts = [in_force.organization, in_force.removed, settings, chosen]
    return hashlib.sha256(orjson.dumps(facts, default=canonical, option=orjson.OPT_SORT_KEYS)).hexdigest()


def canonical(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def reconsider(
    in_force: Rules,
    trigger: Trigger,
    change: InvoiceStatusChanged,
    at: datetime,
    *,
    cause: UUID | None = None,
    asked_by: UUID | None = None,
) -> Candidate:
    """What *trigger* says to *change*, however old it is: that the past never fires by itself is not meant here.

    *at* is the replay's own time: the cool-down is counted to now.
    """
    anyhow = replace(change, old=False) if change.old else change
    return rules.candidate(ageless(in_force), trigger, anyhow, at, cause=cause, asked_by=asked_by)


def ageless(in_force: Rules) -> Rules:
    """The rules as a replay takes them: its plan is a person's word, to which no invoice is too old."""
    if not in_force.settings.oldest_invoice:
        return in_force
    return replace(in_force, settings=replace(in_force.settings, oldest_invoice=0))


def candidates(
    asked: ReplayAsked,
    in_force: Rules,
    changes: Mapping[UUID, InvoiceStatusChanged],
    at: datetime,
    *,
    customers: Mapping[UUID, CustomerRead],
) -> Iterator[tuple[Ask, Candidate]]:
    """What the items come to under the rules *in_force*; events by id, *at* when the asking one was recorded."""
    still = pin(in_force, asked.triggers) == asked.rules
    in_force = ageless(in_force)
    for ask in asked.items:
        if ask.takes_back or (change := changes.get(ask.cause)) is None:
            continue
        change = as_now(change, customers.get(ask.customer) if ask.customer else None)
        trigger = in_force.triggers.get(ask.trigger)
        if still and trigger is not None:
            yield ask, reconsider(in_force, trigger, change, at, cause=ask.cause, asked_by=asked.id)
        else:
            yield ask, moved(asked, ask, change, in_force=in_force, at=at)


def moved(asked: ReplayAsked, ask: Ask, change: InvoiceStatusChanged, *, in_force: Rules, at: datetime) -> Candidate:
    """An item that was planned under other rules."""
    return Candidate(
        integration=asked.integration,
        invoice_id=change.invoice_id,
        partner=change.partner,
        cause=ask.cause,
        rules=in_force,
        trigger=in_force.triggers.get(ask.trigger) or Trigger(id=ask.trigger, name=""),
        at=at,
        trace=({"check": "rules as planned", "wanted": asked.rules, "seen": None, "ok": False},),
        contact={},
        skip=(Skip.MOVED, None),
        asked_by=asked.id,
    )


def answer(found: Candidate, ask: Ask, asked: ReplayAsked, ledger: Ledger) -> ContactAdded | ContactSkipped:
    """The decision on one item, in the light of what was added since it was planned. Notes in *ledger* what it uses."""
    if found.skip:
        return replace(rules.skipped(found, found.skip, found.trace), replay=asked.replay)
    key = ledger.key(found.rules.organization, found.contact["email"])
    if refusal := next(refusals(found, ask, asked, ledger=ledger, key=key), None):
        reason, detail = refusal
        newest = ledger.latest(found.integration, key, besides={asked.replay})
        noted = (
            as_planned(ask, newest) if reason is Skip.MOVED else {"check": reason.value, "seen": detail, "ok": False}
        )
        return replace(rules.skipped(found, refusal, (*found.trace, noted)), replay=asked.replay)
    destination = found.trigger.destination
    targets = within(asked.reach, destination, ask.targets)
    lists = tuple(one for one in destination.own_lists if f"list:{one}" in targets)
    automation = destination.started if f"automation:{destination.started}" in targets else None
    added = ContactAdded(
        **rules.common(found),
        trace=found.trace,
        contact=found.contact,
        kind=kind_of(destination, lists, automation).value,
        lists=lists,
        automation=automation,
        starts_surveys=destination.may_start_survey and bool(lists or automation),
        existing=found.trigger.existing,
        replay=asked.replay,
        resend=ask.resend,
    )
    ledger.note(added, key=key, at=found.at)
    return added


AS_PLANNED = "last added as planned"


def as_planned(ask: Ask, newest: UUID | None) -> Mapping[str, Any]:
    """Of a trace: the decision that added the contact last is another one than when the plan was made."""
    return {"check": AS_PLANNED, "wanted": str(ask.last or ""), "seen": str(newest or "") or None, "ok": False}


def added_since(skipped: ContactSkipped) -> UUID | None:
    """The decision for which an item of a replay was left out; None: it was left out for something else."""
    noted = next((each for each in skipped.trace if each.get("check") == AS_PLANNED), {})
    return UUID(noted["seen"]) if noted.get("seen") else None


def refusals(
    found: Candidate, ask: Ask, asked: ReplayAsked, *, ledger: Ledger, key: bytes
) -> Iterator[tuple[Skip, str | None]]:
    """Each reason against sending what a plan asks for, in the order people expect."""
    if ledger.latest(found.integration, key, besides={asked.replay}) != ask.last:
        yield Skip.MOVED, None
    if rules.blocked(found, ledger):
        yield Skip.BLOCKED, found.contact["email"]
    if not ask.resend and rules.fired(found, ledger):
        yield Skip.ALREADY_ADDED, None
    if latest := rules.cooling(found, ledger, key):
        yield Skip.COOL_DOWN, latest.isoformat()
    if asked.reach is Reach.RECORD:
        yield Skip.RECORDED, found.contact["email"]


def within(reach: Reach, destination: Destination, targets: Collection[str]) -> tuple[str, ...]:
    """What of *targets* a replay of *reach* may touch: at least the contact itself."""
    allowed = reach is Reach.SURVEY or (reach is Reach.LIST and not destination.may_start_survey)
    return tuple(targets) if allowed else ("contact",)


def calls(targets: Collection[str]) -> int:
    """Calls to Trustmary that adding a contact to *targets* takes: look-up, contact, and one for an automation."""
    return 2 + any(target.startswith("automation:") for target in targets)


def kind_of(destination: Destination, lists: Collection[str], automation: str | None) -> DestinationKind:
    return destination.kind if lists or automation else DestinationKind.CONTACT
