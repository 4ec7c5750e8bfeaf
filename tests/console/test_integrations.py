"""Home: the integrations, their filter, their order."""

from __future__ import annotations

import pytest

from desk import Desk, desk, environ_for
from driving import Driver, Opening
from events.words import Language
from servers.postgres import Database
from terminal import command
from tui.app import Console
from tui.run import desk_of
from worker.operations import lifecycle

pytestmark = pytest.mark.integration
RUNS = "insert into worker (id, host, pid, version) values (gen_random_uuid(), 'ptm-1', 1, '0.1.0')"
"""A worker, as it says that it is there."""


async def test_without_a_company_it_says_how_to_connect_one(opening: Opening) -> None:
    async with opening() as at:
        await at.sees("No company is connected yet", "no worker")
        await at.looks_like("integrations-empty")


async def test_what_happens_is_seen_without_asking(at_desk: Desk, opening: Opening) -> None:
    async with opening() as at:
        await at.sees("No company is connected yet")
        one = await at_desk.connect(0)
        await at.sees(one.company, "active", one.organization_name)
        await lifecycle.pause(at_desk.context, one)
        await at.sees("‖ paused")
        await at_desk.see(one, 1)
        await at_desk.project(one)
        await at.sees("█")


async def test_the_filter_stays_until_it_is_emptied(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    async with opening() as at:
        await at.sees(first.company, second.company)
        await at.press("slash")
        await at.types(f"!{first.company.split()[0].lower()}")
        await at.misses(first.company)
        await at.press("enter", "s")
        assert second.company in at.text and first.company not in at.text
        await at.press("slash", "escape")
        await at.sees(first.company, second.company)


async def test_what_needs_a_person_comes_first_when_asked_for(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    await at_desk.context.pool.execute("update connection set state = 'broken' where integration = $1", second.id)
    async with opening() as at:
        text = await at.sees(first.company, second.company, "✖ connection refused")
        assert text.index(first.company) < text.index(second.company)
        await at.press("s", "s")
        text = await at.sees(second.company)
        assert text.index(second.company) < text.index(first.company)


async def test_a_state_is_one_true_word_on_every_screen_and_in_both_commands(
    at_desk: Desk, database: Database, opening: Opening
) -> None:
    one = await at_desk.connect(0)
    pool = at_desk.context.pool
    master = at_desk.context.settings.master_key
    assert master is not None
    environ = environ_for(database, at_desk.sandbox, PTM_MASTER_KEY=master.get_secret_value(), PTM_LANGUAGE="fi")

    async def told(word: str, finnish: str) -> None:
        async with opening() as at:
            await at.sees(one.company, f"{word} ")
            await at.press("enter")
            await at.sees("Overview", f"{word} · version")
            await at.press("ctrl+l")
            await at.sees("Yleiskuva", f"{finnish} · versio")
            await at.press("escape")
            await at.sees("Integraatiot", finnish)
        for command_ in ("list", "show"):
            said = await command(environ, "integration", command_, *([str(one.id)] if command_ == "show" else []))
            assert finnish.split(maxsplit=1)[1] in said.out, said.out
            assert "käytössä" not in said.out or "käytössä" in finnish

    await told("● active", "● käytössä")
    await pool.execute("update lane set failures = 5, broken_until = now() + interval '1 hour'")
    await told("■ sending rests", "■ lähetys lepää")
    [shown] = (await command(environ, "integration", "list", "--json")).json
    assert (shown["state"], shown["trouble"], shown["rest"]["failures"]) == ("active", "resting", 5)
    shown = (await command(environ, "integration", "show", str(one.id))).out
    assert f"ei palvellut organisaatiota {one.organization_name} 5 kertaa" in " ".join(shown.split())
    await pool.execute("update connection set state = 'broken', reason = 'down' where service = 'procountor'")
    await told("▲ service away", "▲ palvelu poissa")
    await pool.execute("update connection set state = 'broken', reason = 'credentials' where service = 'trustmary'")
    await told("✖ connection refused", "✖ yhteys evätty")
    await lifecycle.pause(at_desk.context, await at_desk.again(one))
    await told("‖ paused", "‖ tauolla")


async def test_finnish_and_back_with_one_key(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening(language=Language.FINNISH) as at:
        await at.sees("Integraatiot", "käytössä")
        await at.press("ctrl+l")
        await at.sees("Integrations", "active")


async def test_help_names_every_key_that_works_here(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        await at.sees("active")
        await at.press("question_mark")
        await at.sees("As connected, by name, or what needs a person first", "Mark everything that matches the filter")
        await at.press("escape")
        await at.misses("As connected, by name")


async def test_eighty_columns_keep_what_matters(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    await at_desk.project(one)
    async with opening(size=(80, 24)) as at:
        await at.sees(one.company, "active", "no worker")
        await at.looks_like("integrations-narrow")


@pytest.mark.parametrize(("screen", "shows"), [("1", "● active"), ("2", "connected"), ("4", "✖ urgent")])
async def test_a_company_that_two_organizations_have_is_told_apart_in_eighty_columns(
    database: Database, screen: str, shows: str
) -> None:
    async with desk(database, organizations=2) as at_desk:
        both = [await at_desk.connect(organization=each) for each in (0, 1)]
        if screen == "4":
            await at_desk.context.pool.execute(RUNS)
            for one in both:
                await lifecycle.pause(at_desk.context, one)
        console = Console(desk_of(at_desk.context))
        async with console.run_test(size=(80, 24)) as pilot:
            at = Driver(console, pilot)
            await at.sees(both[0].company[:12])
            await at.press(screen)
            await at.sees(shows)
            if screen == "4":
                await at.press("enter")
            await at.sees(*(f"→ {one.organization_name[:3]}" for one in both))


async def test_home_as_the_readme_shows_it(at_desk: Desk, opening: Opening) -> None:
    first, second = await at_desk.connect(0), await at_desk.connect(1)
    for one, many in ((first, 5), (second, 2)):
        for invoice in range(1, many):
            await at_desk.see(one, invoice)
        await at_desk.project(one)
    await lifecycle.pause(at_desk.context, await at_desk.again(second))
    await at_desk.project(second)
    await at_desk.context.pool.execute(RUNS)
    async with opening(size=(126, 16)) as at:
        await at.sees("● active", "‖ paused", "█", "1 worker", "up to date", "5 waiting")
        await at.looks_like("integrations")
