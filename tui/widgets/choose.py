"""A question with a few answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from events.words import Words
from tui.widgets.hint import Hint
from tui.widgets.line import Copying, brief
from tui.widgets.menu import Choice, Menu


class Choose(Copying[str | None]):
    """Answers the id of the choice, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(
        self,
        say: Words,
        question: str,
        choices: Sequence[Choice],
        *,
        at: str = "",
        hint: str = "",
        line_for: Callable[[str], str] | None = None,
    ) -> None:
        """*question* and *hint* are in the operator's language already. *line_for* a choice's id is its command."""
        super().__init__(say)
        self._question, self._choices, self._at, self._hint = question, choices, at, hint
        self._line_for = line_for

    def compose(self) -> ComposeResult:
        with Vertical(id="choose", classes="modal"):
            yield Static(Content(self._question), id="question")
            yield Menu(self._choices, at=self._at)
            if self._hint:
                yield Static(Content(self._hint), classes="hint quiet")
            if self._line_for:
                yield Static(id="line", classes="hint quiet")
            copy = f" · {self._say('ctrl+y: copy the command')}" if self._line_for else ""
            yield Hint(self._say("enter: choose · escape: leave it") + copy)

    def line(self) -> str:
        """Of the choice that the cursor is on."""
        chosen = self.query_one(Menu).chosen
        return self._line_for(chosen) if self._line_for and chosen else ""

    @on(Menu.OptionHighlighted)
    def tell_line(self) -> None:
        for each in self.query("#line").results(Static):
            each.update(Content(brief(self.line())))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._line_for is not None if action == "copy" else True

    @on(Menu.OptionSelected)
    def answer(self, event: Menu.OptionSelected) -> None:
        self.dismiss(event.option_id)
