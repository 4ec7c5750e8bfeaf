"""Reconciliation of contacts: how Trustmary has those that were added, and who is not asked about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import pytest_asyncio

from desk import desk
from events.reconcile import State
from eventually import eventually
from handwork import Office, opened
from servers.postgres import Database
from worker import reconciling
from worker.operations import blocks, lifecycle
from worker.operations import reconciling as operation
from worker.reconciling import TurnLost

pytestmark = pytest.mark.integration
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as office:
        yield office


async def test_contacts_are_told_as_trustmary_has_them(office: Office) -> None:
    gone, changed, deleted, bounced, _ = await office.delivered(5)
    office.spoil(gone, gone=True)
    office.spoil(changed, fields={"name": ""})
    office.spoil(deleted, deleted=True)
    office.spoil(bounced, status="bounce")
    report = await office.reconcile()
    found = {line.invoice: line.state for line in report.found.contacts.lines}
    assert found == {
        gone: State.MISSING,
        changed: State.DRIFTED,
        deleted: State.DELETED,
        bounced: State.NOT_ACTIVE,
    }
    assert {line.invoice for line in report.repairable} == {gone, changed}
    assert set(report.numbers) == set(found)


async def test_only_what_has_changed_is_recorded_and_what_is_put_right_is_too(office: Office) -> None:
    (invoice,) = await office.delivered()
    office.spoil(invoice, status="unsubscribed")
    first, second = await office.reconcile(), await office.reconcile()
    assert [line.first_seen for report in (first, second) for line in report.found.contacts.lines] == [True, False]
    office.spoil(invoice, status="active")
    await office.reconcile()
    await office.reconcile()
    assert await office.checked() == [State.NOT_ACTIVE, State.AS_SENT]


async def test_who_is_being_sent_to_is_not_judged(office: Office) -> None:
    (invoice,) = await office.delivered()
    world = office.at.sandbox.world
    payer = world.invoice(invoice).partner
    office.spoil(invoice, gone=True)
    other = world.add_invoice(customer=payer, total=50.0).id
    for act in ("approve", "send"):
        world.act(other, act)
    await office.read()
    report = await office.reconcile()
    assert +report.found.contacts.counts == {"under_way": 1}


async def test_who_was_found_gone_and_then_sent_by_another_company_of_the_organization_is_no_concern(
    database: Database,
) -> None:
    async with opened(database, companies=2) as office:
        (invoice,) = await office.delivered()
        email = office.email(invoice)
        office.spoil(invoice, gone=True)
        assert (await office.reconcile()).wants_person
        assert len(await operation.not_as_sent(office.at.context, since=LONG_AGO, only=None)) == 1
        other = await office.at.connect(1, trigger=replace(office.trigger, id=uuid4()))
        await office.at.see(other, 1, email=email)
        await office.at.project(other)

        async def settled() -> bool:
            await office.stage.run_once()
            return await office.at.states(other) == ["delivered"]

        await eventually(settled)
        assert await operation.not_as_sent(office.at.context, since=LONG_AGO, only=None) == []


async def test_who_is_on_the_block_list_is_nobodys_concern(office: Office) -> None:
    first, second = await office.delivered(2)
    for invoice in (first, second):
        office.spoil(invoice, gone=True)
    await blocks.add(office.at.context, await office.seen(), office.email(first))
    domain = office.email(second).partition("@")[2]
    await blocks.add(office.at.context, await office.seen(), f"@{domain}")
    await office.at.project(office.integration)
    report = await office.reconcile()
    assert +report.found.contacts.counts == {"blocked": 2}
    assert not report.wants_person


async def test_somebody_erased_is_counted_and_not_asked_about(office: Office) -> None:
    (invoice,) = await office.delivered()
    partner = office.at.sandbox.world.invoice(invoice).partner
    await office.at.context.vault.destroy([f"{office.integration.id}/partner/{partner}"])
    calls = office.at.sandbox.trustmary_meter.report()
    report = await office.reconcile()
    assert +report.found.contacts.counts == {"erased": 1}
    assert office.at.sandbox.trustmary_meter.report()["routes"] == calls["routes"]


async def test_a_lane_that_rests_is_left_alone(office: Office) -> None:
    await office.delivered()
    await office.at.context.pool.execute("update lane set broken_until = now() + interval '1 minute'")
    report = await office.reconcile()
    assert [failure.partition(":")[0] for failure in report.found.failures] == ["Trustmary fails or asks for rest"]


async def test_look_ups_take_half_of_the_pace_and_wait_while_something_is_sent(office: Office) -> None:
    await office.delivered(3)
    waits: list[float] = []
    pool = office.at.context.pool

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if seconds == 0.5:
            await pool.execute("update delivery set state = 'delivered', settled_at = now() where state = 'waiting'")

    work = office.reconciler()
    work = replace(work, look_ups=replace(work.look_ups, pace=4, sleep=sleep))
    await pool.execute(
        "update delivery set state = 'waiting', settled_at = null, next_at = now()"
        " where id = (select max(id) from delivery)"
    )
    turn = await work.ask_for(office.integration.id)
    assert turn is not None
    found = await work.run(turn)
    assert found.contacts.counts["as_sent"] == 2
    assert waits[0] == 0.5
    assert all(0.3 < wait <= 0.5 for wait in waits[1:])
    assert len(waits) == 3


@dataclass(slots=True)
class Removing:
    """Trustmary that knows nobody, before which somebody removes the integration at the first question."""

    office: Office
    asked: int = 0

    async def contact(self, key: str, email: str, *, timeout: float | None = None) -> None:
        self.asked += 1
        if self.asked == 1:
            await lifecycle.remove(self.office.at.context, await self.office.seen(), erase=True)


async def test_nothing_is_looked_up_or_recorded_of_who_is_removed_and_erased_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.delivered(3)
    monkeypatch.setattr("worker.looking_up.BATCH", 1)
    there = Removing(office)
    work = office.reconciler()
    work = replace(work, look_ups=replace(work.look_ups, trustmary=there))
    turn = await work.ask_for(office.integration.id)
    assert turn is not None
    with pytest.raises(TurnLost):
        await work.run(turn)
    assert there.asked == 1
    assert await office.checked() == []


async def test_companies_of_one_organization_are_looked_up_one_after_the_other(database: Database) -> None:
    async with desk(database, companies=3) as at:
        three = [await at.connect(company) for company in range(3)]
        pool = at.context.pool
        for minutes, one in enumerate(three):
            await pool.execute(
                "insert into reconciliation (integration, due_at) values ($1, now() - make_interval(mins => $2))",
                one.id,
                10 - minutes,
            )
        await lifecycle.pause(at.context, three[0])
        works = [
            reconciling.reconciler(
                pool=pool,
                log=at.context.log,
                vault=at.context.vault,
                ringer=at.context.ringer,
                procountor=at.context.procountor,
                trustmary=at.context.trustmary,
                pace=0,
                worker=uuid4(),
            )
            for _ in range(3)
        ]
        taken = await asyncio.gather(*(work.due(4) for work in works))
        assert [turn.integration for turns in taken for turn in turns] == [three[1].id]
        await pool.execute(
            "update reconciliation set lease_until = null, due_at = now() + interval '7 days' where lease_until > now()"
        )
        assert [turn.integration for turn in await works[0].due(4)] == [three[2].id]


async def test_who_was_taken_off_a_list_is_looked_up_all_the_same(office: Office) -> None:
    (invoice,) = await office.delivered()
    await office.at.context.pool.execute(
        "insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice, step,"
        " contact_key, call, starts_surveys, replay, state, next_at, settled_at)"
        " select integration, organization, partition, 1, gen_random_uuid(), decision, trigger, invoice, 1,"
        " contact_key, 'unlist', false, true, 'delivered', now(), now() from delivery"
    )
    office.spoil(invoice, gone=True)
    report = await office.reconcile()
    assert [line.state for line in report.repairable] == [State.MISSING]
