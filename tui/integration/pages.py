"""Which page of the screen one is on, in one line; a click leads to another."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class PageName(Static):
    class Chosen(Message):
        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int) -> None:
        super().__init__(classes="page-name")
        self._place = place

    def on_click(self) -> None:
        self.post_message(self.Chosen(self._place))


class Pages(Horizontal):
    def __init__(self, titles: Sequence[str], hint: str) -> None:
        super().__init__(id="pages")
        self._titles, self._hint = titles, hint

    def compose(self) -> ComposeResult:
        yield from (PageName(place) for place in range(len(self._titles)))
        yield Static(Content(self._hint), id="hint")

    def point(self, at: int) -> None:
        for place, name in enumerate(self.query(PageName)):
            name.update(Content(f"{'▶' if place == at else ' '} {self._titles[place]}"))
            name.set_class(place == at, "-here")
