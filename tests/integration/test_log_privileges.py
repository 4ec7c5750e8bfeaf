"""What the worker's role may do to the log: read it, and append by the one function."""

from __future__ import annotations

import asyncpg
import pytest

from appending import opened, rows, superuser
from servers.postgres import Database

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "statement",
    [
        "insert into event select * from event",
        "update event set type = 'x'",
        "delete from event",
        "truncate event",
        "insert into event select * from event on conflict (id) do update set type = 'x'",
        "merge into event using counter on false when not matched then do nothing when matched then delete",
        "update counter set position = 0",
        "delete from counter",
        "insert into counter (partition) values (99)",
        "update log set id = gen_random_uuid()",
        "delete from migration",
        "alter table event disable trigger all",
        "drop trigger event_is_append_only on event",
        "drop table event",
        "create or replace function append() returns void language sql return null",
        "create table public.event_of_mine ()",
        "set session_replication_role = replica",
        "set role ptm_owner",
        "select pg_read_file('/etc/passwd')",
    ],
)
async def test_the_worker_cannot_change_the_log(database: Database, statement: str) -> None:
    async with opened(database) as desk:
        await desk.append(rows("a"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.pool.execute(statement)


@pytest.mark.parametrize("statement", ["update event set type = 'x'", "delete from event", "truncate event"])
async def test_not_even_the_owner_changes_an_event_by_mistake(database: Database, statement: str) -> None:
    async with opened(database) as desk:
        await desk.append(rows("a"))
    connection = await asyncpg.connect(database.owner_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_append_does_not_look_where_its_caller_points(database: Database) -> None:
    """A table of the worker's own must not stand in for the log's while the owner's rights are in force."""
    async with opened(database) as desk, desk.pool.acquire() as connection:
        await connection.execute("create temporary table event (like public.event)")
        await connection.execute("create temporary table counter (like public.counter)")
        await connection.execute("set search_path = pg_temp, public")
        await desk.log.append(connection, 0, rows("a"))

        assert await connection.fetchval("select count(*) from public.event") == 1
        await connection.execute("discard all")


async def test_other_logins_may_not_append(database: Database) -> None:
    async with superuser(database) as admin:
        grantees = await admin.fetch(
            "select grantee::regrole::text as name from pg_proc, aclexplode(proacl) where proname = 'append'"
        )

    assert {each["name"] for each in grantees} == {"ptm_owner", "ptm_worker"}
