"""A plan for a colleague's approval: as CSV for a spreadsheet, as Markdown for a message."""

from __future__ import annotations

import csv as csv_writer
import sys
from collections.abc import Iterable, Mapping, Sequence

from worker.operations.replays import Line

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet takes for a formula."""


def csv(lines: Iterable[Line]) -> None:
    """A row a contact, a column for each field before and after."""
    rows = list(lines)
    names = sorted({name for one in rows for name in (*one.before, *one.after)})
    writer = csv_writer.writer(sys.stdout, lineterminator="\n")
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


def markdown(title: str, summary: Iterable[tuple[str, object]], lines: Sequence[Line]) -> None:
    """The summary as a list, the contacts as a table."""
    write = sys.stdout.write
    write(f"# Replay of {escaped(title)}\n\n")
    for name, value in summary:
        write(f"- **{name}**: {escaped(str(value))}\n")
    write(
        "\n| # | class | invoice | contact | before | after | reason |\n| --- | --- | --- | --- | --- | --- | --- |\n"
    )
    for one in lines:
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
