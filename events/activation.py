"""Activation links: the number of a request, as it stands in the address that a customer's browser is sent to."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from events.errors import Misconfigured

LOGIN = frozenset({"state", "code", "error", "error_description"})
"""What the login page sends its browser back with: no activation has it."""
LONGEST = 18
"""Digits of a number."""


def request_of(text: str) -> int:
    """The number itself, or from the whole address. Raises `Misconfigured`."""
    text = text.strip()
    found = text if is_number(text) else from_query(parse_qsl(urlsplit(text).query))
    if found is None:
        raise Misconfigured(
            "The address of an activation ends in one number, the request's: give that address, or the number."
        )
    return int(found)


def from_query(query: Iterable[tuple[str, str]]) -> str | None:
    """What the parameter is called is not known, so the one that is a number counts; None: it is no activation."""
    named = list(query)
    numbers = [value for _, value in named if is_number(value)]
    return numbers[0] if len(numbers) == 1 and LOGIN.isdisjoint(name for name, _ in named) else None


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST
