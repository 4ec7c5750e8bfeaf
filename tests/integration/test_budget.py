"""The request budget in PostgreSQL: without it, and at the service with many processes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

import hammer
from events.errors import Unavailable
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.budget import MOST, Budget
from worker.adapters.postgres import open_pool

pytestmark = pytest.mark.integration


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
            await eventually(lambda: sandbox.procountor_meter.total > 0)
            made = [int((await process.communicate())[0]) for process in processes]
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        assert all(count > 0 for count in made)
        assert sandbox.procountor_meter.total >= 5 * 25
        assert sandbox.procountor_meter.max_in_any_second() <= MOST
