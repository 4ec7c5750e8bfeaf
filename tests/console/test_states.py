"""Every screen while it is read, where nothing answers, where it may not be read, and whatever others have written."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from appending import superuser
from desk import Desk
from driving import Driver, Opening
from looking import looking, reader
from places import ON, Scene, console, go, scene_of
from servers.postgres import Database

pytestmark = pytest.mark.integration

AWAY = ("✖ PostgreSQL", "trying again", "✖ database away")
STALE = "shown is what was known"
FORBIDDEN = "✖ This database login may only look"
READS_NOTHING = ("integrations", "log in again")
"""Or stands there before it could be kept from reading."""
CHANGES_SOMETHING = ("trigger", "log in again")
"""To whom only looks no key leads there."""
HOSTILE = "[b]Zorro[/b]\x1b]0;seized\x07\x1b[31m\u202e"
"""Markup, a title for the terminal, a colour, and what turns the line round."""


@pytest_asyncio.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with scene_of(database) as made:
        yield made


@asynccontextmanager
async def away(database: Database) -> AsyncIterator[None]:
    """Nobody is let in, and whoever was in is out."""
    name = urlsplit(database.database_url).path.removeprefix("/")
    server = Database(
        owner_url=database.owner_url,
        database_url=database.database_url,
        admin_url=urlsplit(database.admin_url)._replace(path="/postgres").geturl(),
    )
    async with superuser(server) as admin:
        await admin.execute(f"alter database {name} with allow_connections false")
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        try:
            yield
        finally:
            await admin.execute(f"alter database {name} with allow_connections true")


async def test_it_says_that_it_is_being_read(scene: Scene) -> None:
    async with superuser(scene.database) as admin:
        found = await admin.fetch("select format('%I', tablename) as name from pg_tables where schemaname = 'public'")
        every = ", ".join(row["name"] for row in found)
        for place in (each for name, each in ON.items() if name not in READS_NOTHING):
            async with console(scene.office.at.context) as at:
                async with admin.transaction():
                    await admin.execute(f"lock table {every} in access exclusive mode")
                    await go(at, scene, place)
                    await at.sees("Loading …")
                    assert place.shows not in at.text
                await at.sees(place.shows)
                await at.misses("Loading …")


async def test_what_was_read_stays_while_nothing_answers_and_is_live_again_by_itself(scene: Scene) -> None:
    for place in ON.values():
        async with console(scene.office.at.context) as at:
            await go(at, scene, place)
            await at.sees(place.shows)
            await at.misses("Loading …")
            async with away(scene.database):
                await at.press("ctrl+r")
                await at.sees(*AWAY, STALE, place.shows)
            await at.misses("trying again", "✖ database away")
            await at.sees(place.shows)


async def test_it_is_opened_while_nothing_answers_and_read_as_soon_as_something_does(scene: Scene) -> None:
    async with console(scene.office.at.context) as at:
        async with away(scene.database):
            await at.press("ctrl+r")
            await at.sees(*AWAY)
            for place in ON.values():
                await go(at, scene, place)
                await at.sees(*AWAY)
                await at.misses("Loading …")
        for place in ON.values():
            await go(at, scene, place)
            await at.sees(place.shows)
            await at.misses("trying again")


async def test_it_is_shown_to_a_login_that_only_looks_and_says_what_that_may_not_read(scene: Scene) -> None:
    async with reader(scene.database) as url, looking(scene.office.at, url) as context, console(context) as at:
        for place in (each for name, each in ON.items() if name not in CHANGES_SOMETHING):
            await go(at, scene, place)
            await at.sees(place.shows, "◇ read only")
            assert "may only look" not in at.text and "trying again" not in at.text
            async with superuser(scene.database) as admin:
                await admin.execute("revoke select on all tables in schema public from ptm_reader")
                await at.press("ctrl+r")
                await at.sees(FORBIDDEN, "trying again", place.shows)
                await admin.execute("grant select on all tables in schema public to ptm_reader")
            await at.misses("trying again")


async def test_a_log_that_may_not_be_read_is_no_wrong_term_and_is_read_as_soon_as_it_may(scene: Scene) -> None:
    async with (
        reader(scene.database) as url,
        looking(scene.office.at, url) as context,
        superuser(scene.database) as admin,
        console(context) as at,
    ):
        await admin.execute("revoke select on event from ptm_reader")
        await go(at, scene, ON["events"])
        await at.sees(FORBIDDEN, "trying again")
        await admin.execute("grant select on event to ptm_reader")
        await at.sees(ON["events"].shows)
        await at.misses("trying again")


async def test_that_nothing_answers_is_said_behind_a_dialog_too(
    at_desk: Desk, opening: Opening, database: Database
) -> None:
    await at_desk.connect(0)
    async with opening() as at:
        await at.sees("● active")
        await at.press("0")
        await at.sees("Which screen?")
        async with away(database):
            await at.sees(*AWAY, STALE, "Which screen?")
        await at.misses("✖ database away")


async def test_how_it_looks_while_nothing_answers(at_desk: Desk, opening: Opening, database: Database) -> None:
    await at_desk.connect(0)
    async with opening(size=(126, 16)) as at:
        await at.sees("● active")
        async with away(database):
            await at.press("ctrl+r")
            await at.sees(*AWAY, STALE, "(55000)")
            await at.looks_like("integrations-failing")
            await at.press("2")
            await at.sees(*AWAY, "(55000)")
            await at.looks_like("events-failing")


async def test_what_others_have_written_is_shown_as_it_is_and_steers_nothing(scene: Scene) -> None:
    one, context = scene.office.integration, scene.office.at.context
    names = {**one.names, "company": HOSTILE}
    await context.pool.execute("update integration set names = $1", context.vault.seal_names(one.id, names))
    customer = {"id": 7, "name": HOSTILE, "contactPersons": [{"name": HOSTILE, "email": "zorro@asiakas.fi"}]}
    await scene.office.at.see(one, 3, customer=customer)
    await scene.office.at.project(one)
    async with console(context) as at:
        for name, place in ON.items():
            await go(at, scene, place)
            await at.sees(place.shows, "[b]Zorro[/b]" if name != "workers" else "")
            plain(at)
        parked = (
            "update delivery set state = 'parked', fingerprint = 'invalid 400', failure = $1 where state = 'waiting'"
        )
        await context.pool.execute(parked, HOSTILE)
        await go(at, scene, ON["attention"])
        await at.press("ctrl+r")
        await at.sees("1 delivery")
        await at.press("down")
        await at.sees("[b]Zorro[/b]]0;seized")
        plain(at)
        await go(at, scene, ON["integration"])
        await at.sees("✔ connected")
        await at.press("p")
        await at.sees("Pause [b]Zorro[/b]")
        plain(at)
        await at.press("y")
        await at.sees("[b]Zorro[/b]", "‖ paused")
        plain(at)
        await go(at, scene, ON["events of one"])
        await at.press("slash")
        await at.types(" status")
        await at.press("enter", "G")
        await at.sees("cause (u) and effects", "◆ status", "[b]Zorro[/b]")
        plain(at)


def plain(at: Driver) -> None:
    """Nothing that reaches the terminal is more than text, and all of the text does."""
    assert not re.search(r"(?<!\[b\])Zorro", at.text)
    assert [letter for letter in at.text if not letter.isprintable() and letter not in "\n\N{NO-BREAK SPACE}"] == []
