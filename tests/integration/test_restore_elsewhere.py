"""What a restored log forgets: who held what, what was under way, and how far Kafka had been told."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from desk import Desk, desk, settings_for
from events.errors import Misconfigured
from servers.postgres import Cluster, Database, empty_database
from worker.adapters import dumping, loading, schema
from worker.adapters.archive import MAGIC, Damaged
from worker.adapters.embedded import WORKER_ROLE
from worker.adapters.sealing import load_master
from worker.opening import opened
from worker.operations import integrations
from worker.verify import verify

pytestmark = pytest.mark.integration

AT_WORK = (
    "update ingest set lease_owner = gen_random_uuid(), lease_until = now() + interval '1 day', polled_at = now(),"
    " failures = 3, failing_since = now() - interval '1 day', failure = 'x', due_at = now() + interval '1 day'",
    "update lane set lease_owner = gen_random_uuid(), lease_until = now() + interval '1 day', failures = 3,"
    " failing_since = now() - interval '1 day', broken_until = now() + interval '1 day'",
    "insert into mailbox (id, lease_owner, lease_until, failures, due_at)"
    " values ('\\x00', gen_random_uuid(), now() + interval '1 day', 3, now() + interval '1 day')",
    "insert into reconciliation (integration) select id from integration on conflict do nothing",
    "update reconciliation set lease_owner = gen_random_uuid(), lease_until = now() + interval '1 day'",
    'update relay set "position" = counter."position" from counter where counter.partition = relay.partition',
)
HELD = """
    select 'ingest' as what from ingest
    where lease_owner is not null or polled_at is not null or failures + extract(epoch from due_at - now()) > 0
       or failing_since is not null or failure is not null
    union all select 'lane' from lane
    where lease_owner is not null or failures > 0 or broken_until is not null or failing_since is not null
    union all select 'mailbox' from mailbox where lease_owner is not null or failures > 0 or due_at > now()
    union all select 'reconciliation' from reconciliation where lease_owner is not null
    union all select 'relay' from relay where "position" > 0
"""
REPLAY = """
    insert into replay (id, integration, state, hash, triggers, pin, upto, about, planned_by)
    select $1, id, $2, 'h', '{}', 'p', 1, '', 'maija' from integration
"""
ALERT = """
    insert into alert (integration, recipient, about, since, mailbox)
    select integration.id, gen_random_uuid(), 'broken', now(), mailbox.id from integration cross join mailbox
"""
STATES = ("planned", "running", "paused", "done")


@pytest_asyncio.fixture
async def busy(database: Database) -> AsyncIterator[Desk]:
    """A machine in the midst of its work."""
    async with desk(database) as made:
        seen = await made.connect()
        await made.see(seen, 1, partner=1, email="asiakas1@asiakas.fi")
        await made.project(seen)
        admin = await asyncpg.connect(database.admin_url)
        for statement in AT_WORK:
            await admin.execute(statement)
        for state in STATES:
            await admin.execute(REPLAY, uuid4(), state)
        assert {row["what"] for row in await admin.fetch(HELD)} == {
            *("ingest", "lane", "mailbox", "reconciliation", "relay")
        }
        await admin.close()
        yield made


async def load(busy: Desk, bare_database: Database, directory: Path) -> loading.Loaded:
    files = loading.examine(directory / "log.ptm", directory / "vault.ptm")
    key = busy.context.settings.master_key
    assert key is not None
    master = load_master(key.get_secret_value())
    return await loading.load(bare_database.owner_url, files, master, worker_role=WORKER_ROLE)


async def test_nobody_of_the_former_machine_holds_anything_and_no_replay_goes_on_by_itself(
    busy: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    await dumping.dump(database.database_url, tmp_path)
    assert (await load(busy, bare_database, tmp_path)).replays == 1
    there = await asyncpg.connect(bare_database.admin_url)
    assert [row["what"] for row in await there.fetch(HELD)] == []
    states = sorted(row["state"] for row in await there.fetch("select state from replay"))
    assert states == ["cancelled", "done", "paused", "paused"]
    await there.close()


def rewrite(path: Path, **other: str) -> None:
    """The file as another release would have written it, its checksum and all."""
    head, rest = path.read_bytes()[len(MAGIC) : -65].split(b"\n", 1)
    whole = MAGIC + json.dumps(json.loads(head) | other).encode() + b"\n" + rest
    path.write_bytes(whole + f"{hashlib.sha256(whole).hexdigest()}\n".encode())


async def test_a_backup_of_a_newer_release_and_two_files_of_two_releases_are_refused(
    busy: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    await dumping.dump(database.database_url, tmp_path)
    rewrite(tmp_path / "log.ptm", schema="9999_later")
    with pytest.raises(Misconfigured, match="take two of the same"):
        await load(busy, bare_database, tmp_path)
    rewrite(tmp_path / "vault.ptm", schema="9999_later")
    with pytest.raises(Misconfigured, match="has schema 9999_later, which this release does not know"):
        await load(busy, bare_database, tmp_path)
    for name in ("log.ptm", "vault.ptm"):
        rewrite(tmp_path / name, schema=max(schema.migrations()))
    assert (await load(busy, bare_database, tmp_path)).rows["public.delivery"] == 1


async def test_rows_that_are_not_as_many_as_the_file_names_are_refused(
    busy: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    await dumping.dump(database.database_url, tmp_path)
    path = tmp_path / "log.ptm"
    whole = path.read_bytes()[:-65]
    assert whole.count(b'"public.delivery":1,') == 1
    whole = whole.replace(b'"public.delivery":1,', b'"public.delivery":2,')
    path.write_bytes(whole + f"{hashlib.sha256(whole).hexdigest()}\n".encode())
    with pytest.raises(Damaged, match="does not have the rows that it names"):
        await load(busy, bare_database, tmp_path)


async def test_an_older_vault_brings_back_no_credentials_of_before_and_no_gap_for_who_came_and_was_erased(
    busy: Desk, database: Database, bare_database: Database, tmp_path: Path
) -> None:
    older, vault = tmp_path / "older", busy.context.vault
    await asyncio.to_thread(older.mkdir)
    await dumping.dump(database.database_url, older)
    (seen,) = await integrations.read_all(busy.context)
    await busy.see(seen, 2, partner=2, email="asiakas2@asiakas.fi")
    came = await busy.context.pool.fetchval("select subject from vault.subject_key where subject like '%/partner/2'")
    await vault.destroy([came])
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("update integration set trustmary_secret = $1", await vault.put_secret("trustmary", b"new"))
    await admin.execute("delete from vault.secret where id = $1", seen.trustmary_secret)
    await admin.execute(ALERT)
    await admin.close()
    await dumping.dump(database.database_url, tmp_path)
    (older / "vault.ptm").replace(tmp_path / "vault.ptm")
    loaded = await load(busy, bare_database, tmp_path)
    assert (loaded.orphans, loaded.without_secret, loaded.erased_again, loaded.without_key) == (1, 1, 0, 0)
    there = await asyncpg.connect(bare_database.admin_url)
    await there.execute(ALERT)  # and no number twice
    assert await there.fetchval("select count(*) from vault.subject_key where destroyed_at is not null") == 1
    await there.close()
    key = busy.context.settings.master_key
    moved = settings_for(bare_database, busy.sandbox).model_copy(update={"master_key": key})
    async with opened(moved) as context:
        assert [fault async for one in verify(context.log, context.vault) for fault in one.faults] == []


@pytest.mark.parametrize("released", [False, True])
async def test_what_was_held_when_the_backup_was_taken_is_unknown_since_the_earlier_one(
    busy: Desk, database: Database, bare_database: Database, postgres_server: Cluster, tmp_path: Path, released: bool
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for directory in (first, second):
        await asyncio.to_thread(directory.mkdir)
    earlier = (await dumping.dump(database.database_url, first)).head.taken_at
    await load(busy, bare_database, first)
    if released:
        owner = await asyncpg.connect(bare_database.owner_url)
        await owner.execute("update restored set released_at = now(), released_by = 'maija'")
        await owner.close()
    later = (await dumping.dump(bare_database.database_url, second)).head.taken_at
    async with empty_database(postgres_server) as third:
        await load(busy, third, second)
        owner = await asyncpg.connect(third.owner_url)
        [row] = await owner.fetch("select taken_at, released_at from restored")
        await owner.close()
    assert earlier < later
    assert tuple(row) == (later if released else earlier, None)


async def test_a_backup_that_fails_leaves_no_file(database: Database, busy: Desk, tmp_path: Path) -> None:
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute("revoke select on delivery from ptm_worker")
    await admin.close()
    with pytest.raises(Misconfigured):
        await dumping.dump(database.database_url, tmp_path)
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
