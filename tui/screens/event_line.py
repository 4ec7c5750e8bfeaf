"""How an event reads as one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from events.contact import Outcome
from events.words import Words
from tui import told
from tui.matching import matcher
from tui.terms import words_of
from tui.widgets.columns import Cell, Column, called
from worker.operations.browse import Entry
from worker.operations.related import Known, invoice_of


def columns(found: Sequence[Entry], say: Words, now: datetime, known: Known) -> list[Column[Entry]]:
    """Where all that is shown is from today, it needs no date."""
    today = all(say.day(entry.record.at) == say.day(now) for entry in (*found[:1], *found[-1:]))
    return [
        Column(title=say("Time"), width=8 if today else 19, cell=lambda entry: time(entry, say, now, today=today)),
        Column(title=say("Place"), width=9, right=True, rank=4, cell=place),
        Column(title=say("Company"), width=14, grow=2, rank=3, cell=lambda entry: called(company(entry, known))),
        Column(title=say("Invoice"), width=9, right=True, rank=1, cell=lambda entry: number(entry, known)),
        Column(title=say("Event"), width=18, cell=lambda entry: event(entry, say, known)),
        Column(title="", width=22, grow=5, rank=2, cell=lambda entry: Cell(told.text(entry.event, say))),
    ]


def time(entry: Entry, say: Words, now: datetime, *, today: bool) -> str:
    at = entry.record.at
    return say.moment(at, now) if today else f"{say.day(at)} {say.moment(at, at)}"


def place(entry: Entry) -> Cell:
    return Cell(f"{entry.record.partition}:{entry.record.position}", "quiet")


def company(entry: Entry, known: Known) -> str:
    return known.companies.get(entry.integration, str(entry.integration)[:8])


def number(entry: Entry, known: Known) -> str:
    key = invoice_of(entry)
    return "" if key is None else str(known.numbers.get(key, key[1]))


def event(entry: Entry, say: Words, known: Known) -> Cell:
    title = told.title(entry.event, taken_off=taken_off(entry, known))
    return Cell(f"{title.glyph} {say(title.name)}", title.tone)


def taken_off(entry: Entry, known: Known) -> bool:
    return isinstance(entry.event, Outcome) and entry.event.decision in known.taken_off


def let_through(entries: Sequence[Entry], line: str, say: Words, known: Known) -> Sequence[Entry]:
    """By the words of a filter line. Raises `Misconfigured` for a broken regular expression."""
    words = words_of(line)
    if not words:
        return entries
    lets = matcher(words)
    return [entry for entry in entries if lets(searched(entry, say, known))]


def searched(entry: Entry, say: Words, known: Known) -> str:
    """What the words of the filter line look through."""
    row = entry.record.row
    shown = (place(entry).text, company(entry, known), number(entry, known), event(entry, say, known).text)
    detail = getattr(entry.event, "detail", None) or ""
    return " ".join((*shown, told.text(entry.event, say), detail, row.type, row.actor, row.stream))
