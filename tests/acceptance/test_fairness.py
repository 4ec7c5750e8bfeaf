"""One request budget for all: never more than Procountor allows, and nobody starves behind a greedy company."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.integration import OFF, Settings
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged, to_contact

pytestmark = pytest.mark.acceptance

ALLOWED = 60
OTHERS = 50
MANY = 3000


@dataclass(slots=True)
class LateClock:
    """The services' clock: some time behind, until it has been moved on."""

    behind: timedelta

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.behind


async def greed(stage: Stage, clock: LateClock) -> None:
    """The first company sends thousands of invoices to one customer within minutes."""
    payer, step = stage.customer(), clock.behind / MANY
    for number in range(MANY):
        stage.act(stage.invoice(customer=payer), "approve", "send")
        clock.behind -= step
        if number % 10 == 0:
            await asyncio.sleep(0)  # the services answer meanwhile: what waits for us would look like a burst


@pytest.mark.measured
async def test_four_workers_stay_within_sixty_requests_a_second_and_a_greedy_company_does_not_starve_the_others(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    clock = LateClock(timedelta(minutes=10))
    options = {"companies": OTHERS + 1, "customers": 1, "clock": clock}
    more = {"PTM_TRUSTMARY_PACE": "4", "PTM_DATABASE_POOL": "6", "PTM_POLL_FLOOR": "0.5", "PTM_POLL_CEILING": "60"}
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=more, **options) as stage:
        await stage.start(4)
        seen = await stage.connect(trigger=to_contact(), settings=Settings(brake=OFF))
        await asyncio.gather(*(stage.connect(place) for place in range(1, OTHERS + 1)))

        await greed(stage, clock)
        others: set[int] = set()
        for place in range(1, OTHERS + 1):
            others.update(stage.send(2, company=place))
            await asyncio.sleep(0)
        began = time.monotonic()

        def complete() -> bool:
            missing = others - {int(arrival.fields["field_invoice"]) for arrival in stage.arrivals}
            assert not missing, f"{len(missing)} are missing"
            return True

        await eventually(complete)
        waited = time.monotonic() - began

        query = "select count(*) from invoice where integration = $1 and status = 'SENT'"

        async def recorded() -> bool:
            return bool(await stage.context.pool.fetchval(query, seen.id) == MANY)

        await eventually(recorded)
        meter, verdict = stage.sandbox.procountor_meter, stage.verdict()
        assert waited < 15
        assert meter.max_in_any_second() <= ALLOWED
        assert meter.total > 6 * OTHERS
        assert (verdict.duplicated, verdict.unexpected) == (0, 0)
