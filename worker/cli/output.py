"""What commands print: results on stdout, everything said to a person on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, TextColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from events import moments
from events.jsonable import as_text
from events.plain import STEERING

Json = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
Reason = Annotated[str | None, typer.Option(help="Why, for whoever reads the log later.")]
Expect = Annotated[int | None, typer.Option(help="Save only on this version of the integration.")]


UNSEEN = {code: None for code in STEERING if code != ord("\n")}
WIDE = 200
"""Columns where no terminal says how many."""


class NeedsPerson(Exception):
    """The command has to ask, and nobody is there to answer; the message says which flag answers it."""


class Plainly(Console):
    """Nothing that is printed steers the terminal: a customer's name is somebody else's text."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else text.translate(UNSEEN), style, control)


def out() -> Console:
    """Results; made anew so that it is the stdout of now."""
    return Plainly(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def told() -> Console:
    """What is said to a person."""
    return Plainly(stderr=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)


class Counts(Protocol):
    def __call__(self, count: int, of: int | None = None, /) -> None: ...


@contextmanager
def counting(what: str, *, quiet: bool = False) -> Iterator[Counts]:
    """How many of *what* there are so far, on a line that goes away in the end; only where a person sees it."""
    console = told()
    silent = quiet or not console.is_terminal
    with Progress(TextColumn("{task.description}"), console=console, transient=True, disable=silent) as progress:
        task = progress.add_task(f"{what} …")

        def counts(count: int, of: int | None = None, /) -> None:
            progress.update(task, description=f"{what}: {count}{f' of {of}' if of else ''}")

        yield counts


def complain(sentence: str) -> None:
    told().print(Text(f"ptm: {sentence}", style="red" if sys.stderr.isatty() else ""), soft_wrap=True)


def show_json(value: Any) -> None:
    """One line; dataclasses, ids and times as they are."""
    sys.stdout.write(f"{as_text(value)}\n")
    sys.stdout.flush()


@contextmanager
def json_array() -> Iterator[Callable[[Any], None]]:
    """An array that is written value by value, and whole whatever stops it; of nothing, nothing is written."""
    begun = False

    def show_next(value: Any) -> None:
        nonlocal begun
        sys.stdout.write("," if begun else "[")
        begun = True
        show_json(value)

    try:
        yield show_next
    finally:
        if begun:
            sys.stdout.write("]\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table:
    """Columns that start with `#` hold numbers."""
    made = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left", title_style="bold")
    for column in columns:
        made.add_column(column.lstrip("#"), justify="right" if column.startswith("#") else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else str(cell)) for cell in row))
    return made


def fields(pairs: Iterable[tuple[str, object]]) -> Table:
    """Name and value, a line each."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(Text(name), value if isinstance(value, Text) else Text("" if value is None else str(value)))
    return made


def short(id: UUID) -> str:
    return str(id)[:8]


def clock(at: datetime | None, zone: str) -> str:
    return moments.clock(at, zone)


def ago(at: datetime | None) -> str:
    if at is None:
        return "never"
    seconds = int((datetime.now(UTC) - at).total_seconds())
    for size, word in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {word} ago"
    return f"{max(0, seconds)} s ago"
