"""Finnish for what errors say: their English is taken apart where values were filled into it."""

from __future__ import annotations

import re
from functools import cache

from events.finnish.failures import FAILURES

VALUE = re.compile(r"{(\w+)}")


def in_finnish(said: str) -> str:
    """*said* itself where no sentence fits; the `why` in it is such a sentence in turn."""
    for pattern, finnish in sentences():
        if found := pattern.fullmatch(said):
            values = {name: in_finnish(value) if name == "why" else value for name, value in found.groupdict().items()}
            return finnish.format(**values)
    return said


@cache
def sentences() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most text first: others may fit what they say too."""
    longest = sorted(FAILURES, key=lambda english: -len(VALUE.sub("", english)))
    return [(re.compile(as_pattern(english), re.DOTALL), FAILURES[english]) for english in longest]


def as_pattern(english: str) -> str:
    parts = VALUE.split(english)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
