"""Facts on paper: labels in one column, values beside them, wrapped where they are long."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.integration.facts import Fact
from tui.widgets.scroll import Scroll

LABEL = 26
LEAST = 20
"""Cells that a value has at least."""
STYLES = {
    "title": "bold $primary",
    "strong": "bold",
    "good": "$success",
    "warning": "$warning",
    "bad": "$error",
    "quiet": "$foreground 72%",
}


class Paper(Scroll):
    def __init__(self, *, id: str, label: int = LABEL) -> None:
        """*label*: cells for the labels."""
        super().__init__(id=id, classes="paper")
        self._label = label
        self._facts: tuple[Fact, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static()

    def show(self, facts: Iterable[Fact]) -> None:
        self._facts = tuple(facts)
        self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        room = self.scrollable_content_region.width
        lines = [line for fact in self._facts for line in written(fact, self._label, room)]
        first = 1 if self._facts and self._facts[0].tone == "title" else 0
        self.query_one(Static).update(Content("\n").join(lines[first:]))


def written(fact: Fact, width: int, room: int) -> Iterator[Content]:
    style = STYLES.get(fact.tone, "")
    if fact.tone == "title":
        yield Content("")
        yield Content.styled(fact.value, style)
        return
    label = fact.label if len(fact.label) < width else fact.label[: width - 2] + "…"
    for place, line in enumerate(textwrap.wrap(plain(fact.value), max(LEAST, room - width)) or [""]):
        yield Content.assemble((f"{label if not place else '':<{width}}", "$foreground 72%"), (line, style))


def plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
