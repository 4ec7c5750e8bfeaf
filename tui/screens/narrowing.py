"""Whose concerns are meant: everybody's, those of a label, or of one integration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from events import labelling
from events.words import Words
from tui.view import View
from tui.widgets.pick import Asked, Item, Pick
from worker.operations import overview
from worker.operations.causes import EVERYBODY, Among
from worker.operations.overview import Line

ALL, LABEL = "all", "label:"


async def narrowed(view: View[Any], before: Among) -> Among | None:
    """What somebody picks, or None; to be awaited in `act`."""
    say = view.desk.say
    every = await overview.lines(view.desk.context)
    asked = Asked(question=say("Of which integrations?"), items=list(items(every, say)), picked=(as_id(before),))
    picked = await view.app.push_screen_wait(Pick(say, asked))
    return as_among(picked[0], every) if picked else None


def items(every: Sequence[Line], say: Words) -> Iterator[Item]:
    yield Item(ALL, say("All integrations"), say.number(len(every)))
    for label in labelling.tidy(label for line in every for label in line.labels):
        count = sum(any(labelling.alike(each, label) for each in line.labels) for line in every)
        yield Item(f"{LABEL}{label}", label, say("label") + f" · {say.number(count)}")
    for line in every:
        yield Item(str(line.id), line.company, line.organization)


def as_id(among: Among) -> str:
    return f"{LABEL}{among.label}" if among.label else str(among.integration or ALL)


def as_among(id: str, every: Sequence[Line]) -> Among:
    if id == ALL:
        return EVERYBODY
    if id.startswith(LABEL):
        return Among(label=id.removeprefix(LABEL))
    return Among(integration=UUID(id), name=next((line.name for line in every if str(line.id) == id), id))
