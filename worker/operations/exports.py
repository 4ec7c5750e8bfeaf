"""A plan for a colleague's approval: as CSV for a spreadsheet, as Markdown for a message, as JSON for a script."""

from __future__ import annotations

import csv as csv_writer
import io
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from events import jsonable
from worker.operations.replays import Line
from worker.operations.shown import Shown
from worker.operations.summary import summary

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet takes for a formula."""


FORMS: Mapping[str, str] = {".csv": "csv", ".json": "json"}
"""A file's ending → the form that it asks for; any other: Markdown."""


def as_json(shown: Shown) -> dict[str, Any]:
    return {
        "replay": shown.replay,
        "integration": shown.integration.id,
        "costs": {reach.value: cost for reach, cost in shown.costs.items()},
        "remove_old": {reach.value: count for reach, count in shown.old.items()},
        "items": shown.lines,
    }


def text(shown: Shown, ending: str) -> str:
    """All of it, in the form that a file's *ending* asks for."""
    to = io.StringIO()
    form = FORMS.get(ending)
    if form == "csv":
        csv(shown.lines, to)
    elif form == "json":
        to.write(jsonable.as_text(as_json(shown)) + "\n")
    else:
        markdown(shown, to)
    return to.getvalue()


def csv(lines: Iterable[Line], to: TextIO) -> None:
    """A row a contact, a column for each field before and after."""
    rows = list(lines)
    names = sorted({name for one in rows for name in (*one.before, *one.after)})
    writer = csv_writer.writer(to, lineterminator="\n")
    writer.writerow(
        [
            *("number", "class", "reason", "invoice", "invoice id", "invoices", "email"),
            *(f"{name} {when}" for name in names for when in ("before", "after")),
            *("targets", "starts_surveys", "left_out", "delivery"),
        ]
    )
    for one in rows:
        values = [value.get(name, "") for name in names for value in (one.before, one.after)]
        writer.writerow(
            [
                *(
                    one.number,
                    one.kind,
                    one.reason or "",
                    one.invoice_number,
                    one.invoice,
                    one.invoices,
                    harmless(one.email or ""),
                ),
                *map(harmless, values),
                *(" ".join(one.targets), one.starts_surveys, one.left_out or "", one.delivery or ""),
            ]
        )


def harmless(value: str) -> str:
    """A customer's name is somebody else's text: it must not run in the spreadsheet that opens it."""
    return f"'{value}" if value.startswith(FORMULA) else value


def markdown(shown: Shown, to: TextIO) -> None:
    """The summary as a list, the contacts as a table."""
    write = to.write
    write(f"# Replay of {escaped(shown.integration.name)}\n\n")
    for name, value in summary(shown):
        write(f"- **{name}**: {escaped(str(value))}\n")
    write(
        "\n| # | class | invoice | contact | before | after | reason |\n| --- | --- | --- | --- | --- | --- | --- |\n"
    )
    for one in shown.lines:
        cells = (
            one.number,
            one.kind,
            one.invoice_number or one.invoice,
            one.email or "(erased)",
            facts(one.before),
            facts(one.after),
            one.reason,
        )
        write(f"| {' | '.join(escaped(str(cell or '')) for cell in cells)} |\n")


def facts(contact: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in contact.items())


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
