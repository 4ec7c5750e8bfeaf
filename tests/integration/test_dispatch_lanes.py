"""Lanes: paced, closed when the service is ill, taken over when their worker dies or freezes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

import dispatching
from dispatching import BRISK, Post, posting
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters import queries, schema

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
ROOT = Path(dispatching.__file__).parents[1]


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=2, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


@asynccontextmanager
async def process(post: Post, **manner: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker in a process of its own, to be killed or frozen."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, dispatching.__file__, post.url, post.trustmary_url, json.dumps(manner)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    try:
        assert started.stdout is not None
        assert await started.stdout.readline() == b"dispatching\n"
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()
        # The pipe's transport ends a turn of the loop later.
        started._transport.close()  # type: ignore[attr-defined]  # asyncio offers no other way


async def started_at(post: Post) -> list[float]:
    rows = await post.pool.fetch("select extract(epoch from started_at)::float8 as at from attempt order by started_at")
    return [row["at"] for row in rows]


async def test_nobody_calls_before_the_time_that_retry_after_says(post: Post) -> None:
    """The whole organization was told to wait, not one delivery."""
    post.sandbox.faults.add("trustmary.contacts.post=429:1x1")
    await post.add_all(await post.integration(), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(4)])
    async with post.worker(replace(BRISK, per_lane=1)):
        await eventually(lambda: post.all_in("delivered"))
    times = await started_at(post)
    assert len(times) == 5
    assert times[1] - times[0] >= 1.0


async def test_a_lane_keeps_its_pace(post: Post) -> None:
    await post.add_all(await post.integration(), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(20)])
    async with post.worker(replace(BRISK, pace=10)):
        await eventually(lambda: post.all_in("delivered"))
    times = await started_at(post)
    assert times[-1] - times[0] >= 2.5
    assert post.sandbox.trustmary_meter.max_in_any_second() <= 22


async def test_a_service_that_is_ill_is_left_alone_and_found_well_again(post: Post) -> None:
    post.sandbox.faults.add("trustmary.contacts=503")
    await post.add_all(await post.integration(), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(100)])
    async with post.worker():
        await eventually(lambda: post.pool.fetchval("select true from lane where broken_until > now()"))
        calls = post.sandbox.trustmary_meter.total
        assert calls < 60
        post.sandbox.faults.clear()
        await eventually(lambda: post.all_in("delivered"))
    assert len(set(post.arrived())) == len(post.arrived()) == 100


async def test_one_organizations_illness_is_no_others(post: Post) -> None:
    ill, well = post.sandbox.world.organizations
    post.sandbox.faults.add(f"trustmary.contacts@{ill}=503")
    await post.add_all(await post.integration(ill), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(20)])
    await post.add_all(await post.integration(well), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(20)])
    async with post.worker():
        await eventually(lambda: len(post.arrived()) == 20)


async def test_lanes_take_turns_where_more_wait_than_can_be_held(post: Post) -> None:
    one, other = post.sandbox.world.organizations
    await post.add_all(await post.integration(one), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(100)])
    await post.add_all(await post.integration(other), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(100)])
    async with post.worker(replace(BRISK, pace=10)) as stage:
        stage.lanes.most, stage.lanes.turn, stage.lanes.renew = 1, 0.5, 0.2
        await eventually(lambda: {each.organization for each in post.sandbox.world.books.arrivals} == {one, other})


async def test_a_database_that_drops_its_connections_costs_nothing_and_doubles_nothing(
    post: Post, database: Database
) -> None:
    home = post.sandbox.world.organization()
    survey = next(each.id for each in home.lists.values() if each.survey)
    emails = [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(60)]
    await post.add_all(await post.integration(), emails, lists=(survey,))
    post.sandbox.faults.add("trustmary.contacts.get=latency:50")
    admin = await asyncpg.connect(database.admin_url)
    async with post.worker(replace(BRISK, per_lane=4)):
        for sent in (5, 20, 40):
            await eventually(partial(post.has_arrived, sent))
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name like 'ptm%'"
            )
        await eventually(
            lambda: admin.fetchval("select not exists (select from delivery where state <> 'delivered')"), within=30
        )
    await admin.close()
    assert sorted(email for email, _ in post.arrived()) == sorted(emails)


@pytest.mark.parametrize("known", [False, True])
async def test_a_killed_workers_lane_is_taken_over_within_ten_seconds_and_nothing_doubles(
    post: Post, known: bool
) -> None:
    """Killed while calls are under way: half of them have taken effect without an answer, half have not left."""
    home = post.sandbox.world.organization()
    survey = next(each.id for each in home.lists.values() if each.survey)
    emails = [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(24)]
    if known:
        for email in emails:
            post.sandbox.world.add_contact(email, name="Vanha Nimi")
            home.contacts[email].updated -= timedelta(hours=1)
    await post.add_all(await post.integration(), emails, lists=(survey,))
    post.sandbox.faults.add("trustmary.contacts.post=timeout_after_effect:0.5,trustmary.contacts.post=latency:100000")
    async with process(post, per_lane=12, timeout=4.0) as worker:
        await eventually(lambda: len(post.arrived()) >= 3)
        worker.kill()
        killed_at = time.monotonic()
        post.sandbox.faults.clear()
    async with post.worker(replace(BRISK, timeout=4.0)):
        await eventually(lambda: post.all_in("delivered"))
        assert time.monotonic() - killed_at < 10
    assert sorted(email for email, _ in post.arrived()) == sorted(emails)


@pytest.mark.parametrize(("lists", "timeout"), [(False, 20.0), (True, 6.0)])
async def test_a_frozen_worker_that_thaws_does_not_send_after_its_lease(
    post: Post, lists: bool, timeout: float
) -> None:
    """Stopped while it waits for the look-ups, it thaws with their answers there, and the lease long over."""
    home = post.sandbox.world.organization()
    survey = tuple(each.id for each in home.lists.values() if each.survey)
    emails = [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(6)]
    await post.add_all(await post.integration(), emails, lists=survey if lists else ())
    post.sandbox.faults.add("trustmary.contacts.get=latency:700:1x6")
    async with process(post, timeout=timeout, lease=3.0) as worker:
        await eventually(lambda: post.sandbox.trustmary_meter.total >= 6)
        os.kill(worker.pid, signal.SIGSTOP)
        async with post.worker(replace(BRISK, timeout=timeout, lease=3.0)):
            await eventually(lambda: post.all_in("delivered"))
        calls = post.sandbox.trustmary_meter.total
        os.kill(worker.pid, signal.SIGCONT)
        later = await post.add(next(iter(post.organizations)), MAIJA)
        await eventually(lambda: (MAIJA, str(later.invoice_id)) in post.arrived())
        await eventually(lambda: post.all_in("delivered"))
    assert post.sandbox.trustmary_meter.total == calls + 2
    assert sorted(email for email, _ in post.arrived()) == sorted([*emails, MAIJA])


async def test_a_worker_frozen_for_a_moment_goes_on(post: Post) -> None:
    await post.add_all(await post.integration(), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(40)])
    post.sandbox.faults.add("trustmary.contacts.get=latency:50")
    async with process(post, per_lane=2) as worker:
        await eventually(lambda: len(post.arrived()) >= 4)
        os.kill(worker.pid, signal.SIGSTOP)
        os.kill(worker.pid, signal.SIGCONT)
        await eventually(lambda: post.all_in("delivered"))
    assert len(set(post.arrived())) == len(post.arrived()) == 40


@pytest.mark.parametrize("analyzed", [False, True])
async def test_a_claim_asks_by_index_however_much_waits(post: Post, database: Database, analyzed: bool) -> None:
    integration = await post.integration()
    organization = post.organizations[integration]
    await post.pool.execute(
        "insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice,"
        " contact_key, call, starts_surveys)"
        " select $1, $2, 3, n, gen_random_uuid(), gen_random_uuid(), $1, n, int8send(n % 5000), 'contact', false"
        " from generate_series(1, 20000) n",
        *(integration, organization),
    )
    if analyzed:
        owner = await asyncpg.connect(database.owner_url)
        await owner.execute("analyze delivery")
        await owner.close()
    me = uuid4()
    await post.pool.execute("update lane set lease_owner = $1, lease_until = now() + interval '1 hour'", me)
    async with post.pool.acquire() as connection, connection.transaction():
        claim = queries.load("delivery")["claim_waiting"].rstrip(";")
        plan = await connection.fetch(
            f"explain (analyze, costs off) {claim}", me, [organization], [50], 2.0, schema.newest()
        )
    text = "\n".join(row[0] for row in plan)
    assert "Seq Scan on delivery" not in text, text
    assert int(re.findall(r"Execution Time: (\d+)", text)[0]) < 100, text
