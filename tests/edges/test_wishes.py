"""A trigger from flags: what is given changes, the rest stays."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from events.errors import Misconfigured
from events.integration import Condition, DestinationKind, PersonRule, StartsSurveys, Trigger
from table import each
from worker.adapters.trustmary import Target
from worker.operations.triggers import Choices
from worker.operations.wishes import Aim, Wishes, apply

NPS = Target(id="s1", name="NPS laskun jälkeen")
CHOICES = Choices(
    lists=(
        Target(id="l1", name="Laskutetut"),
        Target(id="l2", name="NPS laskun jälkeen"),
        Target(id="l3", name="Muut"),
        Target(id="l4", name="Kahdesti"),
        Target(id="l5", name="KAHDESTI"),
    ),
    surveys=(NPS, Target(id="s2", name="Listaton"), Target(id="s3", name="Kahdesti")),
    automations=(Target(id="a1", name="Kiitos", status="active"),),
)


def test_nothing_asked_for_is_the_default_trigger() -> None:
    made = apply(Wishes(), None, Choices())
    assert made.condition == Condition()
    assert made.mapping.fields == {"email": "person.email", "name": "person.name"}
    assert made.destination.kind is DestinationKind.CONTACT


def test_what_is_not_given_stays_and_none_takes_away() -> None:
    before = apply(
        Wishes(name="Maksettu", statuses=["paid, partly_paid"], channels=["EMAIL"], minimum="99,50"), None, Choices()
    )
    assert before.condition.statuses == {"PAID", "PARTLY_PAID"}
    after = apply(Wishes(channels=["none"], mapped=["phone=person.phone", "name="], live=False), before, Choices())
    assert (after.id, after.name, after.live) == (before.id, "Maksettu", False)
    assert after.condition.channels == frozenset()
    assert after.condition.minimum == Decimal("99.50")
    assert after.mapping.fields == {"email": "person.email", "phone": "person.phone"}
    assert apply(Wishes(minimum="none"), after, Choices()).condition.minimum is None


def test_a_survey_is_reached_by_the_list_of_its_name_unless_another_is_named() -> None:
    by_name = apply(Wishes(aim=Aim(survey="nps laskun jälkeen")), None, CHOICES).destination
    assert (by_name.kind, by_name.survey, by_name.lists) == (DestinationKind.SURVEY, "s1", ("l2",))
    named = apply(Wishes(aim=Aim(survey="s1", lists=["Muut"])), None, CHOICES).destination
    assert named.lists == ("l3",)
    for none_or_two in ("Listaton", "Kahdesti"):
        with pytest.raises(Misconfigured, match="reached by its list"):
            apply(Wishes(aim=Aim(survey=none_or_two)), None, CHOICES)
    with pytest.raises(Misconfigured, match="Where Trustmary shows none, make an automation"):
        apply(Wishes(aim=Aim(survey="Listaton")), None, CHOICES)


def test_the_mark_of_a_destination_is_kept_until_the_destination_changes() -> None:
    first = apply(Wishes(aim=Aim(lists=["Laskutetut"], starts_surveys=StartsSurveys.NO)), None, CHOICES)
    assert apply(Wishes(name="x"), first, CHOICES).destination.starts_surveys is StartsSurveys.NO
    moved = apply(Wishes(aim=Aim(automation="Kiitos")), first, CHOICES).destination
    assert (moved.automation, moved.starts_surveys) == ("a1", StartsSurveys.UNKNOWN)


@each(
    ("wishes", "said"),
    [
        (Wishes(aim=Aim(contact_only=True, lists=["Muut"])), "one destination"),
        (Wishes(aim=Aim(automation="Kiitos", survey="s1")), "one destination"),
        (Wishes(aim=Aim(lists=["Ei mikään"])), "no list called"),
        (Wishes(mapped=["phone"]), "write FIELD=PATH"),
        (Wishes(minimum="paljon"), "is no amount"),
        (Wishes(customers=["Malli Oy"]), "no id of Procountor's"),
    ],
)
def test_what_makes_no_sense_is_said(wishes: Wishes, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        apply(wishes, None, CHOICES)


def test_the_order_of_person_rules_is_the_one_given() -> None:
    order = [PersonRule.COUNTERPARTY, PersonRule.NAMED_CONTACT]
    assert apply(Wishes(person=order), Trigger(id=uuid4(), name="x"), Choices()).mapping.person == tuple(order)
