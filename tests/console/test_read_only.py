"""Where nothing can be changed: everything is shown, and a key that would change something says so."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from desk import Desk
from driving import Driver, Opening
from looking import looking, reader
from servers.postgres import Database
from tui.app import MODES, Console
from tui.run import desk_of
from tui.view import View

pytestmark = pytest.mark.integration


class Spot(Static, can_focus=True):
    """Where the keys go, since they would be typed into the filter."""


class Switch(View[bool]):
    """A screen with something to change on it."""

    NAME = "Integrations"
    CHANGES = frozenset({"throw"})
    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "throw", "Order")]
    thrown = False

    def content(self) -> ComposeResult:
        yield Spot("the switch")

    async def load(self) -> bool:
        return self.thrown

    def draw(self, state: bool) -> None:
        return

    def action_throw(self) -> None:
        self.thrown = True


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_key_that_changes_something_is_refused_in_words(opening: Opening, read_only: bool) -> None:
    async with opening(read_only=read_only, notifications=True) as at:
        made = Switch(at.app.desk)
        await at.app.push_screen(made)
        await at.sees("the switch")
        await at.press("x")
        if read_only:
            await at.sees("◇ read only", "Read only: nothing can be changed here.")
        else:
            await at.misses("read only")
        assert made.thrown is not read_only


async def test_no_service_is_asked_where_that_could_not_be_counted(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening(read_only=True, notifications=True) as at:
        await at.sees("● active")
        await at.press("enter")
        await at.sees("✔ connected")
        await at.press("c")
        await at.sees("Read only: nothing can be changed here.")
        await at.misses("Asked ", "refuses us")


async def test_every_screen_is_shown_to_a_login_that_only_looks(at_desk: Desk, database: Database) -> None:
    one = await at_desk.connect(0)
    async with reader(database) as url, looking(at_desk, url) as context:
        app = Console(desk_of(context))
        async with app.run_test(size=(150, 40)) as pilot:
            at = Driver(app, pilot)
            await at.sees(one.company)
            for number, view in enumerate(MODES.values(), start=1):
                await at.press(str(number))
                await at.sees(view.NAME, "◇ read only")
                await at.misses("Loading …")
                assert "✖ PostgreSQL" not in at.text and "may only look" not in at.text
