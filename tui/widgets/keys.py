"""The footer: the few keys that matter here, in the operator's language; in brackets what cannot be done now.

Where there is no room for all, `…` says that there are more, and the key that lists them all stays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey, FooterLabel

from events.words import Words

MORE = "… "
BETWEEN = 1
"""Cells between two keys, as the library has it."""


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
        keys = [each for each in super().compose() if isinstance(each, FooterKey)]
        for each in keys:
            said = self._say(self._called(each.action, each.description))
            each.description = f"({said})" if each.has_class("-disabled") else said
            each.tooltip = self._say(str(each.tooltip)) if each.tooltip else None
        yield from fitting(keys, self.app.size.width)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Told with every look of a screen; only other keys are worth being made anew."""
        if self._wanted(screen) != self._shown:
            super().bindings_changed(screen)

    def on_resize(self) -> None:
        self.bindings_changed(self.screen)

    def _wanted(self, screen: Screen[object]) -> list[Hashable]:
        every = [one for one in screen.active_bindings.values() if one.binding.show]
        return [
            self.app.size.width,
            *(
                (one.binding, one.enabled, one.tooltip, self._called(one.binding.action, one.binding.description))
                for one in every
            ),
        ]


def fitting(keys: Sequence[FooterKey], room: int) -> Sequence[Widget]:
    """All, or as many from the left as fit beside what says that there are more."""
    if cells(keys) - BETWEEN <= room:
        return keys
    helping = [each for each in keys if each.action == "help"]
    others = [each for each in keys if each.action != "help"]
    left = room - cell_len(MORE) - cells(helping) + BETWEEN
    while others and cells(others) > left:
        others.pop()
    return [*others, FooterLabel(MORE), *helping]


def cells(keys: Iterable[FooterKey]) -> int:
    """With what stands behind each."""
    return sum(cell_len(f"{each.key_display} {each.description}") + BETWEEN for each in keys)
