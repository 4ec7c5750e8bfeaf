"""The page that a browser lands on after the login, met with what no login page sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

import aiohttp
import pytest

from servers.postgres import Database
from worker import callback
from worker.adapters.postgres import Pool, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

pytestmark = pytest.mark.integration


@asynccontextmanager
async def landing(database: Database) -> AsyncIterator[tuple[Pool, str]]:
    pool = await open_pool(database.database_url, size=2)
    page = callback.Landing(pool=pool, vault=Vault(pool, MasterKey(key=bytes(32))), patience=0)
    async with callback.serving(page, host="127.0.0.1", port=0) as port:
        yield pool, f"http://127.0.0.1:{port}/callback"
    await pool.close()


@pytest.mark.parametrize("failure", ["no%00pe", "%00", "%ED%A0%80", "%FF", "x" * 3000])
async def test_a_failure_is_kept_whatever_is_in_it(database: Database, failure: str) -> None:
    async with landing(database) as (pool, url), aiohttp.ClientSession() as session:
        digest = sha256(b"pending").digest()
        await pool.execute(
            "insert into login (state, kind, expires_at) values ($1, 'key', now() + interval '1 hour')", digest
        )
        async with session.get(f"{url}?state=pending&error={failure}", allow_redirects=False) as answer:
            assert answer.status == 400, await answer.text()
        assert await pool.fetchval("select failure from login where state = $1", digest)
