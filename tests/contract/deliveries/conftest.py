"""The depot of every test here: in memory, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio

from depot import Depot, Memory, Tables
from dispatching import posting
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.postgres import Ringer
from worker.dispatch import Claims


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest_asyncio.fixture
async def postgres(database: Database) -> AsyncIterator[Tables]:
    sandbox = Sandbox(organizations=3, customers=1)
    async with posting(database.database_url, sandbox) as post, Ringer(post.pool) as ringer:
        yield Tables(post, ringer)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def depot(request: pytest.FixtureRequest) -> Depot:
    found: Depot = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def worker(depot: Depot) -> Claims:
    return depot.worker()


@pytest_asyncio.fixture
async def integration(depot: Depot) -> UUID:
    return await depot.connect()
