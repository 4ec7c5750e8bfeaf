"""`ptm replay undo`: of one replay, or of the newest of a name in each integration with a label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.text import Text

from events.errors import Misconfigured
from worker.cli import undone
from worker.cli.applying import asked_for, confirm, together
from worker.cli.many import Each, Label
from worker.cli.output import Json, clock, short, told
from worker.cli.planned import Form, present
from worker.cli.running import with_context
from worker.cli.steering import of_label, tell
from worker.operations import replays, undoing
from worker.operations.context import Context
from worker.operations.replays import Replay
from worker.operations.shown import Shown, looked_up
from worker.operations.summary import counted
from worker.operations.undoing import Prepared

STARTED = ("running", "paused", "done", "cancelled")
"""What has been applied: one that goes on is named as such, and not passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    yes: int | None
    name: str | None
    reason: str | None

    @property
    def settled(self) -> tuple[str, str]:
        return asked_for("name", self.name), asked_for("reason", self.reason)


def undo(
    that: Annotated[
        str, typer.Argument(metavar="REPLAY", help="Its id, or the beginning of it; with --label what it was called.")
    ],
    *,
    label: Label = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever reads the log later.")] = None,
    yes: Annotated[int | None, typer.Option(metavar="N", help="Do not ask: so many contacts are meant.")] = None,
    json: Json = False,
) -> None:
    """Take off the lists whom a replay has put on; shows first what cannot be undone."""
    asked = Asked(yes=yes, name=name, reason=reason)
    if label is None:
        shown = with_context(lambda context: undo_one(context, that, asked, quiet=json))
        present(shown, Form.JSON if json else Form.TABLE)
    else:
        tell(with_context(lambda context: undo_all(context, label, that, asked)), json=json)


async def undo_one(context: Context, that: str, asked: Asked, *, quiet: bool) -> Shown:
    prepared = await undoing.prepare(context, await replays.find(context, that))
    if not quiet:
        undone.show(prepared)
    name, reason = asked.settled
    if prepared.count:
        confirm(prepared.cost, "This undoes", asked.yes)
    begun = await undoing.start(context, prepared, name=name, reason=reason)
    return await looked_up(context, str(begun.id))


async def undo_all(context: Context, label: str, called: str, asked: Asked) -> Each[Replay]:
    """All are looked up before any is undone; one that has put nobody on a list is left out."""
    found = newest(await of_label(context, label, STARTED), called, label)
    ready = await found.then(lambda _, seen: undoing.prepare(context, seen))
    for seen, prepared in ready.done:
        told().print(Text(f"{seen.name}: {said(prepared, context.settings.timezone)}"), soft_wrap=True)
    meant = replace(ready, done=tuple(one for one in ready.done if one[1].count))
    if not meant.done:
        raise Misconfigured("Nothing is left: none of them has put anybody on a list who could be taken off.")
    name, reason = asked.settled
    confirm(together(meant.of(lambda one: (one.replay, one.cost))), "This undoes", asked.yes)
    return await meant.then(lambda _, one: undoing.start(context, one, name=name, reason=reason))


def newest(every: Each[Replay], called: str, label: str) -> Each[Replay]:
    """Of each integration the newest replay of that name; undoings are none."""
    first: dict[object, int] = {}
    for place, (seen, one) in enumerate(every.done):
        if one.undoes is None and (one.name or "").casefold() == called.strip().casefold():
            first.setdefault(seen.id, place)
    if not first:
        raise Misconfigured(
            f"No integration with the label {label} has applied a replay called {called}: see ptm replay list --label."
        )
    return replace(every, done=tuple(every.done[place] for place in first.values()))


def said(prepared: Prepared, zone: str) -> str:
    """What undoing it comes to, in a line: contact by contact it is shown of one replay."""
    one = prepared.replay
    if not prepared.count:
        return f"{short(one.id)} has put nobody on a list who could be taken off: left out"
    stays = f", {len(prepared.stays)} stay on" if prepared.stays else ""
    surveys = f"; a survey may have started for {len(prepared.surveys)}" if prepared.surveys else ""
    off = counted(prepared.count, "contact")
    return f"{short(one.id)}, applied {clock(one.started_at, zone)}: {off} taken off{stays}{surveys}"
