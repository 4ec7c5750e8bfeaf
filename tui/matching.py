"""The filter line on what is loaded: words, `!not`, `/regular expression/`, `~fuzzy`; all of them have to match."""

from __future__ import annotations

import re
from collections.abc import Callable

from events.errors import Misconfigured

Match = Callable[[str], bool]


def matcher(line: str) -> Match:
    """What *line* lets through, whatever the case. Raises `Misconfigured` for a broken regular expression."""
    tests = [test(word) for word in words(line)]
    return tests[0] if len(tests) == 1 else lambda text: all(one(text) for one in tests)


def words(line: str) -> list[str]:
    """Separated by spaces, but within `/…/` and `"…"`, also behind a `term:`."""
    return [found.group() for found in re.finditer(r'!?/(?:\\.|[^/\\])*/|!?(?:\w+:)?"[^"]*"|\S+', line)]


def test(word: str) -> Match:
    if word.startswith("!") and len(word) > 1:
        inner = test(word[1:])
        return lambda text: not inner(text)
    if len(word) > 2 and word[0] == word[-1] == "/":
        return pattern(word[1:-1])
    if word.startswith("~") and len(word) > 1:
        return fuzzy(word[1:])
    plain = word.strip('"').casefold()
    return lambda text: plain in text.casefold()


def pattern(written: str) -> Match:
    try:
        compiled = re.compile(written, re.IGNORECASE)
    except re.error as error:
        raise Misconfigured(f"/{written}/ is no regular expression: {error}.") from error
    return lambda text: compiled.search(text) is not None


def fuzzy(letters: str) -> Match:
    """The letters in that order, whatever stands between them."""
    wanted = letters.casefold()

    def matches(text: str) -> bool:
        rest = iter(text.casefold())
        return all(letter in rest for letter in wanted)

    return matches
