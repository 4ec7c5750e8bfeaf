"""`ptm trigger …`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from events import versions
from events.integration import Trigger
from worker.cli import asking
from worker.cli.asking import Answer, Wait
from worker.cli.fields import fields
from worker.cli.flags import wishing
from worker.cli.many import Label, Maybe
from worker.cli.output import Expect, Json, Reason, Which, out, short, show_json, table
from worker.cli.running import with_context
from worker.operations import integrations, labels, saving, triggers
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.saving import Held
from worker.operations.wishes import Wishes, apply

app = typer.Typer(name="trigger", help="What leads to a contact, and where it goes.", no_args_is_help=True)
app.command("fields")(fields)
Named = Annotated[str | None, typer.Argument(metavar="[TRIGGER]", help="Its name or id; none makes a new one.")]


@app.command("list")
def list_(which: Maybe = None, label: Label = None, json: Json = False) -> None:
    """The triggers of an integration, or of each that has a label."""
    found = with_context(lambda context: labels.chosen(context, which, label))
    if json:
        shown = [(seen.id, [as_json(one) for one in seen.rules.triggers.values()]) for seen in found]
        show_json([{"integration": id, "triggers": its} for id, its in shown] if label else shown[0][1])
        return
    for seen in found:
        if label:
            out().print(f"\n{seen.name}", markup=False)
        show(seen)


def as_json(trigger: Trigger) -> dict[str, object]:
    return {
        "id": trigger.id,
        "name": trigger.name,
        "live": trigger.live,
        "condition": trigger.condition,
        "mapping": trigger.mapping,
        "destination": trigger.destination,
        "existing": trigger.existing,
        "draft_of": trigger.draft_of,
    }


def show(seen: Integration) -> None:
    rows = [
        (
            short(one.id),
            one.name + state(seen, one),
            ", ".join(sorted(one.condition.statuses)),
            ", ".join(f"{name} ← {path}" for name, path in one.mapping.fields.items()),
            describe(one),
            starts(one),
        )
        for one in seen.rules.triggers.values()
    ]
    columns = ["id", "trigger", "status", "mapping", "destination", "starts surveys"]
    out().print(table(columns, rows) if rows else f"{seen.name} has no trigger.")


def state(seen: Integration, trigger: Trigger) -> str:
    if trigger.live:
        return ""
    live = seen.rules.triggers.get(trigger.draft_of) if trigger.draft_of else None
    return f" (draft of {live.name})" if live else " (draft)"


def describe(trigger: Trigger) -> str:
    """Where contacts go, by the names that Trustmary showed."""
    return versions.goal(trigger.destination)


def starts(trigger: Trigger) -> str:
    return trigger.destination.starts_surveys.value if trigger.destination.targets != ("contact",) else "no"


@app.command()
@wishing
def save(
    which: Which,
    trigger: Named = None,
    *,
    wishes: Wishes,
    live: Annotated[bool | None, typer.Option("--live/--draft", help="A draft decides nothing.")] = None,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Save a new trigger, or a new version of one; what is not given stays as it is, `none` takes a filter away."""

    async def run(context: Context) -> tuple[Integration, Trigger]:
        seen = expected(await integrations.find(context, which), expect)
        before = seen.trigger(trigger) if trigger else None
        offered = await triggers.choices_of(context, seen) if wishes.aim.given else triggers.Choices()
        wanted = apply(replace(wishes, live=live), before, offered)
        await triggers.check_here(context, seen, wanted)
        held = await saving.held(context, seen.id, wanted.id) if before else NOTHING
        policy = asking.waiting(waiting, held)
        return await triggers.save(context, seen, wanted, waiting=policy, reason=reason), wanted

    seen, saved = with_context(run)
    if json:
        show_json({"integration": seen.id, "version": seen.version, "trigger": as_json(saved)})
    else:
        show(seen)


NOTHING = Held(count=0, since=None, surveys=0)


def expected(seen: Integration, version: int | None) -> Integration:
    """*seen*, made to be what its caller saw: another version in the log is then a conflict."""
    return seen if version is None else replace(seen, version=version)


@app.command()
def remove(
    which: Which,
    trigger: Annotated[str, typer.Argument(help="Its name or id.")],
    *,
    waiting: Wait = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Remove a trigger; what waits from it is dropped, or sent."""

    async def run(context: Context) -> Integration:
        seen = await integrations.find(context, which)
        gone = seen.trigger(trigger)
        held = await saving.held(context, seen.id, gone.id)
        policy = asking.waiting(waiting, held, default=Answer.DROP, offered=(Answer.DROP, Answer.SEND))
        return await triggers.remove(context, seen, gone.id, waiting=policy, reason=reason)

    seen = with_context(run)
    if json:
        show_json({"integration": seen.id, "version": seen.version})
    else:
        show(seen)
