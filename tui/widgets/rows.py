"""A table that draws only the rows in sight, so that ten thousand cost what forty do.

Textual's own measures every cell of every row: three seconds of standstill for ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.columns import GAP, Cell, Column, fit, fitted

R = TypeVar("R")

MARKS = {(False, False): "  ", (False, True): "● ", (True, False): "▸ ", (True, True): "◉ "}
"""Before a line: by whether the cursor is on it, and whether it is marked."""
AWAY = "▹ "
"""The cursor, where the keys go elsewhere."""
KEPT = 1000
"""Lines that are remembered as they were drawn."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one is among rows, and what is marked."""

    on: Hashable
    """The key of the row under the cursor; None: there was none."""
    down: int
    """Rows between the cursor and the top of what is in sight."""
    marked: frozenset[Hashable]
    at_end: bool


class Rows(ScrollView, Generic[R], can_focus=True, inherit_bindings=False):
    """Rows of one kind, with a cursor and marks that stay with what they were on when the rows change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "open", "Open", tooltip="Open what the cursor is on"),
        Binding("space", "mark", "Mark", show=False, tooltip="Mark this one, or take the mark off"),
        Binding("V", "mark_range", "Mark range", show=False, tooltip="Mark everything from the last mark to here"),
        Binding("asterisk", "mark_all", "Mark all", show=False, tooltip="Mark everything that matches the filter"),
        Binding("minus", "mark_none", "Mark none", show=False, tooltip="Take all marks off"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--header", "rows--plain", "rows--cursor", "rows--cursor-blurred", "rows--marked",
        "rows--good", "rows--warning", "rows--bad", "rows--quiet", "rows--strong",
    }  # fmt: skip

    cursor: reactive[int] = reactive(0, repaint=False)

    class Told(Message):
        """Of these rows."""

        def __init__(self, rows: Rows[Any]) -> None:
            super().__init__()
            self.rows = rows

        @property
        def control(self) -> Rows[Any]:
            return self.rows

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, type(self)) and message.rows is self.rows

    class Highlighted(Told):
        """The cursor is on another row, or on the same one with other values."""

    class Opened(Told):
        """Somebody wants to see more of the row that the cursor is on."""

    class Marked(Told):
        """Other rows are marked than before."""

    class Seen(Told):
        """Other rows are in sight than before: who loads details loads theirs."""

    def __init__(self, *, key: Callable[[R], Hashable], id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._key = key
        self._rows: Sequence[R] = ()
        self._columns: Sequence[Column[R]] = ()
        self._marked: set[Hashable] = set()
        self._anchor = 0
        self._wheeled = False
        """The mouse has moved what is in sight, and nothing else since."""
        self._fit: tuple[Sequence[Column[R]], int, list[Column[R]], list[int]] | None = None
        self._awaited: Stand | None = None
        """Where to stand once there are rows."""
        self._painted: dict[Hashable, Strip] = {}
        """By what stands in a line and how wide it is: most lines look as they did when they were last drawn."""

    def show(self, rows: Sequence[R], columns: Sequence[Column[R]] | None = None) -> None:
        """The cursor stays on what it was on, and so do the marks of what is still there."""
        before = self.current
        if columns is not None:
            self._columns = columns
        self._rows = rows
        if self._marked:
            self._marked &= {self._key(row) for row in rows}
        self.virtual_size = Size(self.room, len(rows) + 1)
        self._stay_on(before)
        if self._awaited is not None and rows:
            self.stand_again(self._awaited)
        self.refresh()
        self.post_message(self.Highlighted(self))
        self.post_message(self.Seen(self))

    def draw_again(self, keys: Container[Hashable]) -> None:
        """The lines in sight of what has come to look otherwise."""
        for place, row in enumerate(self.in_sight, start=self.scroll_offset.y):
            if self._key(row) in keys:
                self.refresh_line(place + 1)

    def _stay_on(self, before: R | None) -> None:
        place = self.place(self._key(before)) if before is not None else None
        if place is None:
            place = min(self.cursor, max(0, len(self._rows) - 1))
        if place != self.cursor:
            self.scroll_to(y=self.scroll_offset.y + place - self.cursor, animate=False)
            self.cursor = place

    def place(self, key: Hashable) -> int | None:
        """Near the cursor first: what changes usually moves little."""
        near = self.cursor
        if near < len(self._rows) and self._key(self._rows[near]) == key:
            return near
        return next((place for place, row in enumerate(self._rows) if self._key(row) == key), None)

    @property
    def stand(self) -> Stand:
        current = self.current
        return Stand(
            on=None if current is None else self._key(current),
            down=self.cursor - self.scroll_offset.y,
            marked=frozenset(self._marked),
            at_end=self.at_end,
        )

    def stand_again(self, stand: Stand) -> None:
        """At once, or when there are rows."""
        if not self._rows:
            self._awaited = stand
            return
        self._awaited = None
        place = self.place(stand.on)
        if place is not None:
            self.cursor = place
            self.scroll_to(y=place - stand.down, animate=False, immediate=True)
        self.mark(stand.marked)

    @property
    def at_end(self) -> bool:
        return self._awaited.at_end if self._awaited else self.cursor >= len(self._rows) - 1

    @property
    def rows(self) -> Sequence[R]:
        return self._rows

    @property
    def current(self) -> R | None:
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def marked(self) -> list[R]:
        """In the order of the rows."""
        return [row for row in self._rows if self._key(row) in self._marked]

    @property
    def chosen(self) -> list[R]:
        """The marked ones, else the one the cursor is on: what an action acts on."""
        if self._marked:
            return self.marked
        return [] if self.current is None else [self.current]

    @property
    def room(self) -> int:
        """Cells of a line beside the scrollbar."""
        return self.scrollable_content_region.width

    def mark(self, keys: Iterable[Hashable]) -> None:
        """These, as far as they are there, and no others."""
        self._marked = set(keys) & {self._key(row) for row in self._rows}
        self._marks_moved()

    @property
    def in_sight(self) -> Sequence[R]:
        top = self.scroll_offset.y
        return self._rows[top : top + max(0, self.size.height - 1)]

    def watch_cursor(self, before: int, now: int) -> None:
        self._keep_in_sight()
        for place in (before, now):
            self.refresh_line(place + 1)
        self.post_message(self.Highlighted(self))

    def _keep_in_sight(self) -> None:
        top, room = self.scroll_offset.y, max(1, self.size.height - 1)
        wanted = min(max(top, self.cursor - room + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, immediate=True)

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        self.post_message(self.Seen(self))
        if self._wheeled:
            top = self.scroll_offset.y
            self.cursor = min(max(self.cursor, top), top + max(0, self.size.height - 2))

    @on(MouseScrollUp)
    @on(MouseScrollDown)
    def take_the_cursor_along(self) -> None:
        """Where one looks is where one is: else what comes next would draw one back to the cursor."""
        self._wheeled = True

    def on_resize(self) -> None:
        self.virtual_size = Size(self.room, len(self._rows) + 1)
        self._keep_in_sight()
        self.post_message(self.Seen(self))

    def action_move(self, by: int) -> None:
        self._wheeled = False
        self.cursor = max(0, min(len(self._rows) - 1, self.cursor + by))

    def action_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 2))

    def action_first(self) -> None:
        self.action_move(-len(self._rows))

    def action_last(self) -> None:
        self.action_move(len(self._rows))

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened(self))

    def action_mark(self) -> None:
        if self.current is not None:
            self._marked ^= {self._key(self.current)}
            self._anchor = self.cursor
            self.action_move(1)
            self._marks_moved()

    def action_mark_range(self) -> None:
        start, end = sorted((self._anchor, self.cursor))
        self._marked |= {self._key(row) for row in self._rows[start : end + 1]}
        self._marks_moved()

    def action_mark_all(self) -> None:
        self._marked = {self._key(row) for row in self._rows}
        self._marks_moved()

    def action_mark_none(self) -> None:
        self._marked.clear()
        self._marks_moved()

    def _marks_moved(self) -> None:
        self.refresh()
        self.post_message(self.Marked(self))

    def on_click(self, event: Click) -> None:
        place = self.scroll_offset.y + event.y - 1
        if event.y < 1 or place >= len(self._rows):
            return
        same = place == self.cursor
        self.cursor = place
        if event.chain == 2 or (same and event.chain > 1):
            self.action_open()

    def render_line(self, y: int) -> Strip:
        columns, widths = self._fitted()
        if y == 0:
            style = self.get_component_rich_style("rows--header")
            return self._strip("  ", [Cell(column.title) for column in columns], style, plain=True)
        place = self.scroll_offset.y + y - 1
        if place >= len(self._rows):
            return Strip.blank(self.room, self.rich_style)
        row = self._rows[place]
        cells = [made if isinstance(made := column.cell(row), Cell) else Cell(made) for column in columns]
        marked = self._key(row) in self._marked
        style = self._row_style(place, marked=marked)
        mark = self._mark(place, marked=marked)
        looks = (mark, style, *cells, *((column.right, width) for column, width in zip(columns, widths, strict=True)))
        if (strip := self._painted.get(looks)) is None:
            strip = self._strip(mark, cells, style, plain=False)
            if len(self._painted) >= KEPT:
                self._painted.clear()
            self._painted[looks] = strip
        return strip

    def notify_style_update(self) -> None:
        """Another theme, or focus: nothing looks as it did."""
        super().notify_style_update()
        self._painted.clear()

    def _fitted(self) -> tuple[list[Column[R]], list[int]]:
        if self._fit is None or self._fit[0] is not self._columns or self._fit[1] != self.room:
            self._fit = (self._columns, self.room, *fitted(self._columns, self.room - cell_len(AWAY)))
        return self._fit[2], self._fit[3]

    def _mark(self, place: int, *, marked: bool) -> str:
        here = place == self.cursor
        return AWAY if here and not (marked or self.has_focus) else MARKS[here, marked]

    def _row_style(self, place: int, *, marked: bool) -> Style:
        if place == self.cursor:
            return self.get_component_rich_style("rows--cursor" if self.has_focus else "rows--cursor-blurred")
        return self.get_component_rich_style("rows--marked" if marked else "rows--plain")

    def _strip(self, mark: str, cells: Sequence[Cell], style: Style, *, plain: bool) -> Strip:
        segments = [Segment(mark, style)]
        for cell, column, width in zip(cells, *self._fitted(), strict=True):
            tone = (
                self.get_component_rich_style(f"rows--{cell.tone}", partial=True) if cell.tone and not plain else None
            )
            text = fit(cell.text, width, right=column.right, end=cell.end) + " " * GAP
            segments.append(Segment(text, style + tone if tone else style))
        return Strip(segments).adjust_cell_length(self.room, style)
