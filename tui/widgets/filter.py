"""The filter line: the same everywhere, and it stays until it is emptied."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from events.words import Words


class Filter(Input):
    """`/` goes there, enter comes back, escape empties it first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Clear", tooltip="Empty the filter; once more: leave it"),
        Binding("down", "done", "Back to the rows", show=False),
        Binding("enter", "submit", "Rows", tooltip="Back to the rows; the filter stays"),
    ]

    class Done(Message):
        """What is filtered is wanted back."""

    def __init__(self, say: Words, placeholder: str, written: str = "") -> None:
        super().__init__(written, placeholder=say(placeholder), compact=True, id="filter", select_on_focus=False)

    def action_leave(self) -> None:
        if self.value:
            self.value = ""
        else:
            self.post_message(self.Done())

    def action_done(self) -> None:
        self.post_message(self.Done())

    async def action_submit(self) -> None:
        self.post_message(self.Done())
