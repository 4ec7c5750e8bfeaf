"""Numbers over time as bars, an eighth of a cell high at least."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widget import Widget

from tui.widgets.spark import BARS

AXIS = 9
"""Cells for the numbers beside the bars."""


class Plot(Widget):
    """Shows what was given last, as high and wide as it is."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._numbers: Callable[[int], Sequence[float | None]] = lambda count: ()
        self._says: Callable[[float], str] = str

    def show(self, title: str, numbers: Callable[[int], Sequence[float | None]], says: Callable[[float], str]) -> None:
        """*numbers* makes as many as there is room for; *says* tells one with its unit."""
        self.border_title = Content(title).markup
        self._numbers, self._says = numbers, says
        self.refresh()

    def render(self) -> Content:
        size = self.content_size
        return Content("\n".join(lines(self._numbers(max(1, size.width - AXIS)), self._says, size.height)))


def lines(numbers: Sequence[float | None], says: Callable[[float], str], height: int) -> list[str]:
    """From the top down; nothing is a dot on the ground, so that it is not taken for little."""
    most = max((each for each in numbers if each is not None), default=0.0)
    labels = [""] * height
    if height > 1 and most > 0:
        labels[0], labels[-1] = says(most), says(0)
    rows = ("".join(cell(each, most, height, row) for each in numbers) for row in range(height - 1, -1, -1))
    return [f"{label:>{AXIS - 1}.{AXIS - 1}} {row}" for label, row in zip(labels, rows, strict=True)]


def cell(number: float | None, most: float, height: int, row: int) -> str:
    """*row* counts from the ground."""
    if number is None or number <= 0:
        return " " if row else "·"
    eighths = max(1, round(number / most * height * len(BARS))) - row * len(BARS)
    return " " if eighths <= 0 else BARS[min(eighths, len(BARS)) - 1]
