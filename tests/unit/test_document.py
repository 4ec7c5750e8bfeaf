"""A document says where it is wrong; names are what triggers are known by; its schema is the committed one."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from configuration_schema import GOLDEN, made
from events import document, written
from events.case import Case, Given
from events.errors import Misconfigured
from events.integration import Destination, DestinationKind, Rules, Settings, StartsSurveys
from facts import OTHER, TRIGGER, contact, in_force, to_lists
from table import each
from worker.adapters import documents

FRESH = UUID(int=1000)
PLAIN: dict[str, Any] = {
    "version": 1,
    "integrations": [
        {
            "company": {"id": 1, "name": "Esimerkki Oy"},
            "organization": {"id": "acme"},
            "triggers": [
                {"name": "Sent"},
                {"name": "Paid", "condition": {"statuses": ["PAID"]}, "mapping": {"email": "person.email"}},
            ],
        }
    ],
}


def described(rules: Rules) -> document.Entry:
    return document.entry(1, "acme", rules, {"company": "Esimerkki Oy", "organization": "Acme"})


def test_the_committed_schema_is_the_codes() -> None:
    assert made() == GOLDEN.read_text(encoding="utf-8"), "make it anew: python tests/configuration_schema.py"


def test_only_what_is_not_the_default_is_written() -> None:
    lists = Destination(
        kind=DestinationKind.LISTS, lists=("7",), starts_surveys=StartsSurveys.YES, names={"7": "Laskutetut", "8": "x"}
    )
    rules = in_force(
        contact(destination=lists),
        contact(OTHER, name="Luonnos", live=False, draft_of=TRIGGER),
        settings=Settings(cool_down_days=30),
    )
    assert documents.dump(written.plain((described(rules),))) == (
        "version: 1\n"
        "integrations:\n"
        "- company:\n"
        "    id: 1\n"
        "    name: Esimerkki Oy\n"
        "  organization:\n"
        "    id: acme\n"
        "    name: Acme\n"
        "  settings:\n"
        "    cool_down_days: 30\n"
        "  triggers:\n"
        "  - name: Lähetetyt\n"
        "    destination:\n"
        "      kind: lists\n"
        "      lists:\n"
        "      - id: '7'\n"
        "        name: Laskutetut\n"
        "      starts_surveys: 'yes'\n"
        "  - name: Luonnos\n"
        "    live: false\n"
        "    draft_of: Lähetetyt\n"
    )


TEST = {"name": "x", "given": {"invoice": {}}}
FIRST, SECOND = "integrations[0].triggers[0]", "integrations[0].triggers[1]"


@each(
    ("place", "value", "says"),
    [
        ("version", 2, ": 1 was expected, not 2."),
        (
            f"{SECOND}.mapping.email",
            "person.mail",
            ": email is mapped to 'person.mail': at character 1: did you mean person.email",
        ),
        (f"{SECOND}.mapping.email", 'default(person.email, "a@b.fi")', ": email is mapped to 'default"),
        (f"{SECOND}.condition.statuses[0]", "SEND", ": one of EMPTY, UNFINISHED"),
        (f"{SECOND}.condition.minimum", True, ": an amount such as 100 or 100.50 was expected, not true."),
        (f"{SECOND}.condition.minimum", "NaN", ": an amount such as 100 or 100.50 was expected, not 'NaN'."),
        (f"{SECOND}.condition.status", ["PAID"], ": there is no such key here; did you mean statuses?"),
        (f"{SECOND}.name", 7, ": a text in quotes was expected, not 7."),
        (f"{SECOND}.draft_of", "Gone", ": no other trigger of this integration is called Gone here."),
        (f"{SECOND}.draft_of", "Paid", ": no other trigger of this integration is called Paid here."),
        ("integrations[0].settings", {"cool_down_days": -1}, ".cool_down_days: a whole number from 0 was expected"),
        ("integrations[0].company", {"name": "Esimerkki Oy"}, ": id is missing."),
        ("integrations", {}, ": a list was expected, not named values."),
        (f"{FIRST}.tests", [TEST | {"expect": {"skip": "cool_down"}}], "[0].expect.skip: one of unmet, before_connect"),
        (f"{FIRST}.tests", [TEST | {"expect": {"name": "Maija"}}], "[0].expect: a contact with its email"),
        (f"{FIRST}.tests", [TEST | {"expect": {"skip": "type", "name": "a"}}], "[0].expect: who is skipped has no"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(place: str, value: Any, says: str) -> None:
    plain = deepcopy(PLAIN)
    assert written.read(plain)
    put(plain, place, value)
    with pytest.raises(Misconfigured) as met:
        written.read(plain)
    assert str(met.value).startswith(place + says)


def put(plain: Any, place: str, value: Any) -> None:
    *way, last = [int(step) if step.isdecimal() else step for step in re.findall(r"\w+", place)]
    for step in way:
        plain = plain[step]
    plain[last] = value


def test_two_triggers_of_one_name_do_not_stand_in_a_document() -> None:
    plain = deepcopy(PLAIN)
    put(plain, f"{SECOND}.name", " SENT")
    with pytest.raises(Misconfigured, match=r"integrations\[0\]\.triggers: two triggers are called sent;"):
        written.read(plain)


def test_a_company_stands_in_a_document_once() -> None:
    plain = deepcopy(PLAIN)
    plain["integrations"] *= 2
    with pytest.raises(Misconfigured, match=r"integrations\[1\]: company 1 and acme stand twice"):
        written.read(plain)


def test_two_triggers_of_one_name_are_neither_exported_nor_imported_over() -> None:
    rules = in_force(contact(), contact(OTHER, name="LÄHETETYT"))
    with pytest.raises(Misconfigured, match="two triggers are called lähetetyt"):
        described(rules)
    with pytest.raises(Misconfigured, match="Esimerkki Oy: two triggers are called lähetetyt"):
        document.matched(described(in_force()), rules, lambda: FRESH)


def test_a_trigger_keeps_its_id_by_its_name_and_a_new_one_gets_a_fresh_one() -> None:
    known = in_force(contact(), to_lists("7", id=OTHER, name="Listalle"))
    one = described(
        in_force(contact(OTHER, name="lähetetyt"), contact(TRIGGER, name="Uusi", live=False, draft_of=OTHER))
    )
    wanted, others = document.matched(one, known, lambda: FRESH)
    assert [(each.id, each.name, each.draft_of) for each in wanted] == [
        (TRIGGER, "lähetetyt", None),
        (FRESH, "Uusi", TRIGGER),
    ]
    assert [each.id for each in others] == [OTHER]
    assert document.changed(wanted, known) == wanted


def test_a_draft_of_a_removed_trigger_goes_on_standing_for_it() -> None:
    known = in_force(contact(live=False, draft_of=OTHER))
    one = described(known)
    assert one.triggers[0].draft_of is None
    wanted, _ = document.matched(one, known, lambda: FRESH)
    assert wanted == (known.triggers[TRIGGER],)


@each(
    ("before", "wanted", "same"),
    [
        (to_lists("7").destination, to_lists("7").destination, True),
        (to_lists("7").destination, to_lists("8").destination, False),
        (Destination(lists=("7",), names={"7": "A"}), Destination(lists=("7",)), True),
        (Destination(lists=("7",), names={"7": "A"}), Destination(lists=("7",), names={"7": "B"}), False),
        (Destination(starts_surveys=StartsSurveys.NO), Destination(starts_surveys=StartsSurveys.YES), True),
    ],
)
def test_an_aim_is_the_same_by_its_ids_and_the_names_that_are_said(
    before: Destination, wanted: Destination, same: bool
) -> None:
    assert document.same_aim(before, wanted) is same


def test_an_export_over_a_file_keeps_its_tests_and_never_loses_any() -> None:
    fresh = described(in_force())
    case = Case(name="x", given=Given(invoice={}), expect={"skip": "unmet"})
    [mine] = fresh.triggers
    tested = replace(fresh, tests={mine.id: (case,)})
    assert document.with_tests((fresh,), (tested,)) == (tested,)
    gone = replace(
        tested, triggers=(replace(mine, id=document.id_of("x"), name="x"),), tests={document.id_of("x"): (case,)}
    )
    with pytest.raises(Misconfigured, match="its tests of x would be lost"):
        document.with_tests((fresh,), (gone,))
    assert document.with_tests((fresh,), (replace(gone, tests={}),)) == (fresh,)
    with pytest.raises(Misconfigured, match="it also has company 2"):
        document.with_tests((fresh,), (fresh, document.Entry(company=2, organization="acme")))
