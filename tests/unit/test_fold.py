"""The rules in force are a fold of what operators said."""

from __future__ import annotations

from dataclasses import replace

from configured import (
    BLOCKED,
    CHANGED,
    GONE,
    PAUSED,
    REMOVED,
    RESUMED,
    SAVED,
    SECOND,
    SET,
    connected,
    folded,
    reconnected,
)
from events.integration import (
    Condition,
    Configuration,
    Waiting,
    fold,
    waiting_of,
)
from facts import OTHER, TRIGGER
from table import each


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


def test_what_a_draft_is_tried_on_is_read_as_well() -> None:
    paid = replace(SECOND, trigger=replace(SECOND.trigger, condition=Condition(statuses=frozenset({"PAID"}))))
    rules = folded(connected(), SAVED, paid)
    assert rules.live == (SAVED.trigger,)
    assert rules.statuses == {"SENT", "PAID"}
    assert rules.types == {"SALES_INVOICE"}
    assert folded(connected(), SAVED, paid, REMOVED).statuses == frozenset()


@each(
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
