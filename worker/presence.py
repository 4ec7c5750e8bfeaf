"""A worker's line in the table of workers, by which `ptm status` knows that it is still there."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import orjson
import structlog

from events.errors import Outgrown, PtmError
from worker import loop
from worker.adapters import queries, schema
from worker.adapters.postgres import Pool, translating
from worker.loop import Beats

SQL = queries.load("worker")
STATM = Path("/proc/self/statm")
"""Linux tells pages there: in all, then resident."""
STILL_THERE = 5.0
"""Seconds between two signs of life in the table of workers."""


async def still_there(
    pool: Pool,
    *,
    worker: UUID,
    beats: Beats,
    stop: asyncio.Event,
    migrated: asyncio.Event,
    keys: Sequence[str] = (),
) -> None:
    """Until *stop*, or a newer release has *migrated* the database; the last act is to leave the table.

    *keys*: ids of the master keys that it has.
    """
    with suppress(PtmError), translating():
        await pool.execute(SQL["sweep"])
    while not stop.is_set():
        beats.more.clear()
        migrated.clear()
        try:
            await schema.require_no_newer(pool)
            await sign(pool, worker, beats, keys)
        except Outgrown as error:
            beats.end(error, stop)
        except PtmError as error:
            structlog.get_logger().warning("no sign of life", worker=str(worker), error=str(error))
        # A stage that has just begun is told at once: the doctor would miss it until the next time.
        await loop.first_of(stop, beats.more, migrated, within=STILL_THERE)
    # Without a database too, the others are to finish what they have under way.
    with suppress(PtmError), translating():
        await pool.execute(SQL["leave"], worker)


async def sign(pool: Pool, worker: UUID, beats: Beats, keys: Sequence[str] = ()) -> None:
    stages = {
        stage: {"turns": beat.turns, "done": beat.done, "failures": beat.failures, "error": beat.error}
        for stage, beat in beats.stages.items()
    }
    with translating():
        await pool.execute(
            SQL["register"],
            worker,
            socket.gethostname(),
            os.getpid(),
            version("procountor-trustmary"),
            orjson.dumps(stages).decode(),
            memory_mib(),
            sorted(beats.partitions()),
            list(keys),
        )


def memory_mib() -> int | None:
    """Resident; None where the system does not say."""
    try:
        pages = int(STATM.read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
