"""`ptm integration pause --all` and `resume --all`."""

from __future__ import annotations

from rich.text import Text

from events.integration import Waiting
from worker.cli import asking
from worker.cli.asking import Answer, sure
from worker.cli.output import NeedsPerson, clock, out, show_json, told
from worker.cli.running import with_context
from worker.operations import integrations, together
from worker.operations.context import Context
from worker.operations.integrations import Integration, State
from worker.operations.together import PausedAll, ResumedAll

NAMED = 20
"""Integrations that a question names."""


def pause(reason: str | None, *, yes: bool, json: bool) -> None:
    async def run(context: Context) -> PausedAll:
        every = await integrations.read_all(context)
        active = sum(one.state is State.ACTIVE for one in every)
        if active:
            sure(f"Pause {active} integrations? Nothing is sent until they are resumed.", yes=yes)
        return await together.pause(context, reason=reason)

    done = with_context(run)
    if json:
        show_json(
            {
                "paused": [one.id for one in done.paused],
                "already": done.already,
                "under_way": done.under_way,
                "waiting": done.waiting,
            }
        )
        return
    late = f" {done.under_way} calls had left and are not answered yet." if done.under_way else ""
    out().print(
        f"{len(done.paused)} integrations are paused now, {done.already} were before; {done.waiting} calls wait.{late}"
    )


def resume(answer: Answer | None, reason: str | None, *, yes: bool, json: bool) -> None:
    async def run(context: Context) -> ResumedAll:
        paused = await together.paused_ones(context)
        if paused:
            await name(context, paused)
            policy: Waiting = asking.waiting(answer, await together.held(context, paused))
            sure(f"Resume {len(paused)} integrations, whoever paused them?", yes=yes)
        else:
            policy = Waiting.DECIDE_AGAIN
        return await together.resume(context, paused, policy, reason=reason)

    done = with_context(run)
    if json:
        show_json(
            {
                "resumed": [one.id for one in done.resumed],
                "changed": [one.id for one in done.changed],
                "already": done.already,
            }
        )
    else:
        out().print(f"{len(done.resumed)} integrations are resumed, {done.already} were not paused.")
    if done.changed:
        names = ", ".join(one.name for one in done.changed)
        raise NeedsPerson(f"somebody changed {names} meanwhile: still paused, look and resume again")


async def name(context: Context, paused: list[Integration]) -> None:
    """Which they are, since when and why: one may have been paused for a reason of its own."""
    for one in paused[:NAMED]:
        by = await together.paused_by(context, one)
        since = f", paused since {clock(by.at, context.settings.timezone)} by {by.actor}" if by else ""
        why = f": {by.reason}" if by and by.reason else ""
        told().print(Text(f"  {one.name}{since}{why}; {one.waiting} calls wait"))
    if len(paused) > NAMED:
        told().print(f"  and {len(paused) - NAMED} more")
