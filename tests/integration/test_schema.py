"""Migrations: from nothing, twice, two at once, and by owners who may not do everything."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from appending import superuser
from events.errors import Misconfigured, Unavailable
from schema_dump import GOLDEN, dump
from servers.postgres import Database
from worker.adapters.postgres import open_pool
from worker.adapters.schema import migrate, migrations, pending

pytestmark = pytest.mark.integration


async def test_the_committed_dump_is_what_the_migrations_make(bare_database: Database) -> None:
    await migrate(bare_database.owner_url)

    assert await dump(bare_database) == GOLDEN.read_text(encoding="utf-8"), "run: python tests/schema_dump.py"


async def test_from_nothing_every_migration_is_applied_once(bare_database: Database) -> None:
    assert await migrate(bare_database.owner_url) == list(migrations())
    assert await migrate(bare_database.owner_url) == []


async def test_two_at_once_are_harmless(bare_database: Database) -> None:
    applied = await asyncio.gather(*(migrate(bare_database.owner_url) for _ in range(3)))

    assert sorted(applied) == [[], [], list(migrations())]


async def test_what_is_pending_is_named_to_the_worker(bare_database: Database) -> None:
    pool = await open_pool(bare_database.database_url)
    try:
        assert await pending(pool) == list(migrations())
        await migrate(bare_database.owner_url)
        assert await pending(pool) == []
        async with superuser(bare_database) as admin:
            await admin.execute("delete from migration where id = $1", list(migrations())[-1])
        assert await pending(pool) == list(migrations())[-1:]
    finally:
        await pool.close()


async def test_a_migration_that_fails_leaves_nothing_of_itself(bare_database: Database) -> None:
    async with superuser(bare_database) as admin:
        await admin.execute("create table public.worker ()")  # what the third migration wants to make
        with pytest.raises(Misconfigured, match='"worker" already exists'):
            await migrate(bare_database.owner_url)
        assert await admin.fetchval("select to_regclass('delivery')") is None
        await admin.execute("drop table public.worker")
    assert await migrate(bare_database.owner_url) == list(migrations())[2:]


async def test_a_migrated_database_has_an_id_and_sixteen_partitions(database: Database) -> None:
    async with superuser(database) as admin:
        assert await admin.fetchval("select count(*) from log") == 1
        partitions = await admin.fetchrow(
            "select array(select partition from counter order by 1), array(select partition from relay order by 1),"
            " array(select partition from checkpoint order by 1)"
        )
    assert partitions is not None
    assert list(partitions) == [[*range(16)]] * 3


async def test_another_login_is_let_in(bare_database: Database) -> None:
    async with role(bare_database, "login password 'x'") as login, superuser(bare_database) as admin:
        await admin.execute("alter role ptm_owner createrole; grant ptm_worker to ptm_owner with admin option")
        await migrate(bare_database.owner_url, worker_role=login)
        pool = await open_pool(as_role(bare_database, login))
        try:
            assert await pending(pool) == []
            assert await pool.fetchval("select count(*) from event") == 0
        finally:
            await pool.close()
            await admin.execute("alter role ptm_owner nocreaterole; revoke ptm_worker from ptm_owner cascade")


async def test_an_owner_who_may_not_grant_is_told_what_a_dba_has_to_run(bare_database: Database) -> None:
    async with role(bare_database, "login password 'x'") as login:
        with pytest.raises(Misconfigured, match=f"grant ptm_worker to {login}"):
            await migrate(bare_database.owner_url, worker_role=login)
        async with superuser(bare_database) as admin:
            await admin.execute(f"grant ptm_worker to {login}")
        assert await migrate(bare_database.owner_url, worker_role=login) == []


async def test_a_login_that_does_not_exist_is_named(bare_database: Database) -> None:
    with pytest.raises(Misconfigured, match="create role nobody_yet login"):
        await migrate(bare_database.owner_url, worker_role="nobody_yet")


async def test_addresses_that_lead_nowhere_are_told_apart(bare_database: Database) -> None:
    server = urlsplit(bare_database.owner_url)
    with pytest.raises(Misconfigured, match="does not exist"):
        await migrate(server._replace(path="/no_such_database").geturl())
    with pytest.raises(Unavailable):
        await migrate(server._replace(netloc="ptm_owner@127.0.0.1:1").geturl())
    with pytest.raises(Misconfigured):
        await migrate(as_role(bare_database, "no_such_role"))


def as_role(database: Database, name: str) -> str:
    server = urlsplit(database.owner_url)
    return server._replace(netloc=f"{name}:x@{server.hostname}:{server.port}").geturl()


@asynccontextmanager
async def role(database: Database, options: str) -> AsyncIterator[str]:
    name = f"app_{secrets.token_hex(4)}"
    async with superuser(database) as admin:
        await admin.execute(f"create role {name} {options}")
        try:
            yield name
        finally:
            await admin.execute(f"drop role {name}")
