"""The page that a browser lands on after the login, met with what no login page sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from events.words import Language, Words
from servers.postgres import Database
from worker import callback
from worker.adapters.postgres import Pool, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

pytestmark = pytest.mark.integration
ENGLISH = Words(Language.ENGLISH, ZoneInfo("UTC"))


@asynccontextmanager
async def landing(database: Database, say: Words = ENGLISH) -> AsyncIterator[tuple[Pool, str]]:
    pool = await open_pool(database.database_url, size=2)
    page = callback.Landing(pool=pool, vault=Vault(pool, MasterKey(key=bytes(32))), say=say, patience=0)
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


@pytest.mark.parametrize("language", Language)
async def test_after_an_activation_the_page_says_what_follows_and_keeps_nothing(
    database: Database, language: Language
) -> None:
    async with landing(database, Words(language, ZoneInfo("UTC"))) as (pool, url), aiohttp.ClientSession() as session:
        for name in ("requestId", "activation"):
            async with session.get(f"{url}?{name}=70001&lang=fi", allow_redirects=False) as answer:
                assert answer.status == 200
                page = await answer.text()
                assert f'<html lang="{language}">' in page
                assert page.count("70001") == 4
                assert "ptm integration connect --activation 70001" in page
        assert await pool.fetchval("select count(*) from activation") == 0


@pytest.mark.parametrize(
    "query",
    [
        "code=abc&expires_in=300",
        "state=abc&expires_in=300",
        "a=1&b=2",
        "a=%D9%A3",
        f"a={'9' * 40}",
        "a=-1",
        "",
    ],
)
async def test_what_is_no_activation_is_not_taken_for_one(database: Database, query: str) -> None:
    async with (
        landing(database) as (_, url),
        aiohttp.ClientSession() as session,
        session.get(f"{url}?{query}", allow_redirects=False) as answer,
    ):
        assert answer.status == 400
        assert "--activation" not in await answer.text()
