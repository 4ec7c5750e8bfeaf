"""`ptm replay pause`, `resume` and `cancel`: of one replay, or of all that integrations with a label have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer

from events.errors import Misconfigured
from worker.cli.many import Each, Label
from worker.cli.output import Json, out, short
from worker.cli.planned import Form, present
from worker.cli.running import with_context
from worker.operations import labels, progress, replays
from worker.operations.context import Context
from worker.operations.replays import Replay
from worker.operations.shown import Shown, looked_up

One = Annotated[str | None, typer.Argument(metavar="REPLAY", help="Its id, or the beginning of it.")]
Act = Callable[[Context, Replay], Awaitable[Replay]]
MOST = 100_000
EVERY = ("planned", "running", "paused", "done", "cancelled")


def pause(that: One = None, *, label: Label = None, json: Json = False) -> None:
    """Ask for no more of it; what is decided goes out."""
    steer(that, label, replays.pause, ("running",), json=json)


def resume(that: One = None, *, label: Label = None, json: Json = False) -> None:
    """Go on with a paused one."""
    steer(that, label, replays.resume, ("paused",), json=json)


def cancel(
    that: One = None,
    *,
    label: Label = None,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    json: Json = False,
) -> None:
    """Give up the rest, or a plan that is not wanted; what is decided goes out."""

    async def act(context: Context, seen: Replay) -> Replay:
        return await replays.cancel(context, seen, reason=reason)

    steer(that, label, act, ("running", "paused"), json=json)


def steer(that: str | None, label: str | None, act: Act, states: Sequence[str], *, json: bool) -> None:
    """Does *act* with the one that is named, or with all of the label that are in one of *states*."""
    which = one_of(that, label)

    async def one(context: Context) -> Shown:
        await act(context, await replays.find(context, which))
        return await looked_up(context, which)

    async def all_of(context: Context, label: str) -> Each[Replay]:
        return await (await of_label(context, label, states)).then(lambda _, seen: act(context, seen))

    if label is not None:
        tell(with_context(lambda context: all_of(context, label)), json=json)
    else:
        present(with_context(one), Form.JSON if json else Form.TABLE)


def one_of(that: str | None, label: str | None) -> str:
    """The replay that is named; nothing with a label."""
    if (that is None) == (label is None):
        raise Misconfigured("Name a replay, or give --label LABEL for those of all integrations that have it.")
    return that or ""


async def of_label(context: Context, label: str, states: Sequence[str] = EVERY) -> Each[Replay]:
    """Newest first. Raises `Misconfigured` where there is none in one of *states*."""
    every = {one.id: one for one in await labels.having(context, label)}
    found = await replays.listed(context, among=list(every.values()), states=states, limit=MOST)
    if not found:
        raise Misconfigured(f"No integration with the label {label} has a replay that is {' or '.join(states)}.")
    return Each(done=tuple((every[one.integration], one) for one in found), several=True)


def tell(done: Each[Replay], *, json: bool) -> None:
    if json:
        done.show_json(lambda seen, one: {"replay": one, "integration": seen.id})
    for seen, one in done.done if not json else ():
        out().print(f"{seen.name}: {short(one.id)} is {one.state}, {progress.asked(one)} asked for.", markup=False)
    done.end()
