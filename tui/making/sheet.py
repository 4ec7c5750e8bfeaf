"""A form as a table: a line for each thing that can be said; enter changes it."""

from __future__ import annotations

from collections.abc import Sequence

from events.words import Words
from tui.making.wording import Entry
from tui.widgets.columns import Cell, Column
from tui.widgets.rows import Rows


class Sheet(Rows[Entry]):
    def __init__(self, say: Words, *, id: str) -> None:
        super().__init__(key=lambda entry: entry.id, id=id)
        self._say = say

    def fill(self, entries: Sequence[Entry]) -> None:
        """As high as its entries are many."""
        self.styles.height = len(entries) + 1
        self.show(entries, self._both())

    def _both(self) -> list[Column[Entry]]:
        return [
            Column(title="", width=24, cell=lambda entry: Cell(entry.label, "quiet")),
            Column(title=self._say("enter changes it"), width=30, grow=1, cell=valued),
        ]


def valued(entry: Entry) -> Cell:
    return Cell(entry.value, entry.tone)
