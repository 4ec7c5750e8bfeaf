"""Questions before something is done: once, with the number of what it touches, and the command that does the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from events.words import Words
from tui.widgets.hint import Hint
from tui.widgets.line import Copying, brief
from worker.operations import lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    says: str
    """Already in the operator's language."""
    line: str = ""
    """The `ptm …` command that does the same."""
    typed: str = ""
    """What has to be typed for a yes: the count, or a name; empty: one key is enough."""
    reason: str = ""
    """The prompt for a reason, which is then required; empty: none is asked for."""


@dataclass(frozen=True, slots=True)
class Yes:
    reason: str = ""


class Ask(Copying[Yes | None]):
    """Answers `Yes`, or None for no: what does nothing is the easy answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "no", "No"),
        Binding("n", "no", "No", show=False),
        Binding("y", "yes", "Yes"),
        Binding("c", "copy", "Copy the command", tooltip="Copy the command that does the same"),
    ]

    def __init__(self, say: Words, question: Question) -> None:
        super().__init__(say)
        self._question = question

    def compose(self) -> ComposeResult:
        asked = self._question
        with Vertical(id="ask", classes="modal"):
            yield Static(Content(asked.says), id="question")
            if asked.reason:
                yield Input(placeholder=self._say(asked.reason), id="reason", compact=True)
            if asked.typed:
                yield Static(Content(self._say("Type {word} to go on:", word=asked.typed)))
                yield Input(id="typed", compact=True)
            if asked.line:
                yield Static(Content(brief(asked.line)), id="line", classes="quiet")
            yield Hint(self._hint)

    @property
    def _hint(self) -> str:
        if self._question.typed or self._question.reason:
            copy = " · " + self._say("ctrl+y: copy the command") if self._question.line else ""
            return self._say("enter: go on · escape: leave it") + copy
        if not self._question.line:
            return self._say("y: yes · n or escape: no")
        return self._say("y: yes · n or escape: no · c: copy the command")

    @on(Input.Changed, "#reason")
    def tell_line(self) -> None:
        for place in self.query("#line").results(Static):
            place.update(Content(brief(self.line())))

    def line(self) -> str:
        """With the reason that is written so far."""
        return lines.with_reason(self._question.line, self._reason)

    @property
    def _reason(self) -> str:
        return next((each.value.strip() for each in self.query("#reason").results(Input)), "")

    @on(Input.Submitted)
    def go_on(self) -> None:
        """Enter on the last field that is filled in as asked; else to the first that is not."""
        for field in self.query(Input):
            if not self._fits(field):
                field.focus()
                return
        self.dismiss(Yes(self._reason))

    def _fits(self, field: Input) -> bool:
        written = field.value.strip()
        return written == self._question.typed if field.id == "typed" else bool(written)

    def action_yes(self) -> None:
        if not self.query(Input):
            self.dismiss(Yes())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._question.line) if action == "copy" else True

    def action_no(self) -> None:
        self.dismiss(None)
