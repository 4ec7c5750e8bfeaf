"""`ptm trigger …`."""

from __future__ import annotations

from dataclasses import replace

import typer

from events import versions
from events.errors import Misconfigured
from events.integration import Trigger
from worker.cli.fields import fields
from worker.cli.many import Label, Maybe
from worker.cli.output import Json, out, short, show_json, table, told
from worker.cli.output import fields as pairs
from worker.cli.running import with_context
from worker.operations import labels
from worker.operations.integrations import Integration

app = typer.Typer(name="trigger", help="What leads to a contact, and where it goes.", no_args_is_help=True)
app.command("fields")(fields)


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


def tell_new(wanted: Trigger) -> None:
    """Before it is saved with its integration."""
    told().print()
    told().print(
        pairs(
            [
                ("trigger", wanted.name),
                ("status", ", ".join(sorted(wanted.condition.statuses))),
                ("mapping", ", ".join(f"{field} ← {path}" for field, path in wanted.mapping.fields.items())),
                ("destination", describe(wanted)),
                ("starts surveys", starts(wanted)),
            ]
        )
    )


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


def expected(seen: Integration, version: int | None) -> Integration:
    """*seen*, made to be what its caller saw: another version in the log is then a conflict."""
    return seen if version is None else replace(seen, version=version)


def one_version(expect: int | None, many: str | None) -> None:
    """*many*: what was given instead of one integration."""
    if many and expect is not None:
        raise Misconfigured("--expect is the version of one integration: give it without --label or --from.")
