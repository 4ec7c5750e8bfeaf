"""`ptm release`: what a restore holds, looked up in Trustmary, shown, and released by a person."""

from __future__ import annotations

from typing import Annotated

import typer

from events.restored import Fate
from worker.cli.asking import Yes, sure
from worker.cli.many import Label, Maybe, among
from worker.cli.output import Json, NeedsPerson, clock, counting, fields, out, short, show_json, table
from worker.cli.running import with_context
from worker.operations import releasing
from worker.operations.context import Context
from worker.operations.integrations import Integration
from worker.operations.releasing import Looked, Plan

MEANINGS = {
    Fate.SEND: "would be sent: not in Trustmary, or not touched there since the backup",
    Fate.FOUND: "are in Trustmary already: recorded as delivered, not sent again",
    Fate.UNKNOWN: "cannot be told: parked, ptm delivery list --state parked",
    Fate.WITHHELD: "would not be sent: deleted or not active in Trustmary, or erased",
    Fate.PARKED: "were parked at the backup: they stay so",
}
"""Of a plan's lines."""


def release(
    which: Maybe = None,
    *,
    label: Label = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show; nothing is written, nothing sent.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """After a restore: look up in Trustmary what waits, show it, and send again what is not there.

    Of one integration, of all that have a label, or of all.
    """

    async def run(context: Context) -> tuple[Plan, list[Integration]]:
        with counting("looked up in Trustmary", quiet=json) as counts:
            found = await releasing.plan(context, among=await among(context, which, label), progress=counts)
        if not json:
            show(found, context.settings.timezone)
        if plan or not found.ready:
            return found, []
        counted = found.counts
        surveys = sum(one.surveys for one in found.ready)
        sure(
            f"Release {len(found.ready)} integrations? {counted[Fate.SEND]} calls are sent, {surveys} of them may "
            f"start a survey; {counted[Fate.FOUND]} are settled, {counted[Fate.UNKNOWN]} parked.",
            yes=yes,
        )
        return found, await releasing.release(context, found)

    found, released = with_context(run)
    if json:
        show_json(as_json(found, released))
    elif released:
        out().print(f"{len(released)} integrations are released.")
    if not plan and len(released) < len(found.looked):
        raise NeedsPerson(f"{len(found.looked) - len(released)} integrations are still held, see why above")


def as_json(found: Plan, released: list[Integration]) -> dict[str, object]:
    return {
        "counts": found.counts,
        "integrations": [line(one) for one in found.looked],
        "replays": found.replays,
        "released": [one.id for one in released],
    }


def line(one: Looked) -> dict[str, object]:
    return {
        "integration": one.held.integration.id,
        "name": one.held.integration.name,
        "restored_at": one.held.restored_at,
        "taken_at": one.held.taken_at,
        "not_ready": one.held.not_ready,
        "counts": one.counts,
        "surveys": one.surveys,
        "items": [
            {
                "delivery": item.delivery.id,
                "invoice": item.delivery.invoice,
                "number": item.delivery.number,
                "step": item.delivery.step,
                "call": item.delivery.call,
                "email": item.email,
                "fate": item.fate,
            }
            for item in one.items
        ],
    }


def show(found: Plan, zone: str) -> None:
    if not found.looked:
        out().print("Nothing is held after a restore.")
        return
    first = found.looked[0].held
    taken, restored = clock(first.taken_at, zone), clock(first.restored_at, zone)
    out().print(f"Held since the restore at {restored}; the log knows nothing of what was sent after {taken}.")
    out().print("No worker of the former database may run any more: what two logs send is sent twice.")
    out().print(fields([(str(count), MEANINGS[Fate(fate)]) for fate, count in sorted(found.counts.items())]))
    rows = [
        (one.held.integration.name, *(one.counts[fate] for fate in Fate), one.surveys, one.held.not_ready or "ready")
        for one in found.looked
    ]
    out().print(table(["integration", *(f"#{fate}" for fate in Fate), "#may start a survey", "release"], rows))
    for replay in found.replays:
        out().print(
            f"Replay {short(replay)} was under way and is paused: what it sent after the backup nobody knows. "
            "Resumed, it parks whom it may have asked already."
        )
