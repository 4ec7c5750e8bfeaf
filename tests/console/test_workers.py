"""The workers: who is there, how far each partition stands, what rests, and how fast it goes."""

from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from desk import Desk
from driving import Opening
from events.words import Language
from tui.app import MODES

pytestmark = pytest.mark.integration

HERE = str(list(MODES).index("workers") + 1)
STAGES = {
    "ingest": {"turns": 1200, "done": 34, "failures": 0, "error": None},
    "project": {"turns": 900, "done": 500, "failures": 0, "error": None},
}
WRONG = {"failures": 7, "error": "Kafka refuses: wrong password"}


async def works(at: Desk, pid: int, *, partitions: range, failing: bool = False) -> None:
    """A worker is there, however long the test takes."""
    stages = STAGES | {"relay": {"turns": 3, "done": 0} | (WRONG if failing else {"failures": 0, "error": None})}
    await at.context.pool.execute(
        "insert into worker (id, host, pid, version, stages, memory_mib, partitions, seen_at)"
        " values ($1, 'palvelin', $2, '0.1.0', $3, 142, $4, now() + interval '1 hour')",
        uuid4(),
        pid,
        orjson.dumps(stages).decode(),
        list(partitions),
    )


async def test_members_are_told_with_their_memory_partitions_and_last_error(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk, 4711, partitions=range(8))
    await works(at_desk, 4712, partitions=range(8, 16), failing=True)
    async with opening() as at:
        await at.press(HERE)
        await at.sees("● runs", "4711", "142 MiB", "0-7", "▲ fails", "8-15", "relay: Kafka refuses: wrong password")
        await at.sees("palvelin 4712", "up to date", "Events decided a second", "From change to Trustmary's answer")
        await at.looks_like("workers")
        await at.press("down", "enter")
        await at.sees("failed 7 times: Kafka refuses: wrong password", "tells the log to Kafka", "1,200 turns, 34 done")
        await at.press("escape")
        await at.misses("tells the log to Kafka")


async def test_a_partition_that_stands_still_shows_how_long_and_who_hears_it(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await at_desk.project(seen)
    await at_desk.see(seen, 1)
    async with opening() as at:
        await at.press(HERE)
        await at.sees("No worker is running: nothing is read, decided or sent.")
        await at.sees("■ stands still")
        await at.press("slash")
        await at.types("stands")
        await at.press("enter", "tab")
        await at.misses("✔ up to date")
        await at.press("enter")
        await at.sees(f"partition {seen.partition}", "1 undecided", "nobody: it is decided from the database")


async def test_an_organization_that_does_not_answer_is_named(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await works(at_desk, 4711, partitions=range(16))
    await at_desk.context.pool.execute(
        "update lane set failures = 5, broken_until = now() + interval '1 minute' where organization = $1",
        seen.organization,
    )
    async with opening() as at:
        await at.press(HERE)
        await at.sees(
            f"■ Trustmary did not serve {seen.organization_name} 5 times: nothing is sent there, tried again in"
        )


async def test_eighty_columns_in_finnish_keep_what_matters(at_desk: Desk, opening: Opening) -> None:
    await works(at_desk, 4711, partitions=range(16))
    async with opening(size=(80, 24), language=Language.FINNISH) as at:
        await at.press(HERE)
        await at.sees("Työprosessit", "● käynnissä", "palvelin", "ajan tasalla", "Ratkaistu ···", "Kesto ···")
        await at.looks_like("workers-finnish-narrow")
