"""`ptm integration undo`."""

from __future__ import annotations

from rich.text import Text

from worker.cli import asking, history
from worker.cli.asking import Answer, Wait, Yes
from worker.cli.integration import as_json, tell
from worker.cli.output import Expect, Json, Reason, Which, show_json, told
from worker.cli.running import with_context
from worker.cli.trigger import expected
from worker.operations import integrations, reverting
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.reverting import Undoing


def undo(
    which: Which,
    *,
    waiting: Wait = None,
    expect: Expect = None,
    yes: Yes = False,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Take back the last change of its configuration, by saving what was before; shows first what that does."""

    async def run(context: Context) -> tuple[Undoing, Integration, str]:
        seen = expected(await integrations.find(context, which, removed=True), expect)
        undoing = await reverting.prepare(context, seen)
        if not json:
            show(undoing, context.settings.timezone)
        asking.sure(f"Undo version {undoing.act.position} of {seen.name}?", yes=yes)
        offered = (Answer.DROP, Answer.SEND) if undoing.only_removes else tuple(Answer)
        policy = asking.waiting(waiting, await reverting.held(context, undoing), default=offered[0], offered=offered)
        return undoing, await reverting.save(context, undoing, waiting=policy, reason=reason), context.settings.timezone

    undoing, now, zone = with_context(run)
    if json:
        show_json({**as_json(now), "undone": undoing.act.position, "changes": undoing.says})
    else:
        tell(now, zone)


def show(undoing: Undoing, zone: str) -> None:
    history.show(undoing.act, undoing.act.says, zone, aside=True)
    told().print("Undoing it does this:")
    for line in undoing.says:
        told().print(Text(f"    {line}"), soft_wrap=True)
