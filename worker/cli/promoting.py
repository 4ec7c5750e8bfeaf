"""`ptm trigger promote`."""

from __future__ import annotations

from dataclasses import dataclass

from events import versions
from events.integration import Trigger
from worker.cli import asking, trigger
from worker.cli.asking import Count, Wait, YesOrCount
from worker.cli.drafting import Named, show_all, show_watched, watched_json
from worker.cli.many import Each, Label, Maybe, each, named, words
from worker.cli.output import Expect, Json, Reason, told
from worker.cli.running import with_context
from worker.cli.said import show_lines
from worker.cli.saving import as_json, settled, tell
from worker.operations import drafts, saving
from worker.operations.context import Context
from worker.operations.drafts import Watched
from worker.operations.integrations import Integration
from worker.operations.saving import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A draft, seen in its shadow."""

    watched: Watched
    becomes: Trigger
    held: Held


Promoted = tuple[Integration, Ready]


def promote(
    which: Maybe = None,
    wanted: Named = None,
    *,
    label: Label = None,
    waiting: Wait = None,
    expect: Expect = None,
    yes: YesOrCount = False,
    count: Count = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Put a draft in force: in the place of its live trigger, under that one's id, or as a trigger of its own."""
    which, wanted = words(label, which, wanted)
    name = named(wanted, "draft")
    trigger.one_version(expect, label)

    async def run(context: Context) -> Each[Promoted]:
        async def one(seen: Integration, ready: Ready) -> Promoted:
            now, draft = trigger.expected(seen, expect), ready.watched.draft
            return await drafts.promote(context, now, draft, waiting=policy, reason=reason), ready

        every = await each(context, which, label)
        ready = await every.then(lambda seen, _: prepare(context, seen, name), at_once=1)
        if not json:
            show(ready, context.settings.timezone)
        confirm(ready, name, yes=yes, count=count)
        policy = settled([one.held for one in ready.results], waiting)
        return await ready.then(one)

    done = with_context(run)
    if json:
        done.show_json(lambda _, one: as_json(one[0], one[1].becomes) | {"shadow": watched_json(one[1].watched)})
        done.end()
    else:
        tell(done.of(lambda one: (one[0], one[1].becomes)), "in force", json=False)


async def prepare(context: Context, seen: Integration, name: str) -> Ready:
    mine = seen.trigger(name)
    becomes = drafts.promoted(seen, mine)
    watched = await drafts.watch(context, seen, mine)
    return Ready(watched=watched, becomes=becomes, held=await saving.held(context, seen.id, becomes.id))


def show(ready: Each[Ready], zone: str) -> None:
    if ready.several:
        show_all(told(), ready.of(lambda one: one.watched))
        return
    [one] = ready.results
    show_watched(told(), one.watched, zone)
    told().print()
    show_lines(told(), versions.difference(one.watched.live, one.becomes))


def confirm(ready: Each[Ready], name: str, *, yes: bool, count: int | None) -> None:
    if not ready.several:
        asking.sure(question(ready.results[0].watched, ready.results[0].becomes), yes=yes)
        return
    starting = sum(one.becomes.destination.may_start_survey for one in ready.results)
    surveys = f" In {starting} of them that may start surveys." if starting else ""
    ready.confirm(lambda those: f"Put {name} in force in {those}?{surveys}", yes=yes, count=count)


def question(watched: Watched, becomes: Trigger) -> str:
    place = f" in the place of {watched.live.name}" if watched.live else ""
    surveys = ", which may start surveys" if becomes.destination.may_start_survey else ""
    return f"Put {watched.draft.name} in force{place}? From now on it adds to {trigger.describe(becomes)}{surveys}."
