"""The footer: the few keys that matter here, in the operator's language; in brackets what cannot be done now."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from events.words import Words


class Keys(Footer):
    def __init__(self, say: Words, called: Callable[[str, str], str]) -> None:
        """*called*: what an action is called now, by its name and what it is called otherwise."""
        super().__init__(show_command_palette=False, compact=True)
        self._say, self._called = say, called
        self._shown: list[Hashable] | None = None
        """What the keys that stand there were made from."""

    def compose(self) -> ComposeResult:
        # What was bound to `compact` is let go of when that changes, which it never does.
        getattr(self, "__watchers", {}).pop("compact", None)
        self._shown = self._wanted(self.screen) if self._bindings_ready else None
        for each in super().compose():
            if isinstance(each, FooterKey):
                said = self._say(self._called(each.action, each.description))
                each.description = f"({said})" if each.has_class("-disabled") else said
                each.tooltip = self._say(str(each.tooltip)) if each.tooltip else None
            yield each

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Told with every look of a screen; only other keys are worth being made anew."""
        if self._wanted(screen) != self._shown:
            super().bindings_changed(screen)

    def _wanted(self, screen: Screen[object]) -> list[Hashable]:
        every = [one for one in screen.active_bindings.values() if one.binding.show]
        return [
            (one.binding, one.enabled, one.tooltip, self._called(one.binding.action, one.binding.description))
            for one in every
        ]
