"""How rules came to be what they are: every version of a trigger, and what each save changed in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from events.codec import Event
from events.envelope import Recorded
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    Destination,
    DestinationKind,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    LabelsSaved,
    RecipientsSaved,
    Rules,
    Settings,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
    fold,
)
from events.invoice import Status
from events.recipient import Recipient

Told = Iterable[tuple[Recorded, Event]]
"""The events of an integration's stream, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who said something about an integration, when and why."""

    position: int
    """What the version is called."""
    at: datetime
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Said):
    """A trigger as one save left it."""

    id: UUID
    trigger: Trigger | None
    """None: removed."""
    before: Trigger | None
    """The version before, or of a new draft the trigger that it is one of; None: new, or removed before."""

    @property
    def changes(self) -> tuple[str, ...]:
        return difference(self.before, self.trigger)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Said):
    """Any act of an operator's, and the rules before it."""

    event: Configuration
    before: Rules

    @property
    def says(self) -> tuple[str, ...]:
        return in_words(self.before, self.event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(Said):
    """What was said at once: one event, or several that belong together, such as the two of promoting a draft."""

    events: tuple[Configuration, ...]
    before: Rules

    @property
    def steps(self) -> Iterator[tuple[Rules, Configuration]]:
        return stepping(self.before, self.events)

    @property
    def says(self) -> tuple[str, ...]:
        return all_in_words(self.steps)


def acts(told: Told) -> tuple[Act, ...]:
    """Oldest first. What is appended in one go has one time, and places without a gap."""
    found: list[Act] = []
    newest: Recorded | None = None
    for record, event, before, _ in steps(told):
        if newest and record.at == newest.at and record.position == newest.position + 1:
            found[-1] = replace(found[-1], position=record.position, events=(*found[-1].events, event))
        else:
            found.append(Act(**said_by(record, event), events=(event,), before=before))
        newest = record
    return tuple(found)


def versions(told: Told) -> dict[UUID, tuple[Version, ...]]:
    """Trigger → its versions, oldest first; triggers in the order in which they were first saved."""
    found = defaultdict[UUID, list[Version]](list)
    for record, event, before, _ in steps(told):
        if isinstance(event, TriggerSaved):
            id, trigger = event.trigger.id, event.trigger
        elif isinstance(event, TriggerRemoved) and event.trigger in before.triggers:
            id, trigger = event.trigger, None
        else:
            continue
        found[id].append(Version(**said_by(record, event), id=id, trigger=trigger, before=held(before, id, trigger)))
    return {id: tuple(each) for id, each in found.items()}


def held(rules: Rules, id: UUID, trigger: Trigger | None) -> Trigger | None:
    """What a version is held against."""
    known = rules.triggers.get(id)
    return known or (rules.triggers.get(trigger.draft_of) if trigger and trigger.draft_of else None)


def changes(told: Told, *, after: int) -> tuple[Change, ...]:
    """What was said behind position *after*."""
    return tuple(
        Change(**said_by(record, event), event=event, before=before)
        for record, event, before, _ in steps(told)
        if record.position > after
    )


def steps(told: Told) -> Iterator[tuple[Recorded, Configuration, Rules, Rules]]:
    """Each configuration event with the rules before and after it."""
    rules: Rules | None = None
    for record, event in told:
        if isinstance(event, get_args(Configuration)):
            before = rules or Rules(integration=event.integration, version=0)
            rules = fold(rules, event, record.position)
            yield record, event, before, rules


def said_by(record: Recorded, event: Configuration) -> dict[str, Any]:
    return {"position": record.position, "at": record.at, "actor": record.row.actor, "reason": event.reason}


PLAINLY: Mapping[type[Configuration], str] = {
    IntegrationConnected: "connected",
    IntegrationReconnected: "new credentials",
    IntegrationPaused: "paused",
    IntegrationRemoved: "removed",
}


def in_words(before: Rules, event: Configuration) -> tuple[str, ...]:
    """What *event* changed, a line each, the first of which names the thing."""
    match event:
        case TriggerSaved(trigger=trigger):
            known = before.triggers.get(trigger.id)
            verb = "changed" if known else "saved"
            return f"trigger {called(known or trigger)} {verb}", *difference(held(before, trigger.id, trigger), trigger)
        case TriggerRemoved(trigger=gone):
            return (f"trigger {called(before.triggers.get(gone))} removed",)
        case SettingsSaved(settings=settings):
            return "settings changed", *lines(of_settings(before.settings), of_settings(settings))
        case AddressBlocked(address=address):
            return (f"{address or 'an erased address'} blocked",)
        case AddressUnblocked(address=address):
            return (f"{address or 'an erased address'} unblocked",)
        case LabelsSaved() | RecipientsSaved():
            return beside_the_rules(before, event)
        case IntegrationResumed(waiting=waiting):
            return (f"resumed; what waited: {waiting.value.replace('_', ' ')}",)
        case _:
            return (PLAINLY[type(event)],)


def beside_the_rules(before: Rules, event: LabelsSaved | RecipientsSaved) -> tuple[str, ...]:
    """What changes no decision."""
    if isinstance(event, LabelsSaved):
        return "labels changed", arrow("labels", several(before.labels), several(event.labels))
    return "alerts changed", arrow("alerts to", told_to(before.recipients), told_to(event.recipients))


def stepping(rules: Rules, events: Iterable[Configuration]) -> Iterator[tuple[Rules, Configuration]]:
    """Each of *events*, with the rules before it."""
    for event in events:
        yield rules, event
        rules = fold(rules, event, rules.version + 1)


def all_in_words(steps: Iterable[tuple[Rules, Configuration]]) -> tuple[str, ...]:
    """Each event with the rules before it; what belongs to the title before it is set in."""
    lines: list[str] = []
    for before, event in steps:
        title, *rest = in_words(before, event)
        lines += [title, *(f"    {line}" for line in rest)]
    return tuple(lines)


def called(trigger: Trigger | None) -> str:
    return (trigger.name or str(trigger.id)) if trigger else "that was there no more"


def difference(before: Trigger | None, after: Trigger | None) -> tuple[str, ...]:
    """A line for each field that is not the same: `status: SENT → SENT, PAID`.

    Where one of the two is not there, what the other says. Two triggers without a difference decide and do the same.
    """
    if after is None:
        return ("removed",)
    return lines(of_trigger(before) if before else None, of_trigger(after))


Field = tuple[Any, str]
"""What is compared, and how it is shown."""
Fields = dict[tuple[str, str], Field]
"""(group, label) → field: a contact field of the mapping may be called like a field of the trigger."""


def lines(before: Fields | None, after: Fields) -> tuple[str, ...]:
    if before is None:
        set_ones = (name for name, (value, shown) in after.items() if shown and value is not False)
        return tuple(f"{name[1]}: {after[name][1]}" for name in set_ones)
    nothing: Field = (None, "")
    pairs = [
        (name[1], before.get(name, nothing), after.get(name, nothing)) for name in dict.fromkeys([*before, *after])
    ]
    return tuple(arrow(label, old, new) for label, old, new in pairs if old[0] != new[0])


def arrow(label: str, old: Field, new: Field) -> str:
    """Two that are shown alike, such as lists of one name, are told by what they are."""
    left, right = (old[1], new[1]) if old[1] != new[1] else (f"{old[1]} ({old[0]})", f"{new[1]} ({new[0]})")
    return f"{label}: {left or 'none'} → {right or 'none'}"


def of_trigger(trigger: Trigger) -> Fields:
    wanted, aim = trigger.condition, trigger.destination
    own: dict[str, Field] = {
        "trigger": (trigger.name, trigger.name),
        "state": ((trigger.live, trigger.draft_of), "live" if trigger.live else "draft"),
        "status": (wanted.statuses, ", ".join(sorted(wanted.statuses, key=along_the_way))),
        "type": several(wanted.types),
        "offers": yes_no(wanted.offers),
        "credit notes": yes_no(wanted.not_positive),
        "channel": several(wanted.channels),
        "language": several(wanted.languages),
        "customer group": several(wanted.customer_groups),
        "customer": several(wanted.customers),
        "minimum": one(wanted.minimum),
        "maximum": one(wanted.maximum),
        "person": (trigger.mapping.person, ", ".join(trigger.mapping.person)),
        "destination": ((aim.kind, aim.lists, aim.survey, aim.automation), goal(aim)),
        "starts surveys": (aim.starts_surveys, aim.starts_surveys.value),
        "existing contacts": (trigger.existing, trigger.existing),
    }
    mapped = {("mapping", name): one(path) for name, path in trigger.mapping.fields.items()}
    return {**{("trigger", label): field for label, field in own.items()}, **mapped}


def of_settings(settings: Settings) -> Fields:
    return {
        ("settings", "cool-down days"): one(settings.cool_down_days),
        ("settings", "shared mailboxes"): yes_no(settings.role_addresses),
        ("settings", "brake"): one(settings.brake),
        ("settings", "oldest invoice, days"): one(settings.oldest_invoice),
    }


def several(values: Iterable[object]) -> Field:
    return frozenset(values), ", ".join(sorted(map(str, values)))


def told_to(recipients: Iterable[Recipient]) -> Field:
    return several([one.says for one in recipients])


def along_the_way(status: str) -> tuple[int, str]:
    """As Procountor lists them, SENT before PAID; unknown ones last."""
    known = [each.value for each in Status]
    return known.index(status) if status in known else len(known), status


def yes_no(value: bool) -> Field:
    return value, "yes" if value else "no"


def one(value: object) -> Field:
    return value, "" if value is None else str(value)


def goal(aim: Destination) -> str:
    """Where contacts go, by the names that Trustmary showed."""

    def named(ids: Sequence[str]) -> str:
        return ", ".join(aim.names.get(id, id) for id in ids)

    match aim.kind:
        case DestinationKind.AUTOMATION:
            return f"automation {named([aim.automation or ''])}"
        case DestinationKind.SURVEY:
            return f"survey {named([aim.survey or ''])} by its list {named(aim.lists)}"
        case DestinationKind.LISTS:
            return f"lists {named(aim.lists)}"
        case DestinationKind.CONTACT:
            return "contact only"
