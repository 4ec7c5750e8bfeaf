"""A question with a few answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.words import Words
from tui.widgets.menu import Choice, Menu


class Choose(ModalScreen[str | None]):
    """Answers the id of the choice, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, say: Words, question: str, choices: Sequence[Choice], *, at: str = "", hint: str = "") -> None:
        """*question* and *hint* are in the operator's language already."""
        super().__init__()
        self._say, self._question, self._choices, self._at, self._hint = say, question, choices, at, hint

    def compose(self) -> ComposeResult:
        with Vertical(id="choose", classes="modal"):
            yield Static(Content(self._question), id="question")
            yield Menu(self._choices, at=self._at)
            if self._hint:
                yield Static(Content(self._hint), classes="hint quiet")
            yield Static(Content(self._say("enter: choose · escape: leave it")), classes="hint quiet")

    @on(Menu.OptionSelected)
    def answer(self, event: Menu.OptionSelected) -> None:
        self.dismiss(event.option_id)
