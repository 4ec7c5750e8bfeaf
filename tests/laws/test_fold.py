"""The rules in force do not depend on where the folding was put down and taken up again."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from configured import EVERY, folded
from events.codec import rules_from_json, rules_to_json
from events.integration import Configuration, fold

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
