"""How an integration reads as one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.words import Words
from tui.widgets.columns import Cell, Column
from tui.widgets.spark import spark
from worker.operations.integrations import State
from worker.operations.overview import Figures, Line, Trouble

TROUBLES: Mapping[Trouble, tuple[str, str, str]] = {
    Trouble.BROKEN: ("✖", "connection refused", "bad"),
    Trouble.PARKED: ("✖", "deliveries parked", "bad"),
    Trouble.BRAKED: ("■", "held by the brake", "warning"),
    Trouble.HELD: ("■", "held since a restore", "warning"),
    Trouble.NO_TRIGGER: ("○", "no trigger", "warning"),
    Trouble.FAILING: ("▲", "reading fails", "warning"),
}
"""Glyph, word and tone."""
STATES: Mapping[State, tuple[str, str, str]] = {
    State.ACTIVE: ("●", "active", "good"),
    State.PAUSED: ("‖", "paused", "warning"),
    State.REMOVED: ("✖", "removed", "quiet"),
}
UNKNOWN = Figures(seen_at=None, added_at=None, hours=())


def columns(say: Words, now: datetime, figures: Mapping[UUID, Figures]) -> list[Column[Line]]:
    def of(line: Line) -> Figures:
        return figures.get(line.id, UNKNOWN)

    return [
        Column(title=say("Company"), width=24, grow=3, cell=lambda line: Cell(line.company, "strong")),
        Column(title=say("Organization"), width=16, grow=2, rank=4, cell=lambda line: line.organization),
        Column(title=say("State"), width=22, cell=lambda line: state_of(line, say)),
        Column(title=say("Triggers"), width=8, right=True, rank=6, cell=lambda line: str(line.triggers)),
        Column(title=say("Invoice"), width=8, right=True, rank=3, cell=lambda line: say.ago(of(line).seen_at, now)),
        Column(title=say("Contact"), width=8, right=True, rank=2, cell=lambda line: say.ago(of(line).added_at, now)),
        Column(title=say("Waiting"), width=8, right=True, rank=1, cell=lambda line: waiting(line, say)),
        Column(title=say("Last 24 hours"), width=24, rank=5, cell=lambda line: Cell(spark(of(line).hours), "good")),
    ]


def state_of(line: Line, say: Words) -> Cell:
    """The worst of it; what somebody has paused is paused, whatever else is wrong."""
    paused = line.state is not State.ACTIVE and line.trouble is not Trouble.BRAKED
    glyph, word, tone = STATES[line.state] if paused or not line.trouble else TROUBLES[line.trouble]
    return Cell(f"{glyph} {say(word)}", tone)


def waiting(line: Line, say: Words) -> Cell:
    number = say.number(line.waiting + line.parked)
    return Cell(f"✖ {number}", "bad") if line.parked else Cell(number)


def searched(line: Line) -> str:
    """What the filter looks through."""
    trouble = TROUBLES[line.trouble][1] if line.trouble else ""
    return " ".join(
        (line.company, line.business_id, line.organization, line.state, trouble, str(line.id), *line.labels)
    )
