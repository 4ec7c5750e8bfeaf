"""A question that is answered with a line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from events.errors import Misconfigured
from events.words import Words


def anything(text: str) -> None:
    """Lets every answer through."""


class Write(ModalScreen[str | None]):
    """Answers the text, or None. *check* raises `Misconfigured` for what cannot be taken: it is told while typing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, say: Words, question: str, *, text: str = "", check: Callable[[str], object] = anything) -> None:
        super().__init__()
        self._say, self._question, self._text, self._check = say, question, text, check

    def compose(self) -> ComposeResult:
        with Vertical(id="write", classes="modal"):
            yield Static(Content(self._question), id="question")
            yield Input(self._text, id="text", compact=True)
            yield Static(id="wrong", classes="bad")
            yield Static(Content(self._say("enter: go on · escape: leave it")), classes="hint quiet")

    @on(Input.Changed)
    def tell_what_is_wrong(self, event: Input.Changed) -> None:
        self.query_one("#wrong", Static).update(Content(self._wrong(event.value)))

    def _wrong(self, text: str) -> str:
        try:
            self._check(text.strip())
        except Misconfigured as error:
            return f"✖ {self._say.told(error)}"
        return ""

    @on(Input.Submitted)
    def go_on(self, event: Input.Submitted) -> None:
        if not self._wrong(event.value):
            self.dismiss(event.value.strip())
