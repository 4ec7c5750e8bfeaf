"""The projector on one worker: decide, append, deliveries, checkpoint."""

from __future__ import annotations

from typing import Any

from benchmarks.ground import Ground, sent, side_by_side
from worker.project import Projector

ROUNDS = 5
EVENTS = 4000


async def run(ground: Ground) -> dict[str, Any]:
    """Every event is an invoice sent that becomes a contact to be added: the dearest kind."""
    projector = Projector(pool=ground.pool, log=ground.log, vault=ground.vault, ringer=ground.ringer)
    integrations = [await ground.integration(4) for _ in range(6)]
    numbers = iter(range(1, 1 + EVENTS * ROUNDS))
    for _ in range(EVENTS * ROUNDS // 1000):
        await ground.append(
            4, [sent(integrations[number % 6], number) for number, _ in zip(numbers, range(1000), strict=False)]
        )

    async def work() -> int:
        done = 0
        while done < EVENTS:
            done += (await projector.heal(4, min(1000, EVENTS - done))).applied
        return done

    figures = await side_by_side({"project": work}, rounds=ROUNDS)
    return {"events_per_second": figures["project"].as_json()}
