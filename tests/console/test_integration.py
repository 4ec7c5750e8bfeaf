"""One integration: what it shows, and everything that is done to it, each on the version that was seen."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

import tui.screens.integration
from desk import Desk
from driving import Driver, Opening, looking
from events.connection import RESTORED
from events.integration import Settings
from events.words import Language, Words
from eventually import eventually
from servers.postgres import Database
from tui.desk import Desk as ConsoleDesk
from tui.screens.integration import IntegrationView
from worker.adapters import documents
from worker.operations import blocks, labels, lifecycle, saving
from worker.operations.integrations import Integration, State
from worker.operations.whole import Whole

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("language", Language)
async def test_what_a_restore_holds_says_since_when_and_what_ends_it(
    at_desk: Desk, opening: Opening, database: Database, language: Language
) -> None:
    one, say = await at_desk.connect(0), Words(language, ZoneInfo("UTC"))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("insert into restored (integration, taken_at) select id, now() from integration")
    await owner.close()
    async with looking(opening, one, language=language) as at:
        await at.sees(say(RESTORED.label), say(RESTORED.ask), "ptm release --plan", say(RESTORED.remedy)[:20])


async def test_everything_about_it_is_on_the_first_page(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.see(one, 1)
    await at_desk.project(one)
    async with looking(opening, one) as at:
        await at.sees(
            "● active", one.organization_name, "✔ connected", "API key", "not by itself", "Waiting                   1",
            "Oldest invoice", "180 days", "● Lähetetty", "Contact person's e-mail", "Only add the contact",
        )  # fmt: skip
        await lifecycle.pause(at_desk.context, await at_desk.again(one))
        await at.sees("‖ paused", "live, but paused")


async def test_a_service_that_refuses_is_explained(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.context.pool.execute(
        "update connection set state = 'broken', reason = 'refused' where service = 'trustmary'"
    )
    async with looking(opening, one) as at:
        await at.sees(
            "✖ refused since", "subscription has ended", "Look at the subscription in Trustmary", "lets us in again"
        )
        await at.misses("ptm integration reconnect")
        await at.press("c")
        await at.sees("Both let us in.", "Sales invoices", "Customer register", "All rights")


async def test_pausing_asks_and_resuming_asks_what_becomes_of_what_waits(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.see(one, 1)
    await at_desk.project(one)
    async with looking(opening, one) as at:
        await at.press("p")
        await at.sees("until it is resumed; invoices are", f"ptm integration pause {one.id}")
        await at.press("n")
        await at.misses("until it is resumed")
        await at.press("p", "y")
        await at.sees("‖ paused", "1 calls wait.")
        await at.press("p")
        await at.sees("1 decision waits. What becomes of them?", "--waiting", "decide-again")
        await at.press("down", "down", "enter")
        await at.sees("● active")
    await at_desk.project(one)
    assert await at_desk.states(one) == ["withdrawn"]


async def test_removing_takes_the_company_s_name_and_a_reason(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.see(one, 1)
    await at_desk.project(one)
    async with looking(opening, one) as at:
        await at.press("D")
        await at.sees("1 decisions", "that wait are discarded")
        await at.press("enter")
        await at.sees(f"Type {one.company} to go on:", f"ptm integration remove {one.id}")
        await at.types("moved away")
        await at.press("tab")
        await at.types("another")
        await at.press("enter")
        assert (await at_desk.again(one)).state is State.ACTIVE
        await at.press("ctrl+u")
        await at.types(one.company)
        await at.press("enter")
        await at.sees("✖ removed", "were discarded", "disconnected by us", "Whoever removed it")
        await at.sees(f"ptm integration connect --like {str(one.id)[:8]}")
        await at.press("z")
        await at.misses("Undo the last change?")


async def test_settings_are_checked_saved_and_undone(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one) as at:
        await at.press("e", "ctrl+u")
        await at.types("soon")
        await at.sees("✖ soon is no number of days")
        await at.press("ctrl+u")
        await at.types("30")
        await at.sees("--cool-down-days 30")
        await at.press("ctrl+s")
        await at.sees("The settings are saved.", "once per contact in 30 days")
        saved = await at_desk.again(one)
        assert saved.rules.settings == Settings(cool_down_days=30)
        await at.press("z")
        await at.sees("Undo the last change?", "Cool-down: once per contact in 30 days → no limit",
                      f"ptm integration undo {one.id} --expect {saved.version}")  # fmt: skip
        await at.press("y")
        await at.sees(f"Version {saved.version} is undone.")
    assert (await at_desk.again(one)).rules.settings == Settings()


async def test_what_somebody_saved_meanwhile_is_shown_and_kept(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one) as at:
        await at.press("e", "ctrl+u")
        await at.types("30")
        await at.sees("--cool-down-days 30")
        await saving.edit(at_desk.context, one, brake=7, reason="Päivi")
        await at.press("ctrl+s")
        await at.sees("Somebody saved meanwhile", "(Päivi): settings changed", "Brake: at 100 in 24 hours")
        await at.press("enter")
        await at.sees("Settings of", "--cool-down-days 30")
        await at.press("ctrl+s")
        await at.sees("The settings are saved.")
    assert (await at_desk.again(one)).rules.settings == Settings(cool_down_days=30, brake=7)


async def test_an_act_on_a_version_that_is_gone_writes_nothing(at_desk: Desk, opening: Opening) -> None:
    one = await labels.add(at_desk.context, await at_desk.connect(0), "yksi")
    async with looking(opening, one, language=Language.FINNISH) as at:
        await at.press("z")
        await at.sees("Kumoaminen tekee tämän")
        await labels.add(at_desk.context, one, "kaksi")
        await at.press("y")
        await at.sees("Joku tallensi sillä välin", "Tunnisteet: yksi → kaksi, yksi")
        await at.press("escape")
        await at.sees("kaksi, yksi")


async def test_connecting_cannot_be_undone(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one, language=Language.FINNISH) as at:
        await at.press("z")
        await at.sees("Yrityksen kytkemistä ei kumota")


class Slow(IntegrationView):
    """Reads nothing until it may."""

    CSS_PATH = str(Path(tui.screens.integration.__file__).with_suffix(".tcss"))

    def __init__(self, desk: ConsoleDesk, integration: UUID) -> None:
        super().__init__(desk, integration)
        self.may = asyncio.Event()

    async def load(self) -> Whole:
        await self.may.wait()
        return await super().load()


async def test_keys_before_it_is_read_do_nothing(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with opening() as at:
        await at.sees(one.company)
        slow = Slow(at.app.desk, one.id)
        at.app.push_screen(slow)
        await at.press("p", "z", "x", "D", "N", "e", "l", "c", "colon", "escape")
        await at.press("right", "e", "n", "d", "s", "P", "t", "delete", "enter", "right", "r")
        await at.press("right", "a", "e", "T", "delete", "right", "a", "delete")
        assert at.app.screen is slow
        slow.may.set()
        await at.press("right")
        await at.sees("▶ Overview", "✔ connected")
        await at.press("ctrl+l")
        await at.sees("▶ Yleiskuva", "✔ kytketty")
    assert (await at_desk.again(one)).version == one.version


async def test_that_trustmary_rests_is_said_where_one_looks_why_contacts_wait(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.context.pool.execute(
        "update lane set failures = 5, broken_until = now() + interval '1 minute' where organization = $1",
        one.organization,
    )
    async with looking(opening, one) as at:
        await at.sees("■ Trustmary did not serve", "nothing is sent there")


async def test_labels_are_picked_or_typed(at_desk: Desk, opening: Opening) -> None:
    one = await labels.add(at_desk.context, await at_desk.connect(0), "yksi")
    async with looking(opening, one) as at:
        await at.press("l")
        await at.sees("Labels of", "◉ yksi")
        await at.press("slash")
        await at.types("kaksi")
        await at.press("down", "space", "enter")
        await at.sees("The labels are saved.", "kaksi, yksi")


async def test_it_is_written_to_a_file_as_the_command_writes_it(
    at_desk: Desk, opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await at_desk.connect(0)
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.yaml"
    async with looking(opening, one) as at:
        for again in (False, True):
            await at.press("x", "ctrl+u")
            await at.types(file.name)
            await at.press("enter")
            if again:
                await at.sees("Its tests of the same")
                await at.press("y")
            await at.misses("Write settings and triggers", "Its tests of the same")
            await at.sees("Written to")
            at.app.clear_notifications()
            await at.misses("Written to")
    [entry] = documents.load(file.read_text(encoding="utf-8"), "out")["integrations"]
    assert (entry["company"]["id"], entry["triggers"][0]["name"]) == (one.company_id, "Lähetetty")


async def test_addresses_are_blocked_and_taken_off_by_count(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one, "left") as at:
        await at.sees("Nobody is blocked.")
        for address in ("@kilpailija.fi", "eka@muu.fi"):
            await at.press("a")
            await at.types("nobody")
            await at.sees("is neither an address nor a domain")
            await at.press("ctrl+u")
            await at.types(address)
            await at.press("enter")
            await at.sees(f"ptm block add {one.id} {address}")
            await at.types("asked")
            await at.press("enter")
            await at.sees(f"{address} is blocked.")
        await eventually(lambda: at.text.count("asked") == 2)  # both are drawn
        await at.press("asterisk", "delete")
        await at.sees("Take 2 entries off the block list?")
        await at.types("2")
        await at.press("enter")
        await at.sees("2 entries are off the block list.", "Nobody is blocked.")
    assert await blocks.read(at_desk.context, one) == []


async def test_its_events_and_a_replay_are_a_key_away(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one) as at:
        await at.press("o")
        await at.sees(f"in:{one.id}", "● following", "2 loaded")
        await at.press("escape")
        await at.sees(one.company)
        await at.press("R")
        await at.sees("New replay", "Planning sends nothing.", one.company)


async def test_who_only_looks_changes_nothing(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    async with looking(opening, one, read_only=True) as at:
        await at.press(
            "p", "z", "D", "e", "l", "right", "e", "t", "delete", "enter", "right", "r", "right", "a", "right", "a"
        )
        await at.sees("Nobody is blocked.")
        assert len(at.app.screen_stack) == 2
    assert (await at_desk.again(one)).version == one.version


async def test_what_asks_shows_its_command_and_has_it_copied(at_desk: Desk, opening: Opening) -> None:
    """While something is written or chosen too, and as it stands then."""
    one = await at_desk.connect(0)
    await at_desk.see(one, 1)
    await at_desk.project(one)
    async with looking(opening, one) as at:
        for keys, typed, line in (
            (("x", "ctrl+u"), "/tmp/o n e.yaml", f"ptm integration export {one.id} --output '/tmp/o n e.yaml'"),
            (("l",), "pilot", f"ptm integration label {one.id} add pilot"),
            (("e", "ctrl+u"), "7", f"ptm integration edit {one.id} --cool-down-days 7"),
        ):
            await at.press(*keys)
            await at.types(typed)
            await at.sees(line[:24])
            await at.press("ctrl+y")
            assert at.app.clipboard == line
            await at.press("escape")
            await at.misses(line[:24])
        await at.press("p", "y")
        await at.sees("‖ paused")
        await at.press("p", "down")
        await at.sees("▸ send as they were decided", "ptm integration resume")
        await at.press("ctrl+y")
        assert at.app.clipboard == f"ptm integration resume {one.id} --waiting send"


async def test_one_integration_in_a_big_window(at_desk: Desk, opening: Opening) -> None:
    one = await lived(at_desk)
    async with looking(opening, one) as at:
        await at.sees("✔ connected", "Last 24 hours             ·", "█ 1", "no worker", " 0/40")
        await quiet(at)
        await at.looks_like("integration-overview")


async def test_one_integration_in_eighty_columns(at_desk: Desk, opening: Opening) -> None:
    one = await lived(at_desk)
    async with opening(size=(80, 24)) as at:
        await at.sees(one.company)
        await at.press("enter", "right", "right")
        await at.sees("▶ History", "settings changed", "Labels: none → pilotti", "no worker")
        await at.looks_like("integration-history-narrow")


async def test_one_integration_in_finnish(at_desk: Desk, opening: Opening) -> None:
    one = await lived(at_desk)
    async with looking(opening, one, language=Language.FINNISH) as at:
        await at.sees("Yhteyshenkilön sähköposti", "Lähetetty", "Lisää vain kontakti", "kerran kontaktia kohden 30")
        await at.press("right", "right")
        await at.sees("▶ Historia", "asetukset muuttuivat", "Tunnisteet: ei mitään → pilotti")


async def lived(at_desk: Desk) -> Integration:
    one = await saving.edit(at_desk.context, await at_desk.connect(0), cool_down_days=30, reason="Päivi asked")
    one = await labels.add(at_desk.context, one, "pilotti")
    await at_desk.see(one, 1)
    await at_desk.project(one)
    return await at_desk.again(one)


async def quiet(at: Driver) -> None:
    """Without what is told in passing."""
    at.app.clear_notifications()
