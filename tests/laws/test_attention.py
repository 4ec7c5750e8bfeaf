"""Grouping loses nothing, counts nothing twice, and does not depend on the order things were found in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from events.attention import Cause, Concern, grouped

START = datetime(2026, 1, 1, tzinfo=UTC)
CONCERNS = st.builds(
    Concern,
    cause=st.sampled_from([Cause.UNSENT, Cause.UNASKED, Cause.PARKED]),
    key=st.sampled_from(["no_email", "role_address"]),
    integration=st.sampled_from([UUID(int=1), UUID(int=2)]),
    subject=st.sampled_from(["customer 1", "customer 2", "customer 3"]),
    since=st.one_of(st.none(), st.integers(0, 1000).map(lambda minutes: START + timedelta(minutes=minutes))),
    invoices=st.integers(1, 9).map(lambda number: (number,)),
    urgent=st.booleans(),
)


@given(st.lists(CONCERNS, max_size=40), st.integers(0, 4))
def test_groups_are_of_the_concerns_and_of_nothing_else(found: list[Concern], samples: int) -> None:
    groups = grouped(found, samples=samples)
    assert {(one.cause, one.key) for one in groups} == {(one.cause, one.key) for one in found}
    for group in groups:
        mine = [one for one in found if (one.cause, one.key) == (group.cause, group.key)]
        assert group.count == len({(one.integration, one.subject) for one in mine})
        assert group.invoices == len({(one.integration, number) for one in mine for number in one.invoices})
        times = [one.since for one in mine if one.since]
        assert group.oldest == (min(times) if times else None)
        assert group.urgent == any(one.urgent for one in mine)
        assert len(group.samples) == min(samples, group.count)


@given(st.lists(CONCERNS, max_size=40), st.data())
def test_the_order_of_finding_does_not_show(found: list[Concern], data: st.DataObject) -> None:
    assert grouped(data.draw(st.permutations(found))) == grouped(found)
