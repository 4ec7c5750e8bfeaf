"""Two workers and one login: where its token is about to end Procountor is asked once, and nobody waits for long."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio

from eventually import eventually
from ingesting import Unlimited
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.credentials import CredentialKind, Credentials, from_secret, to_secret
from worker.adapters.postgres import Pool, open_pool
from worker.adapters.procountor import Procountor
from worker.adapters.tokens import LEASE
from worker.adapters.vault import MasterKey, Vault

pytestmark = pytest.mark.integration

TESTS = Path(__file__).resolve().parents[1]
MASTER = MasterKey(key=bytes(range(32)))
SLOW = "procountor.token.post=latency:400"
"""So long that whoever asks as well does so meanwhile."""

ANSWERED = 30
"""Seconds after which who is slow has its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """Workers, each with its own pool, before one sandbox."""

    database: Database
    sandbox: Sandbox
    pool: Pool
    vault: Vault
    workers: tuple[Procountor, Procountor]

    async def put(self, kind: CredentialKind = CredentialKind.API_KEY) -> UUID:
        home = self.sandbox.world.company()
        values = {
            CredentialKind.API_KEY: lambda: home.api_key,
            CredentialKind.REFRESH_TOKEN: lambda: self.sandbox.world.access.refresh_token(home.id, home.user.id),
        }
        credentials = Credentials(kind=kind, value=values[kind]())
        return await self.vault.put_secret("procountor", to_secret(credentials))

    @property
    def grants(self) -> int:
        """How often Procountor was asked for a token."""
        routes: Any = self.sandbox.procountor_meter.report()["routes"]
        return int(routes.get("procountor.token.post", 0))

    async def both(self, secret: UUID) -> None:
        """Each asks for what takes a token."""
        found = await asyncio.gather(*(worker.session(secret) for worker in self.workers))
        assert {one.company_id for one in found} == {self.sandbox.world.company().id}

    @asynccontextmanager
    async def holder(self, secret: UUID) -> AsyncIterator[Process]:
        """A process that has asked for a token and waits for the answer."""
        self.sandbox.faults.add(f"procountor.token.post=latency:{ANSWERED * 1000}:1x1")
        arguments = (
            self.database.database_url,
            self.sandbox.procountor_url,
            self.sandbox.client_id,
            self.sandbox.client_secret,
            str(secret),
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(TESTS / "token_process.py"), *arguments),
            stdout=PIPE,
            env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}"},
        )
        try:
            await eventually(lambda: self.grants == 1)
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest_asyncio.fixture
async def two(database: Database) -> AsyncIterator[Two]:
    async with AsyncExitStack() as exits:
        sandbox = await exits.enter_async_context(Sandbox(companies=1))
        workers, vaults, pools = [], [], []
        for _ in range(2):
            pool = await open_pool(database.database_url, size=2)
            exits.push_async_callback(pool.close)
            session = await exits.enter_async_context(aiohttp.ClientSession())
            vault = Vault(pool, MASTER)
            worker = Procountor(
                session,
                url=sandbox.procountor_url,
                client_id=sandbox.client_id,
                client_secret=sandbox.client_secret,
                budget=Unlimited(),
                secrets=vault,
            )
            workers.append(worker)
            vaults.append(vault)
            pools.append(pool)
        yield Two(database=database, sandbox=sandbox, pool=pools[0], vault=vaults[0], workers=(workers[0], workers[1]))


@pytest.mark.parametrize("kind", list(CredentialKind))
async def test_both_find_the_token_about_to_end_and_one_grant_is_asked_for(two: Two, kind: CredentialKind) -> None:
    switches = two.sandbox.world.switches
    switches.rotate_refresh = switches.old_refresh_dies = True
    secret = await two.put(kind)
    two.sandbox.faults.add(SLOW)
    switches.access_token_seconds = 2
    await two.both(secret)
    assert two.grants == 1

    async def ends() -> bool:
        return bool(await two.pool.fetchval("select until <= now() from vault.token"))

    for expected in (2, 3):
        await eventually(ends)
        await two.both(secret)
        assert two.grants == expected
    saved = from_secret(await two.vault.secret(secret))
    assert (await two.workers[0].session(saved)).company_id == two.sandbox.world.company().id


async def test_both_are_refused_with_a_token_and_one_other_is_asked_for(two: Two) -> None:
    secret = await two.put()
    await two.both(secret)
    two.sandbox.faults.add(SLOW)
    two.sandbox.world.access.expire_access_tokens()
    await two.both(secret)
    assert two.grants == 2


async def test_a_worker_that_starts_uses_the_token_that_is_there(two: Two) -> None:
    secret = await two.put()
    await two.workers[0].session(secret)
    await two.workers[1].session(secret)
    assert two.grants == 1


async def test_who_wants_to_know_whether_the_credentials_work_still_asks_for_a_new_one(two: Two) -> None:
    secret = await two.put()
    await two.workers[0].session(secret)
    await two.workers[1].log_in(secret)
    assert two.grants == 2


async def test_a_token_of_another_worker_that_is_refused_as_well_is_not_taken_for_a_refusal_of_the_credentials(
    two: Two,
) -> None:
    secret = await two.put()
    first, second = two.workers
    await first.session(secret)
    await second.log_in(secret)
    two.sandbox.world.access.expire_access_tokens()
    assert (await first.session(secret)).company_id == two.sandbox.world.company().id
    assert two.grants == 3


async def test_no_connection_is_held_while_procountor_answers(two: Two) -> None:
    secret = await two.put()
    two.sandbox.faults.add("procountor.token.post=latency:2000:1x1")
    asking = asyncio.create_task(two.workers[0].session(secret))
    await eventually(lambda: two.grants == 1)
    query = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
    assert await two.pool.fetchval(query) == 0
    assert two.pool.get_size() - two.pool.get_idle_size() == 0
    await asking


async def test_a_refusal_is_everybodys_and_is_not_waited_for(two: Two) -> None:
    secret = await two.put()
    two.sandbox.world.edit_company(two.sandbox.world.company().id, revoke_key=True)
    began = time.monotonic()
    found = await asyncio.gather(*(worker.session(secret) for worker in two.workers), return_exceptions=True)
    assert [getattr(one, "reason", None) for one in found] == ["credentials", "credentials"]
    assert time.monotonic() - began < LEASE


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_who_is_killed_or_frozen_while_it_asks_is_not_waited_for_beyond_its_lease(
    two: Two, how: signal.Signals
) -> None:
    secret = await two.put()
    async with two.holder(secret) as process:
        process.send_signal(how)
        left = "select extract(epoch from lease_until - now())::float8 from vault.token"
        assert await two.pool.fetchval(left) <= LEASE
        began = time.monotonic()
        await two.both(secret)
        assert time.monotonic() - began < ANSWERED / 2
        assert two.grants == 2
        kept = await two.pool.fetchrow("select sealed, fence from vault.token")
        if how is signal.SIGSTOP:
            process.send_signal(signal.SIGCONT)
            assert process.stdout is not None
            assert int(await process.stdout.readline()) == two.sandbox.world.company().id
        assert await two.pool.fetchrow("select sealed, fence from vault.token") == kept


async def test_who_takes_long_is_waited_for_as_long_as_it_lives(two: Two) -> None:
    secret = await two.put()
    two.sandbox.faults.add(f"procountor.token.post=latency:{int(LEASE * 1500)}:1x1")
    await two.both(secret)
    assert two.grants == 1
