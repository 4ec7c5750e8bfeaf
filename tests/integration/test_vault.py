"""The vault on a real server: what its tables hold, and who forgets what when."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from appending import opened, superuser
from events.errors import Corrupt, Misconfigured
from eventually import eventually
from servers.postgres import Database
from worker.adapters.postgres import Bell, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

pytestmark = pytest.mark.integration

MASTER = MasterKey(key=bytes(range(32)))


async def test_a_subject_has_one_key_whoever_makes_it_first(database: Database) -> None:
    async with opened(database, master=MASTER) as one, opened(database, master=MASTER) as two:
        items = [(uuid4(), f"subject {n % 50}", b"x") for n in range(200)]
        await asyncio.gather(one.vault.seal(items), two.vault.seal(items[::-1]))

        assert await one.pool.fetchval("select count(*) from vault.subject_key") == 50


async def test_sealing_a_batch_asks_the_database_three_times_and_then_no_more(database: Database) -> None:
    asked: list[str] = []
    pool = await open_pool(database.database_url, size=1)
    try:
        async with pool.acquire() as connection:
            connection.add_query_logger(lambda record: asked.append(record.query) if "vault." in record.query else None)
        vault = Vault(pool, MASTER)
        await vault.seal([(uuid4(), f"subject {n}", b"x") for n in range(500)])
        assert len(asked) == 3
        await vault.seal([(uuid4(), f"subject {n}", b"x") for n in range(500)])
        assert len(asked) == 3
    finally:
        await pool.close()


async def test_another_worker_forgets_a_destroyed_key_as_soon_as_the_bell_rings(database: Database) -> None:
    async with opened(database, master=MASTER) as one, opened(database, master=MASTER) as two:
        id = uuid4()
        [blob] = await one.vault.seal([(id, "a", b"Aino")])
        async with Bell(database.database_url, ["ptm_vault"]) as bell:
            following = asyncio.create_task(two.vault.follow(bell))
            await asyncio.sleep(0)
            assert await two.vault.open([(id, blob)]) == [b"Aino"]
            await one.vault.destroy(["a"])

            async def gone() -> bool:
                return await two.vault.open([(id, blob)]) == [None]

            await eventually(gone)
            following.cancel()


async def test_without_the_bell_a_destroyed_key_is_forgotten_when_its_time_is_up(database: Database) -> None:
    async with opened(database, master=MASTER) as one, opened(database, master=MASTER) as two:
        vault = Vault(two.pool, MASTER, seconds=0.05)
        id = uuid4()
        [blob] = await vault.seal([(id, "a", b"Aino")])
        await one.vault.destroy(["a"])

        async def gone() -> bool:
            return await vault.open([(id, blob)]) == [None]

        await eventually(gone)


async def test_a_small_cache_still_seals_a_large_batch(database: Database) -> None:
    async with opened(database) as desk:
        vault = Vault(desk.pool, MASTER, cached=3)
        items = [(uuid4(), f"subject {n}", b"x") for n in range(20)]
        sealed = await vault.seal(items)

        assert await vault.open([(id, blob) for (id, *_), blob in zip(items, sealed, strict=True)]) == [b"x"] * 20


async def test_a_key_that_the_vault_never_had_is_an_erased_one(database: Database) -> None:
    """So looks a log that was restored without its vault."""
    async with opened(database) as desk, superuser(database) as admin:
        id = uuid4()
        [blob] = await desk.vault.seal([(id, "a", b"Aino")])
        await admin.execute("delete from vault.subject_key")
        desk.vault.forget([""])

        assert await desk.vault.open([(id, blob)]) == [None]


async def test_a_wrong_master_key_is_said_and_never_taken_for_an_erasure(database: Database) -> None:
    async with opened(database) as right, opened(database) as wrong:
        id = uuid4()
        [blob] = await right.vault.seal([(id, "a", b"Aino")])
        secret = await right.vault.put_secret("api_key", b"sesame")

        for attempt in (
            wrong.vault.open([(id, blob)]),
            wrong.vault.seal([(id, "a", b"x")]),
            wrong.vault.secret(secret),
        ):
            with pytest.raises(Misconfigured, match="PTM_MASTER_KEY is not the key"):
                await attempt


async def test_keys_that_changed_places_in_the_table_open_nothing(database: Database) -> None:
    async with opened(database) as desk, superuser(database) as admin:
        id = uuid4()
        blobs = await desk.vault.seal([(id, "a", b"Aino"), (id, "b", b"Veikko")])
        await admin.execute(
            "update vault.subject_key k set wrapped = o.wrapped from vault.subject_key o where o.id <> k.id"
        )
        desk.vault.forget([""])

        with pytest.raises(Corrupt):
            await desk.vault.open([(id, blobs[0])])


async def test_a_secret_is_never_shown_to_the_database(database: Database) -> None:
    async with opened(database) as desk:
        id = await desk.vault.put_secret("api_key", b"sesame")
        assert b"sesame" not in await desk.pool.fetchval("select sealed from vault.secret")
        await desk.vault.replace_secret(id, b"open sesame")
        assert b"sesame" not in await desk.pool.fetchval("select sealed from vault.secret")


async def test_a_secret_is_put_in_its_callers_transaction(database: Database) -> None:
    async with opened(database) as desk:
        with pytest.raises(ZeroDivisionError):
            async with desk.pool.acquire() as connection, connection.transaction():
                await desk.vault.put_secret("api_key", b"sesame", connection=connection)
                raise ZeroDivisionError
        assert await desk.pool.fetchval("select count(*) from vault.secret") == 0


async def test_workers_that_start_at_once_keep_one_contact_key(database: Database) -> None:
    async with opened(database, master=MASTER) as desk:
        await asyncio.gather(*(Vault(desk.pool, MASTER).contact_key() for _ in range(8)))

        assert await desk.pool.fetchval("select count(*) from vault.secret where kind = 'contact_key'") == 1


async def test_small_texts_open_only_for_what_they_are_about(database: Database) -> None:
    async with opened(database) as desk:
        id = uuid4()
        blob = desk.vault.seal_names(id, {"company": "Kirjakauppa Oy", "user": "Päivi"})

        assert desk.vault.open_names(id, blob) == {"company": "Kirjakauppa Oy", "user": "Päivi"}
        with pytest.raises(Corrupt):
            desk.vault.open_names(uuid4(), blob)
