"""A document as it is written and read, version by version, and its JSON Schema; every error begins with the place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from events import case, mapping
from events.case import CASE
from events.document import Document, Entry, apart, id_of
from events.errors import Misconfigured
from events.forms import Amount, Exactly, Flag, Form, Id, Listed, Table, Text, Texts, Whole, WholeOr, Word
from events.integration import (
    OFF,
    USUAL,
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    Settings,
    StartsSurveys,
    Trigger,
)
from events.invoice import InvoiceType, Status
from events.plain import told
from events.recipient import Channel, Wanted
from events.words import Language

VERSION = 1
"""Of the format."""

NAMED = Table({"id": Text("As Trustmary has it."), "name": Text("For people to read.")}, frozenset({"id"}))
CONDITION: Mapping[str, Form] = {
    "statuses": Listed(Word(tuple(Status)), says="Statuses that count; not given: SENT."),
    "types": Listed(Word(tuple(InvoiceType)), says="Types of document; not given: SALES_INVOICE."),
    "offers": Flag("Offers count too."),
    "not_positive": Flag("Totals of zero and less count too, credit notes among them."),
    "channels": Listed(Text(), says="Only invoices sent so, such as EMAIL."),
    "languages": Listed(Text(), says="Only in these languages, such as FINNISH."),
    "customer_groups": Listed(Whole(), says="Only customers of one of these groups (ids)."),
    "customers": Listed(Whole(), says="Only these customers (ids)."),
    "minimum": Amount("Total with VAT in the accounting currency, inclusive."),
    "maximum": Amount("Total with VAT in the accounting currency, inclusive."),
}
DESTINATION: Mapping[str, Form] = {
    "kind": Word(tuple(DestinationKind), says="Not given: contact, which adds the contact and nothing else."),
    "lists": Listed(NAMED, says="Of a survey the list that reaches it."),
    "survey": NAMED,
    "automation": NAMED,
    "starts_surveys": Word(tuple(StartsSurveys), says="Whether that sends surveys to people; unknown counts as yes."),
}
TRIGGER: Mapping[str, Form] = {
    "name": Text("By its name a trigger is known in the file and in the database."),
    "live": Flag("false: a draft, which decides nothing."),
    "draft_of": Text("The name of the trigger that this draft is to take the place of."),
    "condition": Table(CONDITION, says="Which invoices."),
    "person": Listed(Word(tuple(PersonRule)), says="How the person is chosen, in this order."),
    "mapping": Texts(mapping.check_expression, says="Contact field: path or expression, see docs/mapping.md."),
    "destination": Table(DESTINATION, says="Where contacts go."),
    "existing": Word(("update", "leave"), says="What becomes of a contact that Trustmary already has."),
    "tests": Listed(CASE, says="What is expected of it: ptm trigger test --file."),
}
SETTINGS: Mapping[str, Form] = {
    "cool_down_days": Whole("At most one contact added per address in so many days; 0: no limit."),
    "role_addresses": Flag("Let shared mailboxes (laskutus@, info@, …) through."),
    "brake": WholeOr((USUAL, OFF), says="Beyond how many contacts within 24 hours sending is paused: docs/brake.md."),
    "oldest_invoice": Whole("An invoice dated more than so many days before its change is left out; 0: none is."),
}
ALERT: Mapping[str, Form] = {
    "email": Text("An address that is written to, and gets the weekly summary."),
    "webhook": Text("A whole address that alerts are posted to; its host alone where the id says which one it is."),
    "id": Id("Of a webhook that is known already: its address, which may let others in, stands in no file."),
    "language": Word(tuple(Language), says="Not given: en."),
}
COMPANY = Table({"id": Whole("Procountor's company id."), "name": Text("For people to read.")}, frozenset({"id"}))
ENTRY = Table(
    {
        "company": COMPANY,
        "organization": NAMED,
        "labels": Listed(Text(), says="What groups of integrations are called by, such as --label pilot."),
        "alerts": Listed(Table(ALERT), says="Who hears of states that last: docs/operating.md."),
        "settings": Table(SETTINGS, says="What holds for all triggers."),
        "triggers": Listed(Table(TRIGGER, frozenset({"name"}))),
    },
    frozenset({"company", "organization"}),
)
DOCUMENT = Table({"version": Exactly(VERSION), "integrations": Listed(ENTRY)}, frozenset({"version", "integrations"}))


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of procountor-trustmary",
        **DOCUMENT.schema(),
    }


def plain(document: Document) -> dict[str, Any]:
    """As it is written: dictionaries, lists, texts and numbers, in one order; only what is not the default."""
    return {"version": VERSION, "integrations": [plain_entry(each) for each in document]}


def plain_entry(one: Entry) -> dict[str, Any]:
    company, organization = one.names.get("company"), one.names.get("organization")
    written: dict[str, Any] = {
        "labels": list(one.labels),
        "alerts": [plain_alert(each) for each in one.alerts],
        "settings": told(one.settings),
        "triggers": [plain_trigger(each, one) for each in one.triggers],
    }
    return {
        "company": {"id": one.company} | ({"name": company} if company else {}),
        "organization": {"id": one.organization} | ({"name": organization} if organization else {}),
        **{key: value for key, value in written.items() if value},
    }


def plain_alert(one: Wanted) -> dict[str, Any]:
    known = {"id": str(one.id)} if one.channel is Channel.WEBHOOK and one.id else {}
    language = {} if one.language is Language.ENGLISH else {"language": str(one.language)}
    return {str(one.channel): one.to} | known | language


def plain_trigger(trigger: Trigger, one: Entry) -> dict[str, Any]:
    own, mapped = told(trigger), told(trigger.mapping)
    fields = mapped.get("fields")
    written = {
        "name": trigger.name,
        "live": own.get("live"),
        "draft_of": next((each.name for each in one.triggers if each.id == trigger.draft_of), None),
        "condition": told(trigger.condition) or None,
        "person": mapped.get("person"),
        "mapping": fields and dict(sorted(fields.items(), key=lambda pair: (pair[0] != "email", pair[0]))),
        "destination": plain_destination(trigger.destination) or None,
        "existing": own.get("existing"),
        "tests": [case.plain(each) for each in one.tests.get(trigger.id, ())] or None,
    }
    return {key: value for key, value in written.items() if value is not None}


def plain_destination(aim: Destination) -> dict[str, Any]:
    def one(id: str) -> dict[str, str]:
        return {"id": id} | ({"name": aim.names[id]} if aim.names.get(id) else {})

    written = told(aim)
    written.pop("names", None)
    if aim.lists:
        written["lists"] = list(map(one, aim.lists))
    return written | {
        key: one(id) for key, id in (("survey", aim.survey), ("automation", aim.automation)) if id is not None
    }


def read(written: Any) -> Document:
    """The document that *written*, as `plain` makes it, is. Raises `Misconfigured`, which begins with the place."""
    found = DOCUMENT.read(written, "")
    document = tuple(read_entry(each, at) for at, each in places("integrations", found["integrations"]))
    seen: set[tuple[int, str]] = set()
    for number, each in enumerate(document):
        if each.key in seen:
            raise Misconfigured(
                f"integrations[{number}]: company {each.company} and {each.organization} stand twice in the document."
            )
        seen.add(each.key)
    return document


def places(at: str, values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"{at}[{number}]", each) for number, each in enumerate(values))


def read_entry(found: Mapping[str, Any], at: str) -> Entry:
    written = found.get("triggers", ())
    triggers = tuple(read_trigger(each) for each in written)
    apart(f"{at}.triggers: ", triggers)
    ids = {each.id for each in triggers}
    for place, each in places(f"{at}.triggers", triggers):
        if each.draft_of and each.draft_of not in ids - {each.id}:
            name = written[triggers.index(each)]["draft_of"]
            raise Misconfigured(f"{place}.draft_of: no other trigger of this integration is called {name} here.")
    company, organization = found["company"], found["organization"]
    names = {"company": company.get("name"), "organization": organization.get("name")}
    return Entry(
        company=company["id"],
        organization=organization["id"],
        names={key: name for key, name in names.items() if name},
        labels=found.get("labels", ()),
        alerts=tuple(read_alert(each, place) for place, each in places(f"{at}.alerts", found.get("alerts", ()))),
        settings=Settings(**found.get("settings", {})),
        triggers=triggers,
        tests={id_of(each["name"]): tuple(map(case.read, each["tests"])) for each in written if each.get("tests")},
    )


def read_alert(found: Mapping[str, Any], at: str) -> Wanted:
    given = [channel for channel in Channel if channel in found]
    if len(given) != 1 or ("id" in found and given != [Channel.WEBHOOK]):
        raise Misconfigured(f"{at}: say email, or webhook, and id only with webhook.")
    [channel] = given
    language = Language(found.get("language", Language.ENGLISH))
    return Wanted(channel=channel, to=found[channel], language=language, id=found.get("id"))


def read_trigger(found: Mapping[str, Any]) -> Trigger:
    return Trigger(
        id=id_of(found["name"]),
        name=found["name"],
        condition=read_condition(found.get("condition", {})),
        mapping=read_mapping(found),
        destination=read_destination(found.get("destination", {})),
        draft_of=id_of(found["draft_of"]) if "draft_of" in found else None,
        **{key: found[key] for key in ("live", "existing") if key in found},
    )


def read_condition(found: Mapping[str, Any]) -> Condition:
    given: dict[str, Any] = {
        key: frozenset(value) if isinstance(value, tuple) else value for key, value in found.items()
    }
    return Condition(**given)


def read_mapping(found: Mapping[str, Any]) -> FieldMapping:
    given: dict[str, Any] = {"fields": found["mapping"]} if "mapping" in found else {}
    if "person" in found:
        given["person"] = tuple(map(PersonRule, found["person"]))
    return FieldMapping(**given)


def read_destination(found: Mapping[str, Any]) -> Destination:
    lists = found.get("lists", ())
    survey, automation = found.get("survey"), found.get("automation")
    aims = [*lists, *(each for each in (survey, automation) if each)]
    return Destination(
        kind=DestinationKind(found.get("kind", DestinationKind.CONTACT)),
        lists=tuple(each["id"] for each in lists),
        survey=survey["id"] if survey else None,
        automation=automation["id"] if automation else None,
        starts_surveys=StartsSurveys(found.get("starts_surveys", StartsSurveys.UNKNOWN)),
        names={each["id"]: each["name"] for each in aims if each.get("name")},
    )
