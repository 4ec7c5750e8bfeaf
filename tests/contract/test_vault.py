"""What a vault promises, wherever it keeps its keys and secrets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Protocol
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from appending import opened
from events.errors import Corrupt, Misconfigured
from memory.vault import MemoryVault
from servers.postgres import Database
from worker.adapters.log import Seals
from worker.adapters.sealing import MasterKey
from worker.adapters.tokens import Secrets
from worker.adapters.vault import Vault
from worker.deciding import KeysContacts

MASTER = MasterKey(key=bytes(range(32)))


class Keeps(Seals, KeysContacts, Secrets, Protocol):
    """What the log, the projector and the tokens ask of it, and what an operator's commands ask besides."""

    async def put_secret(self, kind: str, value: bytes) -> UUID: ...
    async def destroy(self, subjects: Sequence[str]) -> int: ...
    async def destroy_integration(self, integration: UUID) -> int: ...


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def database_if_any(request: pytest.FixtureRequest) -> Database | None:
    return request.getfixturevalue("database") if request.param == "postgres" else None


@pytest_asyncio.fixture
async def workers(database_if_any: Database | None) -> AsyncIterator[Callable[[], Keeps]]:
    """The vault as one worker after the other opens it: in memory there is but one."""
    if database_if_any is None:
        memory = MemoryVault()
        yield lambda: memory
    else:
        async with AsyncExitStack() as stack:
            pool = (await stack.enter_async_context(opened(database_if_any))).pool
            yield lambda: Vault(pool, MASTER)


@pytest.fixture
def vault(workers: Callable[[], Keeps]) -> Keeps:
    return workers()


async def seal(vault: Keeps, subject: str, plain: bytes) -> tuple[UUID, bytes | None]:
    """As `open` takes it."""
    id = uuid4()
    [blob] = await vault.seal([(id, subject, plain)])
    return id, blob


async def test_what_was_sealed_opens_for_its_own_event_only(vault: Keeps) -> None:
    one, two = uuid4(), uuid4()
    sealed = await vault.seal([(one, "a", b"Aino"), (two, "b", None), (two, "a", b"")])

    assert sealed[1] is None
    assert await vault.open([(one, sealed[0]), (two, None), (two, sealed[2])]) == [b"Aino", None, b""]
    with pytest.raises(Corrupt, match=str(two)):
        await vault.open([(two, sealed[0])])


async def test_a_blob_shows_nothing_and_never_looks_the_same(vault: Keeps) -> None:
    id = uuid4()
    one, two = await vault.seal([(id, "a", b"Aino Aalto"), (id, "a", b"Aino Aalto")])

    assert one is not None
    assert one != two
    assert b"Aino" not in one


async def test_what_was_changed_is_said_and_never_taken_for_an_erasure(vault: Keeps) -> None:
    id, blob = await seal(vault, "a", b"Aino")

    assert blob is not None
    for damaged in (blob[:-1] + bytes([blob[-1] ^ 1]), blob[:-1], b"?", b""):
        with pytest.raises(Corrupt):
            await vault.open([(id, damaged)])


async def test_one_worker_opens_what_another_sealed(workers: Callable[[], Keeps]) -> None:
    one, two = workers(), workers()
    items = [(uuid4(), f"subject {n % 50}", b"%d" % n) for n in range(200)]
    mine, theirs = await asyncio.gather(one.seal(items), two.seal(items[::-1]))

    ids, plain = [id for id, *_ in items], [plain for *_, plain in items]
    assert await two.open(list(zip(ids, mine, strict=True))) == plain
    assert await one.open(list(zip(ids, theirs[::-1], strict=True))) == plain


async def test_destroying_a_subjects_key_erases_all_that_was_sealed_for_it_and_nothing_else(vault: Keeps) -> None:
    sealed = [await seal(vault, subject, b"x") for subject in ("a", "a", "b", "a/b")]

    assert await vault.destroy(["a", "nobody"]) == 1
    assert await vault.open(sealed) == [None, None, b"x", b"x"]
    assert await vault.destroy(["a"]) == 0


async def test_what_is_sealed_after_an_erasure_has_a_key_of_its_own(vault: Keeps) -> None:
    before = await seal(vault, "a", b"before")
    await vault.destroy(["a"])
    after = await seal(vault, "a", b"after")

    assert await vault.open([before, after]) == [None, b"after"]
    assert await vault.destroy(["a"]) == 1
    assert await vault.open([before, after]) == [None, None]


async def test_an_integrations_keys_are_destroyed_together(vault: Keeps) -> None:
    mine, other = uuid4(), uuid4()
    subjects = [str(mine), f"{mine}/partner/7", f"{mine}/invoice/8", f"{other}/partner/7", str(other), f"{mine}0"]
    sealed = [await seal(vault, subject, b"x") for subject in subjects]

    assert await vault.destroy_integration(mine) == 3
    assert await vault.open(sealed) == [None, None, None, b"x", b"x", b"x"]


async def test_a_secret_is_kept_and_replaced(vault: Keeps) -> None:
    one, two = await vault.put_secret("api_key", b"sesame"), await vault.put_secret("api_key", b"sesame")
    assert one != two
    await vault.replace_secret(one, b"open sesame")

    assert (await vault.secret(one), await vault.secret(two)) == (b"open sesame", b"sesame")


async def test_a_secret_that_it_does_not_hold_is_the_operators_matter(vault: Keeps) -> None:
    unknown = uuid4()
    with pytest.raises(Misconfigured, match=f"does not hold secret {unknown}"):
        await vault.secret(unknown)
    with pytest.raises(Misconfigured, match=f"does not hold secret {unknown}"):
        await vault.replace_secret(unknown, b"")
    with pytest.raises(Misconfigured):
        await vault.secret(unknown)


async def test_all_workers_know_a_contact_by_the_same_key_though_they_start_at_once(
    workers: Callable[[], Keeps],
) -> None:
    keyers = await asyncio.gather(*(workers().contact_key() for _ in range(8)))

    assert len({keyer("org", "aino@example.fi") for keyer in keyers}) == 1
    assert keyers[0]("org", "aino@example.fi") != keyers[0]("other", "aino@example.fi")
    again = await workers().contact_key()
    assert again("org", " Aino@Example.FI") == keyers[0]("org", "aino@example.fi")
