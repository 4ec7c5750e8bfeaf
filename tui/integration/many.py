"""What is done to many integrations at once: an event each, on the versions that were seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import UUID

from tui.integration import waiting
from tui.integration.setting import as_label
from tui.integration.settings import SettingsOfMany
from tui.view import View
from tui.widgets.ask import Question
from tui.widgets.pick import Asked, Item, Pick
from worker.operations import integrations, labels, lines, overview, saving, together
from worker.operations.integrations import Integration, State
from worker.operations.lines import Everybody
from worker.operations.overview import Line

At = View[tuple[Line, ...]]
"""The screen of all integrations."""


async def pause(at: At, chosen: Sequence[Line]) -> str | None:
    say = at.desk.say
    active = list(filter(is_active, chosen))
    if not active:
        return say("All of them are paused already.")
    says = say.count(
        len(active),
        "Pause {n} integration? Nothing is sent until it is resumed.",
        "Pause {n} integrations? Nothing is sent until they are resumed.",
    )
    command = await line(at, "pause", active, could=is_active, has_all=True)
    if not await sure(at, says, active, command):
        return None
    done = await together.pause(at.desk.context, await read(at, active))
    return say(
        "{n} are paused now; {calls} calls wait.", n=say.number(len(done.paused)), calls=say.number(done.waiting)
    )


async def resume(at: At, chosen: Sequence[Line]) -> str | None:
    """Of the versions that were seen before it asked: what somebody changes meanwhile stays paused."""
    say = at.desk.say
    paused = list(filter(is_paused, chosen))
    if not paused:
        return say("None of them is paused.")
    seen = await read(at, paused)
    says = say.count(len(paused), "Resume {n} integration?", "Resume {n} integrations, whoever paused them?")
    command = await line(at, "resume", paused, could=is_paused, has_all=True)
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
    says = say(
        "Give {n} integration the label {label}?" if len(chosen) == 1 else "Give {n} integrations the label {label}?",
        n=say.number(len(chosen)),
        label=wanted,
    )
    if not await sure(at, says, chosen, await line(at, "label", chosen, "add", wanted)):
        return None

    async def one_of(one: Integration) -> Integration:
        return await labels.add(at.desk.context, one, wanted)

    done = await together.each(await read(at, chosen), one_of)
    return say.count(len(done), "{n} integration has the label now.", "{n} integrations have the label now.")


async def settings(at: At, chosen: Sequence[Line]) -> str | None:
    """What is written is the same for all of them from then on; the rest stays as each has it."""
    say, context = at.desk.say, at.desk.context
    others = await among(at)

    def line_for(flags: Sequence[str]) -> str:
        return lines.of_each("ptm integration edit", [one.id for one in chosen], *flags, among=others)

    title = say.count(len(chosen), "Settings of {n} integration: an empty field leaves it as it is",
                      "Settings of {n} integrations: an empty field leaves each as it is")  # fmt: skip
    wish = await at.app.push_screen_wait(SettingsOfMany(at.desk, title, line_for))
    if wish is None or not wish.given:
        return None
    seen = await read(at, chosen)
    command = lines.with_reason(line_for(list(lines.setting(wish.given))), wish.reason)
    says = say.count(len(chosen), "Save that for {n} integration?", "Save that for {n} integrations?")
    if not await sure(at, says, chosen, command):
        return None
    policy = await waiting.ask(at.app, at.desk, await together.held(context, seen), line=command)
    if policy is None:
        return None

    async def one_of(one: Integration) -> Integration:
        return await saving.edit(context, one, **wish.given, waiting=policy, reason=wish.reason or None)

    done = await together.each(seen, one_of)
    return say.count(
        len(done), "The settings of {n} integration are saved.", "The settings of {n} integrations are saved."
    )


async def sure(at: At, says: str, chosen: Sequence[Line], command: str) -> bool:
    """Of more than one the count has to be typed."""
    typed = str(len(chosen)) if len(chosen) > 1 else ""
    return await at.ask(Question(says=says, line=command, typed=typed)) is not None


def is_active(one: Line) -> bool:
    return one.state is State.ACTIVE


def is_paused(one: Line) -> bool:
    return one.state is State.PAUSED


def anybody(_: Line) -> bool:
    return True


async def line(
    at: At,
    act: str,
    chosen: Sequence[Line],
    *rest: str,
    could: Callable[[Line], bool] = anybody,
    has_all: bool = False,
) -> str:
    """What does the same."""
    others = await among(at, could, has_all=has_all)
    return lines.of_each(f"ptm integration {act}", [one.id for one in chosen], *rest, among=others)


async def among(at: At, could: Callable[[Line], bool] = anybody, *, has_all: bool = False) -> Everybody:
    """*could*: to whom the command does anything. The screen itself may not have read all yet."""
    every = list(filter(could, await overview.lines(at.desk.context, at.state or ())))
    labelled: defaultdict[str, set[UUID]] = defaultdict(set)
    for one in every:
        for label in one.labels:
            labelled[label.casefold()].add(one.id)
    return Everybody(ids={one.id for one in every}, labelled=labelled, has_all=has_all)


async def read(at: At, chosen: Sequence[Line]) -> list[Integration]:
    ids: list[UUID] = [one.id for one in chosen]
    return await integrations.read(at.desk.context, ids, removed=False)
