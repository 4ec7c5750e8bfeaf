"""A newer release has migrated the database: what this one still has under way ends, and it begins nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

import newer
from desk import desk
from dispatching import posting
from events.errors import Outgrown
from events.invoice import InvoiceStatusChanged
from events.words import Language, Words
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database
from telling import PARTITION, Teller, told
from terminal import command, ptm
from worker import presence
from worker.adapters import schema
from worker.adapters.deliveries import Deliveries
from worker.adapters.log import Draft
from worker.adapters.postgres import Bell, Ringer, open_pool
from worker.adapters.sealing import make_master
from worker.loop import Beats
from worker.operations import triggers

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def teller(database: Database) -> AsyncIterator[Teller]:
    async with told(database) as teller:
        yield teller


async def stands(teller: Teller) -> int:
    position: int = await teller.pool.fetchval("select position from checkpoint where partition = $1", PARTITION)
    return position


async def test_nothing_is_decided_nor_passed_over(teller: Teller, database: Database) -> None:
    await teller.connect()
    await teller.level()
    await newer.migrate(database.owner_url)
    await teller.tell(teller.sent(1))
    before = await stands(teller)
    with pytest.raises(Outgrown, match="9999_later"):
        await teller.level()
    [change] = (await teller.records())[-1:]
    level = teller.projector.levels[PARTITION]
    assert await teller.projector.pass_over({PARTITION: (level, [change])}) == {}
    assert await stands(teller) == before
    assert await teller.said() == []


async def test_who_decides_in_the_very_moment_is_waited_for_or_waits_and_then_knows(
    teller: Teller, database: Database
) -> None:
    await teller.connect()
    await teller.level()
    await teller.tell(teller.sent(1))
    async with teller.pool.acquire() as connection:
        deciding = connection.transaction()
        await deciding.start()
        await connection.execute("select from checkpoint where partition = $1 for update", PARTITION)
        migrating = asyncio.create_task(newer.migrate(database.owner_url))
        await eventually(lambda: waits(teller, "ExclusiveLock"))
        late = asyncio.create_task(teller.projector.heal(PARTITION))
        await eventually(lambda: waits(teller, "RowShareLock"))
        assert not migrating.done()
        await deciding.commit()
    await migrating
    with pytest.raises(Outgrown):
        await late
    assert await teller.said() == []


async def waits(teller: Teller, mode: str) -> bool:
    query = "select exists (select from pg_locks where relation = 'checkpoint'::regclass and mode = $1 and not granted)"
    return bool(await teller.pool.fetchval(query, mode))


@pytest.mark.parametrize("schema_too", [False, True])
@pytest.mark.parametrize("alone", [True, False])
async def test_an_event_that_only_a_newer_release_knows_stops_all_and_is_not_passed_over(
    teller: Teller, alone: bool, schema_too: bool
) -> None:
    """Though no migration came with it."""
    await teller.connect()
    await teller.level()
    before = await stands(teller)
    rows = await teller.log.prepare([Draft(event=teller.sent(invoice)) for invoice in (1, 2)])
    strange = replace(rows[0], schema=InvoiceStatusChanged.schema + 1) if schema_too else newer.written(rows[0])
    async with teller.pool.acquire() as connection, connection.transaction():
        await teller.log.append(connection, PARTITION, [strange] if alone else [strange, rows[1]])
    with pytest.raises(Outgrown, match=f"partition {PARTITION}, position {before + 1}"):
        await teller.level()
    assert await stands(teller) == before


async def test_nothing_more_leaves(database: Database) -> None:
    us = UUID(int=7)
    async with Sandbox() as sandbox, posting(database.database_url, sandbox) as post, Ringer(post.pool) as ringer:
        integration = await post.integration()
        await post.add_all(integration, ["maija@asiakas.fi", "matti@asiakas.fi"])
        room = {post.organizations[integration]: 1}
        deliveries = Deliveries(post.pool, post.log, ringer, post.vault.contact_key, worker=us)
        assert await deliveries.lease(room, most=1, seconds=60)
        assert len(await deliveries.claim(room, timeout=5)) == 1
        await newer.migrate(database.owner_url)
        assert await deliveries.claim(room, timeout=5) == []


@pytest.mark.parametrize(("every", "rings"), [(3600.0, True), (0.05, False)], ids=["by the bell", "by the next beat"])
async def test_a_worker_notices_and_stops(
    database: Database, monkeypatch: pytest.MonkeyPatch, every: float, rings: bool
) -> None:
    monkeypatch.setattr(presence, "STILL_THERE", every)
    pool, beats, stop = await open_pool(database.database_url, size=2), Beats(), asyncio.Event()
    async with Bell(database.database_url, [schema.CHANNEL]) as bell, asyncio.timeout(20):
        migrated = bell.event(schema.CHANNEL) if rings else asyncio.Event()
        there = asyncio.create_task(
            presence.still_there(pool, worker=UUID(int=7), beats=beats, stop=stop, migrated=migrated)
        )
        await eventually(lambda: pool.fetchval("select count(*) from worker"))
        await newer.migrate(database.owner_url)
        await there
        assert stop.is_set()
        assert "9999_later" in str(beats.outgrown)
        assert await pool.fetchval("select count(*) from worker") == 0
    await pool.close()


async def test_a_console_that_outlived_its_release_saves_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await newer.migrate(database.owner_url)
        with pytest.raises(Outgrown) as refused:
            await triggers.save(at.context, seen, replace(at.trigger, name="Toinen"))
        assert (await at.again(seen)).version == seen.version
    finnish = Words(Language.FINNISH, ZoneInfo("Europe/Helsinki")).told(refused.value)
    assert finnish.startswith("Uudempi versio on päivittänyt tietokannan (9999_later)")


async def test_commands_of_the_older_release_say_so_and_do_nothing(database: Database) -> None:
    environment = {
        "PTM_DATABASE_URL": database.database_url,
        "PTM_DATABASE_OWNER_URL": database.owner_url,
        "PTM_MASTER_KEY": make_master(),
        "PTM_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "PTM_PROCOUNTOR_CLIENT_ID": "id",
        "PTM_PROCOUNTOR_CLIENT_SECRET": "secret",
    }
    await newer.migrate(database.owner_url)
    refused = {
        "worker": await ptm(environment, "worker"),
        **{each: await command(environment, *each.split()) for each in ("status", "migrate", "migrate --check")},
    }
    for name, said in refused.items():
        assert (said.code, "A newer release has migrated the database (9999_later)" in said.err) == (2, True), name
    checked = await command(environment, "status", "--check")
    assert (checked.code, "A newer release has migrated" in checked.out) == (3, True)
    looked = await command(environment, "doctor")
    assert looked.code == 3
    assert "this one does not know 9999_later" in looked.out
    assert "Not looked at, since the schema is not this release's" in looked.out
