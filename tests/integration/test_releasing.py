"""After a restore every contact that waits is looked up: what is there is not sent, what is doubtful is asked about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from desk import Desk, desk
from events.connection import SendingReleased
from events.delivery import UNKNOWN
from events.restored import Fate
from servers.postgres import Database
from worker.operations import attention, deliveries, releasing
from worker.operations.integrations import Integration, read_all
from worker.verify import verify

pytestmark = pytest.mark.integration

NAMES = {1: "found", 2: "changed", 3: "before", 4: "nobody", 5: "deleted", 6: "twice", 7: "twice", 8: "parked"}
HOLD = "insert into restored (integration, taken_at) select id, now() + interval '60 s' from integration"


def email(invoice: int) -> str:
    return f"{NAMES[invoice]}@asiakas.fi"


async def add(desk: Desk, invoice: int, name: str = "Maija Meikäläinen") -> None:
    """As the lost machine did."""
    key = desk.sandbox.trustmary_api_key
    await desk.context.trustmary.add(key, {"email": email(invoice), "name": name})


@pytest_asyncio.fixture
async def held(database: Database) -> AsyncIterator[Desk]:
    """Restored: of eight contacts that wait some were sent, touched or deleted after the backup."""
    async with desk(database) as made:
        seen = await made.connect()
        for invoice in NAMES:
            await made.see(seen, invoice, partner=invoice, email=email(invoice))
        await made.project(seen)
        pool = made.context.pool
        await pool.execute("update ingest set polled_at = now(), reached = null, reading = 'live'")
        await pool.execute("update delivery set state = 'parked', fingerprint = 'x:trustmary:404' where invoice = 8")
        owner = await asyncpg.connect(database.owner_url)
        await owner.execute(HOLD)
        await owner.close()
        await add(made, 3)
        await add(made, 5)
        made.sandbox.world.set_contact(email(5), deleted=True)
        made.sandbox.world.let_pass(180)
        await add(made, 1)
        await add(made, 2, "Maija Uusinimi")
        await add(made, 6)
        yield made


async def test_each_contact_has_its_fate_and_nothing_is_written(held: Desk) -> None:
    arrivals = len(held.sandbox.books.arrivals)
    plan = await releasing.plan(held.context)
    [looked] = plan.ready
    assert {item.delivery.invoice: item.fate for item in looked.items} == {
        1: Fate.FOUND,
        2: Fate.UNKNOWN,
        3: Fate.SEND,
        4: Fate.SEND,
        5: Fate.WITHHELD,
        6: Fate.UNKNOWN,
        7: Fate.UNKNOWN,
        8: Fate.PARKED,
    }
    assert len(held.sandbox.books.arrivals) == arrivals
    assert [group.cause for group in (await attention.read(held.context)).groups if group.cause == "held"] == ["held"]


async def test_a_release_settles_what_is_there_parks_what_is_doubtful_and_is_harmless_twice(held: Desk) -> None:
    plan = await releasing.plan(held.context)
    [released] = await releasing.release(held.context, plan)
    await releasing.release(held.context, plan)
    every = await deliveries.read(held.context, deliveries.Filter(integrations=(released.id,)))
    assert {one.invoice: (one.state, one.fingerprint) for one in every} == {
        1: ("delivered", None),
        2: ("parked", UNKNOWN),
        3: ("waiting", None),
        4: ("waiting", None),
        5: ("waiting", None),
        6: ("parked", UNKNOWN),
        7: ("parked", UNKNOWN),
        8: ("parked", "x:trustmary:404"),
    }
    ends = [(record.row.stream, record.row.actor) for record, event in await held.events(released)
            if isinstance(event, SendingReleased)]  # fmt: skip
    assert ends == [(f"connection/{released.id}", held.context.actor)]
    assert (await held.again(released)).held is None
    outcomes = await outcomes_of(held, released)
    assert outcomes == [("ContactDelivered", held.context.actor)]
    assert (await releasing.plan(held.context)).looked == ()
    await held.project(released)
    assert [fault async for one in verify(held.context.log, held.context.vault) for fault in one.faults] == []


async def test_what_somebody_gave_up_between_plan_and_release_stays_given_up(held: Desk) -> None:
    plan = await releasing.plan(held.context)
    found = next(item.delivery.id for item in plan.ready[0].items if item.fate is Fate.FOUND)
    await deliveries.discard(held.context, [found])
    [released] = await releasing.release(held.context, plan)
    assert await outcomes_of(held, released) == [("ContactWithdrawn", held.context.actor)]


async def outcomes_of(held: Desk, seen: Integration) -> list[tuple[str, str]]:
    return [
        (record.row.type, record.row.actor)
        for record, _ in await held.events(seen)
        if record.row.type in ("ContactDelivered", "ContactWithdrawn", "ContactRefused")
    ]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("update ingest set polled_at = null", "Procountor has not been read since the restore"),
        ("update ingest set reached = 'x'", "Procountor has not been read since the restore"),
        ("update delivery set state = 'attempting', fingerprint = null where invoice = 8", "are not looked up yet"),
        ("update checkpoint set position = position - 1 where position > 0", "is not decided yet"),
        ("update integration set version = version + 1", "is not decided yet"),
        ("update integration set trustmary_secret = null", "reconnect"),
    ],
)
async def test_what_is_not_ready_stays_held_and_says_why(held: Desk, broken: str, says: str) -> None:
    await held.context.pool.execute(broken)
    plan = await releasing.plan(held.context)
    [looked] = plan.looked
    assert looked.held.not_ready is not None
    assert says in looked.held.not_ready
    assert await releasing.release(held.context, plan) == []
    assert len((await releasing.plan(held.context)).looked) == len(await read_all(held.context))


async def test_what_waits_beyond_what_is_looked_up_is_not_released(held: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "MOST", len(NAMES))
    plan = await releasing.plan(held.context)
    assert plan.ready == ()
    assert "drop some first" in (plan.looked[0].held.not_ready or "")


async def test_an_organization_that_does_not_answer_stays_held(held: Desk) -> None:
    held.sandbox.faults.add("trustmary.contacts.get=503")
    plan = await releasing.plan(held.context)
    assert plan.ready == ()
    [looked] = plan.looked
    assert "could not be asked" in (looked.held.not_ready or "")
