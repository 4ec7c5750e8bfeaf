"""What a log promises to everybody who appends to it and reads it, wherever it is kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from appending import PARTITION, again, opened, row, rows
from events.envelope import Recorded, Row, link
from events.errors import Conflict, Corrupt
from events.invoice import InvoiceStatusChanged
from facts import changed
from memory.log import MemoryLog
from memory.vault import MemoryVault
from servers.postgres import Database
from worker.adapters.log import Appended, Appends, Draft, Reads, Transaction_contra
from worker.adapters.vault import Vault

T = TypeVar("T")

OTHER = PARTITION + 1


class EventLog(Appends[Transaction_contra], Reads, Protocol[Transaction_contra]):
    """The whole of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Generic[T]):
    """A log, the vault that seals for it, and its transactions."""

    log: EventLog[T]
    vault: MemoryVault | Vault
    transaction: Callable[[], AbstractAsyncContextManager[T]]

    async def append(
        self, rows: Sequence[Row], *, partition: int = PARTITION, expected: int | None = None
    ) -> list[Appended]:
        async with self.transaction() as transaction:
            return await self.log.append(transaction, partition, rows, expected=expected)

    async def told(self, partition: int = PARTITION) -> list[Recorded]:
        return await self.log.read(partition, 0, 1000)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def database_if_any(request: pytest.FixtureRequest) -> Database | None:
    return request.getfixturevalue("database") if request.param == "postgres" else None


@pytest_asyncio.fixture
async def desk(database_if_any: Database | None) -> AsyncIterator[Desk[Any]]:
    if database_if_any is None:
        vault = MemoryVault()
        memory = MemoryLog(vault)
        yield Desk(log=memory, vault=vault, transaction=memory.transaction)
    else:
        async with opened(database_if_any) as real:
            yield Desk(log=real.log, vault=real.vault, transaction=real.transaction)


def outcomes(appended: Sequence[Appended]) -> list[tuple[str, int | None]]:
    return [(each.outcome, each.position) for each in appended]


async def test_positions_are_one_two_three_in_every_partition(desk: Desk[Any]) -> None:
    await desk.append(rows("ab"))
    await desk.append(rows("cd"), partition=OTHER)
    appended = await desk.append(rows("ef"))

    assert outcomes(appended) == [("appended", 3), ("appended", 4)]
    assert {place: head.position for place, head in (await desk.log.heads()).items() if head.position} == {
        PARTITION: 4,
        OTHER: 2,
    }


async def test_an_empty_partition_has_a_head_too(desk: Desk[Any]) -> None:
    heads = await desk.log.heads()

    assert sorted(heads) == list(range(16))
    assert {(head.position, head.hash) for head in heads.values()} == {(0, b"")}


async def test_what_is_read_is_what_was_appended(desk: Desk[Any]) -> None:
    first = row("ä\u0000😀", personal=os.urandom(5000))
    second = row("b", cause=first.id, personal=b"")
    await desk.append([first, second])
    recorded = await desk.told()

    assert [each.row for each in recorded] == [first, second]
    assert [(each.partition, each.position) for each in recorded] == [(PARTITION, 1), (PARTITION, 2)]


async def test_a_fact_seen_twice_is_one(desk: Desk[Any]) -> None:
    await desk.append(rows("abc"))
    repeated = await desk.append([again(each) for each in rows("cxay")])

    assert outcomes(repeated) == [("known", 3), ("appended", 4), ("known", 1), ("appended", 5)]
    assert [each.row for each in await desk.told()][:3] == rows("abc")
    assert len(await desk.told()) == 5


async def test_a_fact_is_known_in_every_partition(desk: Desk[Any]) -> None:
    await desk.append(rows("ab"))

    assert outcomes(await desk.append(rows("cb"), partition=OTHER)) == [("appended", 1), ("known", 2)]
    assert [each.row for each in await desk.told(OTHER)] == rows("c")


async def test_duplicates_inside_a_batch_are_one(desk: Desk[Any]) -> None:
    appended = await desk.append(rows("abacbb"))

    assert outcomes(appended) == [
        ("appended", 1),
        ("appended", 2),
        ("known", 1),
        ("appended", 3),
        ("known", 2),
        ("known", 2),
    ]
    assert [each.row for each in await desk.told()] == rows("abc")


async def test_two_appends_of_one_transaction_are_one_after_the_other(desk: Desk[Any]) -> None:
    async with desk.transaction() as transaction:
        await desk.log.append(transaction, PARTITION, rows("ab"))
        second = await desk.log.append(transaction, PARTITION, rows("bc"))
        await desk.log.append(transaction, OTHER, rows("d"))

    assert outcomes(second) == [("known", 2), ("appended", 3)]
    assert [each.row for each in await desk.told()] == rows("abc")
    assert [each.row for each in await desk.told(OTHER)] == rows("d")


async def test_the_same_batch_from_two_at_once_is_recorded_once(desk: Desk[Any]) -> None:
    batch = rows(range(200))
    one, two = await asyncio.gather(*(desk.append([again(each) for each in batch]) for _ in range(2)))

    assert {one[0].outcome, two[0].outcome} == {"appended", "known"}
    assert [each.position for each in one] == [each.position for each in two] == list(range(1, 201))
    assert [each.row.id for each in await desk.told()] == [each.id for each in batch]


async def test_many_at_once_leave_no_gap(desk: Desk[Any]) -> None:
    await asyncio.gather(*(desk.append(rows(range(n, n + 7))) for n in range(0, 150, 5)))
    recorded = await desk.told()

    assert [each.position for each in recorded] == list(range(1, 153))
    assert len({each.row.id for each in recorded}) == 152


async def test_nothing_appended_leaves_the_counter_alone(desk: Desk[Any]) -> None:
    await desk.append(rows("a"))
    before = await desk.log.heads()

    assert await desk.append([]) == await desk.append([], partition=99) == []
    assert outcomes(await desk.append(rows("a"))) == [("known", 1)]
    assert await desk.log.heads() == before


async def test_nobody_reads_what_is_not_committed(desk: Desk[Any]) -> None:
    async with desk.transaction() as transaction:
        [appended] = await desk.log.append(transaction, PARTITION, rows("a", stream="s"))

        assert await desk.told() == await desk.log.find([appended.id]) == await desk.log.read_stream("s") == []
        assert await desk.log.read_at([(PARTITION, 1)]) == []
        assert (await desk.log.heads())[PARTITION].position == 0
    assert [each.row for each in await desk.told()] == rows("a", stream="s")


async def test_a_rolled_back_append_leaves_no_hole(desk: Desk[Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        async with desk.transaction() as transaction:
            await desk.log.append(transaction, PARTITION, rows("abc"))
            raise ZeroDivisionError

    assert outcomes(await desk.append(rows("da"))) == [("appended", 1), ("appended", 2)]


@pytest.mark.parametrize("taken", [[], rows("ab")], ids=["locked", "appended to"])
async def test_a_partition_is_its_writers_until_the_transaction_ends(desk: Desk[Any], taken: list[Row]) -> None:
    async with desk.transaction() as transaction:
        await desk.log.lock(transaction, PARTITION)
        await desk.log.append(transaction, PARTITION, taken)
        assert outcomes(await desk.append(rows("c"), partition=OTHER)) == [("appended", 1)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await desk.append(rows("d"))

    assert [each.position for each in await desk.append(rows("d"))] == [len(taken) + 1]


async def test_an_expected_version_that_was_passed_is_a_conflict_and_writes_nothing(desk: Desk[Any]) -> None:
    await desk.append(rows("a", stream="integration/1"), expected=0)
    await desk.append(rows("b", stream="integration/2"), expected=0)
    await desk.append(rows("c", stream="integration/1"), expected=1)

    for passed in (0, 1, 2, 4):
        with pytest.raises(Conflict, match=f"integration/1 has changed since position {passed}"):
            await desk.append(rows("de", stream="integration/1"), expected=passed)
    assert (await desk.log.heads())[PARTITION].position == 3
    assert outcomes(await desk.append(rows("d", stream="integration/1"), expected=3)) == [("appended", 4)]


async def test_saving_the_same_act_again_is_no_conflict(desk: Desk[Any]) -> None:
    await desk.append(rows("a", stream="integration/1"), expected=0)

    assert outcomes(await desk.append(rows("a", stream="integration/1"), expected=0)) == [("known", 1)]


async def test_of_those_who_save_at_once_one_succeeds_and_the_others_are_told(desk: Desk[Any]) -> None:
    answers = await asyncio.gather(
        *(desk.append(rows([name], stream="integration/1"), expected=0) for name in "abcd"), return_exceptions=True
    )

    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert len(await desk.told()) == 1


async def test_every_event_links_to_the_one_before_it(desk: Desk[Any]) -> None:
    await desk.append(rows("ab"))
    await desk.append(rows("bcc"))
    recorded = await desk.told()

    assert [each.hash for each in recorded] == chained(recorded)
    assert (await desk.log.heads())[PARTITION].hash == recorded[-1].hash
    assert [each.at for each in recorded] == sorted(each.at for each in recorded)


def chained(recorded: Sequence[Recorded]) -> list[bytes]:
    hashes = [b""]
    for each in recorded:
        hashes.append(link(hashes[-1], each.row.digest, each.position, each.at))
    return hashes[1:]


async def test_reading_goes_on_where_it_stopped(desk: Desk[Any]) -> None:
    await desk.append(rows(range(5)))

    assert [each.position for each in await desk.log.read(PARTITION, 2, 2)] == [3, 4]
    assert await desk.log.read(PARTITION, 5, 2) == []
    assert await desk.log.read(OTHER, 0, 2) == []


async def test_events_are_found_by_place_by_stream_and_by_id(desk: Desk[Any]) -> None:
    mine, other = rows("abc", stream="invoice/x/1"), rows("de", stream="invoice/x/10")
    await desk.append([mine[0], other[0], mine[1]])
    await desk.append([other[1]], partition=OTHER)

    assert [each.row for each in await desk.log.read_stream("invoice/x/1")] == mine[:2]
    found = await desk.log.find([other[1].id, mine[2].id, mine[0].id])
    assert [each.row for each in found] == [mine[0], other[1]]
    placed = await desk.log.read_at([(OTHER, 1), (PARTITION, 3), (PARTITION, 99), (0, 1)])
    assert [each.row for each in placed] == [mine[1], other[1]]


async def test_however_it_is_found_an_event_is_the_same(desk: Desk[Any]) -> None:
    [appended] = await desk.append([row("a", personal=b"sealed")])
    [read] = await desk.told()

    assert await desk.log.find([appended.id]) == [read]
    assert await desk.log.read_stream(read.row.stream) == [read]
    assert await desk.log.read_at([(PARTITION, 1)]) == [read]


async def test_an_event_comes_back_as_it_went_in(desk: Desk[Any]) -> None:
    event, cause = changed(), uuid4()
    await desk.append(await desk.log.prepare([Draft(event=event, cause=cause, actor="maija")]))
    recorded = await desk.told()

    assert await desk.log.open(recorded) == [event]
    [wire] = [each.row for each in recorded]
    assert (wire.id, wire.stream, wire.cause, wire.actor) == (event.id, event.stream, cause, "maija")


async def test_who_was_erased_is_gone_from_every_event_and_nobody_else_is(desk: Desk[Any]) -> None:
    erased = changed(1)
    kept = changed(2, invoice={"partnerId": 2, "notes": "Aino"}, customer={"id": 2, "name": "Aino Oy"})
    await desk.append(await desk.log.prepare([Draft(event=erased), Draft(event=kept)]))
    before = await desk.told()
    await desk.vault.destroy([erased.subject])
    first, second = await desk.log.open(await desk.told())

    assert isinstance(first, InvoiceStatusChanged)
    assert (first.id, first.invoice["partnerId"]) == (erased.id, 51234)
    assert "counterParty" not in first.invoice
    assert second == kept
    assert await desk.told() == before


async def test_an_event_of_a_later_release_is_named_by_its_place(desk: Desk[Any]) -> None:
    await desk.append([replace(row("a"), type="InvoiceFolded")])

    with pytest.raises(Corrupt, match=f"partition {PARTITION} position 1: .*InvoiceFolded"):
        await desk.log.open(await desk.told())


async def test_what_is_no_json_is_refused_whole(desk: Desk[Any]) -> None:
    with pytest.raises(Corrupt, match="json"):
        await desk.append([row("a"), replace(row("b"), data=b"{")])

    assert (await desk.log.heads())[PARTITION].position == 0


async def test_a_partition_that_does_not_exist_is_said(desk: Desk[Any]) -> None:
    with pytest.raises(Corrupt, match="partition 99 does not exist"):
        await desk.append(rows("a"), partition=99)


async def test_a_log_keeps_its_id(desk: Desk[Any]) -> None:
    id: UUID = await desk.log.id()
    await desk.append(rows("a"))

    assert await desk.log.id() == id
