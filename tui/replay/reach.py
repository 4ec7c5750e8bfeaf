"""How far a replay may go: each reach explained, and what it means for the triggers of the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from events import replay
from events.integration import DestinationKind, Trigger
from events.replay import Reach
from events.words import Words
from tui.making.wording import goal
from tui.replay.look import Look
from tui.replay.wording import REACHES, price
from tui.widgets.choose import Choose
from tui.widgets.menu import Choice
from worker.operations.replays import Cost


class HowFar(Choose):
    """Has room for what each reach means."""


SHOWN = 3
"""Triggers that each reach says something of."""


def choices(at: Look, costs: Mapping[Reach, Cost], say: Words) -> list[Choice]:
    return [Choice(reach.value, "\n".join(explained(at, reach, costs[reach], say))) for reach in Reach]


def explained(at: Look, reach: Reach, cost: Cost, say: Words) -> Iterator[str]:
    yield say(REACHES[reach])
    known = at.integration.rules.triggers
    triggers = [known[id] for id in at.replay.triggers if id in known]
    if reach is not Reach.RECORD:
        yield from (f"  {one.name}: {led(one, reach, say)}" for one in triggers[:SHOWN])
    yield f"  {price(cost, say)}"


def led(trigger: Trigger, reach: Reach, say: Words) -> str:
    """Where its contacts come to at that reach."""
    aim = trigger.destination
    beyond = replay.within(reach, aim, ("beyond",)) != ("contact",)
    if aim.kind is DestinationKind.CONTACT or not beyond:
        return say("only the contact")
    asks = "▲ " + say("a survey may start") if aim.may_start_survey else say("no survey starts")
    return f"{goal(aim, say)} · {asks}"
