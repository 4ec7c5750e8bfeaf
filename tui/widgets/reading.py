"""A few lines to read, and away again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.words import Words


class Reading(ModalScreen[None]):
    """*title* and *lines* are in the operator's language already."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss(None)", "Close")]

    def __init__(self, say: Words, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._say, self._title, self._lines = say, title, lines

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="reading", classes="modal"):
            yield Static(Content(self._title), classes="strong")
            yield Static(Content("\n".join(self._lines)))
            yield Static(Content(self._say("escape: close")), classes="quiet")
