"""What only a real server can do to the log; what it promises wherever it is kept stands in contract/test_log.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from appending import PARTITION, opened, rows, superuser
from events.errors import Unavailable
from events.invoice import InvoiceStatusChanged
from facts import changed
from servers.postgres import Database
from worker.adapters.log import Draft, Log

pytestmark = pytest.mark.integration


async def test_time_never_runs_backwards_along_positions(database: Database) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    async with opened(database) as desk, superuser(database) as admin:
        await desk.append(rows("a"))
        await admin.execute("update counter set at = $1 where partition = $2", ahead, PARTITION)
        await desk.append(rows("b"))
        first, second = await desk.log.read(PARTITION, 0, 10)

    assert first.at < second.at == ahead


async def test_two_logs_have_two_ids(database: Database) -> None:
    async with opened(database) as desk:
        known = await desk.log.id()

        assert await Log(desk.pool, desk.vault).id() == known != uuid4()


async def test_a_connection_that_is_cut_is_unavailable_and_the_next_one_works(database: Database) -> None:
    async with opened(database) as desk, superuser(database) as admin:
        async with desk.pool.acquire() as connection:
            await admin.execute("select pg_terminate_backend($1, 5000)", connection.get_server_pid())
            with pytest.raises(Unavailable) as caught:
                await desk.log.append(connection, PARTITION, rows("a"))

        assert caught.value.unanswered
        assert [each.position for each in await desk.append(rows("a"))] == [1]


async def test_no_name_and_no_address_stands_open_in_the_log(database: Database) -> None:
    event: InvoiceStatusChanged = changed()
    async with opened(database) as desk, superuser(database) as admin:
        await desk.append(await desk.log.prepare([Draft(event=event)]))
        dump = await admin.fetchval(
            "select string_agg(e::text, '') || string_agg(k::text, '') from event e, vault.subject_key k"
        )

    for planted in ("Mäkelä", "kirjakauppa.fi", "Kirjakauppa", "Jyväskylä", "358 40"):
        assert planted not in dump
        assert planted.encode().hex() not in dump
