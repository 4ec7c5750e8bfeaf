"""Columns of a table: what a cell shows, and how the room is shared out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size

R = TypeVar("R")

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Plain text: nothing in it is read as markup."""

    text: str
    tone: str = ""
    """`good`, `warning`, `bad`, `quiet`, `strong` or nothing: the stylesheet says how they look."""
    end: str = ""
    """What stays, in half of the room at most, where the text before it has to be cut."""


def called(name: str, tone: str = "") -> Cell:
    """A company, which `→` and an organization may follow: where there is little room, something of both stays."""
    company, arrow, organization = name.partition(" → ")
    return Cell(company, tone, arrow + organization)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[R]):
    title: str
    width: int
    cell: Callable[[R], Cell | str]
    right: bool = False
    grow: int = 0
    """Its share of the room that is left over."""
    rank: int = 0
    """Where there is too little room, the highest goes first; 0 stays."""


def fitted(columns: Sequence[Column[R]], room: int) -> tuple[list[Column[R]], list[int]]:
    """The columns there is *room* for, and how wide each is."""
    kept = list(columns)
    while len(kept) > 1 and sum(column.width + GAP for column in kept) > room:
        least = max(kept, key=lambda column: column.rank)
        if not least.rank:
            break
        kept.remove(least)
    left = max(0, room - sum(column.width + GAP for column in kept))
    widths = []
    for column in kept:  # room is for titles first, which are longer in one language than in another
        more = min(left, max(0, cell_len(column.title) - column.width))
        widths.append(column.width + more)
        left -= more
    shares = sum(column.grow for column in kept) or 1
    return kept, [width + left * column.grow // shares for width, column in zip(widths, kept, strict=True)]


def fit(text: str, width: int, *, right: bool, end: str = "") -> str:
    """Cut with `…` before *end* or filled up to *width* cells; control characters and line ends become spaces."""
    if end and cell_len(text + end) > width:
        rest = fit(end, min(cell_len(end), max(width - cell_len(text), width // 2)), right=False)
        return fit(text, width - cell_len(rest), right=right) + rest
    line = "".join(letter if letter.isprintable() else " " for letter in text + end)
    size = cell_len(line)
    if size > width:
        return set_cell_size(line, max(0, width - 1)) + "…" if width else ""
    return " " * (width - size) + line if right else line + " " * (width - size)
