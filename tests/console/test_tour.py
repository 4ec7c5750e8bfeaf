"""The tour's panel, which stands on every screen of the demo: in the language that is spoken, or put away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from desk import Desk
from driving import Driver
from eventually import eventually
from servers.postgres import Database
from tui.guided import GuidedConsole
from tui.run import desk_of
from tui.widgets.guide import Guide
from worker.demo.scene import Books, Scene
from worker.demo.tour import Step, Tour

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def tour(at_desk: Desk, tmp_path: Path) -> AsyncIterator[Tour]:
    """Of one company, without servers and workers of the demo's own."""
    await at_desk.connect(0)
    async with aiohttp.ClientSession() as session:
        scene = Scene(
            context=at_desk.context,
            books=Books(session=session, url=at_desk.sandbox.books_url),
            companies=1,
            data_dir=tmp_path,
            settings=tmp_path / "ptm.toml",
            sandbox={"companies": at_desk.sandbox.companies, "organizations": at_desk.sandbox.organizations},
            workers=(),
        )
        yield Tour(scene)


@pytest_asyncio.fixture
async def at_tour(at_desk: Desk, tour: Tour) -> AsyncIterator[tuple[Driver, Tour]]:
    app = GuidedConsole(replace(desk_of(at_desk.context), tour=tour), tour)
    async with app.run_test(size=(120, 40)) as pilot:
        yield Driver(app, pilot), tour


async def test_what_is_sent_during_a_look_is_followed(tour: Tour, database: Database) -> None:
    await tour.take()
    assert tour.track is not None
    first = tour.track.invoice
    owner = await asyncpg.connect(database.owner_url)
    await tour.look()
    async with owner.transaction():
        await owner.execute("lock table invoice in access exclusive mode")
        looking = asyncio.create_task(tour.look())
        await eventually(lambda: waiting(owner))
        await tour.send()
    await looking
    await owner.close()
    assert tour.track.invoice != first


async def waiting(owner: asyncpg.Connection) -> bool:
    found: bool = await owner.fetchval("select exists (select from pg_locks where not granted)")
    return found


async def test_another_language_is_spoken_by_the_panel_at_once_and_it_goes_on(at_tour: tuple[Driver, Tour]) -> None:
    at, tour = at_tour
    await at.sees("● active", "Tour 1 of 6 · Send an invoice")
    await at.press("ctrl+l")
    await at.sees("● käytössä", "Esittely 1/6 · Lähetä lasku")
    await at.press("f2")
    await at.sees("Esittely 2/6 · Seuraa sen matkaa", "✔ lasku")
    await at.press("2", "ctrl+l")
    await at.sees("● following", "Tour 2 of 6 · Watch it travel", "✔ invoice")
    await at.press("1")
    await at.sees("● active", "Tour 2 of 6")
    assert tour.step is Step.TRAVEL


async def test_the_tour_looks_while_its_lines_are_made_anew(at_tour: tuple[Driver, Tour]) -> None:
    at, _ = at_tour
    await at.sees("Tour 1 of 6")
    app, guide = at.app, at.app.screen.query_one(Guide)
    assert isinstance(app, GuidedConsole)
    await guide.remove_children()
    app.show_guide()
    await at.press("ctrl+l")
    await at.sees("Esittely 1/6")


async def test_a_panel_that_was_put_away_stays_away_in_another_language_and_on_another_screen(
    at_tour: tuple[Driver, Tour],
) -> None:
    at, _ = at_tour
    await at.sees("● active", "Tour 1 of 6")
    await at.press("f3")
    await at.misses("Tour 1 of 6")
    for key, seen in (("ctrl+l", "● käytössä"), ("5", "Työprosessit"), ("enter", "Työprosessit"), ("1", "● käytössä")):
        await at.press(key)
        await at.sees(seen)
        await at.app.screen.recompose()
        assert not any(guide.display for guide in at.app.screen.query(Guide)), key
    await at.press("f3")
    await at.sees("Esittely 1/6 · Lähetä lasku")


async def test_the_replay_of_what_was_missed_is_one_key_away(at_tour: tuple[Driver, Tour]) -> None:
    at, tour = at_tour
    await at.sees("Tour 1 of 6", "● active")
    await eventually(lambda: tour.company is not None)
    tour.step = Step.REPLAY
    await at.press("f2")
    await at.sees("New replay", "The e-mail address is not valid.")
