"""The health pages: what a probe and a scraper see."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from events.errors import Misconfigured, Unavailable
from worker.gauge import Number
from worker.health import Health, serving
from worker.loop import Beats, run


async def nothing_wrong() -> str | None:
    return None


async def no_numbers() -> list[Number]:
    return []


async def out() -> list[Number]:
    raise Unavailable("Postgres is away")


@asynccontextmanager
async def opened(health: Health) -> AsyncIterator[str]:
    async with serving(health, host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}"


async def fetch(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def test_a_worker_whose_loops_turn_is_alive() -> None:
    beats = Beats()
    beats.came_round("ingest", 1)
    async with opened(Health(beats=beats, stale_after=30, ready=nothing_wrong, measure=no_numbers)) as url:
        assert (await fetch(f"{url}/healthz"))[0] == 200
        assert (await fetch(f"{url}/readyz"))[0] == 200


async def test_a_loop_that_stands_still_is_named() -> None:
    beats = Beats()
    beats.came_round("ingest", 1)
    beats.came_round("relay", 1)
    beats.stages["ingest"].at = time.monotonic() - 60
    async with opened(Health(beats=beats, stale_after=30, ready=nothing_wrong, measure=no_numbers)) as url:
        status, body = await fetch(f"{url}/healthz")
    assert status == 503
    assert "ingest" in body
    assert "relay" not in body


async def test_a_loop_whose_first_turn_never_ends_is_named() -> None:
    beats, turning = Beats(), asyncio.Event()

    async def turn() -> int:
        turning.set()
        await asyncio.Event().wait()
        return 0

    one = asyncio.create_task(run("ingest", turn, stop=asyncio.Event(), wake=asyncio.Event(), beats=beats))
    await turning.wait()
    async with opened(Health(beats=beats, stale_after=0, ready=nothing_wrong, measure=no_numbers)) as url:
        status, body = await fetch(f"{url}/healthz")
    one.cancel()
    assert (status, "ingest" in body) == (503, True)


async def test_metrics_come_without_the_database_too() -> None:
    beats = Beats()
    beats.failed("dispatch", "away")
    async with opened(Health(beats=beats, stale_after=30, ready=nothing_wrong, measure=out)) as url:
        _, body = await fetch(f"{url}/metrics")
    assert 'ptm_stage_failures{stage="dispatch"} 1.0' in body
    assert "ptm_database_up 0.0" in body


async def test_numbers_of_one_name_are_one_family_with_labels() -> None:
    async def measure() -> list[Number]:
        return [
            Number(name="deliveries", says="By state", value=value, labels={"state": state})
            for state, value in (("waiting", 2), ("parked", 1))
        ]

    async with opened(Health(beats=Beats(), stale_after=30, ready=nothing_wrong, measure=measure)) as url:
        _, body = await fetch(f"{url}/metrics")
    assert body.count("# TYPE ptm_deliveries gauge") == 1
    assert 'ptm_deliveries{state="waiting"} 2.0' in body


async def test_a_taken_port_that_was_asked_for_is_named() -> None:
    health = Health(beats=Beats(), stale_after=30, ready=nothing_wrong, measure=no_numbers)
    async with serving(health, host="127.0.0.1", port=0) as port:
        with pytest.raises(Misconfigured, match="PTM_HEALTH_PORT"):
            async with serving(health, host="127.0.0.1", port=port):
                pass
