"""The log on a real server: positions, repetitions, expected versions, reading."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from appending import PARTITION, again, opened, row, rows, superuser
from events.envelope import Recorded, link
from events.errors import Conflict, Corrupt, Unavailable
from events.invoice import InvoiceStatusChanged
from facts import changed
from servers.postgres import Database
from worker.adapters.log import Draft, Log

pytestmark = pytest.mark.integration


async def test_positions_are_one_two_three_in_every_partition(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows("ab"))
        await desk.append(rows("cd"), partition=PARTITION + 1)
        appended = await desk.append(rows("ef"))

        assert [each.position for each in appended] == [3, 4]
        assert {place: head.position for place, head in (await desk.log.heads()).items() if head.position} == {
            PARTITION: 4,
            PARTITION + 1: 2,
        }


async def test_what_is_read_is_what_was_appended(database: Database) -> None:
    async with opened(database) as desk:
        first = row("ä\u0000😀", personal=os.urandom(5000))
        second = row("b", cause=first.id, personal=b"")
        await desk.append([first, second])
        recorded = await desk.log.read(PARTITION, 0, 10)

    assert [each.row for each in recorded] == [first, second]
    assert [(each.partition, each.position) for each in recorded] == [(PARTITION, 1), (PARTITION, 2)]


async def test_a_fact_seen_twice_is_one(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows("abc"))
        repeated = await desk.append([again(each) for each in rows("cxay")])

        assert [(each.outcome, each.position) for each in repeated] == [
            ("known", 3),
            ("appended", 4),
            ("known", 1),
            ("appended", 5),
        ]
        assert len(await desk.log.read(PARTITION, 0, 10)) == 5


async def test_duplicates_inside_a_batch_are_one(database: Database) -> None:
    async with opened(database) as desk:
        appended = await desk.append(rows("abacbb"))

        assert [(each.outcome, each.position) for each in appended] == [
            ("appended", 1),
            ("appended", 2),
            ("known", 1),
            ("appended", 3),
            ("known", 2),
            ("known", 2),
        ]
        assert [each.row for each in await desk.log.read(PARTITION, 0, 10)] == rows("abc")


async def test_the_same_batch_from_two_workers_at_once_is_recorded_once(database: Database) -> None:
    batch = rows(range(200))
    async with opened(database) as one, opened(database) as two:
        outcomes = await asyncio.gather(
            one.append([again(each) for each in batch]), two.append([again(each) for each in batch])
        )
        recorded = await one.log.read(PARTITION, 0, 1000)

    assert sorted({each.outcome for answer in outcomes for each in answer}) == ["appended", "known"]
    assert outcomes[0][0].outcome != outcomes[1][0].outcome
    assert [each.position for each in outcomes[0]] == [each.position for each in outcomes[1]] == list(range(1, 201))
    assert [each.row.id for each in recorded] == [each.id for each in batch]


async def test_many_workers_leave_no_gap(database: Database) -> None:
    async with opened(database) as desk:
        await asyncio.gather(*(desk.append(rows(range(n, n + 7))) for n in range(0, 150, 5)))
        recorded = await desk.log.read(PARTITION, 0, 1000)

    assert [each.position for each in recorded] == list(range(1, 153))
    assert len({each.row.id for each in recorded}) == 152


async def test_nothing_appended_leaves_the_counter_alone(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows("a"))
        before = await desk.log.heads()

        assert await desk.append([]) == []
        assert [each.outcome for each in await desk.append(rows("a"))] == ["known"]
        assert await desk.log.heads() == before


async def test_a_rolled_back_append_leaves_no_hole(database: Database) -> None:
    async with opened(database) as desk:
        with pytest.raises(ZeroDivisionError):
            async with desk.pool.acquire() as connection, connection.transaction():
                await desk.log.append(connection, PARTITION, rows("abc"))
                raise ZeroDivisionError

        assert [each.position for each in await desk.append(rows("d"))] == [1]


async def test_an_expected_version_that_was_passed_is_a_conflict_and_writes_nothing(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows("a", stream="integration/1"), expected=0)
        await desk.append(rows("b", stream="integration/2"), expected=0)
        await desk.append(rows("c", stream="integration/1"), expected=1)

        with pytest.raises(Conflict, match="integration/1 has changed since position 1"):
            await desk.append(rows("d", stream="integration/1"), expected=1)
        assert (await desk.log.heads())[PARTITION].position == 3
        assert [each.position for each in await desk.append(rows("d", stream="integration/1"), expected=3)] == [4]


async def test_saving_the_same_act_again_is_no_conflict(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows("a", stream="integration/1"), expected=0)

        assert [each.outcome for each in await desk.append(rows("a", stream="integration/1"), expected=0)] == ["known"]


async def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    async with opened(database) as desk:
        answers = await asyncio.gather(
            *(desk.append(rows([name], stream="integration/1"), expected=0) for name in "abcd"), return_exceptions=True
        )

    assert sum(isinstance(answer, Conflict) for answer in answers) == 3


async def test_the_chain_of_sql_is_the_chain_of_python(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows("ab"))
        await desk.append(rows("bcc"))
        recorded = await desk.log.read(PARTITION, 0, 10)
        head = (await desk.log.heads())[PARTITION]

    assert chained(recorded) == [each.hash for each in recorded]
    assert head.hash == recorded[-1].hash


def chained(recorded: list[Recorded]) -> list[bytes]:
    hashes = [b""]
    for each in recorded:
        hashes.append(link(hashes[-1], each.row.digest, each.position, each.at))
    return hashes[1:]


async def test_time_never_runs_backwards_along_positions(database: Database) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    async with opened(database) as desk, superuser(database) as admin:
        await desk.append(rows("a"))
        await admin.execute("update counter set at = $1 where partition = $2", ahead, PARTITION)
        await desk.append(rows("b"))
        first, second = await desk.log.read(PARTITION, 0, 10)

    assert first.at < second.at == ahead


async def test_reading_goes_on_where_it_stopped(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows(range(5)))

        assert [each.position for each in await desk.log.read(PARTITION, 2, 2)] == [3, 4]
        assert await desk.log.read(PARTITION, 5, 2) == []


async def test_events_are_found_by_place_by_stream_and_by_id(database: Database) -> None:
    async with opened(database) as desk:
        mine, other = rows("abc", stream="invoice/x/1"), rows("de", stream="invoice/x/10")
        await desk.append([mine[0], other[0], mine[1]])
        await desk.append([other[1]], partition=PARTITION + 1)

        assert [each.row for each in await desk.log.read_stream("invoice/x/1")] == mine[:2]
        found = await desk.log.find([other[1].id, mine[2].id, mine[0].id])
        assert [each.row for each in found] == [mine[0], other[1]]
        placed = await desk.log.read_at([(PARTITION + 1, 1), (PARTITION, 3), (PARTITION, 99), (0, 1)])
        assert [each.row for each in placed] == [mine[1], other[1]]


async def test_an_event_comes_back_as_it_went_in(database: Database) -> None:
    event = changed()
    async with opened(database) as desk:
        await desk.append(await desk.log.prepare([Draft(event=event, actor="maija")]))
        recorded = await desk.log.read(PARTITION, 0, 10)

        assert await desk.log.open(recorded) == [event]
        assert (recorded[0].row.actor, recorded[0].row.stream) == ("maija", event.stream)


async def test_an_event_of_a_later_release_is_named_by_its_place(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append([replace(row("a"), type="InvoiceFolded")])

        with pytest.raises(Corrupt, match=f"partition {PARTITION} position 1: .*InvoiceFolded"):
            await desk.log.open(await desk.log.read(PARTITION, 0, 10))


async def test_what_is_no_json_is_refused_whole(database: Database) -> None:
    async with opened(database) as desk:
        with pytest.raises(Corrupt, match="json"):
            await desk.append([row("a"), replace(row("b"), data=b"{")])

        assert (await desk.log.heads())[PARTITION].position == 0


async def test_a_partition_that_does_not_exist_is_said(database: Database) -> None:
    async with opened(database) as desk:
        with pytest.raises(Corrupt, match="partition 99 does not exist"):
            await desk.append(rows("a"), partition=99)


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
