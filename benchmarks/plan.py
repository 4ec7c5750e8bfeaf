"""Planning a replay: one integration's past against a changed mapping, decryption included, streamed."""

from __future__ import annotations

import base64
import resource
from dataclasses import replace
from typing import Any
from uuid import UUID

from benchmarks.ground import MASTER, Ground, sent, side_by_side
from events import codec
from events.integration import FieldMapping, Rules
from events.plan import Wanted
from worker import settings
from worker.opening import opened
from worker.operations import integrations, planning
from worker.operations.context import Context
from worker.project import Projector

ROUNDS = 3
SIZES = (1000, 20_000)
PARTITIONS = {1000: 1, 20_000: 2}


async def run(ground: Ground) -> dict[str, Any]:
    """Every event is an invoice sent, decided before; the plan compares it with a mapping that has changed since."""
    environment = {
        "PTM_DATABASE_URL": ground.database_url,
        "PTM_MASTER_KEY": base64.b64encode(MASTER.key).decode(),
        "PTM_PROCOUNTOR_URL": "http://127.0.0.1:9",
        "PTM_TRUSTMARY_URL": "http://127.0.0.1:9",
    }
    async with opened(settings.load(environment)) as context:
        joined = {size: await told(ground, size) for size in SIZES}
        works = {f"{size} invoices": planned(context, id, size) for size, id in joined.items()}
        figures = await side_by_side(works, rounds=ROUNDS)
    return {
        "events_per_second": {name: figure.as_json() for name, figure in figures.items()},
        "seconds_for_1000": round(1000 / figures["1000 invoices"].median, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def told(ground: Ground, size: int) -> UUID:
    """An integration with *size* invoices in the log, all of them decided, whose mapping has changed since."""
    partition = PARTITIONS[size]
    projector = Projector(pool=ground.pool, log=ground.log, vault=ground.vault, ringer=ground.ringer)
    id = await ground.integration(partition)
    for first in range(0, size, 500):
        await ground.append(partition, [sent(id, number) for number in range(first, first + 500)])
        while (await projector.heal(partition)).applied:
            pass
    rules: Rules = codec.rules_from_json(
        await ground.pool.fetchval("select rules from rules where integration = $1", id)
    )
    [trigger] = rules.triggers.values()
    changed = replace(trigger, mapping=FieldMapping(fields={"email": "person.email", "name": "customer.name"}))
    text = codec.rules_to_json(replace(rules, triggers={trigger.id: changed}))
    await ground.pool.execute(
        "update integration set configuration = $2, names = $3 where id = $1",
        *(id, text, ground.vault.seal_names(id, {"company": "Esimerkki Oy"})),
    )
    return id


def planned(context: Context, id: UUID, size: int) -> Any:
    async def work() -> int:
        seen = await integrations.read_one(context, id)
        kept = await planning.plan(context, seen, Wanted(upto=2**62))
        assert kept.plan.looked_at == size, kept.plan.looked_at
        return size

    return work
