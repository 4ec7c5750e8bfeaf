"""`ptm integration undo`."""

from __future__ import annotations

from rich.text import Text

from events.words import Words
from worker.cli import asking
from worker.cli.asking import Answer, Count, Wait, YesOrCount
from worker.cli.integration import as_json, tell
from worker.cli.many import Each, Label, Maybe, each
from worker.cli.output import Expect, Json, Reason, out, told
from worker.cli.running import with_context
from worker.cli.said import show
from worker.cli.trigger import expected, one_version
from worker.operations import reverting, saving
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.reverting import Undoing


def undo(
    which: Maybe = None,
    *,
    label: Label = None,
    waiting: Wait = None,
    expect: Expect = None,
    yes: YesOrCount = False,
    count: Count = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Take back the last change of its configuration, by saving what was before; shows first what that does."""
    one_version(expect, label)

    async def run(context: Context) -> tuple[Each[tuple[Undoing, Integration]], Words]:
        say = context.settings.words
        every = await each(context, which, label, removed=True)
        ready = await every.then(lambda seen, _: reverting.prepare(context, expected(seen, expect)))
        if not json:
            show_all(ready, say.zone.key)
        ready.confirm(lambda name: f"Undo the last change of {name}?", yes=yes, count=count)
        offered = offered_for(ready.results)
        held = saving.summed([await reverting.held(context, one) for one in ready.results])
        policy = asking.waiting(waiting, held, default=offered[0], offered=offered)

        async def save(_: Integration, undoing: Undoing) -> tuple[Undoing, Integration]:
            return undoing, await reverting.save(context, undoing, waiting=policy, reason=reason)

        return await ready.then(save), say

    done, say = with_context(run)
    if json:
        done.show_json(lambda _, pair: undone_json(*pair))
    for undoing, now in done.results if not json else ():
        if done.several:
            out().print(f"{now.name}: version {undoing.act.position} is undone.", markup=False)
        else:
            tell(now, say)
    done.end()


def offered_for(undoings: list[Undoing]) -> tuple[Answer, ...]:
    """What may become of what waits: a trigger that goes cannot decide again."""
    return (Answer.DROP, Answer.SEND) if any(one.only_removes for one in undoings) else tuple(Answer)


def undone_json(undoing: Undoing, now: Integration) -> dict[str, object]:
    return {**as_json(now), "undone": undoing.act.position, "changes": undoing.says}


def show_all(ready: Each[Undoing], zone: str) -> None:
    for seen, undoing in ready.done:
        if ready.several:
            told().print(Text(seen.name), soft_wrap=True)
        show(undoing.act, undoing.act.says, zone, aside=True)
        told().print("Undoing it does this:")
        for line in undoing.says:
            told().print(Text(f"    {line}"), soft_wrap=True)
