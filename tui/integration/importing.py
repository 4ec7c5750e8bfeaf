"""Integrations made as a document says: everything is checked and shown first, then saved one after the other."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from events.document import Document
from events.errors import Misconfigured
from events.integration import Waiting
from events.words import Words
from tui.integration import waiting
from tui.view import View
from tui.widgets.ask import Question
from tui.widgets.choose import Choose
from tui.widgets.menu import Choice
from tui.widgets.reading import Reading
from tui.widgets.write import Write
from worker.operations import files, importing, saving, taking_in
from worker.operations.importing import Checker, Planned
from worker.operations.taking_in import Taken

SHOWN = 30
"""Lines of what changes."""


async def take(at: View[Any]) -> str | None:
    say = at.desk.say
    path = await at.app.push_screen_wait(Write(say, say("Which file, as exporting writes it? What changes is shown.")))
    if not path:
        return None
    file = Path(path).expanduser().absolute()
    planned, flags = await plan(at, files.read(file))
    changing = [one for one in planned or () if one.says]
    if not changing:
        return None if planned is None else say("Nothing would change.")
    line = shlex.join(["ptm", "integration", "import", str(file), *flags])
    typed = str(len(changing)) if len(changing) > 1 else ""
    if not await at.ask(Question(says=says(at, changing), line=line, typed=typed)):
        return None
    policy = await settled(at, changing, line)
    return None if policy is None else await save(at, changing, policy, f"imported from {path}")


async def plan(at: View[Any], wanted: Document) -> tuple[list[Planned] | None, list[str]]:
    """None: it was left. With what a command would have to say of triggers that the document does not name."""
    require(wanted)
    found = await importing.find(at.desk.context, wanted)
    checker = Checker(at.desk.context)
    planned = [await checker.plan(place, one, seen) for place, one, seen in found]
    others = [f"{each.name} ({one.integration.company})" for one in planned for each in one.others]
    if not others:
        return planned, []
    say = at.desk.say
    question = say("The file does not name {names}. What becomes of them?", names=", ".join(others[:SHOWN]))
    choices = [Choice("keep", say("keep them as they are")), Choice("remove", say("remove them"))]
    answer = await at.app.push_screen_wait(Choose(say, question, choices))
    if answer is None:
        return None, []
    return [replace(one, removing=answer == "remove") for one in planned], ["--others", answer]


def require(wanted: Document) -> None:
    """Raises `Misconfigured` where one of the document's own tests fails."""
    for one in importing.run_tests(wanted):
        if one.differences:
            raise Misconfigured(f"{one.trigger.name}, {one.case.name}: {'; '.join(one.differences)}")


def says(at: View[Any], changing: Sequence[Planned]) -> str:
    say = at.desk.say
    lines = [line for one in changing for line in (one.integration.name, *(f"  {each}" for each in one.says))]
    more = [say("… and {n} lines more", n=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    asks = say.count(len(changing), "Save this in {n} integration?", "Save this in {n} integrations?")
    return "\n".join([asks, *lines[:SHOWN], *more])


async def settled(at: View[Any], changing: Sequence[Planned], line: str) -> Waiting | None:
    held = saving.summed([await importing.held(at.desk.context, one) for one in changing])
    return await waiting.ask(at.app, at.desk, held, line=line)


async def save(at: View[Any], changing: Sequence[Planned], policy: Waiting, reason: str) -> str | None:
    done = await taking_in.take_in(at.desk.context, [(one, policy) for one in changing], reason=reason)
    say = at.desk.say
    saved = say.count(len(done.saved), "{n} integration is saved.", "{n} integrations are saved.")
    if done.whole:
        return saved
    await at.app.push_screen_wait(Reading(say, saved, list(left(done, say))))
    return None


def left(done: Taken, say: Words) -> Iterator[str]:
    """Whom nothing was written for, and why; then who is saved."""
    for one, error in done.refused:
        yield f"✖ {one.integration.name}: {say.told(error)}"
    for untried in done.untried:
        yield f"· {say('{name} was not tried.', name=untried.integration.name)}"
    for saved in done.saved:
        yield f"✔ {saved.name}"
