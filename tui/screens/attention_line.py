"""How a cause, and a thing that it stands for, read as one line; and a cause in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from events.attention import Group, Sample, counted
from events.words import Words
from tui.desk import Desk
from tui.widgets.columns import Cell, Column, called
from worker.operations.causes import DELIVERIES, Item, Items, Line

URGENT, TIME = ("✖", "urgent", "bad"), ("○", "has time", "quiet")
"""Glyph, word and tone."""
INDENT = "  "
FEW = 8
"""Invoices that are named in one line."""


def columns(say: Words, now: datetime) -> list[Column[Line]]:
    return [
        Column(title=say("Urgency"), width=14, cell=lambda line: urgency(line.group, say)),
        Column(title=say("Cause"), width=30, grow=4, cell=lambda line: Cell(line.group.says, "strong")),
        Column(title=say("How much"), width=18, grow=1, cell=lambda line: counted(line.group, say)),
        Column(title=say("Since"), width=8, right=True, rank=1, cell=lambda line: say.ago(line.group.oldest, now)),
        Column(title=say("Companies"), width=20, grow=2, rank=2, cell=companies),
    ]


def urgency(group: Group, say: Words) -> Cell:
    glyph, word, tone = URGENT if group.urgent else TIME
    return Cell(f"{glyph} {say(word)}", tone)


def companies(line: Line) -> Cell:
    return Cell(", ".join(line.companies[:FEW]), "quiet")


def searched(line: Line, say: Words) -> str:
    """What the filter looks through."""
    group = line.group
    samples = (f"{one.label} {one.detail or ''}" for one in group.samples)
    return " ".join((urgency(group, say).text, group.says, group.remedy, group.key, *line.companies, *samples))


def told(group: Group, desk: Desk) -> Iterator[str]:
    """What it is, what ends it, and the commands that do."""
    yield group.says
    yield INDENT + group.remedy
    for command in group.commands:
        yield f"{INDENT}$ {desk.typed(command)}"


def head(state: Items, desk: Desk) -> Iterator[str]:
    """Over what a cause stands for."""
    say = desk.say
    if state.group is None:
        return
    yield from told(state.group, desk)
    if state.group.cause in DELIVERIES and len(state.items) < state.group.count:
        shown, of = say.number(len(state.items)), say.number(state.group.count)
        yield INDENT + say(
            "The newest {n} of {of} are shown; what is done without a mark is done to all.", n=shown, of=of
        )


def in_full(group: Group, desk: Desk) -> Iterator[str]:
    """And how much, and the oldest few."""
    say = desk.say
    says, *rest = told(group, desk)
    yield f"{says} · {counted(group, say)}"
    yield from rest
    for one in group.samples:
        if one.label:
            yield f"{INDENT}· {sample(one, say)}"


def sample(one: Sample, say: Words) -> str:
    since = say("since {at}", at=say.exact(one.since)[:23]) if one.since else ""
    parts = (one.label, numbers(one.invoices, say), say.told(one.detail or ""), since)
    return ", ".join(part for part in parts if part)


def numbers(invoices: tuple[int, ...], say: Words) -> str:
    if not invoices:
        return ""
    more = f" +{len(invoices) - FEW}" if len(invoices) > FEW else ""
    return f"{say('Invoice').lower()} {', '.join(map(str, invoices[:FEW]))}{more}"


def item_columns(say: Words, now: datetime, *, invoices: bool) -> list[Column[Item]]:
    """*invoices*: whether any of them is of an invoice."""
    of: Column[Item] = Column(title=say("Invoice"), width=12, grow=1, rank=1, cell=listed)
    return [
        Column(title=say("Company"), width=20, grow=2, rank=2, cell=lambda item: called(item.company, "strong")),
        Column(title=say("Item"), width=24, grow=3, cell=lambda item: item.label),
        *([of] if invoices else []),
        Column(title=say("Since"), width=8, right=True, cell=lambda item: say.ago(item.since, now)),
        Column(title=say("Detail"), width=20, grow=3, rank=3, cell=lambda item: Cell(say.told(item.detail), "quiet")),
    ]


def item_in_full(item: Item, say: Words) -> str:
    """What its row may have had no room for."""
    since = say("since {at}", at=say.exact(item.since)[:23]) if item.since else ""
    return " · ".join(
        part for part in (item.company, item.label, numbers(item.invoices, say), say.told(item.detail), since) if part
    )


def listed(item: Item) -> str:
    return ", ".join(map(str, item.invoices[:FEW]))


def item_searched(item: Item) -> str:
    return " ".join((item.company, item.label, listed(item), item.detail, item.id))
