"""The brake: far more contacts than usual pause an integration before any of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from desk import Desk, desk
from events import brake
from events.attention import Cause
from events.brake import Tally
from events.contact import ContactAdded, ContactSkipped, Skip
from events.errors import Conflict
from events.integration import IntegrationPaused, Settings, Waiting
from events.replay import Reach
from office import opened
from servers.postgres import Database
from worker.adapters.schema import migrations
from worker.operations import attention, blocks, lifecycle, saving, status
from worker.operations.integrations import Integration, State
from worker.project import Projector
from worker.verify import verify_partition

pytestmark = pytest.mark.integration


async def burst(at: Desk, seen: Integration, invoices: Sequence[int]) -> None:
    for invoice in invoices:
        await at.see(seen, invoice, email=f"asiakas{invoice}@esimerkki-asiakas.fi", partner=invoice)


async def braked(at: Desk, limit: int, invoices: int) -> Integration:
    """Connected, with so many sent invoices decided."""
    seen = await saving.edit(at.context, await at.connect(), brake=limit)
    await at.project(seen)
    await burst(at, seen, range(1, invoices + 1))
    await at.project(seen)
    return await at.again(seen)


async def claimable(at: Desk, seen: Integration) -> int:
    """What a worker may send of it, by the claim's own conditions."""
    count: int = await at.context.pool.fetchval(
        "select count(*) from delivery d join integration i on i.id = d.integration and i.state = 'active'"
        " join rules r on r.integration = i.id and r.version >= i.version"
        " where d.integration = $1 and d.state = 'waiting' and d.next_at <= now()",
        seen.id,
    )
    return count


async def pauses(at: Desk, seen: Integration) -> list[IntegrationPaused]:
    return [event for _, event in await at.events(seen) if isinstance(event, IntegrationPaused)]


async def prove(at: Desk, seen: Integration) -> None:
    found = await verify_partition(at.context.log, at.context.vault, seen.partition)
    assert found.faults == ()
    assert found.undecided == 0


async def test_a_burst_in_one_turn_pauses_in_the_transaction_that_decides_it(database: Database) -> None:
    async with desk(database) as at:
        seen = await braked(at, limit=5, invoices=12)
        assert (seen.state, seen.waiting, await claimable(at, seen)) == (State.PAUSED, 12, 0)
        [pause] = await pauses(at, seen)
        assert pause.braked == seen.rules.braked
        assert pause.braked is not None
        assert (pause.braked.contacts, pause.braked.limit) == (12, 5)
        transactions = await at.context.pool.fetch(
            "select distinct xmin::text from event where type in ('ContactAdded', 'IntegrationPaused')"
        )
        assert len(transactions) == 1
        assert [record.row.actor for record, event in await at.events(seen) if event == pause] == ["brake"]
        await prove(at, seen)


async def test_as_many_as_the_limit_are_sent(database: Database) -> None:
    async with desk(database) as at:
        seen = await braked(at, limit=12, invoices=12)
        assert (seen.state, await claimable(at, seen), await pauses(at, seen)) == (State.ACTIVE, 12, [])


async def test_a_new_integration_may_want_a_hundred_a_day_and_no_more(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await burst(at, seen, range(100))
        await at.project(seen)
        assert (await at.again(seen)).state is State.ACTIVE
        await burst(at, seen, [100])
        await at.project(seen)
        assert (await at.again(seen)).state is State.PAUSED
        await prove(at, seen)


async def test_what_is_switched_off_brakes_nothing(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake="off")
        await burst(at, seen, range(110))
        await at.project(seen)
        assert (await at.again(seen)).state is State.ACTIVE


@pytest.mark.parametrize(("waiting", "left"), [(Waiting.SEND, 12), (Waiting.DROP, 0), (Waiting.DECIDE_AGAIN, 12)])
async def test_a_person_who_resumes_is_not_asked_about_the_same_again(
    database: Database, waiting: Waiting, left: int
) -> None:
    async with desk(database) as at:
        seen = await braked(at, limit=5, invoices=12)
        await lifecycle.resume(at.context, seen, waiting)
        await burst(at, seen, range(20, 25))
        await at.project(seen)
        seen = await at.again(seen)
        assert (seen.state, await claimable(at, seen)) == (State.ACTIVE, left + 5)
        await burst(at, seen, [30])
        await at.project(seen)
        assert len(await pauses(at, seen)) == 2, "counting began anew"
        await prove(at, seen)


async def test_who_resumes_while_the_projector_is_behind_is_asked_again_and_that_is_proven(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake=5)
        await at.project(seen)
        await burst(at, seen, range(12))
        context = at.context
        projector = Projector(pool=context.pool, log=context.log, vault=context.vault, ringer=context.ringer)
        await projector.heal(seen.partition, 7)
        await lifecycle.resume(context, await at.again(seen), Waiting.SEND)
        await at.project(seen)
        assert [pause.braked.contacts for pause in await pauses(at, seen) if pause.braked] == [7, 12]
        await prove(at, seen)
        await lifecycle.resume(context, await at.again(seen), Waiting.SEND)
        await at.project(seen)
        assert ((await at.again(seen)).state, await claimable(at, seen)) == (State.ACTIVE, 12)
        await prove(at, seen)


async def test_a_projector_that_was_away_for_a_day_holds_the_burst_that_came_before(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake=5)
        await at.project(seen)
        await burst(at, seen, range(12))
        owner = await asyncpg.connect(database.admin_url)
        await owner.execute("update counter set at = now() + interval '25 hours'")
        await owner.close()
        await burst(at, seen, [20])
        await at.project(seen)
        assert [pause.braked.contacts for pause in await pauses(at, seen) if pause.braked] == [12]
        assert ((await at.again(seen)).waiting, await claimable(at, seen)) == (13, 0)
        await prove(at, seen)


async def tallied(at: Desk, seen: Integration) -> Tally:
    return brake.from_json(await at.context.pool.fetchval("select tally from tally where integration = $1", seen.id))


@pytest.mark.parametrize(
    ("waiting", "usual"), [(Waiting.SEND, (1, 0, 0, 12)), (Waiting.DROP, (0, 0, 0, 0)), (Waiting.DECIDE_AGAIN, (1,))]
)
async def test_only_what_is_sent_becomes_usual_however_late_a_person_answers(
    database: Database, waiting: Waiting, usual: tuple[int, ...]
) -> None:
    async with desk(database) as at:
        seen = await braked(at, limit=5, invoices=12)
        # Three days go by, with one contact more.
        then = await tallied(at, seen)
        await at.context.pool.execute("update tally set tally = $1", brake.to_json(replace(then, hour=then.hour - 72)))
        await at.context.pool.execute("update cooldown set at = at - interval '3 days'")
        await burst(at, seen, [30])
        await at.project(seen)
        if waiting is Waiting.DECIDE_AGAIN:
            for invoice in range(1, 13):
                await blocks.add(at.context, await at.again(seen), f"asiakas{invoice}@esimerkki-asiakas.fi")
        await lifecycle.resume(at.context, await at.again(seen), waiting)
        await at.project(seen)
        found = await tallied(at, seen)
        assert (found.hours, found.days[: len(usual)], sum(found.days)) == ((), usual, sum(usual))
        await prove(at, seen)


async def test_what_was_added_before_there_was_a_brake_says_what_is_usual(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake="off")
        await burst(at, seen, range(45))
        await at.project(seen)
        pool = at.context.pool
        counted = await tallied(at, seen)
        assert counted.days == (45,)
        await pool.execute(
            "update cooldown set at = at - interval '31 days'"
            " where decision in (select decision from delivery order by id limit 40)"
        )
        await pool.execute("delete from tally")
        sql = migrations()["0012_usual"]
        await pool.execute(sql)
        found = await tallied(at, seen)
        assert (found.hour, found.hours, found.days) == (counted.hour, (), (5, *[0] * 30, 40, *[0] * 15))
        assert brake.limit(Settings(), found) == 120
        await at.project(await saving.edit(at.context, await at.again(seen), brake="usual"))
        await burst(at, seen, range(100, 220))
        await at.project(seen)
        assert (await at.again(seen)).state is State.ACTIVE
        await pool.execute(sql)
        assert (await tallied(at, seen)).days[0] == 125


async def test_two_projectors_at_once_pause_once(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake=5)
        await at.project(seen)
        await burst(at, seen, range(40))
        context = at.context
        two = [Projector(pool=context.pool, log=context.log, vault=context.vault, ringer=context.ringer) for _ in "ab"]
        for _ in range(20):
            await asyncio.gather(*(one.heal(seen.partition, 7) for one in two))
        await at.project(seen)
        [pause] = await pauses(at, seen)
        assert pause.braked is not None
        assert pause.braked.contacts in range(6, 13), "by the first turn that comes beyond the limit"
        assert (await at.again(seen)).waiting == 40
        await prove(at, seen)


async def test_an_operator_who_saves_at_the_same_moment_is_shown_the_pause(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake=5)
        await at.project(seen)
        await burst(at, seen, range(12))
        saved, _ = await asyncio.gather(
            saving.edit(at.context, seen, cool_down_days=3), at.project(seen), return_exceptions=True
        )
        now = await at.again(seen)
        await at.project(now)
        if isinstance(saved, Conflict):
            assert now.rules.settings.cool_down_days == 0
        assert (now.state, now.rules.paused, await claimable(at, now)) == (State.PAUSED, True, 0)
        with pytest.raises(Conflict, match="has changed since"):
            await saving.edit(at.context, seen, cool_down_days=4)
        await prove(at, now)


async def test_a_pause_by_a_person_is_none_by_the_brake(database: Database) -> None:
    async with desk(database) as at:
        seen = await saving.edit(at.context, await at.connect(), brake=5)
        await at.project(seen)
        await lifecycle.pause(at.context, seen)
        await burst(at, seen, range(12))
        await at.project(seen)
        assert [pause.braked for pause in await pauses(at, seen)] == [None]


async def test_attention_and_status_say_what_the_brake_holds(database: Database) -> None:
    async with desk(database) as at:
        seen = await braked(at, limit=5, invoices=12)
        found = await attention.read(at.context)
        [group] = [group for group in found.groups if group.cause is Cause.BRAKED]
        assert group.urgent
        assert f"ptm integration resume {str(seen.id)[:8]} --waiting send" in group.commands
        assert group.samples[0].detail is not None
        assert group.samples[0].detail.startswith("12 contacts within 24 hours, the limit is 5")
        assert any("by the brake" in need.says for need in (await status.read(at.context)).needs)


async def dated(at: Desk, seen: Integration, invoice: int, *, days: int) -> None:
    """An invoice of so many days ago is seen sent."""
    day = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
    picture = {"id": invoice, "type": "SALES_INVOICE", "partnerId": 7, "date": day}
    await at.see(seen, invoice, invoice=picture | {"invoiceSumInfo": [{"invoiceSumTotal": 10.0}]})


async def test_an_old_invoice_is_left_out_and_told(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await dated(at, seen, 1, days=181)
        await dated(at, seen, 2, days=179)
        await at.project(seen)
        said = [
            (event.invoice_id, event.reason if isinstance(event, ContactSkipped) else None)
            for _, event in await at.events(seen)
            if isinstance(event, ContactAdded | ContactSkipped)
        ]
        assert said == [(1, "old_invoice"), (2, None)]
        found = await attention.read(at.context)
        [group] = [group for group in found.groups if group.key == "old_invoice"]
        assert f"ptm replay plan {str(seen.id)[:8]} --skipped old_invoice" in group.commands
        await prove(at, seen)


@pytest.mark.parametrize(("reach", "arrived"), [(Reach.CONTACT, 1), (Reach.RECORD, 0)])
async def test_old_invoices_are_released_or_dropped_by_a_plan_and_told_no_more(
    database: Database, reach: Reach, arrived: int
) -> None:
    async with opened(database) as office:
        for invoice in (1, 2, 3):
            await dated(office.at, office.integration, invoice, days=181)
        await office.deliver()
        held = [group for group in (await attention.read(office.at.context)).groups if group.key == "old_invoice"]
        assert [(group.count, group.invoices) for group in held] == [(1, 3)]
        kept = await office.plan(skips=frozenset({Skip.OLD_INVOICE.value}))
        assert [(item.invoice, item.others) for item in kept.plan.items] == [(3, (1, 2))]
        assert [group.key for group in (await attention.read(office.at.context)).groups if group.key == "old_invoice"]
        await office.apply(kept, reach)
        await office.carry_out(kept)
        assert len(office.arrived()) == arrived
        left = (await attention.read(office.at.context)).groups
        assert [group.key for group in left if group.cause is Cause.UNASKED] == []
        await dated(office.at, office.integration, 4, days=181)
        await office.deliver()
        again = [group for group in (await attention.read(office.at.context)).groups if group.key == "old_invoice"]
        assert [(group.count, group.invoices) for group in again] == [(1, 1)]
