"""The footer: the few keys that matter here, in the operator's language."""

from __future__ import annotations

from collections.abc import Hashable

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from events.words import Words


class Keys(Footer):
    def __init__(self, say: Words) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._say = say
        self._shown: list[Hashable] | None = None
        """What the keys that stand there were made from."""

    def compose(self) -> ComposeResult:
        # What was bound to `compact` is let go of when that changes, which it never does.
        getattr(self, "__watchers", {}).pop("compact", None)
        self._shown = wanted(self.screen) if self._bindings_ready else None
        for each in super().compose():
            if isinstance(each, FooterKey):
                each.description = self._say(each.description)
                each.tooltip = self._say(str(each.tooltip)) if each.tooltip else None
            yield each

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Told with every look of a screen; only other keys are worth being made anew."""
        if wanted(screen) != self._shown:
            super().bindings_changed(screen)


def wanted(screen: Screen[object]) -> list[Hashable]:
    every = screen.active_bindings.values()
    return [(one.binding, one.enabled, one.tooltip) for one in every if one.binding.show]
