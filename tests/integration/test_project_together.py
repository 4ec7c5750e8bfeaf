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
from telling import Story, told
from worker.adapters.log import Draft

PARTITIONS = (2, 3, 11)


@pytest_asyncio.fixture
async def stories(database: Database) -> AsyncIterator[list[Story]]:
    """Three integrations, each in a partition of its own, that one projector looks after."""
    async with told(database) as first:
        stories = [replace(first, integration=uuid4(), partition=partition) for partition in PARTITIONS]
        for story in stories:
            await story.connect()
            await story.level()
            await story.tell(*(story.sent(invoice) for invoice in range(1, 4)))
        yield stories


async def batches(stories: Sequence[Story]) -> dict[int, list[Recorded]]:
    return {story.partition: await story.records() for story in stories}


async def transactions(story: Story) -> int:
    """How many transactions have decided something: rows of one transaction share their creator."""
    found: int = await story.pool.fetchval("select count(distinct xmin::text) from delivery")
    return found


async def test_what_comes_together_is_decided_together(stories: list[Story]) -> None:
    done = await stories[0].projector.apply(await batches(stories))
    # Three changes each and, since nothing else stands before them, the three decisions.
    assert {partition: each.applied for partition, each in done.items()} == dict.fromkeys(PARTITIONS, 6)
    assert await transactions(stories[0]) == 1
    for story in stories:
        assert await story.said() == ["ContactAdded"] * 3
        await story.prove()


async def test_an_operators_event_in_one_partition_is_met_at_its_place(stories: list[Story]) -> None:
    paused = stories[1]
    other = replace(paused.trigger, live=False)
    await paused.tell(paused.saved(other), paused.sent(4))
    await stories[0].projector.apply(await batches(stories))
    assert [await story.said() for story in stories] == [["ContactAdded"] * 3] * 3
    for story in stories:
        await story.level()
        await story.prove()


async def test_a_counter_that_somebody_holds_keeps_back_its_own_partition_only(stories: list[Story]) -> None:
    held, free = stories[1], [stories[0], stories[2]]

    async def decided() -> bool:
        return [await story.said() for story in free] == [["ContactAdded"] * 3] * 2

    rows = await held.log.prepare([Draft(event=held.sent(9))])
    async with held.pool.acquire() as connection, connection.transaction():
        await held.log.append(connection, held.partition, rows)
        at_work = asyncio.create_task(held.projector.apply(await batches(stories)))
        await eventually(decided, within=4)
        assert await held.said() == []
    await at_work
    for story in stories:
        await story.level()
        await story.prove()
    assert await held.said() == ["ContactAdded"] * 4


async def test_an_event_that_does_not_read_keeps_back_its_own_partition_only(stories: list[Story]) -> None:
    """As if it had been damaged before it was sealed and chained: nothing but reading it shows that."""
    broken, free = stories[1], [stories[0], stories[2]]
    (row,) = await broken.log.prepare([Draft(event=broken.sent(9))])
    async with broken.pool.acquire() as connection, connection.transaction():
        await broken.log.append(connection, broken.partition, [replace(row, data=b'{"kind":"unheard of"}')])
    with pytest.raises(Corrupt, match=f"partition {broken.partition} position 6"):
        await broken.projector.apply(await batches(stories))
    for story in free:
        assert await story.said() == ["ContactAdded"] * 3
        await story.prove()
    assert all(each.row.type != "ContactAdded" for each in await broken.records())


async def test_partitions_out_of_order_are_refused(stories: list[Story]) -> None:
    """Two who take several in different orders would wait for each other."""
    story = stories[0]
    with pytest.raises(Exception, match=r"partitions do not ascend: \{3,2\}"):
        await story.pool.fetch(
            "select append(array[3, 2], array[0, 0], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
        )


async def test_workers_that_take_many_partitions_at_once_decide_everything_once(stories: list[Story]) -> None:
    everything = await batches(stories)
    backwards = dict(reversed(everything.items()))
    projectors = [replace(stories[0].projector, levels={}, stuck={}) for _ in range(4)]
    asked = [each.apply(given) for each in projectors for given in (everything, backwards)]
    failures = [one for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, BaseException)]
    assert all(isinstance(one, PtmError) for one in failures), failures
    for story in stories:
        await story.level()
        assert await story.said() == ["ContactAdded"] * 3
        await story.prove()
