"""How a trigger reads: a line for each thing that can be said of it, in the operator's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from events.grammar import PATH, PERSON
from events.integration import Destination, DestinationKind, PersonRule, StartsSurveys, Trigger
from events.labels import label
from events.versions import along_the_way
from events.words import Language, Words

KINDS: Mapping[DestinationKind, str] = {
    DestinationKind.CONTACT: "Only add the contact",
    DestinationKind.LISTS: "Add to lists",
    DestinationKind.SURVEY: "Add to a survey",
    DestinationKind.AUTOMATION: "Add to an automation",
}
STARTS: Mapping[StartsSurveys, str] = {
    StartsSurveys.YES: "yes",
    StartsSurveys.NO: "no",
    StartsSurveys.UNKNOWN: "unknown: counts as yes",
}
EXISTING: Mapping[str, str] = {"update": "is updated", "leave": "is left as it is"}
PERSONS: Mapping[PersonRule, str] = {
    PersonRule.NAMED_CONTACT: "the contact person whom the invoicing data name",
    PersonRule.INVOICING_CONTACT: "that name with the invoicing e-mail",
    PersonRule.ONLY_CONTACT: "the only contact person",
    PersonRule.INVOICING_EMAIL: "the invoicing e-mail without a name",
    PersonRule.ONE_OFF: "a one-off customer's person on the invoice",
    PersonRule.FIRST_CONTACT: "the first contact person",
    PersonRule.COUNTERPARTY: "the person on the invoice",
}
CONTACT: Mapping[str, str] = {
    "email": "Email",
    "name": "Name",
    "phone": "Phone",
    "company": "Company",
    "eid": "External id (eid)",
}
"""Trustmary's fields of a contact; custom ones are called as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: str
    label: str
    value: str
    raw: object
    """What is compared: two that read alike, such as lists of one name, may differ."""
    tone: str = ""


def code(word: str, say: Words) -> str:
    """One of Procountor's own words, as people read it: `SALES_INVOICE` is a sales invoice."""
    return say(word.replace("_", " ").capitalize())


def codes(words: Iterable[str], say: Words, *, nothing: str = "all") -> str:
    return ", ".join(code(word, say) for word in sorted(words, key=along_the_way)) or say(nothing)


def yes_no(value: bool, say: Words) -> str:
    return say("yes") if value else say("no")


def limit(amount: Decimal | None, say: Words) -> str:
    return say("no limit") if amount is None else say.decimal(amount)


def numbers(values: Iterable[int], names: Mapping[int, str], say: Words) -> str:
    return ", ".join(names.get(one, str(one)) for one in sorted(values)) or say("all")


def condition(trigger: Trigger, say: Words, names: Mapping[int, str] | None = None) -> Iterator[Entry]:
    """*names*: of customers and customer groups, as far as they are known."""
    wanted, known = trigger.condition, names or {}
    yield Entry(id="name", label=say("Trigger's name"), value=trigger.name, raw=trigger.name)
    for id, title, chosen in (
        ("statuses", say("Status"), wanted.statuses),
        ("types", say("Type of document"), wanted.types),
        ("channels", say("Sent by"), wanted.channels),
        ("languages", say("Language of the invoice"), wanted.languages),
    ):
        yield Entry(id=id, label=title, value=codes(chosen, say), raw=chosen)
    groups, customers = wanted.customer_groups, wanted.customers
    yield Entry(id="customer_groups", label=say("Customer groups"), value=numbers(groups, known, say), raw=groups)
    yield Entry(id="customers", label=say("Customers"), value=numbers(customers, known, say), raw=customers)
    yield Entry(id="minimum", label=say("Total from"), value=limit(wanted.minimum, say), raw=wanted.minimum)
    yield Entry(id="maximum", label=say("Total up to"), value=limit(wanted.maximum, say), raw=wanted.maximum)
    offers, credit = wanted.offers, wanted.not_positive
    yield Entry(id="offers", label=say("Offers too"), value=yes_no(offers, say), raw=offers)
    yield Entry(id="not_positive", label=say("Credit notes too"), value=yes_no(credit, say), raw=credit)


def mapping(trigger: Trigger, say: Words) -> Iterator[Entry]:
    for name, written in trigger.mapping.fields.items():
        yield Entry(id=name, label=field(name, say), value=source(written, say), raw=written)
    chosen = trigger.mapping.person
    yield Entry(id="", label=say("Person"), value=persons(chosen, say), raw=chosen, tone="quiet")


def persons(rules: Iterable[PersonRule], say: Words) -> str:
    return ", ".join(say(PERSONS[rule]) for rule in rules)


def field(name: str, say: Words) -> str:
    return say(CONTACT[name]) if name in CONTACT else name


def source(written: str, say: Words) -> str:
    """A path by its name; an expression as it is written."""
    if written not in PERSON and not PATH.fullmatch(written):
        return written
    found = label(written)
    return found.fi if say.language is Language.FINNISH else found.en


def destination(trigger: Trigger, say: Words) -> Iterator[Entry]:
    aim = trigger.destination
    raw = (aim.kind, aim.lists, aim.survey, aim.automation)
    yield Entry(id="goal", label=say("Where contacts go"), value=goal(aim, say), raw=raw)
    if aim.kind is not DestinationKind.CONTACT:
        starts = say(STARTS[aim.starts_surveys])
        yield Entry(id="starts", label=say("Starts surveys"), value=starts, raw=aim.starts_surveys)
    existing = say(EXISTING.get(trigger.existing, trigger.existing))
    yield Entry(id="existing", label=say("A contact that exists"), value=existing, raw=trigger.existing)


def goal(aim: Destination, say: Words) -> str:
    named = ", ".join(aim.names.get(id, id) for id in aim.lists)
    match aim.kind:
        case DestinationKind.CONTACT:
            return say(KINDS[aim.kind])
        case DestinationKind.LISTS:
            return f"{say('lists')}: {named}"
        case DestinationKind.SURVEY:
            survey = aim.names.get(aim.survey or "", aim.survey or "")
            return f"{say('survey')}: {survey} ({say('by its list')} {named})"
        case DestinationKind.AUTOMATION:
            return f"{say('automation')}: {aim.names.get(aim.automation or '', aim.automation or '')}"
