"""The projector on one worker: decide, append, deliveries, checkpoint."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from benchmarks.ground import Ground, sent, side_by_side
from worker.project import Projector

ROUNDS = 5
EVENTS = 4000
PARTITIONS = 4


async def run(ground: Ground) -> dict[str, Any]:
    """Every event is an invoice sent that becomes a contact to be added: the dearest kind. Read from Postgres."""
    projector = Projector(pool=ground.pool, log=ground.log, vault=ground.vault, ringer=ground.ringer)
    numbers = count(1)
    for partition in range(PARTITIONS):
        integrations = [await ground.integration(partition) for _ in range(6)]
        while (await projector.heal(partition)).applied:
            pass
        for _ in range(EVENTS * ROUNDS // PARTITIONS // 500):
            chunk = [next(numbers) for _ in range(500)]
            await ground.append(partition, [sent(integrations[number % 6], number) for number in chunk])

    async def one(partition: int) -> int:
        done, wanted = 0, EVENTS // PARTITIONS
        while done < wanted:
            done += (await projector.heal(partition, min(500, wanted - done))).applied
        return done

    async def work() -> int:
        return sum(await asyncio.gather(*(one(partition) for partition in range(PARTITIONS))))

    figures = await side_by_side({"project": work}, rounds=ROUNDS)
    return {"events_per_second": figures["project"].as_json()}
