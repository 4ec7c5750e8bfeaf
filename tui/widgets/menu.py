"""A few things to choose from, where one key or one click is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

HERE, AWAY = "▸ ", "  "


@dataclass(frozen=True, slots=True)
class Choice:
    id: str
    says: str
    """Already in the operator's language; plain text."""


class Menu(OptionList):
    """Tells `OptionSelected` with the id of the choice."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose", tooltip="Choose what the cursor is on"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    def __init__(self, choices: Sequence[Choice], *, at: str = "", id: str | None = None) -> None:
        """The cursor begins on the choice with the id *at*."""
        self._choices = choices
        super().__init__(*(Option(Content(AWAY + one.says), id=one.id) for one in choices), id=id, compact=True)
        self._at = next((place for place, one in enumerate(choices) if one.id == at), 0)

    def on_mount(self) -> None:
        self.highlighted = self._at

    @property
    def chosen(self) -> str:
        """The id of what the cursor is on; "" before it is on anything."""
        return "" if self.highlighted is None else self._choices[self.highlighted].id

    def watch_highlighted(self, highlighted: int | None) -> None:
        """The cursor is a glyph too, and no colour alone."""
        for place, one in enumerate(self._choices):
            self.replace_option_prompt_at_index(place, Content((HERE if place == highlighted else AWAY) + one.says))
        super().watch_highlighted(highlighted)
