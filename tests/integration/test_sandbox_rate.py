"""More than the sandbox's Procountor takes in a second: refused, and in the end suspended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from memory.clock import Clock
from sandbox import Sandbox
from visitor import Visitor, visiting


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def visitor(clock: Clock) -> AsyncIterator[Visitor]:
    async with visiting(Sandbox(seed=10, companies=2, clock=clock)) as visitor:
        clock.now += timedelta(seconds=2)
        yield visitor


def throw(visitor: Visitor, **changes: Any) -> None:
    visitor.sandbox.switches.throw(changes)


async def statuses(visitor: Visitor, count: int) -> list[int]:
    return [(await visitor.call("GET", "/status")).status for _ in range(count)]


@pytest.mark.parametrize(("status", "told"), [(429, False), (429, True), (403, False), (503, False)])
async def test_too_many_in_one_second_are_refused(visitor: Visitor, clock: Clock, status: int, told: bool) -> None:
    throw(visitor, requests_per_second=5, over_limit_status=status, over_limit_retry_after=told)
    assert await statuses(visitor, 7) == [200] * 5 + [status] * 2
    refused = await visitor.call("GET", "/status")
    assert ("Retry-After" in refused.headers) is told
    clock.now += timedelta(seconds=1)
    assert await statuses(visitor, 1) == [200]


async def test_the_limit_is_the_clients_over_all_companies_and_tokens(visitor: Visitor, clock: Clock) -> None:
    throw(visitor, requests_per_second=4)
    assert await statuses(visitor, 2) == [200] * 2
    await visitor.log_in(1)
    assert await statuses(visitor, 2) == [200, 429]
    answer = await visitor.grant(grant_type="client_credentials", api_key="any")
    assert answer.status == 429


@pytest.mark.parametrize("status", [403, 429])
async def test_who_goes_on_asking_is_suspended_for_a_while(visitor: Visitor, clock: Clock, status: int) -> None:
    throw(visitor, requests_per_second=2, suspended_after=3, suspended_status=status, suspended_seconds=60)
    await statuses(visitor, 5)
    clock.now += timedelta(seconds=30)
    assert await statuses(visitor, 1) == [status]
    assert (await visitor.grant(grant_type="client_credentials", api_key="any")).status == status
    clock.now += timedelta(seconds=31)
    assert await statuses(visitor, 4) == [200] * 2 + [429] * 2


async def test_the_testing_server_counts_by_the_minute(visitor: Visitor, clock: Clock) -> None:
    throw(visitor, requests_per_minute=90)
    assert await statuses(visitor, 91) == [200] * 90 + [429]
    clock.now += timedelta(seconds=59)
    assert await statuses(visitor, 1) == [429]
    clock.now += timedelta(seconds=1)
    assert await statuses(visitor, 1) == [200]


async def test_nothing_is_counted_without_a_limit(visitor: Visitor) -> None:
    assert await statuses(visitor, 80) == [200] * 80
