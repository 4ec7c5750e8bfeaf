"""What takes a change of the configuration back: another event, so that the log says both, and never a rewrite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from events import address
from events.errors import Misconfigured
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
    TriggerRemoved,
    TriggerSaved,
    Waiting,
    fold,
)

FINAL: Mapping[type[Configuration], str] = {
    IntegrationConnected: "Connecting a company is not undone: remove the integration instead.",
    IntegrationReconnected: "New credentials are not undone: the old ones were forgotten. Log in again instead.",
    IntegrationRemoved: "A removed integration does not come back: connect the company again.",
}
ERASED = "The address was erased with its person: nobody knows any more which it was."
NOTHING = "The last change changed nothing: there is nothing to undo."


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force, with the block list, which the rules leave out."""

    rules: Rules
    blocked: frozenset[str] = frozenset()
    """Addresses and domains, in the form in which spellings are equal."""


def stand(before: Standing, event: Configuration, position: int) -> Standing:
    rules, blocked = fold(before.rules, event, position), before.blocked
    if isinstance(event, AddressBlocked):
        blocked |= {address.same(event.address)}
    elif isinstance(event, AddressUnblocked):
        blocked -= {address.same(event.address)}
    return Standing(rules=rules, blocked=blocked)


def block_list(said: Iterable[object]) -> frozenset[str]:
    """What is on it after all that was *said*."""
    known: set[str] = set()
    for event in said:
        if isinstance(event, AddressBlocked):
            known.add(address.same(event.address))
        elif isinstance(event, AddressUnblocked):
            known.discard(address.same(event.address))
    return frozenset(known)


def undo(before: Standing, act: Sequence[Configuration], new_id: Callable[[], UUID]) -> tuple[Configuration, ...]:
    """What takes back *act*, events that were said at once: the last first, what holds for all triggers at the end.

    Folded behind *act* it gives the rules *before*, but for the version, and for the brake: whose pause was resumed is
    paused by a person. Raises `Misconfigured` where nothing can take it back, or where it has changed nothing.
    """
    inverses: list[Configuration] = []
    for event in act:
        if type(event) in FINAL:
            raise Misconfigured(FINAL[type(event)])
        after = stand(before, event, before.rules.version)
        inverses = [*(inverse(before, event, new_id) if after != before else ()), *inverses]
        before = after
    if not inverses:
        raise Misconfigured(NOTHING)
    return tuple(sorted(inverses, key=lambda event: isinstance(event, SettingsSaved)))


def inverse(before: Standing, event: Configuration, new_id: Callable[[], UUID]) -> Iterator[Configuration]:
    """Nothing where *event* changed only who has paused it."""
    rules, of = before.rules, event.integration
    match event:
        case TriggerSaved() | TriggerRemoved():
            yield of_trigger(rules, event, new_id())
        case SettingsSaved():
            yield SettingsSaved(integration=of, id=new_id(), settings=rules.settings)
        case LabelsSaved():
            yield LabelsSaved(integration=of, id=new_id(), labels=rules.labels)
        case RecipientsSaved():
            yield RecipientsSaved(integration=of, id=new_id(), recipients=rules.recipients)
        case IntegrationPaused() if not rules.paused:
            yield IntegrationResumed(integration=of, id=new_id())
        case IntegrationResumed():
            yield IntegrationPaused(integration=of, id=new_id())
        case AddressBlocked() | AddressUnblocked():
            yield of_blocks(event, new_id())


def of_trigger(rules: Rules, event: TriggerSaved | TriggerRemoved, id: UUID) -> Configuration:
    trigger = event.trigger.id if isinstance(event, TriggerSaved) else event.trigger
    if known := rules.triggers.get(trigger):
        return TriggerSaved(integration=event.integration, id=id, trigger=known)
    return TriggerRemoved(integration=event.integration, id=id, trigger=trigger)


def of_blocks(event: AddressBlocked | AddressUnblocked, id: UUID) -> Configuration:
    if not event.address:
        raise Misconfigured(ERASED)
    other = AddressUnblocked if isinstance(event, AddressBlocked) else AddressBlocked
    return other(integration=event.integration, id=id, address=event.address)


def with_waiting(events: Sequence[Configuration], waiting: Waiting, reason: str | None) -> tuple[Configuration, ...]:
    """*waiting* is said by what comes last for all triggers, else by each; a trigger that goes drops or sends."""
    for_all = any(isinstance(event, SettingsSaved) for event in events)
    own = Waiting.SEND if for_all else waiting
    return tuple(replace(said(event, waiting, own), reason=reason) for event in events)


def said(event: Configuration, waiting: Waiting, own: Waiting) -> Configuration:
    match event:
        case SettingsSaved() | IntegrationResumed():
            return replace(event, waiting=waiting)
        case TriggerSaved():
            return replace(event, waiting=own)
        case TriggerRemoved():
            return replace(event, waiting=Waiting.SEND if own is Waiting.SEND else Waiting.DROP)
        case _:
            return event
