"""Every reason is told in words, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from events.contact import Skip, Withdrawal
from events.reasons import SKIPS, WITHDRAWALS, Explained
from table import each


@each(("reasons", "told"), [(Skip, SKIPS), (Withdrawal, WITHDRAWALS)])
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
