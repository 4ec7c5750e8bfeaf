"""The brake, from sandbox to sandbox: a company that suddenly wants hundreds of surveys is held until a person says."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.attention import Cause
from events.integration import Waiting
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged
from worker.operations import attention, lifecycle
from worker.operations.integrations import Integration, State

pytestmark = pytest.mark.acceptance

BURST = 300
LIMIT = 100
"""What a new integration may want within 24 hours."""


async def held(stage: Stage) -> tuple[Integration, int]:
    """A company with three contacts in Trustmary wants three hundred more: how many are there when all are decided."""
    seen = await stage.connect()
    await stage.start(2)
    stage.send(3)
    await stage.arrived(within=60)
    latest = stage.send(BURST)[-1]
    await stage.seen(latest, "SENT")

    async def decided() -> bool:
        count = await stage.context.pool.fetchval("select count(*) from event where type = 'ContactAdded'")
        assert count == BURST + 3, count
        return True

    await eventually(decided)
    await eventually(lambda: none_under_way(stage))
    now = await stage.again(seen)
    arrived = len({arrival.email for arrival in stage.arrivals})
    assert now.state is State.PAUSED
    assert 3 <= arrived <= LIMIT
    assert now.waiting == BURST + 3 - arrived
    return now, arrived


async def none_under_way(stage: Stage) -> bool:
    return not await stage.attempting()


async def test_the_brake_holds_a_burst_says_so_and_sends_all_of_it_once_when_told(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=5) as stage:
        seen, _ = await held(stage)
        found = await attention.read(stage.context)
        [group] = [group for group in found.groups if group.cause is Cause.BRAKED]
        assert group.urgent
        await lifecycle.resume(stage.context, seen, Waiting.SEND, reason="laskutuspäivä")
        verdict = await stage.agree()
        assert verdict.expected == BURST + 3
        assert (await stage.again(seen)).state is State.ACTIVE


async def test_what_the_brake_holds_is_dropped_when_told(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, seed=6) as stage:
        seen, arrived = await held(stage)
        await lifecycle.resume(stage.context, seen, Waiting.DROP)
        await stage.settled()
        [fresh] = stage.send()
        await stage.seen(fresh, "SENT")
        await eventually(lambda: len({each.email for each in stage.arrivals}) == arrived + 1)
        await stage.settled()
        assert (await stage.again(seen)).state is State.ACTIVE
        assert stage.verdict().duplicated == 0
        dropped = await stage.context.pool.fetchval(
            "select count(*) from event where type = 'ContactWithdrawn' and data ->> 'reason' = 'dropped'"
        )
        assert dropped == BURST + 3 - arrived
        await stage.sound()
