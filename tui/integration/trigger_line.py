"""How an integration's triggers read as rows."""

from __future__ import annotations

from events.integration import DestinationKind, StartsSurveys, Trigger
from events.words import Words
from tui.integration.facts import state
from tui.making.wording import STARTS, codes, goal
from tui.widgets.columns import Cell, Column
from worker.operations.integrations import Integration


def columns(one: Integration, say: Words) -> list[Column[Trigger]]:
    return [
        Column(title=say("Trigger"), width=20, grow=2, cell=lambda trigger: Cell(trigger.name, "strong")),
        Column(title=say("State"), width=20, grow=1, cell=lambda trigger: state_of(one, trigger, say)),
        Column(title=say("Status"), width=12, grow=1, rank=2, cell=lambda each: codes(each.condition.statuses, say)),
        Column(title=say("Where contacts go"), width=22, grow=2, cell=lambda trigger: goal(trigger.destination, say)),
        Column(title=say("Starts surveys"), width=15, rank=1, cell=lambda trigger: starts(trigger, say)),
    ]


def state_of(one: Integration, trigger: Trigger, say: Words) -> Cell:
    glyph, word, tone = state(one, trigger, say)
    return Cell(f"{glyph} {word}", tone)


def starts(trigger: Trigger, say: Words) -> Cell:
    aim = trigger.destination
    if aim.kind is DestinationKind.CONTACT:
        return Cell(say("no"), "quiet")
    return Cell(say(STARTS[aim.starts_surveys]), "" if aim.starts_surveys is StartsSurveys.NO else "warning")
