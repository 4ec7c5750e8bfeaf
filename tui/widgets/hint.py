"""The keys of a dialog in a line: each can be clicked too, which is as if it were pressed."""

from __future__ import annotations

import re

from textual.content import Content
from textual.events import Click
from textual.style import Style
from textual.widgets import Static

KEY = re.compile(r"(\S+)[^:]*:.*")
"""The first of the keys that something is said of."""
SHORT = {"esc": "escape", "väli": "space", "alas": "down"}
"""What the language calls a key otherwise."""
BETWEEN = " · "


class Hint(Static):
    def __init__(self, says: str) -> None:
        super().__init__(Content("\n").join(map(line, says.splitlines())), classes="hint quiet")

    def on_click(self, event: Click) -> None:
        if key := event.style.meta.get("key"):
            self.app.simulate_key(key)


def line(says: str) -> Content:
    return Content(BETWEEN).join(map(part, says.split(BETWEEN)))


def part(says: str) -> Content:
    found = KEY.fullmatch(says)
    return Content(says) if found is None else Content.assemble((says, Style.from_meta({"key": key_of(found[1])})))


def key_of(named: str) -> str:
    return SHORT.get(named, named)
