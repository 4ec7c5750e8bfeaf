"""Numbers over time as bars, an eighth of a cell high at least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui.widgets.spark import BARS

AXIS = 9
"""Cells for the numbers beside the bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What is said of the numbers, in the operator's language already."""

    title: str
    brief: str
    """The same where there is one line for all of it."""
    says: Callable[[float], str]
    """Tells one number with its unit."""
    sums: Callable[[str, str], str]
    """Tells the newest number and the highest."""


NOTHING = Labels(title="", brief="", says=str, sums=lambda newest, most: "")


class Plot(Widget):
    """Shows what was given last, as high and wide as it is: of one line's height it is a sparkline with its numbers."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._numbers: Callable[[int], Sequence[float | None]] = lambda count: ()
        self._labels = NOTHING

    def show(self, numbers: Callable[[int], Sequence[float | None]], labels: Labels) -> None:
        """*numbers* makes as many as there is room for."""
        self.border_title = Content(labels.title).markup
        self._numbers, self._labels = numbers, labels
        self.refresh()

    def render(self) -> Content:
        size = self.content_size
        if size.height == 1:
            return Content(line(self._numbers, self._labels, size.width))
        return Content("\n".join(lines(self._numbers(max(1, size.width - AXIS)), self._labels.says, size.height)))


def line(numbers: Callable[[int], Sequence[float | None]], labels: Labels, width: int) -> str:
    """Name, bars, and in words what the bars cannot say; the bars take what room is left."""
    sums = summed(numbers(width), labels)
    beside = cell_len(labels.brief) + cell_len(sums) + 2
    bars = numbers(max(1, width - beside))
    most = max((each for each in bars if each is not None), default=0.0)
    return f"{labels.brief} {''.join(cell(each, most, 1, 0) for each in bars)} {sums}"


def summed(numbers: Sequence[float | None], labels: Labels) -> str:
    known = [each for each in numbers if each is not None]
    return labels.sums(labels.says(known[-1]), labels.says(max(known))) if known else ""


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
