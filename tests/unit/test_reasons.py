"""Every reason is told in words, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from events.contact import Skip, Withdrawal
from events.finnish import FINNISH
from events.reasons import CHECKED, PLANNED, SKIPS, WITHDRAWALS, Explained
from events.reconcile import State
from table import each
from worker import callback


@each(("reasons", "told"), [(Skip, SKIPS), (Withdrawal, WITHDRAWALS), (State, CHECKED)])
def test_every_reason_has_a_sentence_and_a_remedy(reasons: type[StrEnum], told: Mapping[StrEnum, Explained]) -> None:
    assert set(told) == set(reasons)
    for reason, explained in told.items():
        for sentence in (explained.says, explained.remedy):
            assert sentence.endswith("."), reason
            assert sentence[0].isupper(), reason
            assert len(sentence) > 10, reason
            assert "_" not in sentence, f"{reason}: an operator reads words, not codes"


def test_no_two_skips_say_the_same() -> None:
    assert len({explained.says for explained in SKIPS.values()}) == len(Skip)


def test_every_reason_and_remedy_has_its_finnish() -> None:
    explained = [*SKIPS.values(), *WITHDRAWALS.values(), *CHECKED.values()]
    said = {sentence for one in explained for sentence in (one.says, one.remedy)}
    assert said | set(PLANNED.values()) | set(callback.REFUSALS.values()) <= set(FINNISH)
