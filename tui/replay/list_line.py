"""How a replay reads as one line of the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.plan import Class
from events.words import Words
from tui.replay.wording import CLASSES, STATES, state_of
from tui.widgets.columns import Cell, Column, called
from worker.operations.replays import Replay


def columns(say: Words, now: datetime, names: Mapping[UUID, str]) -> list[Column[Replay]]:
    return [
        Column(title=say("State"), width=13, cell=lambda one: Cell(state_of(one, say), STATES[one.state][2])),
        Column(title=say("Integration"), width=22, grow=2, cell=lambda one: called(names[one.integration], "strong")),
        Column(title=say("Contacts"), width=20, grow=1, cell=lambda one: contacts(one, say)),
        Column(title=say("Reach"), width=10, rank=2, cell=lambda one: one.reach.value if one.reach else ""),
        Column(title=say("Name"), width=14, grow=1, rank=1, cell=lambda one: name(one, say)),
        Column(title=say("By"), width=12, rank=3, cell=lambda one: one.started_by or one.planned_by),
        Column(title=say("When"), width=10, rank=4, cell=lambda one: say.moment(one.started_at or one.planned_at, now)),
    ]


def contacts(one: Replay, say: Words) -> str:
    """Of a plan what it found; of what was applied how much was asked for."""
    if one.started_at:
        return say("{n} of {all}", n=say.number(one.asked), all=say.number(one.items or 0))
    counts = one.about["counts"].items()
    return " ".join(f"{CLASSES[Class(kind)][0]}{say.number(n)}" for kind, n in counts if n) or say("nobody")


def name(one: Replay, say: Words) -> str:
    return one.name or (say("undoes {id}", id=str(one.undoes)[:8]) if one.undoes else "")


def searched(one: Replay, names: Mapping[UUID, str], say: Words) -> str:
    """What the filter looks through."""
    who = (one.started_by, one.planned_by, one.name, one.reason, one.reach)
    return " ".join((str(one.id), names[one.integration], say(STATES[one.state][1]), *(each or "" for each in who)))
