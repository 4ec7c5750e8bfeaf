"""Rows, and beside them what the row under the cursor is in full: below, where there is little room."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from tui.widgets.detail import Detail

BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
"""For a screen with a `Split`."""


class Split(Container):
    def __init__(self, rows: Widget) -> None:
        super().__init__(id="split")
        self._rows = rows

    def compose(self) -> ComposeResult:
        yield self._rows
        yield Detail(id="detail")
