"""The filter line on what is loaded."""

from __future__ import annotations

import pytest

from events.errors import Misconfigured
from tui.matching import matcher

LINE = "Kokko Oy → Saarela paused deliveries parked"
CASES = {
    "": True,
    "kokko": True,
    "KOKKO paused": True,
    "kokko active": False,
    "!paused": False,
    "!active": True,
    "/^kokko .*saarela/": True,
    "/^saarela/": False,
    "!/^saarela/": True,
    '"oy → saa"': True,
    '"saarela kokko"': False,
    "~kksr": True,
    "~srkk": False,
    "!": False,
}


@pytest.mark.parametrize("line", CASES)
def test_all_words_of_the_line_have_to_match(line: str) -> None:
    assert matcher(line)(LINE) is CASES[line]


def test_a_broken_pattern_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"/\(kokko/ is no regular expression"):
        matcher("/(kokko/")
