"""What the demo shows while it runs and when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from events.contact import Skip
from events.reasons import SKIPS
from worker.demo.summary import Counts, Summary


class View:
    """One screen, redrawn from one look at the world; plain lines where nobody can see it redrawn."""

    def __init__(self, console: Console, *, invoices: int, where: Mapping[str, str]) -> None:
        self.console = console
        self.invoices = invoices
        self.where = where

    def draw(self, counts: Counts, judged: Mapping[str, Any], elapsed: float) -> Group:
        return Group(
            Panel(self.bars(counts, judged), title="a sent invoice becomes a Trustmary contact", title_align="left"),
            self.addresses(),
            Text(f"{elapsed:.0f} s"),
        )

    def bars(self, counts: Counts, judged: Mapping[str, Any]) -> Progress:
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=36),
            MofNCompleteColumn(),
            TextColumn("{task.fields[says]}"),
        )
        skipped = sum(counts.skipped.values())
        expected = judged["expected"]
        rows = (
            ("Procountor  invoices sent", expected + sum(judged["skipped"].values()), self.invoices, ""),
            ("event log   events decided", counts.decided, counts.head, f"{counts.changes} status changes"),
            ("rules       to be added", counts.wanted, expected, f"{skipped} skipped"),
            ("Trustmary   added", judged["delivered"], expected, f"{judged['duplicated']} doubled"),
        )
        for says, done, total, more in rows:
            progress.add_task(says, completed=min(done, total), total=max(total, 1), says=more)
        return progress

    def addresses(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, value in self.where.items():
            table.add_row(Text(name, style="dim"), Text(value))
        return table

    def line(self, counts: Counts, judged: Mapping[str, Any], elapsed: float) -> str:
        return (
            f"{elapsed:5.1f} s  {counts.changes} changes seen, {counts.wanted} to be added, "
            f"{judged['delivered']} of {judged['expected']} added, {sum(counts.skipped.values())} skipped"
        )


def where_things_are(sandbox: Mapping[str, Any], settings: Path) -> dict[str, str]:
    return {
        "Procountor": sandbox["procountor_url"],
        "Trustmary": sandbox["trustmary_url"],
        "the books": f"{sandbox['books_url']}/summary",
        "look inside": f"PTM_CONFIG={settings} .venv/bin/ptm status",
    }


def show_summary(console: Console, summary: Summary) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2))
    latency = summary.latency_ms
    for name, value in (
        ("invoices", f"{summary.invoices}, {summary.status_changes} status changes seen"),
        ("added", f"{summary.delivered} of {summary.expected} expected by the sandbox's own books"),
        *([("still on their way", str(summary.on_the_way))] if summary.broken_off else ()),
        ("lost · doubled · unexpected", f"{summary.lost} · {summary.duplicated} · {summary.unexpected}"),
        ("waiting for a person", str(summary.waiting)),
        ("event to answer", f"p50 {latency['p50']} ms · p95 {latency['p95']} ms · p99 {latency['p99']} ms"),
        ("first contact after", "none yet" if summary.first_contact_s is None else f"{summary.first_contact_s} s"),
        ("in all", f"{summary.elapsed_s} s"),
    ):
        table.add_row(name, value)
    console.print(Panel(table, title=verdict_on(summary), title_align="left"))
    skipped = Table(box=None, show_header=False, padding=(0, 1), pad_edge=True)
    skipped.add_column(justify="right", min_width=4)
    skipped.add_column()
    for reason, number in summary.skipped.items():
        skipped.add_row(str(number), f"skipped: {SKIPS[Skip(reason)].says}")
    console.print(skipped)


def verdict_on(summary: Summary) -> str:
    if summary.broken_off:
        return "broken off"
    return "nothing lost, nothing doubled" if summary.exit_code == 0 else "not as it should be"
