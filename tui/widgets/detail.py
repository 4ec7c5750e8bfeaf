"""What the row under the cursor is, in full."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static


class Detail(VerticalScroll, can_focus=True):
    """Right of the rows, or below them where there is little room; tab goes there, and back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Static(id="told")

    def show(self, content: Content, *, afresh: bool) -> None:
        """*afresh*: it is of something else than before, and read from its beginning."""
        self.query_one("#told", Static).update(content)
        if afresh:
            self.scroll_home(animate=False)
