"""Picking by name: one or many out of what may be a long list, by searching it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from events.errors import Misconfigured
from events.words import Words
from tui.matching import matcher
from tui.widgets.columns import Cell, Column
from tui.widgets.hint import Hint
from tui.widgets.line import Copying, brief
from tui.widgets.rows import Rows


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    says: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """In the operator's language already."""

    question: str
    items: Sequence[Item]
    picked: Sequence[str] = ()
    many: bool = False
    ordered: bool = False
    """Of many, the order counts, and can be changed."""
    hint: str = ""
    free: Callable[[str], str | None] | None = None
    """Makes the id of an item that is not listed out of what is typed, where that is one."""
    line_for: Callable[[Sequence[str]], str] | None = None
    """The command that takes what is marked; "" where that changes nothing."""


class Pick(Copying[tuple[str, ...] | None]):
    """Answers ids in the order of the items, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("slash", "search", "Search", show=False),
        Binding("down", "down", "Down", show=False),
        Binding("J,shift+down", "move(1)", "Later", show=False, tooltip="Move it one place down"),
        Binding("K,shift+up", "move(-1)", "Sooner", show=False, tooltip="Move it one place up"),
    ]

    def __init__(self, say: Words, asked: Asked) -> None:
        super().__init__(say)
        self._asked = asked
        known = {one.id for one in asked.items}
        self._items = [*asked.items, *(Item(id, id) for id in asked.picked if id not in known)]
        self._picked = set(asked.picked) if asked.many else set[str]()

    def compose(self) -> ComposeResult:
        with Vertical(id="pick", classes="modal"):
            yield Static(Content(self._asked.question), id="question")
            yield Input(placeholder=self._say("type to search"), id="search", compact=True)
            yield Rows[Item](key=lambda item: item.id, id="items")
            yield Static(id="nothing", classes="hint quiet")
            if self._asked.hint:
                yield Static(Content(self._asked.hint), classes="hint quiet")
            if self._asked.ordered:
                says = self._say("J, K (shift+down, shift+up): move it down or up")
                yield Static(Content(says), classes="hint quiet")
            if self._asked.line_for:
                yield Static(id="line", classes="hint quiet")
            keys = "space: mark · enter: take the marked ones · escape: leave it"
            says = self._say(keys) if self._asked.many else self._say("enter: take it · escape: leave it")
            copy = f"\n{self._say('ctrl+y: copy the command')}" if self._asked.line_for else ""
            yield Hint(says + copy)

    def on_mount(self) -> None:
        self._narrow("")
        first = next(iter(self._asked.picked), None)
        self.items.cursor = (self.items.place(first) if first else None) or 0
        if self._asked.many and self._items:
            self.items.focus()

    @property
    def items(self) -> Rows[Item]:
        return self.query_one("#items", Rows)

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        self._narrow(event.value)

    def _narrow(self, line: str) -> None:
        try:
            fits = matcher(line)
        except Misconfigured as error:
            self._tell(f"✖ {self._say.told(error)}")
            return
        found = [one for one in self._items if fits(f"{one.says} {one.note} {one.id}")]
        free = self._asked.free(line.strip()) if self._asked.free and line.strip() else None
        if free and all(one.id != free for one in self._items):
            found.append(Item(free, free, self._say("as it is typed")))
        self._tell("" if found or not line.strip() else self._say("Nothing matches the filter."))
        picked = set(self._picked)
        self.items.show(found, self._columns(found))
        self.items.mark(picked)

    def _tell(self, says: str) -> None:
        place = self.query_one("#nothing", Static)
        place.update(Content(says))
        place.display = bool(says)

    def _columns(self, found: Sequence[Item]) -> list[Column[Item]]:
        names: Column[Item] = Column(title=self._say("Name"), width=24, grow=2, cell=lambda item: item.says)
        if not any(item.note for item in found):
            return [names]
        return [names, Column(title="", width=16, grow=1, rank=1, cell=lambda item: Cell(item.note, "quiet"))]

    @on(Rows.Marked)
    def keep_marks(self) -> None:
        """Also of what the search hides."""
        self._picked -= {one.id for one in self.items.rows}
        self._picked |= {one.id for one in self.items.marked}
        known = {one.id for one in self._items}
        self._items += [one for one in self.items.marked if one.id not in known]
        self.tell_line()

    @on(Rows.Highlighted)
    def tell_line(self) -> None:
        for each in self.query("#line").results(Static):
            each.update(Content(brief(self.line())))

    def line(self) -> str:
        taken = self._taken
        return "" if self._asked.line_for is None or taken is None else self._asked.line_for(taken)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._asked.line_for is not None if action == "copy" else True

    @property
    def _taken(self) -> tuple[str, ...] | None:
        """What enter takes."""
        current = self.items.current
        if self._picked:
            return tuple(one.id for one in self._items if one.id in self._picked)
        if self._asked.many and (self._asked.picked or current is None):
            return ()
        return None if current is None else (current.id,)

    @on(Rows.Opened)
    @on(Input.Submitted)
    def take(self) -> None:
        taken = self._taken
        if taken is not None:
            self.dismiss(taken)

    def action_move(self, by: int) -> None:
        """Past its neighbour among those that the search shows."""
        rows, place = self.items.rows, self.items.cursor
        if self._asked.ordered and 0 <= place + by < len(rows):
            mine, other = self._items.index(rows[place]), self._items.index(rows[place + by])
            self._items.insert(other, self._items.pop(mine))
            self._narrow(self.query_one(Input).value)

    def action_search(self) -> None:
        self.query_one(Input).focus()

    def action_down(self) -> None:
        self.items.focus()
