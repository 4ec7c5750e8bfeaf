"""`ptm trigger fields`: what can be mapped, with what a company's own invoices have in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from rich.table import Table

from events.catalogue import Offered
from worker.cli.many import Label, Maybe
from worker.cli.output import Json, out, show_json, table, told
from worker.cli.running import with_context
from worker.operations import catalogue, labels
from worker.operations.context import Context

EXAMPLE = 40
"""Characters of an example that the table shows."""


def fields(
    which: Maybe = None,
    *,
    label: Label = None,
    search: Annotated[str | None, typer.Option(help="Only those whose path, name or example has this in it.")] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="So many recorded changes of each are looked at.")] = (
        catalogue.LATEST
    ),
    every: Annotated[bool, typer.Option("--all", help="Also those that nobody names and nothing has filled.")] = False,
    json: Json = False,
) -> None:
    """What a trigger can map: path, meaning, type, how often the latest changes had it, and an example.

    Of all integrations with a label together.
    """

    async def run(context: Context) -> list[Offered]:
        return await catalogue.fields(context, *await labels.chosen(context, which, label), last=last)

    found = [one for one in with_context(run) if search is None or one.mentions(search)]
    if json:
        show_json([as_json(one) for one in found])
        return
    shown = [one for one in found if every or search or one.field.main or one.filled]
    out().print(listed(shown) if shown else f"No field has {search} in its path, name or example.")
    if len(shown) < len(found):
        told().print(f"\n{len(found) - len(shown)} more that were never filled: --all, or --search TEXT.")


def listed(offered: Iterable[Offered]) -> Table:
    """A path stays on one line, however narrow the terminal is: it is there to be copied."""
    made = table(
        ["path", "English", "Finnish", "type", "#filled", "example"],
        [
            (one.field.path, one.field.label.en, one.field.label.fi, one.field.type, rate(one), cut(one.example))
            for one in offered
        ],
    )
    made.columns[0].no_wrap = True
    return made


def rate(one: Offered) -> str:
    """Rounded down: 100 % is every one."""
    return f"{100 * one.filled // one.changes} %" if one.changes else ""


def cut(example: str | None) -> str | None:
    return example if example is None or len(example) <= EXAMPLE else f"{example[: EXAMPLE - 1]}…"


def as_json(one: Offered) -> dict[str, object]:
    return {
        "path": one.field.path,
        "type": one.field.type,
        "label": {"en": one.field.label.en, "fi": one.field.label.fi},
        "main": one.field.main,
        "example": one.example,
        "filled": one.filled,
        "changes": one.changes,
        "rate": one.filled / one.changes if one.changes else None,
    }
