"""Configuration from a document: what it would change is shown first, then saved, one integration after the other."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from events import document, labelling, versions
from events.case import Case, differences
from events.document import Document, Entry
from events.errors import Misconfigured
from events.integration import (
    Configuration,
    Destination,
    LabelsSaved,
    Settings,
    SettingsSaved,
    Trigger,
    TriggerRemoved,
    Waiting,
)
from worker.adapters.trustmary import Target
from worker.operations import integrations, recipients, saving, triggers
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.operations.recipients import Resolved
from worker.operations.saving import Held, hold
from worker.operations.triggers import Choices


def described(seen: Integration) -> Entry:
    """What a document says of it. Raises `Misconfigured` where two of its triggers have one name."""
    names = {"company": seen.company, "organization": seen.organization_name}
    return document.entry(seen.company_id, seen.organization, seen.rules, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A case of the document, and what was not as expected; nothing: it passed."""

    entry: Entry
    trigger: Trigger
    case: Case
    differences: tuple[str, ...]


def run_tests(wanted: Document) -> list[Tested]:
    """Every case of the document, decided; needs neither database nor service."""
    return [
        Tested(entry=one, trigger=each, case=case, differences=differences(one.settings, each, case))
        for one in wanted
        for each in one.triggers
        for case in one.tests.get(each.id, ())
    ]


def check(wanted: Document) -> None:
    """Raises `Misconfigured`, with the place, for a trigger that cannot work wherever it is."""
    for number, one in enumerate(wanted):
        for place, each in enumerate(one.triggers):
            with at(f"integrations[{number}].triggers[{place}]"):
                triggers.check(each)


@contextmanager
def at(place: str) -> Iterator[None]:
    try:
        yield
    except Misconfigured as error:
        raise Misconfigured(f"{place}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What a document changes in one integration, on the version that was seen."""

    integration: Integration
    labels: tuple[str, ...] | None
    """None: as they are."""
    told: Resolved | None
    """Who hears of its states; None: as it is."""
    settings: Settings | None
    """None: as they are."""
    saved: tuple[Trigger, ...]
    """New or changed, and checked."""
    others: tuple[Trigger, ...]
    """Triggers that the document does not name."""
    removing: bool = False
    """Whether those are removed."""

    @property
    def removed(self) -> tuple[Trigger, ...]:
        return self.others if self.removing else ()

    @property
    def says(self) -> tuple[str, ...]:
        """What changes, in words; nothing where nothing does."""
        return versions.all_in_words(versions.stepping(self.integration.rules, self.events(Waiting.SEND, None)))

    def events(self, waiting: Waiting, reason: str | None) -> tuple[Configuration, ...]:
        """Settings come last and then take back what waits for all: nothing is decided in between to be sent."""
        seen = self.integration
        own = Waiting.SEND if self.settings else waiting
        events: list[Configuration] = [triggers.saved(seen, each, own, reason) for each in self.saved]
        if self.labels is not None:
            events.insert(0, LabelsSaved(integration=seen.id, id=uuid4(), labels=self.labels, reason=reason))
        if self.told is not None:
            events.insert(0, recipients.saved(seen, self.told, reason))
        dropping = Waiting.SEND if waiting is Waiting.SEND else Waiting.DROP
        events += [
            TriggerRemoved(integration=seen.id, id=uuid4(), trigger=each.id, waiting=dropping, reason=reason)
            for each in self.removed
        ]
        if self.settings:
            event = SettingsSaved(
                integration=seen.id, id=uuid4(), settings=self.settings, waiting=waiting, reason=reason
            )
            events.append(event)
        return tuple(events)

    @property
    def touched(self) -> tuple[UUID | None, ...]:
        """The triggers whose waiting decisions are concerned; (None,): all."""
        if self.settings:
            return (None,)
        return tuple(each.id for each in (*self.saved, *self.removed) if each.id in self.integration.rules.triggers)


async def find(
    context: Context, wanted: Document, only: Sequence[Integration] | None = None
) -> list[tuple[str, Entry, Integration]]:
    """(Place, entry, integration) of all that the document names, or of *only* some.

    Raises `Misconfigured` where one is not connected here: nothing is planned then.
    """
    every = await integrations.read_all(context) if only is None else only
    known = {(each.company_id, each.organization): each for each in every}
    if only is not None and not any(one.key in known for one in wanted):
        names = ", ".join(f"{one.name} (company {one.company_id}, {one.organization})" for one in only)
        raise Misconfigured(f"The document does not name {names}.")
    found = []
    for number, one in enumerate(wanted):
        seen = known.get(one.key)
        if seen is None and only is None:
            raise Misconfigured(f"integrations[{number}]: {missing(one)}")
        if seen:
            found.append((f"integrations[{number}]", one, seen))
    return found


def missing(one: Entry) -> str:
    return (
        f"{one.name} ({one.company}) is not connected to {one.organization} here: connect it first, "
        "or say with --integration or --label which ones are meant."
    )


@dataclass(slots=True)
class Checker:
    """What Trustmary offers, asked for once an organization however many companies go there."""

    context: Context
    offered: dict[str, Choices] = field(default_factory=dict)
    turns: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def plan(self, place: str, one: Entry, seen: Integration, *, removing: bool = False) -> Planned:
        """Raises `Misconfigured`, with the place, for what cannot work in *seen*; writes nothing."""
        wanted, others = document.matched(one, seen.rules, uuid4)
        checked = [await self.checked(f"{place}.triggers[{number}]", each, seen) for number, each in enumerate(wanted)]
        with at(f"{place}.labels"):
            labels = labelling.tidy(one.labels)
        told = await self.told(f"{place}.alerts", one, seen)
        return Planned(
            integration=seen,
            labels=None if labels == seen.rules.labels else labels,
            told=told if told.differs_from(seen.rules) else None,
            settings=None if one.settings == seen.rules.settings else one.settings,
            saved=document.changed(checked, seen.rules),
            others=others,
            removing=removing,
        )

    async def told(self, place: str, one: Entry, seen: Integration) -> Resolved:
        with at(place):
            return await recipients.resolve(self.context, seen, one.alerts)

    async def checked(self, place: str, trigger: Trigger, seen: Integration) -> Trigger:
        """With the names that Trustmary has; what is as it was saved is not asked for again."""
        before = seen.rules.triggers.get(trigger.id)
        if before and document.same_aim(before.destination, trigger.destination):
            trigger = replace(trigger, destination=replace(trigger.destination, names=before.destination.names))
        else:
            aim = await self.aimed(f"{place}.destination", trigger.destination, seen)
            trigger = replace(trigger, destination=aim)
        if versions.difference(before, trigger):
            with at(place):
                await triggers.check_here(self.context, seen, trigger)
        return trigger

    async def aimed(self, place: str, aim: Destination, seen: Integration) -> Destination:
        return named(place, aim, await self.choices(seen)) if aim.lists or aim.survey or aim.automation else aim

    async def choices(self, seen: Integration) -> Choices:
        async with self.turns[seen.organization]:
            if seen.organization not in self.offered:
                self.offered[seen.organization] = await triggers.choices_of(self.context, seen)
            return self.offered[seen.organization]


def named(place: str, aim: Destination, offered: Choices) -> Destination:
    """*aim* with the names that Trustmary has. Raises `Misconfigured`, with the place, for what it does not have."""
    wanted = [(f"lists[{number}]", "list", id, offered.lists) for number, id in enumerate(aim.lists)]
    wanted += [("survey", "survey", aim.survey, offered.surveys)] if aim.survey else []
    wanted += [("automation", "automation", aim.automation, offered.automations)] if aim.automation else []
    names: dict[str, str] = {}
    for part, what, id, targets in wanted:
        with at(f"{place}.{part}"):
            names[id] = name_of(what, id, aim.names.get(id), targets)
    return replace(aim, names=names)


def name_of(what: str, id: str, written: str | None, offered: Sequence[Target]) -> str:
    """As Trustmary has it. Where the document says another, one of the two is wrong, and it may be the id."""
    found = next((one for one in offered if one.id == id), None)
    if found is None:
        known = ", ".join(f"{one.id} ({one.name})" for one in offered) or "none"
        named = f" ({written})" if written else ""
        raise Misconfigured(f"Trustmary has no {what} {id}{named}; it has: {known}.")
    if written and written != found.name:
        raise Misconfigured(
            f"{what} {id} is called {found.name} in Trustmary and {written} here: correct the id or the name."
        )
    return found.name


async def held(context: Context, planned: Planned) -> Held:
    """What waits that the change concerns."""
    return saving.summed([await saving.held(context, planned.integration.id, trigger) for trigger in planned.touched])


async def save(
    context: Context, planned: Planned, *, waiting: Waiting = Waiting.SEND, reason: str | None = None
) -> Integration:
    """All that changes in the integration, or nothing. Raises `Overtaken` where somebody saved a newer version."""
    events = planned.events(waiting, reason)
    if not events:
        return planned.integration
    async with saving.saving(context, planned.integration, *events) as connection:
        if planned.told:
            await recipients.keep(context, connection, planned.integration.id, planned.told.secrets)
        for trigger in planned.touched:
            await hold(connection, planned.integration.id, trigger, waiting)
    return await read_one(context, planned.integration.id)
