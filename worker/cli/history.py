"""`ptm trigger history` and `restore`; and what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from events.integration import Trigger
from events.versions import Change, Said, Version
from worker import settings
from worker.cli import asking, trigger
from worker.cli.asking import Wait
from worker.cli.output import Expect, Json, Reason, Which, clock, out, short, show_json, told
from worker.cli.running import with_context
from worker.operations import history as past
from worker.operations import integrations, saving
from worker.operations.context import Context
from worker.operations.history import Versions
from worker.operations.integrations import Integration

Named = Annotated[str, typer.Argument(metavar="TRIGGER", help="Its name or id, also of a removed one.")]


def history(
    which: Which,
    wanted: Annotated[str | None, typer.Argument(metavar="[TRIGGER]", help="Its name or id; none: all.")] = None,
    json: Json = False,
) -> None:
    """Every version of a trigger: who saved it, when, why, and what it changed."""

    async def run(context: Context) -> tuple[Versions, str]:
        known = await past.read(context, await integrations.find(context, which, removed=True))
        if wanted:
            mine = past.find(known, wanted)
            known = {mine[-1].id: mine}
        return known, context.settings.timezone

    known, zone = with_context(run)
    if json:
        show_json([version_json(version) for each in known.values() for version in each])
        return
    for each in known.values():
        gone = "" if each[-1].trigger else " (removed)"
        out().print(Text(f"{past.last_name(each)}{gone} {short(each[-1].id)}", style="bold"))
        for version in each:
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


def show(said: Said, lines: Sequence[str], zone: str, *, aside: bool = False) -> None:
    """*aside*: to the person, not among the results."""
    console = told() if aside else out()
    why = f": {said.reason}" if said.reason else ""
    console.print(Text(f"version {said.position}  {clock(said.at, zone)}  {said.actor}{why}"), soft_wrap=True)
    for line in lines:
        console.print(Text(f"    {line}"), soft_wrap=True)


def show_newer(newer: Sequence[Change]) -> None:
    """What stands in the way of a save."""
    zone = settings.load().timezone
    for change in newer:
        show(change, change.says, zone, aside=True)


def restore(
    which: Which,
    wanted: Named,
    version: Annotated[int, typer.Argument(help="As ptm trigger history shows it.")],
    *,
    waiting: Wait = None,
    expect: Expect = None,
    reason: Reason = None,
    json: Json = False,
) -> None:
    """Save an old version of a trigger as the newest; a removed one comes back."""

    async def run(context: Context) -> tuple[Integration, Trigger]:
        seen = trigger.expected(await integrations.find(context, which), expect)
        old = past.to_restore(past.find(await past.read(context, seen), wanted), version)
        policy = asking.waiting(waiting, await saving.held(context, seen.id, old.id))
        return await past.restore(context, seen, old, version, waiting=policy, reason=reason), old

    seen, saved = with_context(run)
    if json:
        show_json({"integration": seen.id, "version": seen.version, "trigger": trigger.as_json(saved)})
    else:
        trigger.show(seen)
