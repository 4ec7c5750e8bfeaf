"""A worker is killed, frozen or stopped in the middle of its work: the others take over, and nobody is asked twice."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from eventually import eventually
from servers.postgres import Database
from stage import Stage, Worker, staged

pytestmark = pytest.mark.acceptance

TAKEN_OVER = 10.0
"""Seconds after which nothing of a dead worker's may lie about any more."""


async def busy_pair(stage: Stage) -> tuple[Worker, Worker]:
    """Two workers on three companies with contacts on their way; the one with calls under way comes first."""
    for company in range(3):
        await stage.connect(company)
        stage.send(30, company=company)
    stage.sandbox.faults.add("trustmary.contacts.post=latency:250")
    pair = await stage.start(2)
    await eventually(lambda: stage.arrivals)
    victim = await stage.busy(pair, calls=5)
    other = next(worker for worker in pair if worker is not victim)
    return victim, other


def left_alone(stage: Stage) -> None:
    """Companies go on sending invoices, and Trustmary is quick again."""
    for company in range(3):
        stage.send(10, company=company)
    stage.sandbox.faults.clear()


async def test_what_a_killed_worker_had_in_hand_arrives_within_ten_seconds_and_once(
    database: Database, kafka: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, kafka, topic=topic, directory=tmp_path, companies=3) as stage:
        victim, _ = await busy_pair(stage)

        victim.send(signal.SIGKILL)
        left_alone(stage)

        waited = await stage.arrived(within=2 * TAKEN_OVER)
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 120
        assert waited < TAKEN_OVER


@pytest.mark.parametrize("route", ["trustmary.contacts.get", "trustmary.contacts.post"], ids=["look-up", "call"])
async def test_a_frozen_worker_delays_the_others_no_longer_than_a_dead_one_and_doubles_nothing_when_it_thaws(
    route: str, database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, companies=3) as stage:
        for company in range(3):
            await stage.connect(company)
        stage.sandbox.faults.add(f"{route}=latency:1500")
        pair = await stage.start(2)
        for company in range(3):
            stage.send(30, company=company)
        victim = await stage.busy(pair, calls=5)
        await eventually(lambda: held(stage, route))

        victim.send(signal.SIGSTOP)
        try:
            left_alone(stage)
            waited = await stage.arrived(within=2 * TAKEN_OVER)
            await stage.settled()
        finally:
            victim.send(signal.SIGCONT)

        assert waited < TAKEN_OVER
        await thawed(victim)
        for company in range(3):
            stage.send(5, company=company)
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 135


async def held(stage: Stage, route: str) -> bool:
    """Every attempt waits for an answer on *route*."""
    attempts = await stage.context.pool.fetchval("select count(*) from attempt")
    return bool(stage.calls(route) == attempts > 0)


async def thawed(worker: Worker) -> None:
    """All its loops come round again."""

    since = {stage: await worker.turns(stage) for stage in ("ingest", "relay", "project", "heal", "dispatch")}

    async def came_round() -> bool:
        return all([await worker.turns(stage) >= turns + 3 for stage, turns in since.items()])

    await eventually(came_round)


async def test_a_worker_told_to_stop_finishes_its_calls_exits_with_0_and_leaves_no_lease_behind(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, companies=3) as stage:
        for company in range(3):
            await stage.connect(company)
            stage.send(60, company=company)
        stage.sandbox.faults.add("trustmary.contacts.post=latency:400")
        [worker] = await stage.start()
        await eventually(lambda: stage.arrivals)
        await stage.busy([worker], calls=5)

        began = time.monotonic()
        worker.send(signal.SIGTERM)
        assert await worker.exit_code() == 0
        assert time.monotonic() - began < 10
        assert 0 < stage.verdict().delivered < 180
        assert await stage.attempting() == 0
        leases = "select (select count(lease_owner) from lane) + (select count(lease_owner) from ingest)"
        assert await stage.context.pool.fetchval(leases) == 0
        assert await stage.context.pool.fetchval("select count(*) from worker") == 0

        left_alone(stage)
        await stage.start()
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 210
