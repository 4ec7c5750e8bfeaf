"""The rules in force are a fold of what operators said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.codec import rules_from_json, rules_to_json
from events.integration import (
    AddressBlocked,
    Configuration,
    IntegrationConnected,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    Rules,
    Settings,
    SettingsSaved,
    TriggerRemoved,
    TriggerSaved,
    Waiting,
    fold,
    waiting_of,
)
from facts import INTEGRATION, OTHER, TRIGGER, contact, to_lists

ID = UUID(int=77)


def connected(organization: str = "acme") -> IntegrationConnected:
    return IntegrationConnected(
        integration=INTEGRATION,
        id=ID,
        company_id=1,
        organization=organization,
        procountor_secret=ID,
        trustmary_secret=ID,
        baseline=None,
    )


def reconnected(organization: str) -> IntegrationReconnected:
    return IntegrationReconnected(
        integration=INTEGRATION,
        id=ID,
        company_id=1,
        organization=organization,
        procountor_secret=ID,
        trustmary_secret=ID,
    )


SAVED = TriggerSaved(integration=INTEGRATION, id=ID, trigger=contact())
CHANGED = TriggerSaved(integration=INTEGRATION, id=ID, trigger=to_lists("a"))
SECOND = TriggerSaved(integration=INTEGRATION, id=ID, trigger=contact(OTHER, live=False))
GONE = TriggerRemoved(integration=INTEGRATION, id=ID, trigger=TRIGGER)
SET = SettingsSaved(integration=INTEGRATION, id=ID, settings=Settings(cool_down_days=30))
PAUSED = IntegrationPaused(integration=INTEGRATION, id=ID)
RESUMED = IntegrationResumed(integration=INTEGRATION, id=ID)
REMOVED = IntegrationRemoved(integration=INTEGRATION, id=ID)
BLOCKED = AddressBlocked(integration=INTEGRATION, id=ID, address="@a.fi")
EVERY: Sequence[Configuration] = (
    connected(), reconnected("b"), SAVED, CHANGED, SECOND, GONE, SET, PAUSED, RESUMED, REMOVED, BLOCKED,
)  # fmt: skip


def folded(*events: Configuration, start: Rules | None = None) -> Rules:
    first = start.version if start else 0
    rules = reduce(lambda rules, pair: fold(rules, pair[1], pair[0]), enumerate(events, start=first + 1), start)
    assert rules
    return rules


def test_a_connected_integration_has_an_organization_and_no_triggers() -> None:
    rules = folded(connected())
    assert (rules.organization, rules.version, rules.live, rules.statuses) == ("acme", 1, (), frozenset())


def test_a_trigger_saved_again_keeps_its_place() -> None:
    rules = folded(connected(), SAVED, SECOND, CHANGED)
    assert list(rules.triggers) == [TRIGGER, OTHER]
    assert rules.live == (CHANGED.trigger,)


def test_a_removed_trigger_and_a_removed_integration_decide_nothing() -> None:
    assert folded(connected(), SAVED, GONE).live == ()
    assert folded(connected(), SAVED, REMOVED).live == ()
    assert folded(connected(), GONE).triggers == {}


def test_pause_and_resume_leave_the_rules_alone() -> None:
    before = folded(connected(), SAVED, SET)
    paused = fold(before, PAUSED, 9)
    assert paused.paused
    assert not fold(paused, RESUMED, 10).paused
    assert paused.live == before.live


def test_a_reconnected_integration_keeps_its_triggers() -> None:
    rules = folded(connected(), SAVED, reconnected("other"))
    assert (rules.organization, rules.live) == ("other", (SAVED.trigger,))


def test_the_statuses_and_types_are_those_of_live_triggers() -> None:
    rules = folded(connected(), SAVED, SECOND)
    assert rules.statuses == {"SENT"}
    assert rules.types == {"SALES_INVOICE"}


HISTORY = st.lists(st.sampled_from(EVERY), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(HISTORY, HISTORY)
def test_folding_in_two_pieces_through_json_is_folding_at_once(
    first: list[Configuration], second: list[Configuration]
) -> None:
    kept = rules_from_json(rules_to_json(folded(*first)))
    assert kept == folded(*first)
    assert folded(*second, start=kept) == folded(*first, *second)


@settings(max_examples=60, deadline=None)
@given(HISTORY, st.sampled_from(EVERY))
def test_the_same_event_twice_changes_nothing_but_the_version(
    history: list[Configuration], event: Configuration
) -> None:
    rules = folded(*history)
    once = fold(rules, event, 100)
    assert once.version == 100
    assert fold(once, event, 100) == once


@pytest.mark.parametrize(
    ("event", "policy"),
    [
        (connected(), Waiting.SEND),
        (reconnected("b"), Waiting.SEND),
        (SAVED, Waiting.SEND),
        (GONE, Waiting.DROP),
        (SET, Waiting.SEND),
        (PAUSED, Waiting.SEND),
        (RESUMED, Waiting.DECIDE_AGAIN),
        (REMOVED, Waiting.DROP),
        (BLOCKED, Waiting.SEND),
    ],
)
def test_what_becomes_of_decisions_that_wait_is_the_events_to_say(event: Configuration, policy: Waiting) -> None:
    assert waiting_of(event) is policy
