"""The filter line of the log: `term:value` is answered by the database, everything else by what is loaded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from zoneinfo import ZoneInfo

from events import moments
from events.errors import Misconfigured
from tui.matching import words
from worker.operations.narrowing import Terms

TERMS = ("type", "in", "label", "invoice", "customer", "email", "since", "until", "at")
TERM = re.compile(r"(!?)([A-Za-z]+):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    terms: Terms
    at: datetime | None = None
    """Where to begin; None: at the newest."""
    line: tuple[str, ...] = ()
    """As written."""


NOTHING = Asked(terms=Terms())


def terms_of(line: str) -> tuple[str, ...]:
    """The terms alone, as written: while they stay, the database is not asked again."""
    return tuple(word for word in words(line) if TERM.fullmatch(word))


def words_of(line: str) -> str:
    """The rest of it."""
    return " ".join(word for word in words(line) if not TERM.fullmatch(word))


def parse(line: str, zone: ZoneInfo, now: datetime) -> Asked:
    """Raises `Misconfigured`, in words, for a term that there is not or that says nothing."""
    said: defaultdict[str, list[str]] = defaultdict(list)
    for word in terms_of(line):
        term = TERM.fullmatch(word)
        if term and (value := term[3].strip('"').strip()):
            said[known(term)].append(value)
    customers = tuple(number(value) for value in said["customer"])
    return Asked(
        terms=Terms(
            types=tuple(said["type"]),
            integrations=tuple(said["in"]),
            labels=tuple(said["label"]),
            invoices=tuple(said["invoice"]),
            customers=customers,
            emails=tuple(said["email"]),
            since=only(said["since"], "since:", lambda text: moments.moment(text, zone, now, flag="since:")),
            until=only(said["until"], "until:", lambda text: moments.past(text, zone, now, flag="until:")),
        ),
        at=only(said["at"], "at:", lambda text: moments.moment(text, zone, now, flag="at:")),
        line=terms_of(line),
    )


def known(term: re.Match[str]) -> str:
    turned, name = term[1], term[2].lower()
    if name not in TERMS:
        there = ", ".join(f"{each}:" for each in TERMS)
        raise Misconfigured(f'There is no term {name}:, only {there}; put "{term[0]}" in quotes to look for the text.')
    if turned:
        raise Misconfigured(f"! turns words round, not {name}: leave it out.")
    return name


def number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Misconfigured(f"customer:{text} is no number: give the customer's number in the register.")
    return int(text)


def only(said: Sequence[str], flag: str, read: Callable[[str], datetime]) -> datetime | None:
    if len(said) > 1:
        raise Misconfigured(f"{flag} can be said once.")
    return read(said[0]) if said else None


FLAGS = {"in": "integration"}
"""What a term is called as a flag, where that is another name."""


def command(line: str) -> str:
    """The `ptm events` that shows the same, but for words and places."""
    parts, said = ["ptm events"], set[str]()
    for word in terms_of(line):
        term = TERM.fullmatch(word)
        if term and (name := term[2].lower()) != "at" and (value := term[3].strip('"').strip()):
            parts.append(f"--{FLAGS.get(name, name)} {quote(value)}")
            said.add(name)
    return " ".join([*parts, "--people" if "until" in said else "--follow --people"])
