"""Triggers: checked, saved, removed; destinations picked by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from events import mapping
from events.errors import Misconfigured
from events.integration import (
    Condition,
    Destination,
    DestinationKind,
    StartsSurveys,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
)
from events.invoice import InvoiceType, Status
from worker.adapters.trustmary import Target
from worker.operations import catalogue
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.operations.saving import hold, saving

__all__ = ["Choices", "Target"]

NO_OWN_LIST = "make an automation in Trustmary that sends it to whoever is added to a list, and take that list instead."
"""Whether surveys' own lists can be seen from outside is not known."""


async def save(
    context: Context, seen: Integration, trigger: Trigger, *, waiting: Waiting = Waiting.SEND, reason: str | None = None
) -> Integration:
    """Saves a new trigger, or a new version of one. What waits from its earlier version: see *waiting*."""
    await check_here(context, seen, trigger)
    async with saving(context, seen, saved(seen, trigger, waiting, reason)) as connection:
        await hold(connection, seen.id, trigger.id, waiting)
    return await read_one(context, seen.id)


def saved(
    seen: Integration, trigger: Trigger, waiting: Waiting = Waiting.SEND, reason: str | None = None
) -> TriggerSaved:
    return TriggerSaved(integration=seen.id, id=uuid4(), trigger=trigger, waiting=waiting, reason=reason)


async def remove(
    context: Context, seen: Integration, trigger: UUID, *, waiting: Waiting = Waiting.DROP, reason: str | None = None
) -> Integration:
    """Removes a trigger; what waits from it is dropped, or sent."""
    if waiting is Waiting.DECIDE_AGAIN:
        raise Misconfigured("A trigger that is removed cannot decide again: send what waits, or drop it.")
    event = TriggerRemoved(integration=seen.id, id=uuid4(), trigger=trigger, waiting=waiting, reason=reason)
    async with saving(context, seen, event) as connection:
        await hold(connection, seen.id, trigger, waiting)
    return await read_one(context, seen.id)


async def check_here(context: Context, seen: Integration, trigger: Trigger) -> None:
    """Like `check`; also every path of the mapping has to be one that the integration's invoices can have."""
    check(trigger)
    await catalogue.check(context, seen, trigger.mapping)


def check(trigger: Trigger) -> None:
    """Raises `Misconfigured` for a trigger that cannot work."""
    check_name(trigger.name)
    check_condition(trigger.condition)
    mapping.check(trigger.mapping)
    check_destination(trigger.destination)
    if trigger.live and trigger.draft_of:
        raise Misconfigured(f"{trigger.name} is a draft of another trigger: put it in force with ptm trigger promote.")
    if trigger.existing not in ("update", "leave"):
        raise Misconfigured(f"What becomes of a contact that exists is `update` or `leave`, not {trigger.existing!r}.")


def check_name(name: str) -> None:
    if not name.strip():
        raise Misconfigured("A trigger needs a name.")


def check_condition(condition: Condition) -> None:
    for wanted, known, word in ((condition.statuses, Status, "status"), (condition.types, InvoiceType, "type")):
        if not wanted:
            raise Misconfigured(f"A trigger needs at least one {word}.")
        for one in sorted(wanted):
            if one not in list(known):
                raise Misconfigured(f"Procountor knows no {word} {one!r}: use {', '.join(known)}.")
    if condition.minimum is not None and condition.maximum is not None and condition.minimum > condition.maximum:
        raise Misconfigured(f"The minimum {condition.minimum} is more than the maximum {condition.maximum}.")


def check_destination(destination: Destination) -> None:
    match destination.kind:
        case DestinationKind.LISTS if not destination.lists:
            raise Misconfigured("The destination names no list.")
        case DestinationKind.SURVEY if not (destination.survey and destination.lists):
            raise Misconfigured("A survey is reached by its list: name both.")
        case DestinationKind.AUTOMATION if not destination.automation:
            raise Misconfigured("The destination names no automation.")
        case _:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What an organization offers as a destination."""

    lists: tuple[Target, ...] = ()
    surveys: tuple[Target, ...] = ()
    automations: tuple[Target, ...] = ()

    def list_of(self, survey: Target) -> Target | None:
        """The list of a survey, where exactly one has its name."""
        same = [one for one in self.lists if one.name.casefold() == survey.name.casefold()]
        return same[0] if len(same) == 1 else None


async def choices(context: Context, key: str) -> Choices:
    """*key* is Trustmary's API key."""
    return Choices(
        lists=tuple(await context.trustmary.lists(key)),
        surveys=tuple(await context.trustmary.surveys(key)),
        automations=tuple(await context.trustmary.automations(key)),
    )


async def choices_of(context: Context, seen: Integration) -> Choices:
    return await choices(context, await key_of(context, seen))


async def key_of(context: Context, seen: Integration) -> str:
    """Trustmary's API key. Raises `Misconfigured` where the integration has none any more."""
    if seen.trustmary_secret is None:
        raise Misconfigured(f"{seen.name} has no Trustmary key any more: ptm integration reconnect --trustmary.")
    return (await context.vault.secret(seen.trustmary_secret)).decode()


def pick(offered: Sequence[Target], wanted: str, what: str) -> Target:
    """The one that is meant by id or name; `Misconfigured` where none, or several, are."""
    found = [one for one in offered if one.id == wanted] or [
        one for one in offered if one.name.casefold() == wanted.strip().casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise Misconfigured(f"Trustmary has {len(found)} {what}s called {wanted}: give the id.")
    known = ", ".join(one.name for one in offered) or "none"
    raise Misconfigured(f"Trustmary has no {what} called {wanted}; it has: {known}.")


def to_contact() -> Destination:
    return Destination(kind=DestinationKind.CONTACT, starts_surveys=StartsSurveys.NO)


def to_lists(lists: Sequence[Target], starts: StartsSurveys = StartsSurveys.UNKNOWN) -> Destination:
    return Destination(
        kind=DestinationKind.LISTS,
        lists=tuple(one.id for one in lists),
        starts_surveys=starts,
        names={one.id: one.name for one in lists},
    )


def to_survey(survey: Target, through: Target, starts: StartsSurveys = StartsSurveys.UNKNOWN) -> Destination:
    return Destination(
        kind=DestinationKind.SURVEY,
        survey=survey.id,
        lists=(through.id,),
        starts_surveys=starts,
        names={survey.id: survey.name, through.id: through.name},
    )


def to_automation(automation: Target, starts: StartsSurveys = StartsSurveys.UNKNOWN) -> Destination:
    return Destination(
        kind=DestinationKind.AUTOMATION,
        automation=automation.id,
        starts_surveys=starts,
        names={automation.id: automation.name},
    )
