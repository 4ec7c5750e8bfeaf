"""What is told while the past is read for a plan."""

from __future__ import annotations

from textual.message import Message

from worker.operations.planning import Kept


class Met(Message):
    """So many events of the past have been met, of so many."""

    def __init__(self, count: int, of: int, *, invoices: bool = False) -> None:
        """*invoices*: of Procountor's, before any event is met."""
        super().__init__()
        self.count, self.of, self.invoices = count, of, invoices

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Met)


class Planned(Message):
    """The plan is kept; or, with None, it was given up or could not be made."""

    def __init__(self, kept: Kept | None) -> None:
        super().__init__()
        self.kept = kept
