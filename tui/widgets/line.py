"""The command that does the same as the screen, to be copied into a script or a note."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.words import Words


class CommandLine(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,colon,q", "dismiss(None)", "Close"),
        Binding("c,y,enter", "copy", "Copy"),
    ]

    def __init__(self, say: Words, line: str) -> None:
        super().__init__()
        self._say, self._line = say, line

    def compose(self) -> ComposeResult:
        with Vertical(classes="modal"):
            yield Static(Content(self._line), id="line", classes="strong")
            yield Static(Content(self._say("c: copy · escape: close")), classes="quiet")

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._line)
        self.notify(self._say("Copied."))
        self.dismiss(None)
