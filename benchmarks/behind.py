"""Live traffic beside a replay: from event appended to Trustmary's answer, with none under way and then behind one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from benchmarks.brokers import Brokers
from benchmarks.end_to_end import LATENCY, Joined, append, at_work, prepared
from benchmarks.ground import Ground, ground, sent
from events import codec
from events.envelope import Row
from events.integration import Condition, Rules, Trigger, TriggerSaved
from events.plan import Wanted
from events.replay import Reach
from eventually import eventually
from worker import settings
from worker.opening import opened
from worker.operations import integrations, planning, replays
from worker.operations.context import Context
from worker.operations.replays import Order

PER_SECOND = 40
SECONDS = 60
PAST = 100_000
"""Contacts of the replay: more than it gets through while it is measured."""
LIVE = LATENCY + " and not delivery.replay"
GONE = "select count(*) from delivery where replay and state = 'delivered'"


async def run(_: Ground) -> dict[str, Any]:
    """The pace lifted, so that nothing but its own manners keeps the replay behind what is live."""
    async with Brokers() as brokers, ground() as here:
        name, bootstrap = list(brokers.addresses.items())[-1]
        async with at_work(here, bootstrap) as ([past, *others], environment):
            live = iter(await prepared(here, others, 3 * PER_SECOND * SECONDS))
            async with opened(settings.load(environment)) as context:
                plan = await planned(here, context, past)
                await measured(here, live)  # workers and lanes are warm after it
                alone = await measured(here, live)
                await replays.apply(context, plan, Order(reach=Reach.CONTACT), name="bench", reason="bench")
                before = await here.pool.fetchval(GONE)
                behind = await measured(here, live)
                gone = await here.pool.fetchval(GONE) - before
                state = (await replays.find(context, str(plan.id))).state
    assert state == "running", "it was to last longer than the measurement"
    return {
        "broker": name,
        "live_per_second": PER_SECOND,
        "replay_contacts": PAST,
        "replayed_per_second": round(gone / SECONDS, 1),
        "latency_ms": {"alone": alone, "behind": behind},
        "p99_behind_of_alone": round(behind["p99"] / alone["p99"], 2),
    }


async def planned(here: Ground, context: Context, joined: Joined) -> replays.Replay:
    """A past of which nothing was sent, since its trigger meant another status."""
    partition, id = joined
    await decided(here, partition)
    trigger = next(iter((await rules(here, id)).triggers.values()))
    await save(here, joined, replace(trigger, condition=Condition(statuses=frozenset({"PAID"}))))
    for first in range(0, PAST, 500):
        await here.append(partition, [sent(id, number, customers=PAST) for number in range(first, first + 500)])
    here.ringer.ring("ptm_log", str(partition))
    await decided(here, partition)
    await save(here, joined, trigger)
    await decided(here, partition)
    text = codec.rules_to_json(await rules(here, id))
    names = here.vault.seal_names(id, {"company": "Esimerkki Oy"})
    await here.pool.execute("update integration set configuration = $2, names = $3 where id = $1", id, text, names)
    kept = await planning.plan(context, await integrations.read_one(context, id), Wanted(upto=2**62))
    assert len(kept.plan.sendable) == PAST, kept.plan.counts
    return await replays.find(context, str(kept.id))


async def save(here: Ground, joined: Joined, trigger: Trigger) -> None:
    partition, id = joined
    await here.append(partition, [TriggerSaved(integration=id, id=uuid4(), trigger=trigger)])
    here.ringer.ring("ptm_log", str(partition))


async def rules(here: Ground, id: UUID) -> Rules:
    text = await here.pool.fetchval("select rules from rules where integration = $1", id)
    return codec.rules_from_json(text)


async def decided(here: Ground, partition: int) -> None:
    query = "select c.position = p.position from counter c join checkpoint p using (partition) where partition = $1"

    async def nothing_is_left() -> bool:
        return bool(await here.pool.fetchval(query, partition))

    await eventually(nothing_is_left, within=600)


async def measured(here: Ground, live: Iterator[tuple[int, Row]]) -> dict[str, float]:
    """Percentiles in milliseconds of SECONDS of live traffic."""
    begun = await here.pool.fetchval("select clock_timestamp()")
    started = time.perf_counter()
    for number, row in enumerate(islice(live, PER_SECOND * SECONDS), start=1):
        await append(here, *row)
        await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
    await eventually(partial(all_arrived, here), within=60)
    percentiles = await here.pool.fetchval(LIVE, begun)
    return {name: round(value, 1) for name, value in zip(("p50", "p95", "p99"), percentiles, strict=True)}


async def all_arrived(here: Ground) -> bool:
    return not await here.pool.fetchval(
        "select exists (select from delivery where state <> 'delivered' and not replay)"
    )
