"""Rows under the hand: gone through by arrows and by letters, marked one by one, from here to there, and all."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import App, ComposeResult

from table import each
from tui.widgets.columns import Column, fitted
from tui.widgets.rows import Rows

LAST = 49
ON: Mapping[str, int] = {
    "j": 1, "down": 1, "j j k": 1, "down down up": 1, "G": LAST, "end": LAST, "G g": 0, "end home": 0, "k": 0,
    "G j": LAST, "pagedown": 22, "ctrl+f": 22, "pagedown pageup": 0, "ctrl+f ctrl+f ctrl+b": 22,
}  # fmt: skip
"""Keys → the row that they lead to from the first."""
MARKED: Mapping[str, range] = {
    "space": range(1), "space space": range(2), "space k space": range(0), "j j space j j V": range(2, 6),
    "G space g V": range(LAST + 1), "asterisk": range(LAST + 1), "asterisk minus": range(0),
}  # fmt: skip
"""Keys → the rows that are marked then."""


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield Rows[int](key=int, id="rows")

    def on_mount(self) -> None:
        self.rows.show(range(LAST + 1), [Column(title="Number", width=8, cell=str)])

    @property
    def rows(self) -> Rows[int]:
        return self.query_one("#rows", Rows)


async def test_letters_lead_where_arrows_do() -> None:
    found = {}
    for keys in ON:
        app = Shown()
        async with app.run_test(size=(40, 24)) as pilot:
            await pilot.press(*keys.split())
            found[keys] = app.rows.current
    assert found == ON


async def test_one_a_range_and_all_are_marked() -> None:
    found = {}
    for keys in MARKED:
        app = Shown()
        async with app.run_test(size=(40, 24)) as pilot:
            await pilot.press(*keys.split())
            found[keys] = app.rows.marked
    assert found == {keys: list(rows) for keys, rows in MARKED.items()}


@each(("room", "widths"), [(80, [57, 12, 8]), (36, [13, 12, 8]), (32, [10, 11, 8]), (20, [10, 8])])
def test_room_that_is_left_is_for_titles_first(room: int, widths: list[int]) -> None:
    columns: list[Column[str]] = [
        Column(title="Yritys", width=10, grow=1, cell=str),
        Column(title="Käynnistimet", width=8, rank=1, cell=str),
        Column(title="Lasku", width=8, cell=str),
    ]
    assert fitted(columns, room)[1] == widths
