"""Whatever operators have said, undoing the last of it gives what was in force before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from uuid import uuid4

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from configured import BLOCKED, CHANGED, EVERY, GONE, LABELLED, PAUSED, RESUMED, SAVED, SECOND, SET, TELLING, connected
from events.errors import Misconfigured
from events.integration import (
    AddressBlocked,
    AddressUnblocked,
    Configuration,
    IntegrationPaused,
    IntegrationResumed,
    LabelsSaved,
    RecipientsSaved,
    Rules,
    Settings,
    SettingsSaved,
    Waiting,
)
from events.integration import Braked as Figures
from events.reverting import FINAL, Standing, stand, undo, with_waiting
from facts import INTEGRATION

BRAKED = replace(PAUSED, braked=Figures(contacts=7, limit=5, usual=1))
SPELT = AddressBlocked(integration=INTEGRATION, id=BLOCKED.id, address="@A.fi")
FREED = AddressUnblocked(integration=INTEGRATION, id=BLOCKED.id, address="@a.fi")
UNLABELLED = LabelsSaved(integration=INTEGRATION, id=BLOCKED.id)
TOLD = RecipientsSaved(integration=INTEGRATION, id=BLOCKED.id)
BACK = SettingsSaved(integration=INTEGRATION, id=SET.id, settings=Settings(brake=5))
REVERSIBLE = [
    *(SAVED, CHANGED, SECOND, GONE, SET, BACK, PAUSED, BRAKED, RESUMED, BLOCKED, SPELT, FREED),
    *(LABELLED, UNLABELLED, TELLING, TOLD),
]
ACTS = st.lists(st.sampled_from(REVERSIBLE), min_size=1, max_size=4)
EMPTY = Standing(rules=Rules(integration=INTEGRATION, version=0))


def standing(events: Sequence[Configuration], start: Standing = EMPTY) -> Standing:
    return reduce(lambda seen, event: stand(seen, event, seen.rules.version + 1), events, start)


def told(one: Standing) -> Standing:
    """Without the version, and without whose pause it is."""
    return replace(one, rules=replace(one.rules, version=0, braked=None))


@settings(max_examples=200, deadline=None)
@given(ACTS, ACTS, st.sampled_from(Waiting))
def test_what_is_undone_was_never_there(
    history: list[Configuration], act: list[Configuration], waiting: Waiting
) -> None:
    before = standing([connected(), *history])
    try:
        inverses = with_waiting(undo(before, act, uuid4), waiting, "undone")
    except Misconfigured:
        assume(False)
    after = standing(act, before)
    assert told(standing(inverses, after)) == told(before)
    assert {event.reason for event in inverses} == {"undone"}
    assert not {event.id for event in inverses} & {event.id for event in [*history, *act]}


@settings(max_examples=100, deadline=None)
@given(ACTS, ACTS)
def test_undone_twice_is_said_again(history: list[Configuration], act: list[Configuration]) -> None:
    before = standing([connected(), *history])
    try:
        first = undo(before, act, uuid4)
    except Misconfigured:
        assume(False)
    after = standing(act, before)
    try:
        second = undo(after, first, uuid4)
    except Misconfigured:
        assert told(after) == told(before)
        return
    assert told(standing([*first, *second], after)) == told(after)


@settings(max_examples=100, deadline=None)
@given(ACTS, st.sampled_from(REVERSIBLE))
def test_only_what_changed_nothing_cannot_be_undone(history: list[Configuration], event: Configuration) -> None:
    before = standing([connected(), *history])
    changed = told(stand(before, event, before.rules.version)) != told(before)
    if changed:
        assert undo(before, [event], uuid4)
    else:
        with pytest.raises(Misconfigured, match="changed nothing"):
            undo(before, [event], uuid4)


@given(st.sampled_from([event for event in EVERY if type(event) in FINAL]))
def test_what_is_final_says_what_to_do_instead(event: Configuration) -> None:
    with pytest.raises(Misconfigured, match=r"instead|again"):
        undo(standing([connected(), SAVED]), [event], uuid4)


def test_the_brake_is_never_claimed_to_have_paused_again() -> None:
    before = standing([connected(), BRAKED])
    [paused] = undo(before, [RESUMED], uuid4)
    assert isinstance(paused, IntegrationPaused)
    assert paused.braked is None
    [resumed] = undo(standing([connected()]), [BRAKED], uuid4)
    assert isinstance(resumed, IntegrationResumed)


def test_an_erased_address_cannot_be_unblocked() -> None:
    erased = AddressBlocked(integration=INTEGRATION, id=BLOCKED.id, address="")
    with pytest.raises(Misconfigured, match="erased"):
        undo(standing([connected()]), [erased], uuid4)


def test_settings_come_last_and_ask_for_all() -> None:
    inverses = with_waiting(undo(standing([connected(), SAVED]), [SET, CHANGED], uuid4), Waiting.DECIDE_AGAIN, None)
    assert [(type(event).__name__, event.waiting) for event in inverses] == [  # type: ignore[union-attr]
        ("TriggerSaved", Waiting.SEND),
        ("SettingsSaved", Waiting.DECIDE_AGAIN),
    ]
