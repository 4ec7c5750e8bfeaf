"""The vault on a real server: keys per person, erasure, secrets, the contact key."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from appending import PARTITION, opened, superuser
from events.errors import Corrupt, Misconfigured
from events.invoice import InvoiceStatusChanged
from eventually import eventually
from facts import changed
from servers.postgres import Database
from worker.adapters.log import Draft
from worker.adapters.postgres import Bell, open_pool
from worker.adapters.sealing import MasterKey
from worker.adapters.vault import Vault

pytestmark = pytest.mark.integration

MASTER = MasterKey(key=bytes(range(32)))


async def test_what_was_sealed_opens_for_its_own_event_only(database: Database) -> None:
    async with opened(database) as desk:
        one, two = uuid4(), uuid4()
        sealed = await desk.vault.seal([(one, "a", b"Aino"), (two, "b", None), (two, "a", b"")])

        assert sealed[1] is None
        assert await desk.vault.open([(one, sealed[0]), (two, None), (two, sealed[2])]) == [b"Aino", None, b""]
        with pytest.raises(Corrupt, match=str(two)):
            await desk.vault.open([(two, sealed[0])])


async def test_a_subject_has_one_key_whoever_makes_it_first(database: Database) -> None:
    async with opened(database, master=MASTER) as one, opened(database, master=MASTER) as two:
        items = [(uuid4(), f"subject {n % 50}", b"x") for n in range(200)]
        sealed = await asyncio.gather(one.vault.seal(items), two.vault.seal(items[::-1]))

        assert await one.pool.fetchval("select count(*) from vault.subject_key") == 50
        opened_by_other = await two.vault.open([(id, blob) for (id, *_), blob in zip(items, sealed[0], strict=True)])
        assert opened_by_other == [b"x"] * 200


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


async def test_destroying_a_key_erases_the_person_from_everything_that_was_sealed(database: Database) -> None:
    erased, kept = (
        changed(1),
        changed(2, invoice={"partnerId": 2, "notes": "Aino"}, customer={"id": 2, "name": "Aino Oy"}),
    )
    async with opened(database) as desk:
        await desk.append(await desk.log.prepare([Draft(event=erased), Draft(event=kept)]))
        assert await desk.vault.destroy([erased.subject]) == 1
        first, second = await desk.log.open(await desk.log.read(PARTITION, 0, 10))

        assert isinstance(first, InvoiceStatusChanged)
        assert (first.id, first.invoice["partnerId"]) == (erased.id, 51234)
        assert "counterParty" not in first.invoice
        assert second == kept
        assert await desk.vault.destroy([erased.subject]) == 0


async def test_what_is_recorded_after_an_erasure_has_a_key_of_its_own(database: Database) -> None:
    async with opened(database) as desk:
        id = uuid4()
        [before] = await desk.vault.seal([(id, "a", b"before")])
        await desk.vault.destroy(["a"])
        [after] = await desk.vault.seal([(id, "a", b"after")])

        assert await desk.vault.open([(id, before), (id, after)]) == [None, b"after"]


async def test_an_integrations_keys_are_destroyed_together(database: Database) -> None:
    mine, other = uuid4(), uuid4()
    subjects = [str(mine), f"{mine}/partner/7", f"{mine}/invoice/8", f"{other}/partner/7", str(other)]
    async with opened(database) as desk:
        ids = [uuid4() for _ in subjects]
        sealed = await desk.vault.seal([(id, subject, b"x") for id, subject in zip(ids, subjects, strict=True)])

        assert await desk.vault.destroy_integration(mine) == 3
        assert await desk.vault.open(list(zip(ids, sealed, strict=True))) == [None, None, None, b"x", b"x"]


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


async def test_secrets_are_kept_replaced_and_never_shown_to_the_database(database: Database) -> None:
    async with opened(database) as desk:
        id = await desk.vault.put_secret("api_key", b"sesame")
        assert await desk.vault.secret(id) == b"sesame"
        await desk.vault.replace_secret(id, b"open sesame")
        assert await desk.vault.secret(id) == b"open sesame"
        assert b"sesame" not in await desk.pool.fetchval("select sealed from vault.secret")

        with pytest.raises(Misconfigured, match="does not hold secret"):
            await desk.vault.secret(uuid4())
        with pytest.raises(Misconfigured, match="does not hold secret"):
            await desk.vault.replace_secret(uuid4(), b"")


async def test_a_secret_is_put_in_its_callers_transaction(database: Database) -> None:
    async with opened(database) as desk:
        with pytest.raises(ZeroDivisionError):
            async with desk.pool.acquire() as connection, connection.transaction():
                await desk.vault.put_secret("api_key", b"sesame", connection=connection)
                raise ZeroDivisionError
        assert await desk.pool.fetchval("select count(*) from vault.secret") == 0


async def test_all_workers_have_one_contact_key_though_they_start_at_once(database: Database) -> None:
    async with opened(database, master=MASTER) as desk:
        keyers = await asyncio.gather(*(Vault(desk.pool, MASTER).contact_key() for _ in range(8)))

        assert len({keyer("org", "aino@example.fi") for keyer in keyers}) == 1
        assert await desk.pool.fetchval("select count(*) from vault.secret where kind = 'contact_key'") == 1


async def test_small_texts_open_only_for_what_they_are_about(database: Database) -> None:
    async with opened(database) as desk:
        id = uuid4()
        blob = desk.vault.seal_names(id, {"company": "Kirjakauppa Oy", "user": "Päivi"})

        assert desk.vault.open_names(id, blob) == {"company": "Kirjakauppa Oy", "user": "Päivi"}
        with pytest.raises(Corrupt):
            desk.vault.open_names(uuid4(), blob)
