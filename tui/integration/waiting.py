"""What becomes of what waits: asked wherever a change may take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import App

from events.integration import Waiting
from events.words import Words
from tui.desk import Desk
from tui.widgets.choose import Choose
from tui.widgets.menu import Choice
from worker.operations import lines
from worker.operations.saving import Held

MEANINGS: Mapping[Waiting, str] = {
    Waiting.DECIDE_AGAIN: "decide again under today's rules; what waits of a replay is dropped: plan it again",
    Waiting.SEND: "send as they were decided",
    Waiting.DROP: "drop them: a replay can send them later",
}
GOING = (Waiting.DROP, Waiting.SEND)
"""A trigger that goes cannot decide again."""


def counted(held: Held, say: Words) -> str:
    decisions = say.count(held.count, "{n} decision waits", "{n} decisions wait")
    surveys = say("{n} of the calls may start a survey", n=say.number(held.surveys)) if held.surveys else ""
    return ", ".join(filter(None, (decisions, surveys)))


async def ask(
    app: App[None], desk: Desk, held: Held, *, line: str, offered: Sequence[Waiting] = tuple(Waiting)
) -> Waiting | None:
    """The first that is *offered* where nothing waits; None: leave it all. *line*: the command, without its answer."""
    if not held.count:
        return offered[0]
    say = desk.say
    question = say("{what}. What becomes of them?", what=counted(held, say))
    choices = [Choice(one, say(MEANINGS[one])) for one in offered]

    def line_for(policy: str) -> str:
        return desk.typed(lines.more(line, "--waiting", policy.replace("_", "-")))

    answer = await app.push_screen_wait(Choose(say, question, choices, line_for=line_for))
    return Waiting(answer) if answer else None
