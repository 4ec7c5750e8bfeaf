"""`ptm trigger save` and `remove`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from events.errors import Misconfigured
from events.integration import Trigger, Waiting
from worker.cli import asking, from_file, trigger
from worker.cli.asking import Answer, Count, Wait, YesOrCount
from worker.cli.flags import wishing
from worker.cli.many import Each, Label, Maybe, each, named, words
from worker.cli.output import Expect, Json, Reason, out
from worker.cli.running import with_context
from worker.operations import saving, triggers
from worker.operations.context import Context
from worker.operations.importing import Checker
from worker.operations.integrations import Integration
from worker.operations.saving import Held
from worker.operations.wishes import Wishes, apply

Named = Annotated[str | None, typer.Argument(metavar="TRIGGER", help="Its name or id; none makes a new one.")]
File = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Instead of flags: the triggers of the one integration in a document; - reads stdin."
    ),
]
NOTHING = Held(count=0, since=None, surveys=0)
Ready = tuple[Trigger, Held]
Saved = tuple[Integration, Trigger]


@wishing
def save(
    which: Maybe = None,
    wanted: Named = None,
    *,
    label: Label = None,
    file: File = None,
    wishes: Wishes,
    live: Annotated[bool | None, typer.Option("--live/--draft", help="A draft decides nothing.")] = None,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Save a new trigger, or a new version of one; what is not given stays as it is, `none` takes a filter away."""
    which, wanted = words(label, which, wanted)
    wishes = replace(wishes, live=live)
    trigger.one_version(expect, label)
    if file is not None:
        if wanted or wishes != Wishes():
            raise Misconfigured("--file says which triggers, and all of them: give it without other flags.")
        from_file.save(file, which, label, waiting=waiting, expect=expect, reason=reason, json=json)
        return

    async def run(context: Context) -> Each[Saved]:
        checker = Checker(context)

        async def prepared(seen: Integration, _: Integration) -> Ready:
            return await prepare(checker, seen, wanted, wishes, several=label is not None)

        async def one(seen: Integration, ready: Ready) -> Saved:
            now = trigger.expected(seen, expect)
            return await triggers.save(context, now, ready[0], waiting=policy, reason=reason), ready[0]

        ready = await (await each(context, which, label)).then(prepared)
        policy = settled([held for _, held in ready.results], waiting)
        return await ready.then(one)

    tell(with_context(run), "saved", json=json)


async def prepare(checker: Checker, seen: Integration, wanted: str | None, wishes: Wishes, *, several: bool) -> Ready:
    """What would be saved in *seen*, checked, and what waits of the version before."""
    before = seen.trigger(wanted) if wanted else None
    offered = await checker.choices(seen) if wishes.aim.given else triggers.Choices()
    made = apply(wishes, before, offered)
    if several and before is None:
        refuse_double(seen, made)
    await triggers.check_here(checker.context, seen, made)
    return made, await saving.held(checker.context, seen.id, made.id) if before else NOTHING


def refuse_double(seen: Integration, made: Trigger) -> None:
    """A command that failed for some is repeated for all: it may not make a second trigger where it was done."""
    if any(one.name.casefold() == made.name.casefold() for one in seen.rules.triggers.values()):
        raise Misconfigured(f"It has a trigger called {made.name} already: name it before --label to change it.")


def settled(
    waits: Sequence[Held],
    given: Answer | None,
    *,
    default: Answer = Answer.DECIDE_AGAIN,
    offered: tuple[Answer, ...] = tuple(Answer),
) -> Waiting:
    """What becomes of what waits in all of them, asked once."""
    return asking.waiting(given, saving.summed(waits), default=default, offered=offered)


def tell(done: Each[Saved], word: str, *, json: bool) -> None:
    if json:
        done.show_json(lambda _, one: as_json(*one))
    for before, (seen, its) in done.done if not json else ():
        if done.several:
            says = f"{word}, version {seen.version}" if seen.version != before.version else "no difference"
            out().print(f"{seen.name}: {its.name}: {says}.", markup=False)
        else:
            trigger.show(seen)
    done.end()


def as_json(seen: Integration, its: Trigger) -> dict[str, object]:
    return {"integration": seen.id, "version": seen.version, "trigger": trigger.as_json(its)}


def remove(
    which: Maybe = None,
    wanted: Annotated[str | None, typer.Argument(metavar="TRIGGER", help="Its name or id.")] = None,
    *,
    label: Label = None,
    waiting: Wait = None,
    yes: YesOrCount = False,
    count: Count = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Remove a trigger; what waits from it is dropped, or sent."""
    which, wanted = words(label, which, wanted)
    name = named(wanted, "trigger")

    async def run(context: Context) -> Each[Saved]:
        async def found(seen: Integration, _: Integration) -> Ready:
            gone = seen.trigger(name)
            return gone, await saving.held(context, seen.id, gone.id)

        async def one(seen: Integration, ready: Ready) -> Saved:
            return await triggers.remove(context, seen, ready[0].id, waiting=policy, reason=reason), ready[0]

        ready = await (await each(context, which, label)).then(found)
        if ready.several:
            ready.confirm(lambda those: f"Remove the trigger {name} from {those}?", yes=yes, count=count)
        policy = settled(
            [held for _, held in ready.results], waiting, default=Answer.DROP, offered=(Answer.DROP, Answer.SEND)
        )
        return await ready.then(one)

    done = with_context(run)
    if json and not done.several:
        done.show_json(lambda _, one: {"integration": one[0].id, "version": one[0].version})
    else:
        tell(done, "removed", json=json)
