"""Where one stands on a screen: focus, cursors and marks, kept while everything on it is made anew."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList

from tui.widgets.rows import Rows


def standing(screen: Screen[None]) -> Callable[[], None]:
    """Answers what puts one back there."""
    tables = {each.id: each.stand for each in screen.query(Rows) if each.id}
    menus = [each.highlighted for each in screen.query(OptionList)]
    focused = named(screen.focused)

    def put_back() -> None:
        for id, stand in tables.items():
            for each in screen.query(f"#{id}").results(Rows):
                each.stand_again(stand)
        for menu, place in zip(screen.query(OptionList), menus, strict=False):
            menu.highlighted = place
        found = next((each for each in screen.query("*").results(Widget) if focused and named(each) == focused), None)
        if found is not None:
            found.focus()

    return put_back


def named(widget: Widget | None) -> tuple[type[Widget], str | None] | None:
    return None if widget is None else (type(widget), widget.id)
