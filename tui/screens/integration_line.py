"""How an integration reads as one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from events.words import Words
from tui.widgets.columns import Cell, Column, called
from tui.widgets.spark import spark
from worker.operations.integrations import WORDS, State
from worker.operations.overview import Figures, Line
from worker.operations.trouble import Trouble

LOOKS: Mapping[State | Trouble, tuple[str, str]] = {
    State.ACTIVE: ("●", "good"),
    State.PAUSED: ("‖", "warning"),
    State.REMOVED: ("✖", "quiet"),
    Trouble.BROKEN: ("✖", "bad"),
    Trouble.HELD: ("■", "warning"),
    Trouble.PARKED: ("✖", "bad"),
    Trouble.BRAKED: ("■", "warning"),
    Trouble.NO_TRIGGER: ("○", "warning"),
    Trouble.AWAY: ("▲", "warning"),
    Trouble.RESTING: ("■", "warning"),
    Trouble.FAILING: ("▲", "warning"),
}
"""Glyph and tone."""
UNKNOWN = Figures(seen_at=None, added_at=None, hours=())


def columns(
    say: Words, now: datetime, figures: Mapping[UUID, Figures], twice: Collection[int] = ()
) -> list[Column[Line]]:
    """*twice*: companies that are joined to more than one organization, which is said with their names."""

    def of(line: Line) -> Figures:
        return figures.get(line.id, UNKNOWN)

    return [
        Column(title=say("Company"), width=24, grow=3, cell=lambda line: company(line, twice)),
        Column(title=say("Organization"), width=16, grow=2, rank=4, cell=lambda line: line.organization),
        Column(title=say("State"), width=22, cell=lambda line: Cell(*stands(line.standing, say))),
        Column(title=say("Triggers"), width=8, right=True, rank=6, cell=lambda line: str(line.triggers)),
        Column(title=say("Invoice"), width=8, right=True, rank=3, cell=lambda line: say.ago(of(line).seen_at, now)),
        Column(title=say("Contact"), width=8, right=True, rank=2, cell=lambda line: say.ago(of(line).added_at, now)),
        Column(title=say("Waiting"), width=8, right=True, rank=1, cell=lambda line: waiting(line, say)),
        Column(title=say("Last 24 hours"), width=24, rank=5, cell=lambda line: Cell(spark(of(line).hours), "good")),
    ]


def company(line: Line, twice: Collection[int]) -> Cell:
    return called(line.name if line.company_id in twice else line.company, "strong")


def joined_twice(lines: Iterable[Line]) -> frozenset[int]:
    return frozenset(id for id, count in Counter(line.company_id for line in lines).items() if count > 1)


def stands(standing: State | Trouble, say: Words) -> tuple[str, str]:
    """With its glyph, and its tone."""
    glyph, tone = LOOKS[standing]
    return f"{glyph} {say(WORDS[standing])}", tone


def waiting(line: Line, say: Words) -> Cell:
    number = say.number(line.waiting + line.parked)
    return Cell(f"✖ {number}", "bad") if line.parked else Cell(number)


def searched(line: Line) -> str:
    """What the filter looks through."""
    trouble = WORDS[line.trouble] if line.trouble else ""
    return " ".join(
        (line.company, line.business_id, line.organization, line.state, trouble, str(line.id), *line.labels)
    )
