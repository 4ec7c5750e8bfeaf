"""Lanes as dispatch takes, keeps and closes them."""

from __future__ import annotations

from uuid import UUID

from depot import (
    AGAIN,
    BROKEN,
    LEASE,
    Depot,
    claim,
    end,
    hold,
)
from worker.adapters.deliveries import Ended
from worker.dispatch import Claims


async def test_a_lane_is_one_workers_at_a_time(depot: Depot, worker: Claims, integration: UUID) -> None:
    other = depot.worker()
    assert await hold(worker, depot) == depot.organizations[:1]
    assert await hold(other, depot) == []
    assert await other.renew(depot.organizations, seconds=LEASE) == set()
    await other.release(depot.organizations)
    assert await worker.renew(depot.organizations, seconds=LEASE) == set(depot.organizations[:1])


async def test_a_lane_given_back_is_anothers_at_once(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    await worker.release(depot.organizations)
    assert await hold(depot.worker(), depot) == depot.organizations[:1]
    assert await worker.renew(depot.organizations, seconds=LEASE) == set()


async def test_a_lane_whose_lease_is_over_is_there_to_be_taken(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    await depot.passes(LEASE + 1)
    assert await hold(depot.worker(), depot) == depot.organizations[:1]
    assert await worker.renew(depot.organizations, seconds=LEASE) == set()


async def test_a_lane_that_nobody_took_is_renewed_however_late(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    await depot.passes(LEASE + 1)
    assert await worker.renew(depot.organizations, seconds=LEASE) == set(depot.organizations[:1])
    assert await hold(depot.worker(), depot) == []


async def test_no_more_lanes_are_leased_than_asked_for(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations:
        await depot.add(await depot.connect(organization))
    assert len(await worker.lease(depot.organizations, most=2, seconds=LEASE)) == 2
    assert await worker.lease(depot.organizations, most=0, seconds=LEASE) == {}
    assert len(await depot.worker().lease_due([], most=5, seconds=LEASE)) == 1


async def test_a_closed_lane_is_nobodys_until_it_opens_and_remembers_its_failures(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    await worker.close_lane(depot.organizations[0], 7, 30.0)
    await worker.release(depot.organizations)
    assert await hold(worker, depot) == []
    assert await worker.lease_due([], most=5, seconds=LEASE) == {}
    await depot.passes(31)
    assert await worker.lease_due([], most=5, seconds=LEASE) == {depot.organizations[0]: 7}
    await worker.close_lane(depot.organizations[0], 0, None)
    await worker.release(depot.organizations)
    assert await worker.lease(depot.organizations, most=5, seconds=LEASE) == {depot.organizations[0]: 0}


async def test_a_lane_is_closed_and_opened_by_who_holds_it(depot: Depot, worker: Claims, integration: UUID) -> None:
    other = depot.worker()
    await hold(worker, depot)
    await depot.passes(LEASE + 1)
    await hold(other, depot)
    await other.close_lane(depot.organizations[0], 7, 30.0)
    await worker.close_lane(depot.organizations[0], 0, None)
    await other.release(depot.organizations)
    assert await hold(worker, depot) == []
    await depot.passes(31)
    assert await worker.lease(depot.organizations, most=5, seconds=LEASE) == {depot.organizations[0]: 7}


async def test_the_net_brings_lanes_with_something_to_send(depot: Depot, worker: Claims) -> None:
    waiting, idle, held = depot.organizations
    for organization in (waiting, held):
        await depot.add(await depot.connect(organization))
    await depot.connect(idle)
    assert set(await worker.lease_due([held], most=5, seconds=LEASE)) == {waiting}


async def test_the_net_leaves_lanes_that_could_send_nothing(depot: Depot, worker: Claims) -> None:
    paused, broken, resting = depot.organizations
    at = {organization: await depot.connect(organization) for organization in depot.organizations}
    for integration in at.values():
        await depot.add(integration)
    await hold(worker, depot)
    for delivery in await claim(worker, depot):
        if delivery.integration == at[broken]:
            ended = Ended(delivery=delivery, added=None, verdict=BROKEN, at=0.0)
            await worker.break_connection(ended, BROKEN, retry=1000)
        await end(worker, AGAIN if delivery.integration == at[resting] else BROKEN, delivery)
    await depot.turn(at[paused], "paused")
    await worker.release(depot.organizations)
    assert await worker.lease_due([], most=5, seconds=LEASE) == {}
    await depot.passes(31)
    assert set(await worker.lease_due([], most=5, seconds=LEASE)) == {resting}


async def test_the_net_brings_what_a_dead_worker_left(depot: Depot, worker: Claims, integration: UUID) -> None:
    await hold(worker, depot)
    other = depot.worker()
    assert await other.lease_due([], most=5, seconds=LEASE) == {}
    await depot.passes(LEASE + 1)
    assert set(await other.lease_due([], most=5, seconds=LEASE)) == set(depot.organizations[:1])


async def test_the_lane_that_waited_longest_has_the_next_turn(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations:
        await depot.add(await depot.connect(organization))
    turns: list[str] = []
    for _ in range(6):
        [taken] = await worker.lease_due([], most=1, seconds=LEASE)
        turns.append(taken)
        await depot.passes(1)
        await worker.release([taken])
    assert sorted(turns[:3]) == sorted(depot.organizations)
    assert turns[3:] == turns[:3]
