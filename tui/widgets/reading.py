"""A few lines to read, with the command that says the same, and away again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from events.words import Words
from tui.widgets.hint import Hint
from tui.widgets.line import Copying
from tui.widgets.scroll import Scroll


class Reading(Copying[None]):
    """*title* and *lines* are in the operator's language already; *line*: the command, where there is one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss(None)", "Close"),
        Binding("c", "copy", "Copy the command", show=False),
    ]
    LOOKS: ClassVar[str] = "modal"

    def __init__(self, say: Words, title: str, lines: Sequence[str], *, line: str = "") -> None:
        super().__init__(say)
        self._title, self._lines, self._line = title, lines, line

    def compose(self) -> ComposeResult:
        with Vertical(id="reading", classes=self.LOOKS):
            yield Static(Content(self._title), classes="strong")
            with Scroll():
                yield Static(Content("\n".join(self._lines)))
            if self._line:
                yield Static(Content(self._line), id="line", classes="hint quiet")
            yield Hint(self._say("c: copy · escape: close") if self._line else self._say("escape: close"))

    def line(self) -> str:
        return self._line

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._line) if action == "copy" else True


class Wide(Reading):
    """Where there is much to read."""

    LOOKS = "modal -wide"
