"""A trigger from what was asked for: what is given changes, the rest stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from uuid import uuid4

from events.errors import Misconfigured
from events.integration import Condition, Destination, FieldMapping, PersonRule, StartsSurveys, Trigger
from worker.operations import triggers
from worker.operations.triggers import NO_OWN_LIST, Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """The destination that was asked for; nothing given leaves it as it is."""

    contact_only: bool = False
    lists: Sequence[str] = ()
    survey: str | None = None
    automation: str | None = None
    starts_surveys: StartsSurveys | None = None

    @property
    def given(self) -> bool:
        return bool(self.contact_only or self.lists or self.survey or self.automation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """None, or nothing, where a flag was not given."""

    name: str | None = None
    statuses: Sequence[str] = ()
    types: Sequence[str] = ()
    channels: Sequence[str] = ()
    languages: Sequence[str] = ()
    customer_groups: Sequence[str] = ()
    customers: Sequence[str] = ()
    minimum: str | None = None
    maximum: str | None = None
    offers: bool | None = None
    not_positive: bool | None = None
    mapped: Sequence[str] = ()
    person: Sequence[PersonRule] = ()
    existing: str | None = None
    live: bool | None = None
    aim: Aim = field(default_factory=Aim)


def apply(wishes: Wishes, before: Trigger | None, choices: Choices) -> Trigger:
    """The trigger that was asked for; raises `Misconfigured` for what Trustmary does not have."""
    trigger = before or Trigger(id=uuid4(), name="Invoice sent")
    return replace(
        trigger,
        name=trigger.name if wishes.name is None else wishes.name,
        condition=condition(wishes, trigger.condition),
        mapping=mapping(wishes, trigger.mapping),
        destination=destination(wishes.aim, trigger.destination, choices),
        existing=wishes.existing or trigger.existing,
        live=trigger.live if wishes.live is None else wishes.live,
    )


def condition(wishes: Wishes, before: Condition) -> Condition:
    return Condition(
        statuses=words(wishes.statuses, before.statuses),
        types=words(wishes.types, before.types),
        channels=words(wishes.channels, before.channels),
        languages=words(wishes.languages, before.languages),
        customer_groups=numbers(wishes.customer_groups, before.customer_groups),
        customers=numbers(wishes.customers, before.customers),
        minimum=amount(wishes.minimum, before.minimum),
        maximum=amount(wishes.maximum, before.maximum),
        offers=before.offers if wishes.offers is None else wishes.offers,
        not_positive=before.not_positive if wishes.not_positive is None else wishes.not_positive,
    )


def words(given: Sequence[str], before: frozenset[str]) -> frozenset[str]:
    """Also separated by commas; `none` takes the filter away."""
    if not given:
        return before
    return frozenset(word.strip().upper() for each in given for word in each.split(",") if word.strip()) - {"NONE"}


def numbers(given: Sequence[str], before: frozenset[int]) -> frozenset[int]:
    found = words(given, frozenset(map(str, before)))
    if wrong := [word for word in found if not word.isdecimal()]:
        raise Misconfigured(f"{wrong[0]} is no id of Procountor's: give a number.")
    return frozenset(map(int, found))


def amount(given: str | None, before: Decimal | None) -> Decimal | None:
    """`none` takes a limit away."""
    if given is None:
        return before
    if given.lower() == "none":
        return None
    try:
        return Decimal(given.replace(",", "."))
    except InvalidOperation as error:
        raise Misconfigured(f"{given} is no amount: write 100 or 100.50, or none.") from error


def mapping(wishes: Wishes, before: FieldMapping) -> FieldMapping:
    fields = dict(before.fields)
    for one in wishes.mapped:
        name, separator, path = one.partition("=")
        if not separator or not name.strip():
            raise Misconfigured(f"--map {one}: write FIELD=PATH, such as phone=person.phone; FIELD= takes one away.")
        if path.strip():
            fields[name.strip()] = path.strip()
        else:
            fields.pop(name.strip(), None)
    return FieldMapping(person=tuple(wishes.person) or before.person, fields=fields)


def destination(aim: Aim, before: Destination, choices: Choices) -> Destination:
    found = aimed(aim, choices) if aim.given else before
    return replace(found, starts_surveys=aim.starts_surveys or found.starts_surveys)


def aimed(aim: Aim, choices: Choices) -> Destination:
    ends = [aim.contact_only, bool(aim.survey), bool(aim.automation), bool(aim.lists) and not aim.survey]
    if sum(ends) > 1:
        raise Misconfigured("A trigger has one destination: contact only, lists, a survey, or an automation.")
    lists = [triggers.pick(choices.lists, name, "list") for name in aim.lists]
    if aim.automation:
        return triggers.to_automation(triggers.pick(choices.automations, aim.automation, "automation"))
    if aim.survey:
        survey = triggers.pick(choices.surveys, aim.survey, "survey")
        through = lists[0] if lists else choices.list_of(survey)
        if through is None or len(lists) > 1:
            wanted = f"A survey is reached by its list: say which one is {survey.name}'s with one --list."
            raise Misconfigured(wanted if lists else f"{wanted} Where Trustmary shows none, {NO_OWN_LIST}")
        return triggers.to_survey(survey, through)
    return triggers.to_lists(lists) if lists else triggers.to_contact()
