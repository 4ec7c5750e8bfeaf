"""What is done to many integrations at once: an event each, on the versions that were seen."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from uuid import UUID

from tui.integration import waiting
from tui.integration.setting import as_label
from tui.view import View
from tui.widgets.ask import Question
from tui.widgets.pick import Asked, Item, Pick
from worker.operations import integrations, labels, together
from worker.operations.integrations import Integration, State
from worker.operations.overview import Line

At = View[tuple[Line, ...]]
"""The screen of all integrations."""
NAMED = 50
"""Integrations that a command line names."""


async def pause(at: At, chosen: Sequence[Line]) -> str | None:
    say = at.desk.say
    active = [one for one in chosen if one.state is State.ACTIVE]
    if not active:
        return say("All of them are paused already.")
    says = say.count(
        len(active),
        "Pause {n} integration? Nothing is sent until it is resumed.",
        "Pause {n} integrations? Nothing is sent until they are resumed.",
    )
    if not await sure(at, says, active, line(at, "ptm integration pause", active)):
        return None
    done = await together.pause(at.desk.context, await read(at, active))
    return say(
        "{n} are paused now; {calls} calls wait.", n=say.number(len(done.paused)), calls=say.number(done.waiting)
    )


async def resume(at: At, chosen: Sequence[Line]) -> str | None:
    """Of the versions that were seen before it asked: what somebody changes meanwhile stays paused."""
    say = at.desk.say
    paused = [one for one in chosen if one.state is State.PAUSED]
    if not paused:
        return say("None of them is paused.")
    seen = await read(at, paused)
    says = say.count(len(paused), "Resume {n} integration?", "Resume {n} integrations, whoever paused them?")
    command = line(at, "ptm integration resume", paused)
    if not await sure(at, says, paused, command):
        return None
    held = await together.held(at.desk.context, seen)
    policy = await waiting.ask(at.app, at.desk, held, line=command)
    if policy is None:
        return None
    done = await together.resume(at.desk.context, seen, policy)
    if done.changed:
        names = ", ".join(one.name for one in done.changed)
        return say(
            "{n} send again; somebody changed {names} meanwhile: still paused.", n=len(done.resumed), names=names
        )
    return say("{n} send again.", n=say.number(len(done.resumed)))


async def label(at: At, chosen: Sequence[Line], every: Sequence[Line]) -> str | None:
    """Adds one: what each has stays."""
    say = at.desk.say
    known = sorted({each for one in every for each in one.labels})
    asked = Asked(
        question=say.count(len(chosen), "Which label for {n} integration?", "Which label for {n} integrations?"),
        items=[Item(each, each) for each in known],
        hint=say("Type a new one, or take one that there is."),
        free=as_label,
    )
    picked = await at.app.push_screen_wait(Pick(say, asked))
    if not picked:
        return None
    [wanted] = picked
    says = say("Give {n} integrations the label {label}?", n=say.number(len(chosen)), label=wanted)
    if not await sure(at, says, chosen, line(at, "ptm integration label", chosen, f"add {shlex.quote(wanted)}")):
        return None

    async def one_of(one: Integration) -> Integration:
        return await labels.add(at.desk.context, one, wanted)

    done = await together.each(await read(at, chosen), one_of)
    return say.count(len(done), "{n} integration has the label now.", "{n} integrations have the label now.")


async def sure(at: At, says: str, chosen: Sequence[Line], command: str) -> bool:
    """Of more than one the count has to be typed."""
    typed = str(len(chosen)) if len(chosen) > 1 else ""
    return await at.ask(Question(says=says, line=command, typed=typed)) is not None


def line(at: At, command: str, chosen: Sequence[Line], rest: str = "") -> str:
    """What does the same; "" where that would name too many: a label stands for them then."""
    if len(chosen) == 1:
        return " ".join(filter(None, (command, str(chosen[0].id), rest)))
    if not rest and len(chosen) == len(at.state or ()):
        return f"{command} --all"
    ids = " ".join(str(one.id)[:8] for one in chosen)
    each = " ".join(filter(None, (command, "$one", rest)))
    return f"for one in {ids}; do {each}; done" if len(chosen) <= NAMED else ""


async def read(at: At, chosen: Sequence[Line]) -> list[Integration]:
    ids: list[UUID] = [one.id for one in chosen]
    return await integrations.read(at.desk.context, ids, removed=False)
