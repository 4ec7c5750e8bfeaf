"""The footer: the few keys that matter here, in the operator's language."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from events.words import Words


class Keys(Footer):
    def __init__(self, say: Words, called: Callable[[str, str], str]) -> None:
        """*called*: what an action is called now, by its name and what it is called otherwise."""
        super().__init__(show_command_palette=False, compact=True)
        self._say, self._called = say, called

    def compose(self) -> ComposeResult:
        for each in super().compose():
            if isinstance(each, FooterKey):
                each.description = self._say(self._called(each.action, each.description))
                each.tooltip = self._say(str(each.tooltip)) if each.tooltip else None
            yield each
