"""A question that is answered with a line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from events.errors import Misconfigured
from events.words import Words
from tui.widgets.hint import Hint
from tui.widgets.line import Copying, brief


def anything(text: str) -> None:
    """Lets every answer through."""


class Write(Copying[str | None]):
    """Answers the text, or None. *check* raises `Misconfigured` for what cannot be taken: it is told while typing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(
        self,
        say: Words,
        question: str,
        *,
        text: str = "",
        check: Callable[[str], object] = anything,
        line_for: Callable[[str], str] | None = None,
        hidden: bool = False,
    ) -> None:
        """*line_for* what is written is the command that does with it what is asked about; *hidden*: it is secret."""
        super().__init__(say)
        self._hidden = hidden
        self._question, self._text, self._check, self._line_for = question, text, check, line_for

    def compose(self) -> ComposeResult:
        with Vertical(id="write", classes="modal"):
            yield Static(Content(self._question), id="question")
            yield Input(self._text, id="text", password=self._hidden, compact=True)
            yield Static(id="wrong", classes="bad")
            if self._line_for:
                yield Static(id="line", classes="hint quiet")
            copy = f" · {self._say('ctrl+y: copy the command')}" if self._line_for else ""
            yield Hint(self._say("enter: go on · escape: leave it") + copy)

    @on(Input.Changed)
    def tell_what_is_wrong(self, event: Input.Changed) -> None:
        self.query_one("#wrong", Static).update(Content(self._wrong(event.value)))
        for place in self.query("#line").results(Static):
            place.update(Content(brief(self.line())))

    def line(self) -> str:
        text = self.query_one(Input).value.strip()
        return self._line_for(text) if self._line_for and text and not self._wrong(text) else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._line_for is not None if action == "copy" else True

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
