"""What is exported is imported as it was; the same rules are the same bytes; the schema lets in what the code reads."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events import written
from events.case import REASONS, Case, Given
from events.document import Entry, changed, entry, id_of, matched
from events.errors import Misconfigured
from events.integration import (
    OFF,
    USUAL,
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    Rules,
    Settings,
    StartsSurveys,
    Trigger,
)
from events.invoice import InvoiceType, Status
from worker.adapters import documents

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TEMPTING = st.sampled_from(
    ["yes", "no", "on", "null", "~", "", "1", "-0", "1e5", "1.5", "0x1F", "12:30", "2026-03-02", "true"]
)
TEXTS = WORDS | TEMPTING
IDS = TEXTS
NUMBERS = st.integers(0, 2**53)
EXPRESSIONS = st.sampled_from(
    ["person.email", "person.name", "invoice.invoiceNumber", 'default(person.phone, "-: \\"x\\"")']
)
AMOUNTS = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2) | st.decimals(0, 10**6, places=0)
SCHEMA = jsonschema.Draft202012Validator(written.schema())


@st.composite
def destinations(draw: st.DrawFn) -> Destination:
    lists = tuple(draw(st.lists(IDS, max_size=2)))
    survey, automation = draw(st.none() | IDS), draw(st.none() | IDS)
    ids = [each for each in (*lists, survey, automation) if each is not None]
    return Destination(
        kind=draw(st.sampled_from(DestinationKind)),
        lists=lists,
        survey=survey,
        automation=automation,
        starts_surveys=draw(st.sampled_from(StartsSurveys)),
        names={id: draw(TEXTS.filter(bool)) for id in ids if draw(st.booleans())},
    )


CONDITIONS = st.builds(
    Condition,
    statuses=st.frozensets(st.sampled_from(list(Status)).map(str), max_size=3),
    types=st.frozensets(st.sampled_from(list(InvoiceType)).map(str), max_size=2),
    offers=st.booleans(),
    not_positive=st.booleans(),
    channels=st.frozensets(TEXTS, max_size=2),
    languages=st.frozensets(TEXTS, max_size=2),
    customer_groups=st.frozensets(NUMBERS, max_size=2),
    customers=st.frozensets(NUMBERS, max_size=2),
    minimum=AMOUNTS,
    maximum=AMOUNTS,
)
MAPPINGS = st.builds(
    FieldMapping,
    person=st.lists(st.sampled_from(PersonRule), max_size=3).map(tuple),
    fields=st.dictionaries(st.sampled_from(["name", "phone", "eid", "field_a"]), EXPRESSIONS, max_size=3).map(
        lambda fields: {"email": "person.email", **fields}
    ),
)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Any names apart, drafts of each other or of one that is removed."""
    names = draw(st.lists(TEXTS, max_size=4, unique_by=id_of))
    ids = [UUID(int=number + 1) for number in range(len(names))]
    gone = UUID(int=99)
    triggers = {}
    for id, name in zip(ids, names, strict=True):
        others = [each for each in (*ids, gone) if each != id]
        live = draw(st.booleans())
        triggers[id] = Trigger(
            id=id,
            name=name,
            condition=draw(st.just(Condition()) | CONDITIONS),
            mapping=draw(st.just(FieldMapping()) | MAPPINGS),
            destination=draw(st.just(Destination()) | destinations()),
            live=live,
            existing=draw(st.sampled_from(["update", "leave"])),
            draft_of=None if live else draw(st.none() | st.sampled_from(others)),
        )
    kept = draw(
        st.just(Settings())
        | st.builds(
            Settings,
            cool_down_days=NUMBERS,
            role_addresses=st.booleans(),
            brake=NUMBERS | st.sampled_from([USUAL, OFF]),
            oldest_invoice=NUMBERS,
        )
    )
    labels = tuple(draw(st.lists(TEXTS, max_size=2)))
    return Rules(integration=UUID(int=7), version=5, settings=kept, triggers=triggers, labels=labels)


VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=6,
)
PICTURES = st.dictionaries(TEXTS, VALUES, max_size=3)
CASES = st.builds(
    Case,
    name=TEXTS,
    given=st.builds(
        Given,
        invoice=PICTURES,
        customer=st.none() | PICTURES,
        before=st.none() | TEXTS,
        after=st.none() | TEXTS,
        old=st.booleans(),
        missing=st.dictionaries(st.sampled_from(["invoice", "customer"]), TEXTS, max_size=2),
    ),
    expect=st.sampled_from(REASONS).map(lambda reason: {"skip": str(reason)})
    | TEXTS.map(lambda email: {"email": email, "name": "x"}),
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    one = entry(draw(NUMBERS), draw(IDS), draw(rules()), {"company": draw(TEXTS), "user": "nobody"})
    tested = {
        each.id: tuple(draw(st.lists(CASES, min_size=1, max_size=2))) for each in one.triggers if draw(st.booleans())
    }
    return replace(one, tests=tested)


DOCUMENTS = st.lists(entries(), min_size=1, max_size=3, unique_by=lambda one: one.key).map(tuple)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_what_is_written_is_read_as_it_was_in_the_same_bytes(document: tuple[Entry, ...]) -> None:
    text = documents.dump(written.plain(document))
    found = documents.load(text, "x.yaml")
    SCHEMA.validate(found)
    again = written.read(found)
    assert again == document
    assert documents.dump(written.plain(again)) == text


@settings(max_examples=60, deadline=None)
@given(rules())
def test_an_export_imported_where_it_came_from_changes_nothing(known: Rules) -> None:
    one = entry(1, "acme", known, {})
    wanted, others = matched(one, known, fresh=lambda: UUID(int=1000))
    assert others == ()
    assert changed(wanted, known) == ()
    assert [each.id for each in wanted] == list(known.triggers)


@settings(max_examples=60, deadline=None)
@given(rules())
def test_an_export_imported_elsewhere_is_the_same_export(known: Rules) -> None:
    one, numbers = entry(1, "acme", known, {}), count(1000)
    wanted, _ = matched(one, Rules(integration=UUID(int=8), version=1), fresh=lambda: UUID(int=next(numbers)))
    there = Rules(
        integration=UUID(int=8),
        version=2,
        settings=one.settings,
        triggers={each.id: each for each in wanted},
        labels=one.labels,
    )
    assert entry(1, "acme", there, {}) == one
    assert documents.dump(written.plain((entry(1, "acme", there, {}),))) == documents.dump(written.plain((one,)))


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, st.data())
def test_what_the_schema_refuses_the_code_refuses_too_and_with_the_place(
    document: tuple[Entry, ...], data: st.DataObject
) -> None:
    plain = documents.load(documents.dump(written.plain(document)), "x.yaml")
    path = spoil(plain, data)
    if SCHEMA.is_valid(plain):
        return
    with pytest.raises(Misconfigured) as met:
        written.read(plain)
    assert str(met.value).startswith(path) or str(met.value).startswith("the document")


def spoil(plain: dict[str, Any], data: st.DataObject) -> str:
    """Puts something else at one place outside the pictures; answers the place of the first integration or before."""
    one = data.draw(st.sampled_from(plain["integrations"]))
    spots: list[tuple[dict[str, Any], str]] = [(one, key) for key in one]
    spots += [(one, "surprise")]
    for each in one.get("triggers", []):
        spots += [(each, key) for key in each] + [(each, "mappings")]
        for inner in ("condition", "destination", "mapping"):
            spots += [(each[inner], key) for key in each.get(inner, {})]
    home, key = data.draw(st.sampled_from(spots))
    home[key] = data.draw(VALUES)
    return f"integrations[{plain['integrations'].index(one)}]"


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_yaml_gives_back_what_it_was_given(value: Any) -> None:
    assert documents.load(documents.dump({"value": value}), "x.yaml") == {"value": value}
