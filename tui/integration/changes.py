"""What operators have said about an integration, in the operator's own language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    LabelsSaved,
    RecipientsSaved,
    Rules,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
)
from events.versions import Act, Change, held
from events.words import Words
from tui.integration.facts import braked, in_force
from tui.making import whole
from tui.making.review import USUAL
from tui.widgets.columns import Cell, Column

PLAINLY: Mapping[type[Configuration], str] = {
    IntegrationConnected: "connected",
    IntegrationReconnected: "logged in again",
    IntegrationPaused: "sending paused",
    IntegrationRemoved: "removed",
    SettingsSaved: "settings changed",
    LabelsSaved: "labels changed",
    RecipientsSaved: "alerts changed",
}
WAITED: Mapping[Waiting, str] = {
    Waiting.DECIDE_AGAIN: "sending resumed; what waited was decided again",
    Waiting.SEND: "sending resumed; what waited was sent",
    Waiting.DROP: "sending resumed; what waited was dropped",
}


def title(before: Rules, event: Configuration, say: Words) -> str:
    match event:
        case TriggerSaved(trigger=trigger) if known := before.triggers.get(trigger.id):
            return say("trigger {name} changed", name=called(known, say))
        case TriggerSaved(trigger=trigger):
            return say("trigger {name} saved", name=called(trigger, say))
        case TriggerRemoved(trigger=gone):
            return say("trigger {name} removed", name=called(before.triggers.get(gone), say))
        case AddressBlocked(address=address):
            return say("{address} blocked", address=address or say("an erased address"))
        case AddressUnblocked(address=address):
            return say("{address} may be added again", address=address or say("an erased address"))
        case IntegrationResumed(waiting=waiting):
            return say(WAITED[waiting])
        case IntegrationPaused() if event.braked:
            return say("paused by the brake")
        case _:
            return say(PLAINLY[type(event)])


def called(trigger: Trigger | None, say: Words) -> str:
    return (trigger.name if trigger else "") or say("(erased)")


def details(before: Rules, event: Configuration, say: Words) -> Iterator[str]:
    """A line for each thing that is not as it was."""
    match event:
        case TriggerSaved(trigger=trigger):
            yield from of_trigger(held(before, trigger.id, trigger), trigger, say)
        case SettingsSaved(settings=settings):
            pairs = zip(in_force(before.settings, say), in_force(settings, say), strict=True)
            yield from (arrow(old.label, old.value, new.value) for old, new in pairs if old.raw != new.raw)
        case LabelsSaved(labels=labels):
            yield arrow(say("Labels"), ", ".join(before.labels) or say("none"), ", ".join(labels) or say("none"))
        case RecipientsSaved(recipients=recipients):
            old, new = (", ".join(one.says for one in them) or say("none") for them in (before.recipients, recipients))
            yield arrow(say("Alerts to"), old, new)
        case IntegrationPaused(braked=figures) if figures:
            yield braked(figures, say)
        case IntegrationRemoved(erased=True):
            yield say("everybody in it was erased")


def of_trigger(before: Trigger | None, after: Trigger, say: Words) -> Iterator[str]:
    if before is None:
        shown = (one for one in whole.everything(after, say) if one.raw not in USUAL)
        yield from (f"{one.label}: {one.value}" for one in shown)
        return
    if before.live != after.live:
        yield arrow(say("State"), *(say("live") if one.live else say("draft") for one in (before, after)))
    yield from whole.difference(before, after, say)


def arrow(label: str, old: str, new: str) -> str:
    return f"{label}: {old} → {new}"


def lines(steps: Iterable[tuple[Rules, Configuration]], say: Words) -> list[str]:
    found: list[str] = []
    for before, event in steps:
        found += [title(before, event, say), *(f"    {line}" for line in details(before, event, say))]
    return found


def titles(act: Act, say: Words) -> str:
    return ", ".join(title(before, event, say) for before, event in act.steps)


def of_others(newer: Iterable[Change], say: Words, now: datetime) -> Iterator[str]:
    """What somebody else has saved meanwhile."""
    for change in newer:
        why = f" ({change.reason})" if change.reason else ""
        yield f"{say.moment(change.at, now)} {change.actor}{why}: {title(change.before, change.event, say)}"
        yield from (f"    {line}" for line in details(change.before, change.event, say))


def columns(say: Words, now: datetime) -> list[Column[Act]]:
    return [
        Column(title=say("Version"), width=8, right=True, cell=lambda act: Cell(str(act.position), "quiet")),
        Column(title=say("When"), width=10, cell=lambda act: say.moment(act.at, now)),
        Column(title=say("Who"), width=14, grow=1, rank=2, cell=lambda act: act.actor),
        Column(title=say("What"), width=28, grow=3, cell=lambda act: Cell(titles(act, say), "strong")),
        Column(title=say("Why"), width=16, grow=2, rank=1, cell=lambda act: act.reason or ""),
    ]
