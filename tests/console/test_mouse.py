"""What the mouse does: rows, pages, the footer and answers are clicked, and the wheel takes the cursor along."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollUp

from desk import Desk
from driving import Driver, Opening
from tui.widgets.log_rows import LogRows
from tui.widgets.rows import Rows

pytestmark = pytest.mark.integration


async def click(at: Driver, text: str, *, times: int = 1) -> None:
    """Where *text* stands for the first time."""
    line = next(line for line in at.text.splitlines() if text in line)
    place = (line.index(text), at.text.splitlines().index(line))
    await at.pilot.click(offset=place, times=times)


async def test_a_row_is_clicked_and_clicked_twice_it_opens(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    async with opening() as at:
        await at.sees(f"▸ {first.company}", second.company, "● active")
        await click(at, second.company)
        await at.sees(f"▸ {second.company}")
        await click(at, first.company, times=2)
        await at.sees("Overview", "Connections")
        await click(at, "Triggers ")
        await at.sees("▶ Triggers", "Where contacts go")
        await click(at, "esc Back")
        await at.sees(f"▸ {first.company}")


async def test_an_answer_is_clicked(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        await click(at, "1-5 Screens")
        await at.sees("Which screen?", "▸ 1 Integrations", "  5 Workers")
        await click(at, "5 Workers")
        await at.sees("Partition", "Undecided")


async def test_the_wheel_takes_the_cursor_along_so_that_a_followed_log_is_held(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    for invoice in range(1, 61):
        await at_desk.see(one, invoice)
    async with opening(size=(100, 24)) as at:
        await at.sees("● active")
        await at.press("2")
        await at.sees("● following", "10060")
        rows = at.app.screen.query_one(LogRows)
        rows.post_message(MouseScrollUp(rows, 5, 5, 0, -1, 0, shift=False, meta=False, ctrl=False))
        await at.sees("‖ held still")
        before = rows.cursor
        await at_desk.see(one, 61)
        at_desk.context.ringer.ring("ptm_log", str(one.partition))
        await at.sees("1 new, G goes to them")
        assert rows.cursor == before < len(rows.rows) - 1
        await at.press("G")
        await at.sees("● following", "10061")


async def test_beyond_the_rows_nothing_is_clicked(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees(f"▸ {one.company}")
        await at.pilot.click(offset=(5, 20), times=2)
        assert at.app.screen.query_one("#rows", Rows).cursor == 0
        await at.sees("Organization")
