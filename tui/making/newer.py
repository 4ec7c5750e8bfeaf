"""What somebody else saved meanwhile, and what becomes of what was made here."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.words import Words
from tui.integration.changes import of_others
from tui.widgets.hint import Hint
from tui.widgets.menu import Choice, Menu
from tui.widgets.scroll import Scroll
from worker.operations.saving import Overtaken


class Newer(ModalScreen[str | None]):
    """Answers `mine`, `theirs`, or None to go on as if nothing had been asked."""

    AUTO_FOCUS = "Menu"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, say: Words, overtaken: Overtaken, now: datetime) -> None:
        super().__init__()
        self._say, self._overtaken, self._now = say, overtaken, now

    def compose(self) -> ComposeResult:
        say = self._say
        with Vertical(id="newer", classes="modal"):
            yield Static(Content(say("Somebody saved meanwhile: nothing of yours was written.")), classes="strong")
            with Scroll(id="theirs"):
                yield Static(Content("\n".join(of_others(self._overtaken.newer, say, self._now))))
            yield Menu(
                [
                    Choice("mine", say("Keep mine: look at it on top of theirs, then save again")),
                    Choice("theirs", say("Take theirs: what I made is lost")),
                ]
            )
            yield Hint(say("enter: choose · escape: leave it"))

    @on(Menu.OptionSelected)
    def answer(self, event: Menu.OptionSelected) -> None:
        self.dismiss(event.option_id)
