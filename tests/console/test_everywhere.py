"""What is the same wherever one is: every action by name, the way back, a filter, dialogs that are read or clicked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest
from textual.command import CommandList
from textual.screen import Screen

from desk import Desk
from driving import Driver, Opening
from events.words import Language
from eventually import eventually
from tui import theme
from tui.messages import OpenInvoice
from tui.view import View
from tui.widgets.filter import Filter
from tui.widgets.rows import Rows
from worker.operations import blocks, triggers

pytestmark = pytest.mark.integration


def offered(at: Driver) -> list[str]:
    """What the palette offers, in its order."""
    found = at.app.screen.query(CommandList)
    return [str(one.prompt).splitlines()[0] for each in found for one in each.options]


def actions(screen: View[object]) -> Iterator[str]:
    """Whatever the screen itself can do now, in English."""
    for kind in type(screen).__mro__:
        for binding in kind.__dict__.get("BINDINGS", ()):
            if binding.description and screen.check_action(*parsed(binding.action)):
                yield binding.description


def parsed(action: str) -> tuple[str, tuple[object, ...]]:
    return action.partition("(")[0], ()


async def test_every_action_of_every_screen_is_found_by_name(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        for key, shows in (("1", one.company), ("2", "following"), ("3", "No replay"), ("4", "urgent"), ("5", "Host"),
                           ("1", one.company), ("enter", "✔ connected")):  # fmt: skip
            await at.press(key)
            await at.sees(shows)
            screen = at.app.screen
            assert isinstance(screen, View)
            wanted = {*actions(screen), "Integrations", "Workers", "Theme", "Language", "Quit"}
            await at.press("ctrl+p")
            await eventually(lambda: "Quit" in offered(at))
            assert wanted - {*offered(at)} == set(), key
            assert offered(at).index("Workers") < offered(at).index("Page up") if "Page up" in offered(at) else True
            await at.press("escape")
            await at.misses("type to search")


async def test_an_action_is_run_by_its_name_also_while_the_filter_is_written(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening(language=Language.FINNISH) as at:
        await at.sees("● käytössä")
        await at.press("slash", "ctrl+p")
        await at.sees("kirjoita hakusana", "Merkitse")
        assert not any("cursor" in one for one in offered(at))
        await at.types("qqq")
        await at.sees("Mikään ei vastaa suodatinta.")
        await at.press("ctrl+u")
        await at.types("tauko")
        await at.sees("Tauko")
        await at.press("enter")
        await at.sees("ptm integration pause")


async def test_what_rings_while_the_console_is_left_ends_it_with_no_error(at_desk: Desk, opening: Opening) -> None:
    heard = False

    class Lingering(Screen[None]):
        """Closed after the screens of the mode one is in: by then there is none that could be told anything."""

        async def on_unmount(self) -> None:
            nonlocal heard
            before = at.app.desk.pulse
            await at_desk.context.pool.execute("notify ptm_log, '0'")
            await eventually(lambda: at.app.desk.pulse is not before)
            heard = True

    async with opening() as at:
        await at.sees("No company is connected yet", "up to date")
        await at.press("2")
        await at.app.push_screen(Lingering())
        await at.app.switch_mode("integrations")
    assert heard


async def test_each_theme_has_its_turn(opening: Opening) -> None:
    async with opening() as at:
        await at.sees("No company is connected yet")
        seen = []
        for _ in theme.THEMES:
            seen.append((at.app.theme, at.app.screen.background_colors[1].hex))
            await at.press("ctrl+t")
        assert seen == [(one.name, str(one.background).upper()) for one in theme.THEMES]
        assert at.app.theme == theme.DARK.name


async def test_escape_leads_back_the_way_one_came_by_and_empties_the_filter_first(
    at_desk: Desk, opening: Opening
) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        assert "esc" not in at.text.splitlines()[-1]
        await at.press("4", "5")
        await at.sees("Not in Kafka", "esc Back")
        await at.press("escape")
        await at.sees("Urgency")
        await at.press("escape")
        await at.sees(one.company)
        assert "esc" not in at.text.splitlines()[-1]
        await at.press("slash")
        await at.types("nobody")
        await at.press("enter")
        await at.sees("Nothing matches the filter.", "esc Clear")
        await at.press("escape")
        await at.sees(one.company)
        await at.press("3", "1", "escape")
        await at.sees(one.company)


async def test_help_is_read_to_its_end_with_the_keys_of_rows_and_told_of_the_filter_too(
    at_desk: Desk, opening: Opening
) -> None:
    await at_desk.connect(0)
    async with opening(size=(80, 24)) as at:
        await at.sees("● active")
        await at.press("question_mark")
        await at.sees("Open what the cursor is on", "escape: close")
        await at.press("G")
        await at.misses("Open what the cursor is on")
        await at.sees("5              Workers", "escape: close")
        await at.press("g", "j", "j")
        await at.misses("Open what the cursor is on")
        await at.press("k", "k")
        await at.sees("Open what the cursor is on")
        await at.press("escape", "slash", "f1")
        await at.sees("Back to the rows; the filter stays", "Every action, by name")
        assert "cursor left" not in at.text
        await at.press("escape")
        await at.sees("⏎ Rows")


async def click(at: Driver, text: str) -> None:
    line = next(line for line in at.text.splitlines() if text in line)
    await at.pilot.click(offset=(line.index(text), at.text.splitlines().index(line)))


@pytest.mark.parametrize(
    ("language", "no", "yes", "copy"),
    [
        (Language.ENGLISH, "n or escape: no", "y: yes", "c: copy the command"),
        (Language.FINNISH, "n tai esc: ei", "y: kyllä", "c: kopioi komento"),
    ],
)
async def test_an_answer_to_a_question_is_clicked(
    at_desk: Desk, opening: Opening, language: Language, no: str, yes: str, copy: str
) -> None:
    one = await at_desk.connect(0)
    async with opening(language=language) as at:
        await at.sees(one.company)
        await at.press("p")
        await at.sees("ptm integration pause", yes)
        await click(at, copy)
        await eventually(lambda: at.app.clipboard.startswith("ptm integration pause"))
        await click(at, no)
        await at.misses("ptm integration pause")
        await at.press("p")
        await at.sees(yes)
        await click(at, yes)
        await at.sees("‖ ")


async def test_the_filter_narrows_every_page_of_an_integration_that_has_rows(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await blocks.add(at_desk.context, one, "eka@muu.fi", reason="asked not to")
    one = await at_desk.again(one)
    async with opening() as at:
        await at.sees("● active")
        await at.press("enter")
        await at.sees("▶ Overview", "✔ connected")
        assert not at.app.screen.query_one(Filter).display
        for page, shown in (("Triggers", "● live"), ("History", "trigger Lähetetty saved"), ("Block", "eka@muu.fi")):
            await at.press(*["right", "right"] if page == "Block" else ["right"])
            await at.sees(f"▶ {page}", shown, "/ Filter")
            await at.press("slash")
            await at.types("nobody")
            await at.sees("Nothing matches the filter.")
            await at.press("escape")
            await at.types("/(/")
            await at.sees("✖ /(/ is no regular expression")
            await at.press("escape", "escape")
            await at.sees(shown)
        await at.press("right")
        await at.sees("▶ Overview")
        await at.misses("/ Filter")
        await triggers.remove(at_desk.context, one, at_desk.trigger.id)
        await at.press("right")
        await at.sees("▶ Triggers", "No trigger: nothing is sent. N makes one.")


async def test_where_a_command_is_shown_it_is_copied(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        await at.press("enter", "right")
        await at.sees("▶ Triggers", "● live")
        await at.press("r")
        await at.sees("alone would have done", "c: copy")
        await at.press("c")
        assert at.app.clipboard == f"ptm trigger test {one.id} {at_desk.trigger.id} --last 90"
        await at.press("escape", "e")
        await at.sees("Of the latest")
        await at.press("n")
        await at.sees("▶ Mapping")
        await at.press("down", "enter")
        await at.sees("comes from", "ctrl+y: copy the command")
        await at.press("ctrl+y")
        assert at.app.clipboard == f"ptm trigger fields {one.id}"


async def test_a_list_to_pick_from_says_why_it_is_empty(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        await at.press("3", "n")
        await at.sees("not said yet")
        await at.press("enter")
        await at.sees("Whose past is looked at?")
        await at.types("nobody")
        await at.sees("Nothing matches the filter.")
        await at.press("ctrl+u")
        await at.types("/(/")
        await at.sees("✖ /(/ is no regular expression")


async def test_all_keys_have_room_in_a_big_window(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    for invoice in range(1, 4):
        await at_desk.see(one, invoice)
    await at_desk.project(one)
    async with opening(size=(250, 70)) as at:
        await at.sees("● active")
        for key, shows in (
            ("1", "Last 24 hours"), ("2", "● following"), ("3", "No replay"), ("4", "Companies"),
            ("5", "From change to Trustmary's answer"), ("1", "● active"), ("enter", "● Lähetetty"),
        ):  # fmt: skip
            await at.press(key)
            await at.sees(shows, "no worker", "budget ░░░░░░░░", "1-5 Screens")
            lines = at.text.splitlines()
            assert "…" not in lines[-1] + lines[0], key
            assert max(map(len, lines)) > 200, key
        rows = at.app.screen.query(Rows)
        assert all(each.region.width <= 250 for each in rows)


async def test_commands_beside_an_invoice_and_a_search_work_in_another_terminal_as_they_stand(
    at_desk: Desk, opening: Opening
) -> None:
    one = await at_desk.connect(0)
    await at_desk.see(one, 1)
    await at_desk.project(one)
    await at_desk.context.pool.execute("update delivery set state = 'parked', fingerprint = 'invalid 400'")
    async with opening() as at:
        await at.sees(one.company)
        at.app.desk.before_lines = "export PTM_CONFIG=/there; "
        at.app.screen.post_message(OpenInvoice(one.id, 1))
        await at.sees("export PTM_CONFIG=/there; ptm delivery retry", "export PTM_CONFIG=/there; ptm delivery discard")
        await at.press("escape", "w")
        await at.types("d'arc@asiakas.fi")
        await at.press("enter")
        await at.sees("No invoice was to add this address.")
        await at.press("colon", "c")
        line = at.app.clipboard.removeprefix("export PTM_CONFIG=/there; ")
        assert shlex.split(line) == ["ptm", "why", "--email", "d'arc@asiakas.fi"]
