"""What undoing a replay comes to, as people see it before they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from events import reasons
from events.plan import Item
from worker.cli.output import fields, out, short, table
from worker.operations.summary import called, names_of
from worker.operations.undoing import Prepared

SHOWN = 40
"""Contacts that each part shows."""


def show(prepared: Prepared) -> None:
    """Who is taken off what, what waits and is dropped, and plainly what stays as it is."""
    names = names_of(prepared.integration.rules)

    def invoice(item: Item) -> str:
        return f"invoice {prepared.numbers.get(item.invoice, item.invoice)}"

    skipped = prepared.plan.skipped.items()
    rest = [(f"{count} of them", reasons.said(reason)) for reason, count in skipped]
    out().print(
        fields(
            [
                ("undo", short(prepared.replay.id)),
                ("integration", prepared.integration.name),
                ("looked at", f"{prepared.plan.looked_at} contacts that the replay added"),
                *rest,
            ]
        )
    )
    part("Taken off", prepared.off, lambda item: targets(item, names))
    part("Not sent yet, and dropped", prepared.dropped, lambda item: targets(item, names))
    part("Stays on", prepared.stays, lambda item: f"{targets(item, names)}. {reasons.said(item.reason or '')}")
    out().print("\nWhat cannot be undone:")
    part("A survey may have started", prepared.surveys, invoice)
    part("Fields were overwritten, and stay so", prepared.overwritten, differences)
    part("Contacts that were new, and stay in Trustmary", prepared.created, invoice)
    if not (prepared.surveys or prepared.overwritten or prepared.created):
        out().print("nothing that the log knows of")


def part(title: str, items: Sequence[Item], said: Callable[[Item], str]) -> None:
    """Nothing where there are none."""
    if not items:
        return
    out().print(f"\n{title}: {len(items)}")
    out().print(table(["contact", ""], [(item.email, said(item)) for item in items[:SHOWN]]))
    if len(items) > SHOWN:
        out().print(f"… and {len(items) - SHOWN} more: ptm replay show of the undoing has all of them.")


def targets(item: Item, names: Mapping[str, str]) -> str:
    return ", ".join(called(one, names) for one in item.targets)


def differences(item: Item) -> str:
    return ", ".join(f"{name}: {old or '–'} → {new}" for name, (old, new) in item.differences.items())
