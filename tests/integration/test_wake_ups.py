"""Who is rung begins at once, but not for every ring; what nobody rang for is found within about a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eventually import eventually
from servers.postgres import Database
from stage import Stage as Theatre
from stage import staged
from worker import app
from worker.adapters.postgres import Ringer, open_pool, ring
from worker.dispatch import Manner
from worker.loop import Beat
from worker.settings import load
from worker.stages import ALL, LINGER, Stage, Worker

pytestmark = pytest.mark.integration

ABOUT = 3.0
"""Seconds: for two cores that have more to do."""


@asynccontextmanager
async def working(settings: dict[str, str], *stages: Stage, heard: bool = True) -> AsyncIterator[Worker]:
    """The loops of a worker's process; unless *heard*, whatever it rings is lost."""
    async with app.opened(load(settings), asyncio.Event()) as worker, asyncio.TaskGroup() as tasks:
        if not heard:
            worker.ringer = await without_a_database(settings["PTM_DATABASE_URL"])
        tasks.create_task(app.supervise(worker, frozenset(stages)))
        try:
            yield worker
        finally:
            worker.stop.set()


async def without_a_database(url: str) -> Ringer:
    pool = await open_pool(url)
    await pool.close()
    return Ringer(pool)


@pytest.mark.parametrize(
    ("stage", "channel", "linger"),
    [(Stage.RELAY, "ptm_log", LINGER), (Stage.DISPATCH, "ptm_delivery", Manner().linger)],
)
async def test_a_burst_of_rings_is_few_turns(
    stage: Stage, channel: str, linger: float, database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with (
        staged(database, tansu, topic=topic, directory=tmp_path) as theatre,
        working(theatre.environment, stage) as worker,
    ):
        beat = worker.beats.stages.setdefault(stage.value, Beat())
        await quiet(beat)
        began, before = time.monotonic(), beat.turns
        for _ in range(300):
            await ring(worker.pool, channel, "3")
        await eventually(lambda: beat.turns > before)
        assert beat.turns - before <= (time.monotonic() - began) / linger + 2


async def quiet(beat: Beat) -> None:
    """Since the start nothing happens but the look once a second."""
    turns = beat.turns + 2
    await eventually(lambda: beat.turns >= turns)


async def test_what_nobody_is_rung_for_is_told_and_sent_within_about_a_second(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as theatre:
        await theatre.connect()
        async with working(theatre.environment, *ALL, heard=False):
            for _ in range(2):
                theatre.send()
                await theatre.arrived()
                await theatre.settled()
                await theatre.told(within=ABOUT)
                assert await slowest(theatre) < ABOUT


async def slowest(theatre: Theatre) -> float:
    """Seconds from a decision to its outcome."""
    lasted: float = await theatre.context.pool.fetchval(
        "select extract(epoch from max(ended.at - added.at))::float from event added"
        " join event ended on ended.cause = added.id and ended.type = 'ContactDelivered'"
        " where added.type = 'ContactAdded'"
    )
    return lasted
