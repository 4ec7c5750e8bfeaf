"""What the row under the cursor is, in full."""

from __future__ import annotations

from collections.abc import Hashable

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.widgets.scroll import Scroll


class Detail(Scroll):
    """Right of the rows, or below them where there is little room; tab goes there, and back."""

    def compose(self) -> ComposeResult:
        yield Static(id="told")

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._of: Hashable = None

    def show(self, content: Content, *, of: Hashable) -> None:
        """Of something else than before, it is read from its beginning."""
        self.query_one("#told", Static).update(content)
        if of != self._of:
            self._of = of
            self.scroll_home(animate=False)
