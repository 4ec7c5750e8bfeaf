"""`ptm trigger history` and `restore`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from events.errors import Misconfigured
from events.integration import Trigger
from events.versions import Version
from worker.cli import trigger
from worker.cli.asking import Wait
from worker.cli.log import moment
from worker.cli.many import Each, Label, Maybe, each, named, words
from worker.cli.output import Expect, Json, Reason, out, short
from worker.cli.running import with_context
from worker.cli.said import show
from worker.cli.saving import Ready, Saved, settled, tell
from worker.operations import history as past
from worker.operations import saving
from worker.operations.context import Context
from worker.operations.history import Versions
from worker.operations.integrations import Integration

Named = Annotated[str | None, typer.Argument(metavar="TRIGGER", help="Its name or id, also of a removed one.")]


def history(
    which: Maybe = None,
    wanted: Annotated[str | None, typer.Argument(metavar="TRIGGER", help="Its name or id; none: all.")] = None,
    *,
    label: Label = None,
    json: Json = False,
) -> None:
    """Every version of a trigger: who saved it, when, why, and what it changed."""
    which, wanted = words(label, which, wanted)

    async def run(context: Context) -> tuple[Each[Versions], str]:
        async def read(seen: Integration, _: Integration) -> Versions:
            known = await past.read(context, seen)
            mine = past.find(known, wanted) if wanted else None
            return {mine[-1].id: mine} if mine else known

        return await (await each(context, which, label, removed=True)).then(read), context.settings.timezone

    done, zone = with_context(run)
    if json:
        done.show_json(lambda seen, known: history_json(seen, known, label))
    for seen, known in done.done if not json else ():
        if label:
            out().print(Text(seen.name, style="bold"))
        show_versions(known, zone)
    done.end()


def history_json(seen: Integration, known: Versions, label: str | None) -> object:
    versions = [version_json(version) for each in known.values() for version in each]
    return {"integration": seen.id, "versions": versions} if label else versions


def show_versions(known: Versions, zone: str) -> None:
    for its in known.values():
        gone = "" if its[-1].trigger else " (removed)"
        out().print(Text(f"{past.last_name(its)}{gone} {short(its[-1].id)}", style="bold"))
        for version in its:
            show(version, version.changes or ("no difference",), zone)
        out().print()


def version_json(version: Version) -> dict[str, object]:
    return {
        "version": version.position,
        "at": version.at,
        "actor": version.actor,
        "reason": version.reason,
        "id": version.id,
        "trigger": trigger.as_json(version.trigger) if version.trigger else None,
        "changes": version.changes,
    }


def restore(
    which: Maybe = None,
    wanted: Named = None,
    version: Annotated[
        str | None,
        typer.Argument(
            metavar="VERSION", help="As ptm trigger history shows it; or as it was then: 2h, 2026-03-01T12:00."
        ),
    ] = None,
    *,
    label: Label = None,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Save an old version of a trigger as the newest; a removed one comes back."""
    which, wanted, version = words(label, which, wanted, version)
    name, place = named(wanted, "trigger"), named(version, "version")
    trigger.one_version(expect, label)
    if label and place.isdecimal():
        raise Misconfigured(f"{place} is a version of one integration: with --label say as of when, such as 2h.")

    async def run(context: Context) -> Each[Saved]:
        then = place if place.isdecimal() else moment(place, context.settings.timezone, flag="VERSION")

        async def found(seen: Integration, _: Integration) -> tuple[Ready, int]:
            position, old = chosen(past.find(await past.read(context, seen), name), then, several=label is not None)
            return (old, await saving.held(context, seen.id, old.id)), position

        async def one(seen: Integration, ready: tuple[Ready, int]) -> Saved:
            (old, _), position = ready
            if old == seen.rules.triggers.get(old.id):
                return seen, old
            now = trigger.expected(seen, expect)
            return await past.restore(context, now, old, position, waiting=policy, reason=reason), old

        ready = await (await each(context, which, label)).then(found)
        policy = settled([held for (_, held), _ in ready.results], waiting)
        return await ready.then(one)

    tell(with_context(run), "restored", json=json)


def chosen(known: tuple[Version, ...], wanted: str | datetime, *, several: bool) -> tuple[int, Trigger]:
    """The version that is meant, by its number or as of a moment, and the trigger as it left it.

    In one of *several* it may be as it is now; where one is named, that is refused.
    """
    if isinstance(wanted, str):
        return int(wanted), past.to_restore(known, int(wanted))
    version = past.as_of(known, wanted)
    if several and version.trigger and version.trigger == known[-1].trigger:
        return version.position, version.trigger
    return version.position, past.to_restore(known, version.position)
