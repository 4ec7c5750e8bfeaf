"""What one's hands do on every screen: going about, switching the language, being asked."""

from __future__ import annotations

import re

import pytest

from desk import Desk
from driving import Opening
from events.words import Language
from eventually import eventually
from tui.messages import EditTrigger
from tui.screens.integration import IntegrationView
from tui.screens.integrations import IntegrationsView
from tui.widgets.rows import Rows
from worker.operations import lifecycle
from worker.operations.catalogue import LATEST

pytestmark = pytest.mark.integration

BUDGET = re.compile(r"[█░]{4} \d+/\d+$")
"""The whole gauge, up to the right edge."""


async def test_another_language_leaves_one_where_one_was(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    async with opening() as at:
        await at.sees(first.company, second.company, "● active")
        await at.press("down", "space", "ctrl+l")
        await at.sees("Integraatiot", "käytössä")
        rows = at.app.screen.query_one("#rows", Rows)
        assert rows.has_focus and rows.current == rows.rows[1]
        assert [one.id for one in rows.marked] == [second.id]
        await at.press("enter")
        await at.sees("Tila", second.company)


async def test_every_screen_is_said_in_the_language_that_was_chosen_on_another(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees(one.company, "● active")
        await at.press("2")
        await at.sees("following")
        await at.press("ctrl+l", "1")
        await at.sees("Integraatiot", "suodatin: sanoja", "Järjestys")
        await at.misses("Order")
        await at.press("enter")
        await at.sees("Yleiskuva")
        await at.press("ctrl+l", "escape")
        await at.sees("Integrations", "filter: words")


async def test_a_number_leads_to_its_screen_from_whatever_was_opened_in_it(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        assert "esc" not in at.text.splitlines()[-1]
        await at.press("enter")
        await at.sees("Overview", "esc Back")
        assert isinstance(at.app.screen, IntegrationView)
        await at.press("1")
        await at.sees("● active", one.organization_name)
        assert isinstance(at.app.screen, IntegrationsView)
        await at.press("0")
        await at.sees("Which screen?", "5 Workers")
        await at.press("down", "down", "enter")
        await at.sees("No replay was planned yet")


async def test_work_is_not_lost_by_a_number(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await at.sees("No company is connected yet")
        await at.press("a")
        await at.sees("How do you get into Procountor?")
        await at.press("down", "down", "enter")
        await at.types(at_desk.sandbox.companies[0]["api_key"])
        await at.press("enter")
        await at.sees("This is the right one")
        await at.press("1")
        await at.sees("Leave without saving?", "y: yes · n or escape: no")
        assert "copy the command" not in at.text
        await at.press("n", "2", "1")
        await at.sees("This is the right one")


async def test_the_footer_says_what_a_key_does_now(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        await at.press("enter")
        await at.sees("p Pause")
        await lifecycle.pause(at_desk.context, one)
        await at.sees("p Resume", "‖ paused")
        await at.press("2")
        await at.sees("● following", "p Hold")
        await at.press("p")
        await at.sees("‖ held still", "p Follow")


async def test_a_footer_without_room_for_all_keys_says_so_and_keeps_the_one_that_lists_them(
    at_desk: Desk, opening: Opening
) -> None:
    await at_desk.connect(0)
    async with opening(size=(80, 24), language=Language.FINNISH) as at:
        await at.sees("● käytössä")
        await at.press("enter", "]")
        await at.sees("n Uusi esc Takaisin", "… ? Ohje")
        assert at.text.splitlines()[-1].endswith("/ Suodatin p Tauko z Kumoa … ? Ohje")
        await at.press("question_mark")
        await at.sees("Uusi käynnistin vaihe vaiheelta")
        await at.press("escape")
        await at.pilot.resize_terminal(100, 24)
        await at.sees("? Ohje p Tauko z Kumoa 1-5 Näkymät")
        await at.pilot.resize_terminal(80, 24)
        await at.sees("z Kumoa … ? Ohje")


async def test_a_command_says_where_its_servers_are_found_where_nothing_else_does(
    at_desk: Desk, opening: Opening
) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        at.app.desk.before_lines = "export PTM_DATA_DIR=/somewhere; "
        await at.press("colon")
        await at.sees("export PTM_DATA_DIR=/somewhere; ptm integration list")
        await at.press("escape", "p")
        await at.sees("export PTM_DATA_DIR=/somewhere; ptm integration pause")


async def test_who_is_asked_first_is_moved_up_and_down(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        at.app.screen.post_message(EditTrigger(one.id, at_desk.trigger.id))
        await at.sees("Of the latest 6 invoices")
        await at.press("n")
        await at.sees("What Trustmary gets to know")
        await at.press("G", "enter")
        await at.sees("in this order", "J, K")
        await at.press("home", "J", "enter")
        await at.sees("that name with the invoicing e-mail, the contact person whom")


async def test_a_path_that_only_older_changes_have_is_looked_for_there(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.see(one, 1, customer={"id": 7, "oldName": "Vanha Oy", "contactPersons": []})
    for invoice in range(2, LATEST + 3):
        await at_desk.see(one, invoice)
    async with opening() as at:
        await at.sees("● active")
        at.app.screen.post_message(EditTrigger(one.id, at_desk.trigger.id))
        await at.sees("Of the latest 6 invoices")
        await at.press("n")
        await at.sees("What Trustmary gets to know")
        await at.press("down", "enter")
        await at.sees("Name comes from:")
        await at.types("customer.newName")
        await at.press("enter")
        await at.sees("✖ name is mapped to customer.newName", "Name comes from:")
        await at.press(*["backspace"] * len("newName"))
        await at.types("oldName")
        await at.press("enter")
        await at.misses("Name comes from:")
        await at.sees("Customer: old name")


async def test_a_command_is_copied_where_a_count_or_a_reason_is_typed_too(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0), await at_desk.connect(1)
    async with opening() as at:
        await at.sees("● active")
        await at.press("asterisk", "p")
        await at.sees("Type 2 to go on", "ctrl+y: copy the command")
        await at.press("ctrl+y")
        assert "ptm integration pause --all" in at.app.clipboard


async def test_what_a_colour_says_is_said_without_it_too(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    await at_desk.see(first, 1)
    await at_desk.project(first)
    await at_desk.context.pool.execute("update delivery set state = 'parked', fingerprint = 'invalid 400'")
    async with opening(read_only=True, notifications=True) as at:
        await at.sees(f"▸ {first.company}", f"  {second.company}", "✖ 1", "a (Add)", "s Order")
        await at.press("space")
        await at.sees(f"● {first.company}", f"▸ {second.company}")
        await at.press("up")
        await at.sees(f"◉ {first.company}", f"  {second.company}")
        await at.press("down", "slash")
        await at.sees(f"▹ {second.company}")
        await at.press("escape", "a")
        await at.sees("▲ Read only: nothing can be changed here.")


@pytest.mark.parametrize("language", list(Language))
async def test_eighty_columns_keep_the_request_budget_in_the_header(
    at_desk: Desk, opening: Opening, language: Language
) -> None:
    one = await at_desk.connect(0)
    async with opening(size=(80, 24), language=language, read_only=True) as at:
        for key in ("1", "2", "3", "4", "5"):
            await at.press(key)
            await eventually(lambda: BUDGET.search(at.text.splitlines()[0]))
        await at.press("1")
        await at.sees(one.company)
        await at.press("enter")
        await at.sees(f"{one.company} → ")
        await eventually(lambda: BUDGET.search(at.text.splitlines()[0]))
