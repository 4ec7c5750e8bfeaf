"""A pooler in transaction mode is known for what it is, whatever it swallows, and no worker starts behind it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from appending import superuser
from events.errors import Misconfigured
from servers.bouncer import OURS, bouncer
from servers.postgres import Database
from terminal import command, ptm
from worker.adapters import pooler
from worker.adapters.postgres import open_pool
from worker.adapters.sealing import make_master

pytestmark = pytest.mark.integration


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path


async def test_a_session_is_told_from_what_is_lent_statement_by_statement(database: Database, directory: Path) -> None:
    assert await pooler.keeps_sessions(database.database_url)
    for mode, kept in (("session", True), ("transaction", False), ("statement", False)):
        async with bouncer(database, directory, mode=mode) as url:
            assert await pooler.keeps_sessions(url) is kept, mode


async def test_it_is_known_too_when_others_hold_its_connections(database: Database, directory: Path) -> None:
    async with bouncer(database, directory, mode="transaction") as url, AsyncExitStack() as stack:
        for _ in range(3):
            busy = await pooler.connected(url, stack)
            await busy.execute("begin")
        assert not await pooler.keeps_sessions(url)


async def test_a_pooler_that_hides_it_from_the_time_outs_is_refused_all_the_same(
    database: Database, directory: Path
) -> None:
    """The role brings our time-outs along, so that they are as asked for on every connection."""
    role = urlsplit(database.database_url).username
    name = urlsplit(database.database_url).path.removeprefix("/")
    async with superuser(database) as admin:
        await admin.execute(f"alter role {role} in database {name} set lock_timeout = '5s'")
    async with bouncer(database, directory, mode="transaction", swallows=OURS) as url:
        pool = await open_pool(url)
        await pool.close()
        with pytest.raises(Misconfigured, match="pooler in transaction mode"):
            await pooler.require_sessions(url)


def through(url: str) -> dict[str, str]:
    return {
        "PTM_DATABASE_URL": url,
        "PTM_MASTER_KEY": make_master(),
        "PTM_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "PTM_PROCOUNTOR_CLIENT_ID": "id",
        "PTM_PROCOUNTOR_CLIENT_SECRET": "secret",
    }


async def test_the_doctor_names_it_as_what_is_wrong_with_the_database(database: Database, directory: Path) -> None:
    async with bouncer(database, directory, mode="transaction", swallows=OURS) as url:
        told = await command(through(url), "doctor", "--json")
    assert told.code == 3
    [found] = [one for one in told.json["findings"] if one["concern"] == "database"]
    assert (found["verdict"], found["says"]) == ("wrong", pooler.REFUSAL)


async def test_a_worker_behind_it_says_so_in_one_sentence_and_ends_with_2(database: Database, directory: Path) -> None:
    async with bouncer(database, directory, mode="transaction", swallows=OURS) as url:
        told = await ptm(through(url), "worker")
    assert told.code == 2
    [line] = [line for line in told.err.splitlines() if line.startswith("ptm: ")]
    assert "pooler in transaction mode" in line
    assert "give the address of PostgreSQL itself" in line
    assert "Traceback" not in told.err
