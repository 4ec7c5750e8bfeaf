"""The audit finds what a superuser did behind the triggers' back."""

from __future__ import annotations

import pytest

from appending import PARTITION, Desk, opened, rows, tampering
from servers.postgres import Database
from worker.adapters.audit import Fault, Progress, audit

pytestmark = pytest.mark.integration


async def problems(desk: Desk) -> list[tuple[int, Fault]]:
    return [(found.position, found.fault) async for found in audit(desk.log, PARTITION, batch=3)]


async def test_an_untouched_log_is_whole(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows(range(10)))
        progress = Progress()

        assert [found async for found in audit(desk.log, PARTITION, batch=3, progress=progress)] == []
        assert progress.position == 10
        assert [found async for found in audit(desk.log, PARTITION + 1)] == []


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("update event set data = replace(data::text, '4', '5')::json where position = 5", [(5, Fault.DIGEST)]),
        ("update event set actor = 'Worker' where position = 5", [(5, Fault.DIGEST)]),
        ("update event set personal = '\\x00' where position = 5", [(5, Fault.DIGEST)]),
        ("update event set cause = id where position = 5", [(5, Fault.DIGEST)]),
        ("update event set digest = set_byte(digest, 0, 255 - get_byte(digest, 0)) where position = 5", None),
        ("update event set hash = set_byte(hash, 31, 255 - get_byte(hash, 31)) where position = 5", None),
        ("update event set at = at - interval '1 microsecond' where position = 5", None),
        ("delete from event where position = 5", [(5, Fault.MISSING)]),
        ("delete from event where position in (1, 2, 3, 4)", [(1, Fault.MISSING)]),
        ("delete from event where position >= 9", [(9, Fault.MISSING)]),
        ("delete from event", [(1, Fault.MISSING)]),
        ("update counter set position = 8 where partition = 3", [(8, Fault.COUNTER), (9, Fault.COUNTER)]),
        ("update counter set hash = '\\x00' where partition = 3", [(10, Fault.COUNTER)]),
        ("delete from counter where partition = 3", [(0, Fault.COUNTER)]),
    ],
)
async def test_what_was_changed_is_found(
    database: Database, statement: str, wanted: list[tuple[int, Fault]] | None
) -> None:
    async with opened(database) as desk:
        await desk.append(rows(range(10)))
        async with tampering(database) as connection:
            await connection.execute(statement)
        found = await problems(desk)

    if wanted is None:
        assert found
        assert {position for position, _ in found} <= {5, 6}
    else:
        assert found == wanted


async def test_an_event_that_was_forged_with_its_digest_breaks_the_chain(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows(range(10)))
        async with tampering(database) as connection:
            await connection.execute("update event set digest = sha256('x') where position = 5")

        assert (5, Fault.HASH) in await problems(desk)


async def test_two_events_that_changed_places_are_found(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows(range(10)))
        async with tampering(database) as connection:
            await connection.execute("alter table event drop constraint event_position_check")
            await connection.execute("update event set position = -position where position in (4, 5)")
            await connection.execute("update event set position = 9 + position where position in (-4, -5)")

        assert (4, Fault.HASH) in await problems(desk)


async def test_what_is_appended_meanwhile_is_no_fault(database: Database) -> None:
    async with opened(database) as desk:
        await desk.append(rows(range(4)))
        async with tampering(database) as connection:
            await connection.execute("update event set data = '{}' where position = 2")
        running = audit(desk.log, PARTITION, batch=3)
        first = await anext(running)
        await desk.append(rows(range(4, 9)))

        assert (first.position, [found async for found in running]) == (2, [])
