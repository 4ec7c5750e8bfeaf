"""Two triggers have a difference in words exactly where they are not the same."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from events.integration import (
    Condition,
    Destination,
    DestinationKind,
    FieldMapping,
    PersonRule,
    StartsSurveys,
    Trigger,
)
from events.versions import difference

SOME = st.sampled_from(["a", "b"])
SETS, NUMBERS = st.frozensets(SOME, max_size=2), st.frozensets(st.sampled_from([7, 8]), max_size=2)
AMOUNTS = st.none() | st.decimals(0, 2, places=0)
CONDITIONS = st.builds(
    Condition,
    statuses=SETS,
    types=SETS,
    offers=st.booleans(),
    not_positive=st.booleans(),
    channels=SETS,
    languages=SETS,
    customer_groups=NUMBERS,
    customers=NUMBERS,
    minimum=AMOUNTS,
    maximum=AMOUNTS,
)
TRIGGERS = st.builds(
    Trigger,
    id=st.just(UUID(int=1)),
    name=SOME,
    condition=CONDITIONS,
    mapping=st.builds(
        FieldMapping,
        person=st.lists(st.sampled_from(list(PersonRule)[:2]), max_size=2).map(tuple),
        fields=st.dictionaries(st.sampled_from(["email", "name", "status"]), SOME, max_size=2),
    ),
    destination=st.builds(
        Destination,
        kind=st.sampled_from(DestinationKind),
        lists=st.lists(SOME, max_size=2).map(tuple),
        survey=st.none() | SOME,
        automation=st.none() | SOME,
        starts_surveys=st.sampled_from(StartsSurveys),
        names=st.dictionaries(SOME, st.just("one name for all"), max_size=2),
    ),
    live=st.booleans(),
    existing=st.sampled_from(["update", "leave"]),
    draft_of=st.none() | st.just(UUID(int=2)),
)


def unnamed(trigger: Trigger) -> Trigger:
    """Names of lists are what was shown, and nothing that decides."""
    return replace(trigger, destination=replace(trigger.destination, names={}))


@settings(max_examples=100, deadline=None)
@given(TRIGGERS, TRIGGERS)
def test_a_difference_is_told_exactly_where_there_is_one(one: Trigger, other: Trigger) -> None:
    assert difference(one, one) == ()
    said = difference(one, other)
    assert bool(said) == (unnamed(one) != unnamed(other))
    assert len(said) == len(difference(other, one))


@settings(max_examples=60, deadline=None)
@given(TRIGGERS, st.data())
def test_one_field_changed_is_one_line(one: Trigger, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(Condition.__dataclass_fields__)))
    value = getattr(data.draw(CONDITIONS), name)
    other = replace(one, condition=replace(one.condition, **{name: value}))
    assert len(difference(one, other)) == (getattr(one.condition, name) != value)
