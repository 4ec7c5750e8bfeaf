"""The role that only looks: it reads what a console shows, and nothing it does changes anything."""

from __future__ import annotations

import asyncpg
import pytest

from appending import superuser
from desk import MAIJA, desk
from events.errors import Misconfigured, PtmError
from looking import looking, reader
from servers.postgres import Database
from worker.operations import attention, browse, lifecycle, overview, pulse, replays, status, why
from worker.operations.integrations import read_one

pytestmark = pytest.mark.integration

TABLES = """
select c.oid::regclass::text as name, array(
    select privilege
    from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
    where has_table_privilege('ptm_reader', c.oid, privilege)
) as may
from pg_class c where c.relnamespace in ('public'::regnamespace, 'vault'::regnamespace) and c.relkind in ('r', 'v', 'p')
"""


async def test_it_reads_all_but_secrets_and_logins_under_way_and_writes_nothing(database: Database) -> None:
    async with superuser(database) as admin:
        may = {row["name"]: row["may"] for row in await admin.fetch(TABLES)}
        runs = await admin.fetch(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " and prorettype <> 'trigger'::regtype and has_function_privilege('ptm_reader', oid, 'execute')"
        )
        sequences = await admin.fetch(
            "select sequencename from pg_sequences where schemaname in ('public', 'vault')"
            " and has_sequence_privilege('ptm_reader', format('%I.%I', schemaname, sequencename), 'usage')"
        )
    assert {name for name, rights in may.items() if not rights} == {"vault.secret", "vault.token", "login"}
    assert {tuple(rights) for rights in may.values() if rights} == {("select",)}
    assert (runs, sequences) == ([], [])


async def test_everything_is_shown_with_names(database: Database) -> None:
    async with desk(database, history=6) as at, reader(database) as url, looking(at, url) as context:
        one = await at.connect()
        await at.see(one, 1)
        await at.project(one)
        assert context.looks_only

        [line] = await overview.lines(context)
        assert line.company == one.company
        await overview.figures(context, [one.id])
        await pulse.read(context)
        assert (await status.read(context)).integrations[0].name == one.name
        await attention.read(context)
        assert await replays.listed(context) == []
        [life] = await why.why(context, "10001")
        assert MAIJA in str(life.entries)
        assert await browse.latest(context, browse.Filter())


@pytest.mark.parametrize("read_only", [False, True])
async def test_every_change_is_refused_in_words(database: Database, read_only: bool) -> None:
    """By the role, and where the role may but the console only reads."""
    async with desk(database, history=6) as at, reader(database) as url:
        one = await at.connect()
        async with looking(at, database.database_url if read_only else url, read_only=read_only) as context:
            assert context.looks_only
            with pytest.raises(PtmError, match="nothing was changed"):
                await lifecycle.pause(context, one)
            with pytest.raises(PtmError, match="nothing was changed"):
                await context.vault.put_secret("trustmary", b"x")
        assert (await read_one(at.context, one.id)).state == "active"


async def test_it_learns_no_key_of_a_service(database: Database) -> None:
    async with desk(database, history=6) as at, reader(database) as url, looking(at, url) as context:
        one = await at.connect()
        assert one.trustmary_secret
        with pytest.raises(Misconfigured, match="permission denied for table secret"):
            await context.vault.secret(one.trustmary_secret)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await context.pool.fetch("select * from login")
