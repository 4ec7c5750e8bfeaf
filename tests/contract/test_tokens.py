"""What workers promise each other about a token: it is shared, and one at a time asks for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from appending import opened
from memory.tokens import SharedTokens as InMemory
from servers.postgres import Database
from worker.adapters.sealing import MasterKey
from worker.adapters.shared_tokens import NONE, SharedTokens
from worker.adapters.tokens import Shares
from worker.adapters.vault import Vault

MASTER = MasterKey(key=bytes(range(32)))
LONG, OVER = 60.0, 0.0


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def database_if_any(request: pytest.FixtureRequest) -> Database | None:
    return request.getfixturevalue("database") if request.param == "postgres" else None


@pytest_asyncio.fixture
async def kept(database_if_any: Database | None) -> AsyncIterator[tuple[Shares, UUID]]:
    """The tokens, and a secret that the vault holds."""
    if database_if_any is None:
        yield InMemory(), uuid4()
    else:
        async with opened(database_if_any) as at:
            yield SharedTokens(at.pool, MASTER), await Vault(at.pool, MASTER).put_secret("procountor", b"key")


async def test_what_one_keeps_everybody_reads(kept: tuple[Shares, UUID]) -> None:
    tokens, secret = kept
    assert await tokens.read(secret) == NONE
    fence = await tokens.lease(secret, 0, LONG)
    assert fence is not None
    await tokens.keep(secret, fence, "first", LONG)
    seen = await tokens.read(secret)
    assert seen.value == "first"
    assert seen.fence > fence
    assert LONG - 5 < seen.seconds_left <= LONG


async def test_of_many_who_find_the_same_token_one_may_ask_for_the_next(kept: tuple[Shares, UUID]) -> None:
    tokens, secret = kept
    for _ in range(2):
        found = (await tokens.read(secret)).fence
        taken = await asyncio.gather(*(tokens.lease(secret, found, LONG) for _ in range(8)))
        [fence] = [one for one in taken if one is not None]
        meanwhile = (await tokens.read(secret)).fence
        await tokens.keep(secret, fence, "next", LONG)
        assert await tokens.lease(secret, found, LONG) is None, "it has been asked for since"
        assert await tokens.lease(secret, meanwhile, LONG) is None, "it has been got since"


async def test_whose_lease_is_over_is_not_waited_for_and_keeps_nothing(kept: tuple[Shares, UUID]) -> None:
    tokens, secret = kept
    frozen = await tokens.lease(secret, 0, OVER)
    assert frozen is not None
    other = await tokens.lease(secret, frozen, LONG)
    assert other is not None
    assert not await tokens.renew(secret, frozen, LONG)
    await tokens.keep(secret, frozen, "late", LONG)
    await tokens.give_back(secret, frozen)
    assert (await tokens.read(secret)).value is None
    assert await tokens.lease(secret, other, LONG) is None
    assert await tokens.renew(secret, other, LONG)
    await tokens.keep(secret, other, "timely", LONG)
    assert (await tokens.read(secret)).value == "timely"


async def test_a_lease_that_is_given_back_is_free_at_once(kept: tuple[Shares, UUID]) -> None:
    tokens, secret = kept
    first = await tokens.lease(secret, 0, LONG)
    assert first is not None
    assert await tokens.lease(secret, first, LONG) is None
    await tokens.give_back(secret, first)
    assert await tokens.lease(secret, first, LONG) is not None


@pytest.mark.integration
async def test_a_token_is_sealed_goes_with_its_credentials_and_of_another_master_key_is_none(
    database: Database,
) -> None:
    async with opened(database) as at:
        secret = await Vault(at.pool, MASTER).put_secret("procountor", b"key")
        tokens = SharedTokens(at.pool, MASTER)
        fence = await tokens.lease(secret, 0, LONG)
        assert fence is not None
        await tokens.keep(secret, fence, "open sesame", LONG)
        assert b"sesame" not in await at.pool.fetchval("select sealed from vault.token")
        other = SharedTokens(at.pool, MasterKey(key=bytes(32)))
        assert (await other.read(secret)).value is None
        await at.pool.execute("delete from vault.secret where id = $1", secret)
        assert await at.pool.fetchval("select count(*) from vault.token") == 0
