"""The request budget: never more than the service allows, whoever asks, and live before backfill."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import hammer
from events.errors import Unavailable
from eventually import eventually
from sandbox.meter import Meter
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.budget import MOST, Budget
from worker.adapters.postgres import Pool, open_pool

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    made = await open_pool(database.database_url)
    yield made
    await made.close()


async def drain(budget: Budget, meter: Meter, count: int, *, live: bool = True, route: str = "live") -> None:
    async def one() -> None:
        await budget.draw(live=live)
        meter.arrive(route)

    await asyncio.gather(*(one() for _ in range(count)))


async def test_one_process_gets_nearly_all_of_the_budget_and_no_more(pool: Pool) -> None:
    meter, clock = Meter(), asyncio.get_running_loop().time
    began = clock()
    await drain(Budget(pool), meter, 125)
    assert 125 / (clock() - began) >= 35
    assert meter.max_in_any_second() <= MOST


async def test_a_smaller_budget_is_kept_too(pool: Pool) -> None:
    meter = Meter()
    await drain(Budget(pool, "small", per_second=5), meter, 12)
    assert meter.max_in_any_second() <= 6


async def test_live_requests_go_before_backfill(pool: Pool) -> None:
    budget, order = Budget(pool), list[str]()

    async def one(name: str, *, live: bool) -> None:
        await budget.draw(live=live)
        order.append(name)

    backfill = [asyncio.create_task(one("backfill", live=False)) for _ in range(20)]
    await asyncio.gather(*(one("live", live=True) for _ in range(20)))
    await asyncio.gather(*backfill)
    assert order.count("backfill") == 20
    assert order[:20].count("live") >= 15


async def test_requests_are_served_in_the_order_they_asked(pool: Pool) -> None:
    budget, order = Budget(pool), list[int]()

    async def one(number: int) -> None:
        await budget.draw()
        order.append(number)

    await asyncio.gather(*(one(number) for number in range(12)))
    assert order == sorted(order)


async def test_one_who_gave_up_holds_up_nobody(pool: Pool) -> None:
    budget = Budget(pool)
    first = asyncio.create_task(budget.draw())
    await asyncio.wait([first], timeout=0)
    first.cancel()
    await asyncio.wait_for(budget.draw(), 5)


async def test_without_a_database_nobody_waits_for_ever(database: Database) -> None:
    pool = await open_pool(database.database_url)
    await pool.close()
    budget = Budget(pool)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await asyncio.wait_for(budget.draw(), 5)


async def test_four_processes_never_exceed_sixty_requests_in_any_second_at_the_service(database: Database) -> None:
    async with Sandbox() as sandbox:
        arguments = [
            database.database_url,
            sandbox.procountor_url,
            sandbox.client_id,
            sandbox.client_secret,
            sandbox.companies[0]["api_key"],
            "5",
        ]
        root = Path(hammer.__file__).parents[1]
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.hammer", *arguments, stdout=asyncio.subprocess.PIPE, cwd=root
            )
            for _ in range(4)
        ]
        try:
            await eventually(lambda: sandbox.procountor_meter.total > 0, within=20)
            made = [int((await process.communicate())[0]) for process in processes]
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        assert all(count > 0 for count in made)
        assert sandbox.procountor_meter.total >= 5 * 25
        assert sandbox.procountor_meter.max_in_any_second() <= MOST
