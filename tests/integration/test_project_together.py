"""Many partitions in one transaction: none of them keeps the others back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio

from events.envelope import Recorded
from events.errors import Corrupt, PtmError
from eventually import eventually
from servers.postgres import Database
from telling import Teller, told
from worker.adapters.log import Draft

PARTITIONS = (2, 3, 11)


@pytest_asyncio.fixture
async def tellers(database: Database) -> AsyncIterator[list[Teller]]:
    """Three integrations, each in a partition of its own, that one projector looks after."""
    async with told(database) as first:
        tellers = [replace(first, integration=uuid4(), partition=partition) for partition in PARTITIONS]
        for teller in tellers:
            await teller.connect()
            await teller.level()
            await teller.tell(*(teller.sent(invoice) for invoice in range(1, 4)))
        yield tellers


async def batches(tellers: Sequence[Teller]) -> dict[int, list[Recorded]]:
    return {teller.partition: await teller.records() for teller in tellers}


async def transactions(teller: Teller) -> int:
    """How many transactions have decided something: rows of one transaction share their creator."""
    found: int = await teller.pool.fetchval("select count(distinct xmin::text) from delivery")
    return found


async def test_what_comes_together_is_decided_together(tellers: list[Teller]) -> None:
    done = await tellers[0].projector.apply(await batches(tellers))
    # Three changes each and, since nothing else stands before them, the three decisions.
    assert {partition: each.applied for partition, each in done.items()} == dict.fromkeys(PARTITIONS, 6)
    assert await transactions(tellers[0]) == 1
    for teller in tellers:
        assert await teller.said() == ["ContactAdded"] * 3
        await teller.prove()


async def test_an_operators_event_in_one_partition_is_met_at_its_place(tellers: list[Teller]) -> None:
    paused = tellers[1]
    other = replace(paused.trigger, live=False)
    await paused.tell(paused.saved(other), paused.sent(4))
    await tellers[0].projector.apply(await batches(tellers))
    assert [await teller.said() for teller in tellers] == [["ContactAdded"] * 3] * 3
    for teller in tellers:
        await teller.level()
        await teller.prove()


async def test_a_counter_that_somebody_holds_keeps_back_its_own_partition_only(tellers: list[Teller]) -> None:
    held, free = tellers[1], [tellers[0], tellers[2]]

    async def decided() -> bool:
        return [await teller.said() for teller in free] == [["ContactAdded"] * 3] * 2

    rows = await held.log.prepare([Draft(event=held.sent(9))])
    async with held.pool.acquire() as connection, connection.transaction():
        await held.log.append(connection, held.partition, rows)
        at_work = asyncio.create_task(held.projector.apply(await batches(tellers)))
        await eventually(decided, within=4)
        assert await held.said() == []
    await at_work
    for teller in tellers:
        await teller.level()
        await teller.prove()
    assert await held.said() == ["ContactAdded"] * 4


async def test_an_event_that_does_not_read_keeps_back_its_own_partition_only(tellers: list[Teller]) -> None:
    """As if it had been damaged before it was sealed and chained: nothing but reading it shows that."""
    broken, free = tellers[1], [tellers[0], tellers[2]]
    (row,) = await broken.log.prepare([Draft(event=broken.sent(9))])
    async with broken.pool.acquire() as connection, connection.transaction():
        await broken.log.append(connection, broken.partition, [replace(row, data=b'{"kind":"unheard of"}')])
    with pytest.raises(Corrupt, match=f"partition {broken.partition} position 6"):
        await broken.projector.apply(await batches(tellers))
    for teller in free:
        assert await teller.said() == ["ContactAdded"] * 3
        await teller.prove()
    assert all(each.row.type != "ContactAdded" for each in await broken.records())


async def test_partitions_out_of_order_are_refused(tellers: list[Teller]) -> None:
    """Two who take several in different orders would wait for each other."""
    teller = tellers[0]
    with pytest.raises(Exception, match=r"partitions do not ascend: \{3,2\}"):
        await teller.pool.fetch(
            "select append(array[3, 2], array[0, 0], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
        )


async def test_workers_that_take_many_partitions_at_once_decide_everything_once(tellers: list[Teller]) -> None:
    everything = await batches(tellers)
    backwards = dict(reversed(everything.items()))
    projectors = [replace(tellers[0].projector, levels={}, stuck={}) for _ in range(4)]
    asked = [each.apply(given) for each in projectors for given in (everything, backwards)]
    failures = [one for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, BaseException)]
    assert all(isinstance(one, PtmError) for one in failures), failures
    for teller in tellers:
        await teller.level()
        assert await teller.said() == ["ContactAdded"] * 3
        await teller.prove()
