"""The command that does the same as the screen, to be copied into a script or a note."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.words import Words
from tui.widgets.hint import Hint

R = TypeVar("R")

LONGEST = 400
"""Letters of a command that are shown; it is copied whole."""
TAIL = 60


def brief(line: str) -> str:
    """A command that names hundreds leaves room for what is asked about them."""
    return line if len(line) <= LONGEST else f"{line[: LONGEST - TAIL]} … {line[-TAIL:]}"


class Copying(ModalScreen[R], Generic[R]):
    """What shows a command has it copied with one key, while a line is written in too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "copy", "Copy the command", tooltip="Copy the command that does the same"),
    ]

    def __init__(self, say: Words) -> None:
        super().__init__()
        self._say = say

    def line(self) -> str:
        """As it is typed elsewhere; "" where there is none yet."""
        raise NotImplementedError

    def action_copy(self) -> None:
        if line := self.line():
            self.app.copy_to_clipboard(line)
            self.notify(self._say("Copied."))


class CommandLine(Copying[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,colon,q", "dismiss(None)", "Close"),
        Binding("c,y,enter", "copy", "Copy"),
    ]

    def __init__(self, say: Words, line: str) -> None:
        super().__init__(say)
        self._line = line

    def compose(self) -> ComposeResult:
        with Vertical(classes="modal"):
            yield Static(Content(brief(self._line)), id="line", classes="strong")
            yield Hint(self._say("c: copy · escape: close"))

    def line(self) -> str:
        return self._line

    def action_copy(self) -> None:
        super().action_copy()
        self.dismiss(None)
