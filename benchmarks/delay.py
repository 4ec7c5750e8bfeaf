"""From an invoice sent to its contact in Trustmary, under the default budget and pace: one company, and 300."""

from __future__ import annotations

import asyncio
import statistics
from datetime import datetime
from typing import Any

from benchmarks.ground import Ground
from worker.demo.scene import INVOICE_FIELD, Scene, staged

DEFAULTS = {"PTM_TRUSTMARY_PACE": "4", "PTM_POLL_FLOOR": "5", "PTM_POLL_CEILING": "900"}
SECONDS = 150
WAIT = 180


async def run(_: Ground) -> dict[str, Any]:
    return {
        "1 company": await delays(companies=1, per_second=0.5),
        "300 companies": await delays(companies=300, per_second=4),
    }


async def delays(*, companies: int, per_second: float) -> dict[str, Any]:
    async with staged(seed=1, companies=companies, workers=1, customers=8, more=DEFAULTS) as scene:
        count = int(SECONDS * per_second)
        await scene.books.say("flow", count=count, per_second=per_second, wait=True)
        for _ in range(WAIT):
            verdict = await scene.books.ask(f"verdict?field={INVOICE_FIELD}")
            if not verdict["lost"]:
                break
            await asyncio.sleep(1)
        seen = sorted(await measured(scene))
        rate = (await scene.books.ask("rate"))["procountor"]
    cuts = statistics.quantiles(seen, n=100)
    return {
        "invoices": count,
        "contacts": len(seen),
        "lost": verdict["lost"],
        "seconds": {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "max": round(seen[-1], 1)},
        "requests": rate["total"],
        "requests_in_the_fullest_second": rate["max_in_any_second"],
    }


async def measured(scene: Scene) -> list[float]:
    """Seconds between the status change and the contact's arrival, by the sandbox's own clock and books."""
    changes = (await scene.books.ask("invoices"))["changes"]
    sent = {change["invoice"]: datetime.fromisoformat(change["at"]) for change in changes if change["after"] == "SENT"}
    arrivals = (await scene.books.ask("contacts"))["contacts"]
    return [
        (datetime.fromisoformat(one["at"]) - sent[int(one["fields"][INVOICE_FIELD])]).total_seconds()
        for one in arrivals
        if one["call"] == "contact"
    ]
