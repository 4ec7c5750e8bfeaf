"""`python -m benchmarks.tail SECONDS`: 200 events a second for a log that somebody watches; in a process of its own."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict

from benchmarks.crowd import INTEGRATIONS, integration
from benchmarks.ground import sent
from events.envelope import Row
from worker import settings
from worker.adapters.log import Draft
from worker.opening import opened

PER_SECOND = 200
TICKS = 20
"""A second."""


async def run(seconds: float) -> None:
    async with opened(settings.load()) as context:
        wanted = int(seconds * PER_SECOND)
        places = [number * 7 % INTEGRATIONS for number in range(wanted)]
        base = int(time.time()) * 1000
        events = [sent(integration(place), base + number) for number, place in enumerate(places)]
        rows = await context.log.prepare([Draft(event=event) for event in events])
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        started, size = time.perf_counter(), PER_SECOND // TICKS
        for tick, first in enumerate(range(0, wanted, size)):
            by_partition: defaultdict[int, list[Row]] = defaultdict(list)
            for number in range(first, first + size):
                by_partition[places[number] % 16].append(rows[number])
            async with context.pool.acquire() as connection, connection.transaction():
                await context.log.append_all(connection, by_partition)
            for partition in by_partition:
                context.ringer.ring("ptm_log", str(partition))
            await asyncio.sleep(max(0.0, started + (tick + 1) / TICKS - time.perf_counter()))
        sys.stdout.write(f"{wanted / (time.perf_counter() - started):.1f}\n")


if __name__ == "__main__":
    asyncio.run(run(float(sys.argv[1])))
