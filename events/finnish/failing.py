"""Finnish for what errors say: their English is taken apart where values were filled into it."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from events.finnish import FINNISH
from events.finnish.failures import FAILURES

VALUE = re.compile(r"{(\w+)}")
BETWEEN = re.compile(r"(?<=[.!?]) (?=[A-ZÅÄÖ])")
"""Where one sentence ends and the next begins."""
WORDS = frozenset({"state", "word"})
"""Values that are words of ours, and no names."""


@lru_cache(maxsize=200)
def in_finnish(said: str) -> str:
    """*said* itself where no sentence fits; the `why` in it is such a sentence in turn."""
    told = [fitting(one) for one in BETWEEN.split(said)]
    if len(told) > 1 and None not in told:
        return " ".join(filter(None, told))
    return fitting(said) or said


def fitting(said: str) -> str | None:
    if said.endswith(".") and said in FINNISH:
        return FINNISH[said]
    for pattern, finnish in sentences():
        if found := pattern.fullmatch(said):
            told = finnish.format(**{name: filled(name, value) for name, value in found.groupdict().items()})
            if told != said:  # else it was only a place, and somebody else's sentence
                return told
    return None


def filled(name: str, value: str) -> str:
    if name == "why":
        return in_finnish(value)
    return FINNISH.get(value, value) if name in WORDS else value


@cache
def sentences() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most text first: others may fit what they say too."""
    longest = sorted(FAILURES, key=lambda english: -len(VALUE.sub("", english)))
    return [(re.compile(as_pattern(english), re.DOTALL), FAILURES[english]) for english in longest]


def as_pattern(english: str) -> str:
    parts = VALUE.split(english)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
