"""What operators said about triggers, version by version and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from configured import BLOCKED, PAUSED, REMOVED, RESUMED, SET, connected, folded, reconnected
from events.codec import encode
from events.contact import ContactDelivered
from events.envelope import Recorded, Row
from events.integration import (
    Condition,
    Configuration,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    StartsSurveys,
    Trigger,
    TriggerRemoved,
    TriggerSaved,
)
from events.versions import acts, changes, difference, in_words, versions
from facts import INTEGRATION, NOW, OTHER, TRIGGER, contact
from table import each

LISTS = Destination(kind=DestinationKind.LISTS, lists=("a",), names={"a": "Laskutetut"})


def saved(trigger: Trigger, reason: str | None = None) -> TriggerSaved:
    return TriggerSaved(integration=INTEGRATION, id=UUID(int=7), trigger=trigger, reason=reason)


def removed(trigger: UUID) -> TriggerRemoved:
    return TriggerRemoved(integration=INTEGRATION, id=UUID(int=8), trigger=trigger)


def told(*events: Configuration) -> Sequence[tuple[Recorded, Configuration]]:
    return [
        (
            Recorded(
                partition=3,
                position=10 * place,
                at=NOW + timedelta(hours=place),
                hash=b"",
                row=Row(
                    stream=event.stream,
                    id=event.id,
                    type=event.type,
                    schema=1,
                    cause=None,
                    actor=f"operator{place}",
                    data=encode(event).data,
                    personal=None,
                ),
            ),
            event,
        )
        for place, event in enumerate(events, start=1)
    ]


def test_each_save_is_a_version_with_its_author_and_what_it_changed() -> None:
    paid = contact(condition=Condition(statuses=frozenset({"SENT", "PAID"})))
    known = versions(told(connected(), saved(contact()), saved(contact(OTHER)), saved(paid, "asked by Päivi")))
    assert list(known) == [TRIGGER, OTHER]
    first, second = known[TRIGGER]
    assert (first.position, first.actor, first.trigger, first.before) == (20, "operator2", contact(), None)
    assert (second.position, second.reason, second.before) == (40, "asked by Päivi", contact())
    assert second.at == NOW + timedelta(hours=4)
    assert second.changes == ("status: SENT → SENT, PAID",)
    assert "status: SENT" in first.changes
    assert "destination: contact only" in first.changes


def test_a_draft_is_told_by_what_is_other_than_in_the_trigger_it_is_of() -> None:
    draft = contact(OTHER, live=False, draft_of=TRIGGER, existing="leave")
    events = told(connected(), saved(contact()), saved(draft), saved(replace(draft, existing="update")))
    first, second = versions(events)[OTHER]
    assert first.changes == ("state: live → draft", "existing contacts: update → leave")
    assert second.changes == ("existing contacts: leave → update",)
    assert changes(events, after=20)[0].says == ("trigger Lähetetyt saved", *first.changes)


def test_a_removal_is_a_version_and_what_comes_back_begins_anew() -> None:
    known = versions(told(connected(), saved(contact()), removed(TRIGGER), removed(TRIGGER), saved(contact())))
    assert [one.trigger for one in known[TRIGGER]] == [contact(), None, contact()]
    assert known[TRIGGER][1].changes == ("removed",)
    assert known[TRIGGER][2].before is None


@each(
    ("change", "says"),
    [
        ({"name": "Toinen"}, "trigger: Lähetetyt → Toinen"),
        ({"live": False}, "state: live → draft"),
        ({"existing": "leave"}, "existing contacts: update → leave"),
        ({"condition": Condition(offers=True)}, "offers: no → yes"),
        ({"condition": Condition(not_positive=True)}, "credit notes: no → yes"),
        ({"condition": Condition(minimum=Decimal("10.50"))}, "minimum: none → 10.50"),
        ({"condition": Condition(channels=frozenset({"EMAIL"}))}, "channel: none → EMAIL"),
        ({"condition": Condition(customer_groups=frozenset({7, 8}))}, "customer group: none → 7, 8"),
        ({"destination": replace(LISTS, kind=DestinationKind.LISTS)}, "destination: contact only → lists Laskutetut"),
        ({"destination": Destination(starts_surveys=StartsSurveys.NO)}, "starts surveys: unknown → no"),
        (
            {"mapping": FieldMapping(fields={"email": "customer.invoicingInfo.email", "name": "person.name"})},
            "email: person.email → customer.invoicingInfo.email",
        ),
        ({"mapping": FieldMapping(fields={"email": "person.email"})}, "name: person.name → none"),
    ],
)
def test_one_field_is_one_line(change: dict[str, Any], says: str) -> None:
    assert difference(contact(), contact(**change)) == (says,)


def test_the_person_rule_is_told_in_order() -> None:
    other = contact(mapping=FieldMapping(person=(PersonRule.COUNTERPARTY, PersonRule.FIRST_CONTACT)))
    [line] = difference(contact(), other)
    assert line.endswith(" → counterparty, first_contact")


def test_two_lists_of_one_name_are_told_by_their_ids() -> None:
    other = replace(LISTS, lists=("b",), names={"b": "Laskutetut"})
    [line] = difference(contact(destination=LISTS), contact(destination=other))
    assert line.startswith("destination: lists Laskutetut (")
    assert "'b'" in line


@each(
    ("event", "says"),
    [
        (saved(contact(OTHER)), "trigger Lähetetyt saved"),
        (saved(contact(live=False)), "trigger Lähetetyt changed"),
        (removed(TRIGGER), "trigger Lähetetyt removed"),
        (removed(OTHER), "trigger that was there no more removed"),
        (SET, "settings changed"),
        (BLOCKED, "@a.fi blocked"),
        (PAUSED, "paused"),
        (RESUMED, "resumed; what waited: decide again"),
        (REMOVED, "removed"),
        (connected(), "connected"),
        (reconnected("b"), "new credentials"),
    ],
)
def test_every_act_of_an_operator_has_words(event: Configuration, says: str) -> None:
    assert in_words(folded(connected(), saved(contact())), event)[0] == says


def test_what_came_behind_a_version_is_told_and_nothing_else() -> None:
    [one, two] = changes(told(connected(), saved(contact()), saved(contact(live=False), "rest"), SET), after=20)
    assert (one.position, one.at, one.actor, one.reason) == (30, NOW + timedelta(hours=3), "operator3", "rest")
    assert one.says == ("trigger Lähetetyt changed", "state: live → draft")
    assert two.says == ("settings changed", "cool-down days: 0 → 30")


def test_what_is_no_operators_act_is_passed_over() -> None:
    delivered = ContactDelivered(integration=INTEGRATION, invoice_id=1, partner=None, decision=OTHER)
    [(record, _)] = told(connected())
    assert changes([(record, delivered)], after=0) == ()


def test_what_was_said_at_once_is_one_act() -> None:
    first, second, third, fourth, fifth = told(connected(), saved(contact()), SET, removed(TRIGGER), PAUSED)
    promoted = [
        (replace(record, at=NOW, position=place), event) for place, (record, event) in ((21, second), (22, third))
    ]
    later = (replace(fourth[0], at=NOW, position=24), fourth[1])
    found = acts([first, *promoted, later, fifth])
    assert [(one.position, len(one.events)) for one in found] == [(10, 1), (22, 2), (24, 1), (50, 1)]
    assert found[1].says == (
        "trigger Lähetetyt saved",
        *(f"    {line}" for line in difference(None, contact())),
        "settings changed",
        "    cool-down days: 0 → 30",
    )
    assert found[1].before.triggers == {}
    assert list(found[2].before.triggers) == [TRIGGER]
