"""A million invoice events in the log, and `ptm replay plan` over all of them against a changed mapping."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any

from benchmarks.ground import Ground
from benchmarks.plan import CHANGES, environment, told

INTEGRATIONS = 10
INVOICES = 33_400
"""Of each integration; every one has three changes."""
LABEL = "kaikki"


async def run(ground: Ground) -> dict[str, Any]:
    """The whole command, from its start to its exit, in a process of its own."""
    for partition in range(INTEGRATIONS):
        await told(ground, INVOICES, partition=partition, labels=(LABEL,))
    await ground.owner.execute("vacuum analyze")
    events = await ground.pool.fetchval("select count(*) from event where type = 'InvoiceStatusChanged'")
    took = await asyncio.to_thread(planned, environment(ground))
    return {"invoice_events": events, "integrations": INTEGRATIONS, "changes_an_invoice": CHANGES, **took}


def planned(variables: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-m", "worker.cli", "replay", "plan", "--label", LABEL, "--json"]
    began = time.monotonic()
    null = os.open(os.devnull, os.O_WRONLY)
    child = os.posix_spawn(command[0], command, os.environ | variables, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    os.close(null)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"ptm replay plan ended with {os.waitstatus_to_exitcode(status)}")
    return {
        "seconds": round(time.monotonic() - began, 1),
        "own_cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_mib": used.ru_maxrss // 1024,
    }
