"""Every key that works where one is, from the same bindings that make it work."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from events.words import Words
from tui.widgets.hint import Hint
from tui.widgets.scroll import Scroll

KEY = 14
WIDTH = 66
"""Cells that a line has in 80 columns."""


def tellable(active: ActiveBinding) -> bool:
    """How one writes in a line is not told."""
    binding = active.binding
    writes = isinstance(active.node, Input) and goes_without_saying(active)
    return bool(binding.description) and not binding.system and not writes


def goes_without_saying(active: ActiveBinding) -> bool:
    """What only moves has no sentence: it comes behind what does something."""
    return not (active.tooltip or active.binding.tooltip)


class Help(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss(None)", "Close")]

    def __init__(self, say: Words, title: str, bindings: Sequence[ActiveBinding]) -> None:
        super().__init__()
        self._say, self._title, self._shown = say, title, bindings

    def compose(self) -> ComposeResult:
        with Vertical(id="help", classes="modal"):
            yield Static(Content(self._say(self._title)), classes="strong")
            with Scroll():
                yield Static(Content("\n".join(self._lines())))
            yield Hint(self._say("escape: close"))

    def _lines(self) -> Iterator[str]:
        seen: set[str] = set()
        for active in sorted(self._shown, key=goes_without_saying):
            binding = active.binding
            if not tellable(active) or binding.action in seen:
                continue
            seen.add(binding.action)
            keys = " ".join(
                self.app.get_key_display(other.binding)
                for other in self._shown
                if other.binding.action == binding.action
            )
            said = self._say(active.tooltip or binding.tooltip or binding.description)
            off = "" if active.enabled else " · " + self._say("not now")
            yield textwrap.fill(f"{keys:<{KEY}} {said}{off}", WIDTH, subsequent_indent=" " * (KEY + 1))
