"""A backup is whole, refused when it is not, and restored all or nothing; what was erased stays erased."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from desk import Desk, desk, environ_for, settings_for
from events.connection import BackupRestored
from events.errors import Misconfigured
from events.invoice import InvoiceStatusChanged
from eventually import eventually
from servers.postgres import Cluster, Database, empty_database
from terminal import environment, ptm
from worker.adapters import dumping, loading, schema
from worker.adapters.archive import Damaged
from worker.adapters.embedded import WORKER_ROLE
from worker.adapters.loading import Loaded
from worker.adapters.sealing import load_master, make_master
from worker.opening import opened
from worker.operations import blocks, integrations
from worker.settings import Settings
from worker.verify import verify

pytestmark = pytest.mark.integration
TABLES = """
    select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'vault') order by 1
"""
OWN = {"public.log", "public.migration", "public.worker", "public.login", "public.budget", "public.restored"}
"""What is not carried over, or new."""
TOLD = {"public.event", "public.counter"}
"""The log goes on with what tells of the restore."""
RESTORING = "from pg_stat_activity where application_name = 'ptm restore' and datname = current_database()"
CHANGED = {"public.relay", "public.ingest", "public.lane"}
"""Cursors and leases of the former machine."""


@pytest_asyncio.fixture
async def lived(database: Database) -> AsyncIterator[Desk]:
    """With invoices, decisions, deliveries that wait, and somebody who is blocked."""
    async with desk(database) as made:
        seen = await made.connect()
        for invoice in range(1, 6):
            await made.see(seen, invoice, partner=invoice, email=f"asiakas{invoice}@asiakas.fi")
        await made.project(seen)
        await blocks.add(made.context, await made.again(seen), "nobody@asiakas.fi", reason="asked not to")
        await made.project(seen)
        yield made


async def restored(database: Database, directory: Path, key: Settings, *, vault: Path | None = None) -> Loaded:
    files = loading.examine(directory / "log.ptm", vault or directory / "vault.ptm")
    assert key.master_key is not None
    master = load_master(key.master_key.get_secret_value())
    return await loading.load(database.owner_url, files, master, worker_role=WORKER_ROLE)


async def contents(database: Database) -> dict[str, list[str]]:
    connection = await asyncpg.connect(database.admin_url)
    try:
        names = [row[0] for row in await connection.fetch(TABLES)]
        return {
            name: sorted(row[0] for row in await connection.fetch(f"select t::text from {name} t"))  # noqa: S608 - names
            for name in names
        }
    finally:
        await connection.close()


def moved(settings: Settings, database: Database, lived: Desk) -> Settings:
    there = settings_for(database, lived.sandbox)
    return there.model_copy(update={"master_key": settings.master_key})


async def test_every_table_comes_back_as_it_was_under_another_log_with_sending_held(
    lived: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    settings = lived.context.settings
    before = await contents(database)
    dumped = await dumping.dump(database.database_url, tmp_path)
    loaded = await restored(bare_database, tmp_path, settings)
    after = await contents(bare_database)
    assert len(set(after["public.event"]) - set(before["public.event"])) == 1
    assert set(before["public.event"]) < set(after["public.event"])
    for name in before.keys() - OWN - CHANGED - TOLD:
        assert before[name] == after[name], name
    assert loaded.log != dumped.head.log
    assert [len(after[name]) for name in ("public.restored", "public.ingest", "public.delivery")] == [1, 1, 5]
    async with opened(moved(settings, bare_database, lived)) as context:
        assert await context.log.id() == loaded.log
        faults = [fault async for one in verify(context.log, context.vault) for fault in one.faults]
        assert faults == []
        # Numbers go on behind those that came.
        there = Desk(context, lived.sandbox)
        (seen,) = await integrations.read_all(context)
        record, told = (await there.events(seen))[-1]
        assert isinstance(told, BackupRestored)
        assert (record.row.stream, told.taken_at) == (f"connection/{seen.id}", dumped.head.taken_at.isoformat())
        assert seen.held
        assert seen.held.taken_at == dumped.head.taken_at
        await there.see(seen, 6, partner=6, email="asiakas6@asiakas.fi")
        await there.project(seen)
        assert await there.states(seen) == ["waiting"] * 6


async def test_one_flipped_byte_in_either_file_is_refused(
    lived: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    await dumping.dump(database.database_url, tmp_path)
    for name in ("log.ptm", "vault.ptm"):
        whole = (tmp_path / name).read_bytes()
        for place in (0, 30, len(whole) // 2, len(whole) - 70, len(whole) - 2):
            broken = bytearray(whole)
            broken[place] ^= 1
            (tmp_path / name).write_bytes(broken)
            with pytest.raises(Misconfigured):
                await restored(bare_database, tmp_path, lived.context.settings)
        (tmp_path / name).write_bytes(whole[:-1000])
        with pytest.raises(Damaged):
            await restored(bare_database, tmp_path, lived.context.settings)
        (tmp_path / name).write_bytes(whole)
    assert await contents(bare_database) == {}


async def test_a_database_in_use_another_key_and_another_logs_vault_are_refused(
    lived: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    settings = lived.context.settings
    await dumping.dump(database.database_url, tmp_path)
    with pytest.raises(Misconfigured, match="in use"):
        await restored(database, tmp_path, settings)
    other = settings.model_copy(update={"master_key": SecretStr(make_master())})
    with pytest.raises(Misconfigured, match="wants key"):
        await restored(bare_database, tmp_path, other)
    await asyncio.to_thread((tmp_path / "elsewhere").mkdir)
    await schema.migrate(bare_database.owner_url, worker_role=WORKER_ROLE)
    await dumping.dump(bare_database.database_url, tmp_path / "elsewhere")
    with pytest.raises(Misconfigured, match="another log"):
        await restored(bare_database, tmp_path, settings, vault=tmp_path / "elsewhere" / "vault.ptm")
    with pytest.raises(Misconfigured, match="overwrites none"):
        await dumping.dump(database.database_url, tmp_path)
    assert (await restored(bare_database, tmp_path, settings)).rows["public.delivery"] == 5


async def test_a_log_that_was_changed_before_the_backup_is_refused(
    lived: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(database.admin_url)
    await connection.execute("alter table event disable trigger user")
    await connection.execute("update event set actor = 'nobody' where type = 'InvoiceStatusChanged' and position = 4")
    await connection.close()
    await dumping.dump(database.database_url, tmp_path)
    with pytest.raises(Damaged, match="not sound at partition"):
        await restored(bare_database, tmp_path, lived.context.settings)
    assert await contents(bare_database) == {}


async def test_who_was_erased_after_the_vaults_file_is_erased_again(
    lived: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    vault, settings = lived.context.vault, lived.context.settings
    older, newer = tmp_path / "older", tmp_path / "newer"
    for directory in (older, newer):
        await asyncio.to_thread(directory.mkdir)
    await dumping.dump(database.database_url, older)
    (seen,) = await integrations.read_all(lived.context)
    await lived.see(seen, 6, partner=6, email="asiakas6@asiakas.fi")
    gone = await lived.context.pool.fetchval("select subject from vault.subject_key where subject like '%/partner/3'")
    assert await vault.destroy([gone]) == 1
    await dumping.dump(database.database_url, newer)
    loaded = await restored(bare_database, newer, settings, vault=older / "vault.ptm")
    assert (loaded.erased_again, loaded.without_key) == (1, 1)
    async with opened(moved(settings, bare_database, lived)) as context:
        records = await context.log.read(seen.partition, 0, 1000)
        changes = [one for one in await context.log.open(records) if isinstance(one, InvoiceStatusChanged)]
        named = {one.invoice_id: "contactPersons" in (one.customer or {}) for one in changes}
        assert named == {1: True, 2: True, 3: False, 4: True, 5: True, 6: False}
        # A new key never gets the number of one that the vault's file did not have.
        known = await context.pool.fetchval("select count(*) from vault.subject_key")
        await Desk(context, lived.sandbox).see(seen, 7, partner=7, email="asiakas7@asiakas.fi")
        assert await context.pool.fetchval("select max(id) from vault.subject_key") > known + 1


async def test_a_restore_killed_in_the_middle_leaves_nothing_and_can_be_begun_again(
    lived: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    settings = lived.context.settings
    await dumping.dump(database.database_url, tmp_path)
    await schema.migrate(bare_database.owner_url, worker_role=WORKER_ROLE)
    empty = await contents(bare_database)
    there = environ_for(bare_database, lived.sandbox)
    assert settings.master_key is not None
    there |= {"PTM_MASTER_KEY": settings.master_key.get_secret_value()}
    holder, watcher = [await asyncpg.connect(bare_database.admin_url) for _ in range(2)]
    async with holder.transaction():
        await holder.execute("lock table delivery in share mode")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "worker.cli", "restore", str(tmp_path)), env=environment(there), stderr=PIPE
        )
        await eventually(lambda: watcher.fetchval(f"select true {RESTORING} and wait_event_type = 'Lock'"))
        process.kill()
        await process.communicate()
        await watcher.execute(f"select pg_terminate_backend(pid) {RESTORING}")
    await eventually(lambda: watcher.fetchval(f"select count(*) = 0 {RESTORING}"))
    for connection in (holder, watcher):
        await connection.close()
    assert await contents(bare_database) == empty
    done = await ptm(there, "restore", str(tmp_path), "--json")
    assert (done.code, done.json["rows"]["public.delivery"]) == (3, 5), done.err


async def test_a_backup_of_an_older_release_is_brought_up_to_this_one_and_held(
    postgres_server: Cluster, bare_database: Database, database: Database, tmp_path: Path
) -> None:
    async with empty_database(postgres_server) as old:
        connection = await asyncpg.connect(old.owner_url)
        await schema.bring_up(connection, worker_role=WORKER_ROLE, through="0016_presence")
        await connection.execute(
            "insert into integration (id, partition, version, state, company_id, organization, names, configuration)"
            " values (gen_random_uuid(), 0, 1, 'active', 1, 'o', '', '{}')"
        )
        await connection.close()
        await dumping.dump(old.database_url, tmp_path)
    files = loading.examine(tmp_path / "log.ptm", tmp_path / "vault.ptm")
    with pytest.raises(Misconfigured, match="already, newer"):
        await loading.load(database.owner_url, files, load_master(make_master()), worker_role=WORKER_ROLE)
    await loading.load(bare_database.owner_url, files, load_master(make_master()), worker_role=WORKER_ROLE)
    assert len((await contents(bare_database))["public.restored"]) == 1
