"""How an integration reads as one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.words import Words
from tui.widgets.columns import Cell, Column
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


def columns(say: Words, now: datetime, figures: Mapping[UUID, Figures]) -> list[Column[Line]]:
    def of(line: Line) -> Figures:
        return figures.get(line.id, UNKNOWN)

    return [
        Column(title=say("Company"), width=24, grow=3, cell=lambda line: Cell(line.company, "strong")),
        Column(title=say("Organization"), width=16, grow=2, rank=4, cell=lambda line: line.organization),
        Column(title=say("State"), width=22, cell=lambda line: Cell(*stands(line.standing, say))),
        Column(title=say("Triggers"), width=8, right=True, rank=6, cell=lambda line: str(line.triggers)),
        Column(title=say("Invoice"), width=8, right=True, rank=3, cell=lambda line: say.ago(of(line).seen_at, now)),
        Column(title=say("Contact"), width=8, right=True, rank=2, cell=lambda line: say.ago(of(line).added_at, now)),
        Column(title=say("Waiting"), width=8, right=True, rank=1, cell=lambda line: waiting(line, say)),
        Column(title=say("Last 24 hours"), width=24, rank=5, cell=lambda line: Cell(spark(of(line).hours), "good")),
    ]


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
