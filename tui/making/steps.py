"""Where one is among the steps, in one line; a click leads to a step."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class StepName(Static):
    class Chosen(Message):
        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int) -> None:
        super().__init__(classes="step-name")
        self._place = place

    def on_click(self) -> None:
        self.post_message(self.Chosen(self._place))


class Steps(Horizontal):
    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(id="steps")
        self._titles = titles

    def compose(self) -> ComposeResult:
        yield from (StepName(place) for place in range(len(self._titles)))

    def point(self, at: int, done: Sequence[bool]) -> None:
        for place, name in enumerate(self.query(StepName)):
            glyph = "▶" if place == at else "✔" if done[place] and place < at else "○"
            name.update(Content(f"{glyph} {self._titles[place]}"))
            name.set_class(place == at, "-here")
