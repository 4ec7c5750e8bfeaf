"""The story of a replay at the console: planned, read, marked, applied by its count, followed, undone."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from textual.widgets import Static

from desk import environ_for, sent
from driving import Driver
from events.integration import FieldMapping, StartsSurveys
from events.replay import Reach
from events.words import Language, Words
from eventually import eventually
from office import Office, a_list, on_list, opened
from servers.postgres import Database
from terminal import command
from tui.app import MODES, Console
from tui.messages import OpenReplay
from tui.run import desk_of
from tui.view import View
from worker.operations import lifecycle, replays, triggers
from worker.operations.replays import Order, Replay

pytestmark = pytest.mark.integration
EARLY = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""As in every test of the console: before anything happened."""
LIST = str(list(MODES).index("replays") + 1)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


@asynccontextmanager
async def console(
    office: Office, size: tuple[int, int] = (150, 40), *, language: Language = Language.ENGLISH, read_only: bool = False
) -> AsyncIterator[Driver]:
    made = desk_of(office.at.context, read_only=read_only)
    made = replace(made, say=Words(language, made.say.zone), now=lambda: EARLY)
    app = Console(made)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Driver(app, pilot)


async def wrong_names(office: Office, *invoices: int) -> None:
    """Sent under the number in place of the name, which has been put right since."""
    await office.sent(*invoices)
    await office.save(mapping=FieldMapping())


async def plan(at: Driver, office: Office) -> None:
    """Opens the form for the office's integration and makes the plan."""
    await at.sees("active")
    at.app.post_message(OpenReplay(office.integration.id))
    await at.sees("New replay", office.integration.company, "all live ones")
    await at.press("p")
    await at.sees("○ planned")


def shown(at: Driver) -> str:
    """The command line that the screen says does the same."""
    screen = at.app.screen
    assert isinstance(screen, View)
    return screen.line()


def environ_of(office: Office, database: Database) -> dict[str, str]:
    master = office.at.context.settings.master_key
    assert master
    return environ_for(database, office.at.sandbox, PTM_MASTER_KEY=master.get_secret_value())


async def latest(office: Office) -> Replay:
    [found] = await replays.listed(office.at.context, limit=1)
    return await replays.find(office.at.context, str(found.id))


async def carried_out(office: Office) -> None:
    newest = await latest(office)
    await eventually(lambda: office.ended(newest.id))
    await office.deliver()
    await office.prove()


async def applied(at: Driver, reach: Reach, count: int) -> None:
    """From the question how far, to the count."""
    await at.sees("How far may it go?")
    await at.press(*["down"] * list(Reach).index(reach), "enter")
    await at.sees("What is it called, in the log?")
    await at.types("korjaus")
    await at.press("enter")
    await at.sees("Why?")
    await at.types("nimet")
    await at.press("enter")
    await at.sees(f"Type {count} to go on")
    await at.types(str(count))
    await at.press("enter")


async def test_the_whole_story_by_keys(office: Office) -> None:
    await wrong_names(office, 1, 2, 3)
    async with console(office) as at:
        await at.sees("active")
        await at.press(LIST)
        await at.sees("No replay was planned yet")
        await at.press("n")
        await at.sees("New replay", "not said yet")
        await at.press("p")
        await at.sees("Choose the integration first.")
        await at.press("enter")
        await at.sees("Whose past is looked at?")
        await at.types(office.integration.company.split()[0].lower())
        await at.press("enter")
        await at.sees("all live ones", office.integration.company)
        await at.press("p")
        await at.sees("○ planned", "~ changed 3", "Name: 10001 → Maija Meikäläinen")
        await at.sees("Meant: all that can be sent", "3 contacts", "6 calls to Trustmary", "no survey starts")
        await at.press("space")
        await at.sees("Meant: 1 marked", "1 contact ·")
        await at.press("a")
        await applied(at, Reach.CONTACT, 1)
        await at.sees("korjaus has begun", "▶ running", "0 of 1 finished")
        await carried_out(office)
        await at.sees("✔ done", "1 of 1 finished", "✔ added 1", "Whoever applied the plan left it out. (2)")
        await at.press("escape", "escape")
        await at.sees("✔ done", "1 of 1", "korjaus")
    done = await latest(office)
    assert (done.results, done.reason) == ({"delivered": 1, "not_chosen": 2}, "nimet")
    assert office.arrived()[-1] == ("asiakas1@asiakas.fi", "Maija Meikäläinen")


async def test_the_shown_line_makes_the_same_plan(office: Office, database: Database) -> None:
    await wrong_names(office, 1, 2)
    async with console(office) as at:
        await plan(at, office)
        await at.press("escape")
        await at.press("home", "down", "down", "enter")
        await at.sees("Recorded in the log since when?")
        await at.types("2020-01-01T08:00")
        await at.press("enter")
        await at.sees("2020-01-01 08:00:00.000+02:00")
        await at.press("p")
        await at.sees("○ planned")
        line = shown(at)
        await at.press("colon")
        await at.sees("ptm replay plan", "--upto", "--since")
    seen = await latest(office)
    environ = environ_of(office, database)
    await office.sent(3)
    again = await command(environ, *shlex.split(line)[1:], "--json")
    assert again.code == 0, again.err
    assert again.json["replay"]["hash"] == seen.hash
    assert again.json["replay"]["id"] != str(seen.id)


async def test_classes_and_the_filter_narrow_and_marks_stay(office: Office) -> None:
    await wrong_names(office, 1, 2)
    await office.sent(3)
    async with console(office) as at:
        await plan(at, office)
        await at.sees("~ changed 2", "= same 1", "asiakas3@asiakas.fi")
        await at.press("f")
        await at.misses("asiakas3@asiakas.fi")
        await at.sees("Meant: all that are changed")
        await at.press("f")
        await at.sees("asiakas3@asiakas.fi", "nothing of that can be sent")
        await at.misses("asiakas1@asiakas.fi")
        await at.press("f")
        await at.sees("asiakas1@asiakas.fi", "asiakas2@asiakas.fi")
        await at.press("slash")
        await at.types("asiakas2")
        await at.misses("asiakas1@asiakas.fi")
        await at.press("enter", "asterisk", "slash", "escape", "escape")
        await at.sees("asiakas1@asiakas.fi", "Meant: 1 marked")
        await at.press("slash")
        await at.types("asiakas1")
        await at.misses("asiakas2@asiakas.fi")
        await at.press("enter", "space")
        await at.sees("Meant: 2 marked")
        await at.press("slash", "escape", "escape")
        await at.sees("asiakas2@asiakas.fi", "Meant: 2 marked")
        await at.press("minus")
        await at.sees("Meant: all that can be sent")


async def test_a_plan_is_given_up_while_the_past_is_read(office: Office) -> None:
    await wrong_names(office, 1, 2)
    async with console(office) as at:
        await at.sees("active")
        at.app.post_message(OpenReplay(office.integration.id))
        await at.sees("all live ones")
        async with office.at.context.pool.acquire() as connection, connection.transaction():
            # What a plan begins with: it waits for us.
            await connection.execute("lock table checkpoint in access exclusive mode")
            await at.press("p")
            await at.sees("Reading the past", "escape: give it up")
            await at.press("escape")
            await at.sees("Given up: no plan was kept.")
        await at.misses("Reading the past")
        assert await replays.listed(office.at.context) == []
        await at.press("p")
        await at.sees("○ planned")


async def test_it_is_paused_goes_on_and_is_cancelled(office: Office) -> None:
    await wrong_names(office, 1, 2)
    async with console(office) as at:
        await plan(at, office)
        await at.press("a")
        await applied(at, Reach.CONTACT, 2)
        await at.sees("▶ running")
        await at.press("p")
        await at.sees("Pause it? 2 contacts wait then", "ptm replay pause", "c: copy the command")
        await at.press("n")
        assert (await latest(office)).state == "running"
        await at.press("p", "y")
        await at.sees("‖ paused")
        await lifecycle.pause(office.at.context, await office.seen())
        await at.press("p")
        await at.sees("Let it go on? 2 contacts are still to be asked for.", "ptm replay resume")
        await at.press("y")
        await at.sees("▶ running", "‖ The integration is paused, or held by the brake")
        await at.press("c")
        await at.sees("Cancel it? 2 contacts are never asked for", "ptm replay cancel")
        await at.press("n")
        assert (await latest(office)).state == "running"
        await at.press("c", "y")
        await at.sees("✖ cancelled")
    assert office.arrived()[-2:] == [("asiakas1@asiakas.fi", "10001"), ("asiakas2@asiakas.fi", "10002")]


async def test_a_wrong_count_starts_nothing_and_the_line_does_the_same(office: Office, database: Database) -> None:
    await wrong_names(office, 1, 2)
    async with console(office) as at:
        await plan(at, office)
        await at.press("down", "space", "a")
        await at.sees(
            "record: it is decided", "contact: the contact is added or updated", "Lähetetty: only the contact"
        )
        await at.press("down", "enter")
        await at.types("korjaus")
        await at.press("enter")
        await at.types("nimet")
        await at.press("enter")
        await at.sees("Type 1 to go on")
        await at.types("2")
        await at.press("enter")
        question = at.app.screen
        line = shlex.split(str(question.query_one("#line", Static).render()))
        await at.press("escape")
        assert (await latest(office)).state == "planned"
        assert line[-8:] == ["--lines", "2", "--name", "korjaus", "--reason", "nimet", "--yes", "1"]
        done = await command(environ_of(office, database), *line[1:], "--json")
        assert (done.code, done.json["replay"]["items"]) == (0, 1), done.err
        await at.sees("▶ running", "0 of 1 finished")


async def test_old_addresses_are_taken_off_and_the_replay_is_undone(office: Office) -> None:
    await office.save(destination=on_list(await a_list(office), StartsSurveys.NO))
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping(fields={"email": "invoice.counterParty.email", "name": "person.name"}))
    for invoice in (1, 2):
        change = sent(office.integration.id, invoice)
        uusi = {**change.invoice, "counterParty": {"email": f"uusi{invoice}@asiakas.fi"}}
        await office.at.see(office.integration, invoice, change=2, before="SENT", after="PAID", invoice=uusi)
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"PAID"})))
    async with console(office) as at:
        await plan(at, office)
        await at.sees("→ other address 2", "− take off 2", "Email: asiakas1@asiakas.fi → uusi1")
        await at.press("a")
        await at.sees("How far may it go?")
        await at.press("down", "down", "enter")
        await at.sees("2 are on lists under an old address", "take them off their lists too")
        await at.press("down", "enter")
        await at.types("osoitteet")
        await at.press("enter")
        await at.types("kartoitus")
        await at.press("enter")
        await at.sees("Type 4 to go on", "--remove-old")
        await at.types("4")
        await at.press("enter")
        await at.sees("▶ running")
        await carried_out(office)
        await at.sees("✔ done", "4 of 4 finished", "✔ taken off")
        await at.press("u")
        await at.sees("Taken off: 2", "uusi1@asiakas.fi", "What cannot be undone:", "Contacts that were new")
        await at.press("enter")
        await at.types("peruutus")
        await at.press("enter")
        await at.types("takaisin")
        await at.press("enter")
        await at.sees("Type 2 to go on", "ptm replay undo")
        await at.types("2")
        await at.press("enter")
        await at.sees("peruutus has begun", "undoes")
        await carried_out(office)
        await at.sees("✔ done", "✔ taken off 2")
        await at.press("u")
        await at.misses("What cannot be undone:")


@pytest.mark.parametrize(
    ("ending", "holds"), [(".csv", "number,class"), (".json", '{"replay"'), (".md", "# Replay of")]
)
async def test_all_of_it_is_written_to_a_file(office: Office, tmp_path: Path, ending: str, holds: str) -> None:
    await wrong_names(office, 1, 2)
    file = tmp_path / f"plan{ending}"
    async with console(office) as at:
        await plan(at, office)
        await at.press("x")
        await at.sees("Write all of it to which file?")
        await at.press("ctrl+u")
        await at.types(str(file))
        await at.press("enter")
        await at.sees("2 contacts are written to")
    written = file.read_text(encoding="utf-8")
    assert written.startswith(holds)
    assert "asiakas2@asiakas.fi" in written


async def test_a_draft_can_be_looked_at_and_not_applied(office: Office) -> None:
    await office.sent(1)
    draft = replace(office.trigger, id=uuid4(), name="luonnos", live=False, draft_of=office.trigger.id)
    draft = replace(draft, mapping=FieldMapping())
    await triggers.save(office.at.context, await office.seen(), draft)
    await office.at.project(office.integration)
    async with console(office) as at:
        await at.sees("active")
        at.app.post_message(OpenReplay(office.integration.id))
        await at.sees("all live ones")
        await at.press("home", "down", "enter")
        await at.sees("Which triggers decide?", "luonnos (draft)")
        await at.press("end", "space", "enter")
        await at.sees("luonnos (draft)")
        await at.press("p")
        await at.sees("~ changed 1", "luonnos is a draft: to look at")
        await at.press("a")
        await at.sees("put it in force with")


async def test_what_was_skipped_leads_in_and_the_register_is_read_again_where_asked(office: Office) -> None:
    await office.sent(1)
    await office.at.see(office.integration, 2, email=None)
    await office.deliver()
    async with console(office) as at:
        await at.sees("active")
        at.app.post_message(OpenReplay(office.integration.id, skipped="no_email"))
        await at.sees("The contact person has no e-mail address.")
        await at.press("end", "up", "enter")
        await at.sees("as they are now: read again from Procountor")
        await at.press("colon")
        await at.sees("--skipped", "no_email --customers latest")
        await at.press("escape", "enter", "p")
        await at.sees("Nobody: nothing of that window would be sent.", "still skipped 1", "There is nothing to apply.")


async def test_where_nothing_can_be_changed_a_plan_is_read_and_nothing_is_done(office: Office) -> None:
    await wrong_names(office, 1)
    kept = await office.plan()
    async with console(office, read_only=True) as at:
        await at.sees("active")
        await at.press(LIST)
        await at.sees("○ planned", "~1")
        await at.press("n")
        await at.sees("Read only: nothing can be changed here.")
        await at.press("enter")
        await at.sees("~ changed 1")
        await at.press("a")
        await at.misses("How far may it go?")
    assert (await replays.find(office.at.context, str(kept.id))).state == "planned"


async def test_how_a_plan_looks(office: Office) -> None:
    await wrong_names(office, 1, 2)
    await office.sent(3)
    async with console(office, size=(80, 24)) as at:
        await plan(at, office)
        await at.sees("= same 1", "4 calls", "no worker")
        await at.looks_like("replay-narrow")
    async with console(office) as at:
        await at.sees("active")
        await at.press(LIST)
        await at.sees("~2 =1")
        await at.press("enter")
        await at.sees("at most 2 contacts", "no worker")
        await at.looks_like("replay-wide")


async def test_in_finnish_a_decision_is_to_be_added_and_what_arrived_is_added(office: Office) -> None:
    await wrong_names(office, 1)
    async with console(office, language=Language.FINNISH) as at:
        await at.sees("käytössä")
        at.app.post_message(OpenReplay(office.integration.id))
        await at.sees("Uusi uusinta-ajo", "kaikki käytössä olevat")
        await at.press("p")
        await at.sees("○ suunniteltu", "~ muuttunut 1", "Nimi: 10001 → Maija", "enintään 1 kontakti")
        kept = await latest(office)
        await replays.apply(office.at.context, kept, Order(reach=Reach.CONTACT), name="korjaus", reason="nimet")
        await office.replaying.run_once()
        await office.at.project(office.integration)
        await at.sees("▶ käynnissä", "○ lisätään")
        await carried_out(office)
        await at.sees("✔ valmis", "✔ lisätty")


async def test_how_the_form_looks(office: Office) -> None:
    async with console(office, size=(80, 24)) as at:
        await at.sees("active")
        at.app.post_message(OpenReplay(office.integration.id, skipped="no_email"))
        await at.sees("all live ones", "Customers' data", "no worker", "0/s events", "░░░░ 0/40")
        await at.looks_like("replay-form")


async def test_a_plan_that_the_rules_have_left_behind_says_so_and_is_planned_again(office: Office) -> None:
    await wrong_names(office, 1)
    async with console(office) as at:
        await plan(at, office)
        await at.sees("at most 1 contact")
        await office.save(existing="leave")
        await at.sees("▲ The rules have changed since it was planned")
        await at.press("a")
        await at.misses("How far may it go?")
        await at.press("r")
        await at.sees("New replay", "all live ones")
        await at.press("p")
        await at.sees("■ blocked 1", "There is nothing to apply.")
