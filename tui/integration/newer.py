"""What somebody else saved meanwhile, where that keeps something from being done: nothing of ours was written."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from events.words import Words
from tui.integration import changes
from tui.widgets.hint import Hint
from tui.widgets.scroll import Scroll
from worker.operations.saving import Overtaken


class Told(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss(None)", "Close")]

    def __init__(self, say: Words, overtaken: Overtaken, now: datetime) -> None:
        super().__init__()
        self._say, self._overtaken, self._now = say, overtaken, now

    def compose(self) -> ComposeResult:
        say = self._say
        with Vertical(id="told-newer", classes="modal"):
            yield Static(Content(say("Somebody saved meanwhile: nothing of yours was written.")), classes="strong")
            with Scroll(id="theirs"):
                yield Static(Content("\n".join(changes.of_others(self._overtaken.newer, say, self._now))))
            yield Hint(say("escape: close, look, then do it again"))
