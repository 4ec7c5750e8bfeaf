"""A link, to be opened in a browser here or anywhere else."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from events.words import Words


class Link(Static, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c,y", "copy", "Copy the link", tooltip="Copy the link, over ssh too"),
        Binding("o,enter", "open", "Open the link", tooltip="Open the link in a browser on this machine"),
    ]

    def __init__(self, say: Words, url: str) -> None:
        super().__init__(Content(url), id="link")
        self._say, self._url = say, url

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._url)
        self.notify(self._say("Copied."))

    def action_open(self) -> None:
        self.app.open_url(self._url)
