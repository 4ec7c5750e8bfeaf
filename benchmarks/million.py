"""A million invoice events in the log, and `ptm replay plan` over all of them against a changed mapping."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.ground import Ground
from benchmarks.plan import CHANGES, environment, told

INTEGRATIONS = 10
INVOICES = 33_400
"""Of each integration; every one has three changes."""
LABEL = "kaikki"
LOOK_EVERY = 0.1


async def run(ground: Ground) -> dict[str, Any]:
    """The whole command, from its start to its exit, in a process of its own and those that it starts."""
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
    ended, processes, peak = 0, 1, 0
    while not ended:
        mine = family(child)
        processes, peak = max(processes, len(mine)), max(peak, sum(map(memory, mine)))
        time.sleep(LOOK_EVERY)
        ended, status, used = os.wait4(child, os.WNOHANG)
    if status:
        raise RuntimeError(f"ptm replay plan ended with {os.waitstatus_to_exitcode(status)}")
    return {
        "seconds": round(time.monotonic() - began, 1),
        "own_cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "processes": processes,
        "peak_mib": peak // 1024,
    }


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def memory(pid: int) -> int:
    """In KiB; what several processes share counts once, in parts."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
