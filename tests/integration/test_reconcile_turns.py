"""Whose turn a reconciliation is, when, and what becomes of one that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from events.errors import Misconfigured, Unavailable
from events.reconcile import State
from eventually import eventually
from handwork import Office, opened
from servers.postgres import Database
from worker import reconciling
from worker.operations import lifecycle
from worker.reconciling import Reconciled, Reconciler, Turn, TurnLost
from worker.weekly import Weekly

pytestmark = pytest.mark.integration
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as office:
        yield office


async def test_a_paused_integration_is_reconciled_on_request_and_a_removed_one_is_not(office: Office) -> None:
    await office.delivered()
    await lifecycle.pause(office.at.context, await office.seen())
    await office.at.project(office.integration)
    assert (await office.reconcile()).found.counts["contacts_as_sent"] == 1
    assert await office.reconciler().due(5) == []
    await lifecycle.remove(office.at.context, await office.seen())
    with pytest.raises(Misconfigured, match="is removed"):
        await office.reconcile()


async def test_one_at_a_time(office: Office) -> None:
    turn = await office.reconciler().ask_for(office.integration.id)
    assert turn is not None
    with pytest.raises(Unavailable, match="is being reconciled already"):
        await office.reconcile()


async def test_who_has_lost_the_turn_writes_nothing(office: Office) -> None:
    (invoice,) = await office.delivered()
    office.spoil(invoice, gone=True)
    first, second = office.reconciler(), office.reconciler()
    lost = await first.ask_for(office.integration.id)
    assert lost is not None
    await office.at.context.pool.execute("update reconciliation set lease_until = now()")
    kept = await second.ask_for(office.integration.id)
    assert kept is not None
    with pytest.raises(TurnLost):
        await first.run(lost)
    assert await office.checked() == []
    await second.run(kept)
    assert await office.checked() == [State.MISSING]


@dataclass(slots=True)
class Counting:
    """How often a reconciliation was run."""

    runs: list[Turn] = field(default_factory=list)

    def watch(self, work: Reconciler) -> Reconciler:
        runs = self.runs

        class Watched(Reconciler):
            async def run(self, turn: Turn, *, days: int = reconciling.DAYS) -> Reconciled:
                runs.append(turn)
                return await super().run(turn, days=days)

        return Watched(**{name: getattr(work, name) for name in work.__slots__})


async def test_two_workers_reconcile_an_integration_once_and_again_when_it_is_due_again(office: Office) -> None:
    (invoice,) = await office.delivered()
    office.spoil(invoice, gone=True)
    counted = Counting()
    every = timedelta(days=7)
    both = [Weekly(reconciler=counted.watch(office.reconciler(every=every))) for _ in range(2)]
    pool = office.at.context.pool

    async def ended(times: int) -> bool:
        await asyncio.gather(*(one.run_once() for one in both))
        return len(counted.runs) == times and not any(one.turns for one in both)

    # Scheduled somewhere in the coming week, so not yet.
    assert await ended(0)
    left = await pool.fetchval("select due_at - now() from reconciliation")
    assert timedelta() < left <= every
    await pool.execute("update reconciliation set due_at = now()")
    await eventually(lambda: ended(1))
    assert await ended(1)
    assert await office.checked() == [State.MISSING]
    due = await pool.fetchval("select due_at - now() from reconciliation")
    assert timedelta(days=6) < due <= every
    await pool.execute("update reconciliation set due_at = now()")
    await eventually(lambda: ended(2))
    assert await office.checked() == [State.MISSING]
    for one in both:
        await one.close()


async def test_a_dead_workers_turn_is_taken_up_and_a_stopping_one_gives_its_back(office: Office) -> None:
    work = office.reconciler()
    pool = office.at.context.pool
    await pool.execute("insert into reconciliation (integration) values ($1)", office.integration.id)
    assert len(await work.due(5)) == 1
    other = office.reconciler()
    assert await other.due(5) == []
    await pool.execute("update reconciliation set lease_until = now()")
    (turn,) = await other.due(5)
    await Weekly(reconciler=other).close()
    (again,) = await work.due(5)
    assert again.fence == turn.fence + 1


async def test_a_broken_connection_is_not_tried_by_itself(office: Office) -> None:
    pool = office.at.context.pool
    await pool.execute("insert into reconciliation (integration) values ($1)", office.integration.id)
    await pool.execute("update connection set state = 'broken' where service = 'trustmary'")
    assert await office.reconciler().due(5) == []


async def test_what_nobody_foresaw_stops_no_other_and_is_tried_later(office: Office) -> None:
    await office.delivered()
    work = office.reconciler()

    class Surprising:
        async def contact(self, key: str, email: str, *, timeout: float | None = None) -> None:
            raise LookupError("unforeseen")

    weekly = Weekly(reconciler=replace(work, look_ups=replace(work.look_ups, trustmary=Surprising())))
    pool = office.at.context.pool
    await pool.execute("insert into reconciliation (integration) values ($1)", office.integration.id)

    async def ended() -> bool:
        await weekly.run_once()
        return bool(await pool.fetchval("select failure is not null from reconciliation"))

    await eventually(ended)
    row = await pool.fetchrow(
        "select due_at > now() + interval '5 hours' as later, failure, lease_owner from reconciliation"
    )
    assert row is not None
    assert (row["later"], row["lease_owner"]) == (True, None)
    assert "LookupError" in row["failure"]
