"""Rows of the log: their end is the log's end, not the end of what is loaded."""

from __future__ import annotations

from tui.widgets.rows import Rows
from worker.operations.browse import Entry


class LogRows(Rows[Entry]):
    class End(Rows.Told):
        """Somebody wants to see the newest."""

    def action_last(self) -> None:
        super().action_last()
        self.post_message(self.End(self))

    def to_end(self) -> None:
        super().action_last()
