"""A replay is undone: whom it put on a list is taken off, and nobody else; what cannot be undone is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from events.delivery import UNKNOWN
from events.errors import Conflict, Misconfigured
from events.integration import FieldMapping, Trigger, Waiting
from events.replay import Reach
from eventually import eventually
from office import Office, a_list, again, carried_out, kinds, members, on_list, opened, prepared, undo
from servers.postgres import Database
from worker.operations import blocks, deliveries, lifecycle, replays, undoing
from worker.operations.replays import Replay
from worker.project import Projector
from worker.verify import verify_partition


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, companies=2) as made:
        yield made


async def on_the_list(office: Office, *invoices: int) -> tuple[str, Replay]:
    """*invoices* were added as contacts only, and a replay has put them on a list that asks; the list, the replay."""
    await office.sent(*invoices)
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    return list_, await replayed(office)


async def replayed(office: Office, reach: Reach = Reach.SURVEY) -> Replay:
    kept = await office.plan()
    await office.apply(kept, reach)
    return await office.carry_out(kept)


async def test_who_was_put_on_is_taken_off_and_a_later_plan_puts_them_on_again(office: Office) -> None:
    list_, replay = await on_the_list(office, 1, 2, 3)
    assert members(office, list_) == {f"asiakas{n}@asiakas.fi" for n in (1, 2, 3)}
    found = await prepared(office, replay)
    assert (found.count, found.cost.calls, len(found.dropped), len(found.stays)) == (3, 6, 0, 0)
    assert [item.differences for item in found.overwritten] == [
        {"name": (f"1000{n}", "Maija Meikäläinen")} for n in (1, 2, 3)
    ]
    assert (len(found.surveys), len(found.created)) == (3, 0)
    done = await undo(office, found)
    assert (done.results, done.undoes) == ({"delivered": 3}, replay.id)
    assert members(office, list_) == set()
    assert [one.removed for one in office.at.sandbox.books.arrivals[-3:]] == [[list_]] * 3
    plan = (await office.plan()).plan
    assert kinds(plan) == {"changed": 3}
    assert {item.targets for item in plan.items} == {(f"list:{list_}",)}
    await replayed(office)
    assert len(members(office, list_)) == 3
    assert kinds((await office.plan()).plan) == {"same": 3}


async def test_undoing_twice_takes_off_nobody_new_and_an_undoing_is_not_undone(office: Office) -> None:
    _, replay = await on_the_list(office, 1)
    first = await prepared(office, replay)
    second = await prepared(office, replay)
    done = await undo(office, first)
    stale = await undo(office, second)
    assert stale.results == {"already_off": 1}
    empty = await prepared(office, replay)
    assert (empty.count, empty.plan.skipped) == (0, {"already_off": 1})
    with pytest.raises(Misconfigured, match="nothing to undo"):
        await undo(office, empty)
    with pytest.raises(Misconfigured, match="plan again"):
        await prepared(office, done)
    with pytest.raises(Misconfigured, match="undoing of another"):
        await replays.apply(
            office.at.context, await again(office, done), replays.Order(reach=Reach.LIST), name="x", reason="y"
        )


async def test_two_operators_at_once_undo_once(office: Office) -> None:
    _, replay = await on_the_list(office, 1)
    first, second = await prepared(office, replay), await prepared(office, replay)
    begun = await undoing.start(office.at.context, first, name="peruutus", reason="väärä")
    with pytest.raises(Conflict, match="being undone already"):
        await undoing.start(office.at.context, second, name="peruutus", reason="väärä")
    assert (await carried_out(office, begun)).results == {"delivered": 1}


async def test_whom_something_else_has_put_on_as_well_stays_on_and_is_named(office: Office) -> None:
    await office.sent(1, 2)
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    replay = await replayed(office)
    await office.sent(3, email="asiakas1@asiakas.fi")
    found = await prepared(office, replay)
    assert [item.email for item in found.stays] == ["asiakas1@asiakas.fi"]
    assert [item.email for item in found.off] == ["asiakas2@asiakas.fi"]
    await undo(office, found)
    assert members(office, list_) == {"asiakas1@asiakas.fi"}


async def test_who_was_added_again_after_the_look_stays_on(office: Office) -> None:
    list_, replay = await on_the_list(office, 1, 2)
    found = await prepared(office, replay)
    await office.sent(3, email="asiakas1@asiakas.fi")
    done = await undo(office, found)
    assert done.results == {"delivered": 1, "moved": 1}
    assert members(office, list_) == {"asiakas1@asiakas.fi"}


async def test_who_is_added_again_while_the_undoing_waits_stays_on(office: Office) -> None:
    list_, replay = await on_the_list(office, 1)
    begun = await undoing.start(
        office.at.context, await prepared(office, replay), name="peruutus", reason="väärä lista"
    )
    await office.replaying.run_once()
    await office.at.project(office.integration)
    await office.at.see(office.integration, 3, email="asiakas1@asiakas.fi")
    await office.at.project(office.integration)
    assert (await carried_out(office, begun)).results == {"withdrawn": 1}
    assert members(office, list_) == {"asiakas1@asiakas.fi"}


async def test_what_waits_of_it_is_dropped_and_starts_nothing(office: Office) -> None:
    await office.sent(1, 2)
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.SURVEY)
    await office.replaying.run_once()
    await office.at.project(office.integration)
    await replays.cancel(office.at.context, await replays.find(office.at.context, str(kept.id)))
    before = len(office.at.sandbox.books.arrivals)
    found = await prepared(office, await replays.find(office.at.context, str(kept.id)))
    assert (len(found.dropped), found.count, len(found.surveys), len(found.overwritten)) == (2, 2, 0, 0)
    done = await undo(office, found)
    assert done.results == {"not_sent": 2}
    assert len(office.at.sandbox.books.arrivals) == before
    assert members(office, list_) == set()


async def test_what_may_have_arrived_is_dropped_and_taken_off(office: Office) -> None:
    await office.sent(1)
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.SURVEY)
    await office.replaying.run_once()
    await office.at.project(office.integration)
    await office.at.context.pool.execute(
        "update delivery set state = 'parked', attempts = 1, fingerprint = $1 where replay", UNKNOWN
    )
    replay = await replays.cancel(office.at.context, await replays.find(office.at.context, str(kept.id)))
    home = office.at.sandbox.world.organization()
    home.lists[list_].members.add(home.contacts["asiakas1@asiakas.fi"].id)
    found = await prepared(office, replay)
    assert (found.count, len(found.dropped)) == (1, 1)
    assert (await undo(office, found)).results == {"delivered": 1}
    assert members(office, list_) == set()


async def test_a_replay_that_is_under_way_or_was_never_applied_is_not_undone(office: Office) -> None:
    await office.sent(1)
    await office.save(destination=on_list(await a_list(office)), mapping=FieldMapping())
    kept = await office.plan()
    planned = await replays.find(office.at.context, str(kept.id))
    with pytest.raises(Misconfigured, match="never applied"):
        await prepared(office, planned)
    await office.apply(kept, Reach.SURVEY)
    with pytest.raises(Conflict, match="cancel it first"):
        await prepared(office, planned)
    await office.replaying.run_once()
    await replays.cancel(office.at.context, await again(office, planned))
    with pytest.raises(Conflict, match="not decided yet"):
        await prepared(office, planned)


async def test_a_changed_rule_or_a_resumption_does_not_stop_an_undoing(office: Office) -> None:
    list_, replay = await on_the_list(office, 1)
    await blocks.add(office.at.context, await office.seen(), "asiakas1@asiakas.fi")
    await office.save(name="Toinen nimi", destination=on_list(list_))
    begun = await undoing.start(
        office.at.context, await prepared(office, replay), name="peruutus", reason="väärä lista"
    )
    await office.replaying.run_once()
    await lifecycle.pause(office.at.context, await office.seen())
    await office.at.project(office.integration)
    await lifecycle.resume(office.at.context, await office.seen(), Waiting.DECIDE_AGAIN)
    assert (await carried_out(office, begun)).results == {"delivered": 1}
    assert members(office, list_) == set()


async def test_who_is_gone_from_trustmary_is_not_made_anew(office: Office) -> None:
    list_, replay = await on_the_list(office, 1, 2)
    [home] = [one for one in office.at.sandbox.world.organizations.values() if list_ in one.lists]
    del home.contacts["asiakas1@asiakas.fi"]
    office.at.sandbox.world.set_contact("asiakas2@asiakas.fi", status="unsubscribed")
    before = len(office.at.sandbox.books.arrivals)
    done = await undo(office, await prepared(office, replay))
    assert done.results == {"withdrawn": 2}
    assert len(office.at.sandbox.books.arrivals) == before


async def test_an_erased_person_is_left_out_and_the_proof_stays_true(office: Office) -> None:
    _, replay = await on_the_list(office, 1)
    await undo(office, await prepared(office, replay))
    await office.at.context.vault.destroy([f"{office.integration.id}/partner/7"])
    await office.prove()
    found = await prepared(office, replay)
    assert (found.count, found.plan.skipped) == (0, {"erased": 1})


async def test_a_live_decision_of_the_same_invoice_does_not_put_back_whom_an_undoing_took_off(office: Office) -> None:
    list_, replay = await on_the_list(office, 1)
    await undo(office, await prepared(office, replay))
    await office.at.see(office.integration, 1, email="asiakas1@asiakas.fi", change=2)
    await office.deliver()
    await office.prove()
    assert members(office, list_) == set()


async def test_taking_off_without_an_order_is_found(office: Office) -> None:
    _, replay = await on_the_list(office, 1)
    begun = await undoing.start(
        office.at.context, await prepared(office, replay), name="peruutus", reason="väärä lista"
    )
    await office.at.context.pool.execute("update replay set undoes = null where id = $1", begun.id)
    await office.replaying.run_once()
    await office.at.project(office.integration)
    found = await verify_partition(office.at.context.log, office.at.context.vault, office.integration.partition)
    assert f"replay {begun.id} takes off lists: nobody has ordered it" in [fault.says for fault in found.faults]


async def test_whom_another_company_has_put_on_stays_on(office: Office) -> None:
    list_, replay = await on_the_list(office, 1)
    other = await office.at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen", destination=on_list(list_)))
    assert other.organization == office.integration.organization
    await office.at.project(other)
    found = await prepared(office, replay)
    await office.at.see(other, 7, email="asiakas1@asiakas.fi")
    await office.at.project(other)
    await office.deliver()
    assert [item.reason for item in (await prepared(office, replay)).stays] == ["held_elsewhere"]
    assert (await undo(office, found)).results == {"held_elsewhere": 1}
    assert members(office, list_) == {"asiakas1@asiakas.fi"}


async def test_what_was_under_way_when_the_undoing_began_does_not_leave_again(office: Office) -> None:
    """A call that failed comes back, and a parked one is sent again by hand: neither puts anybody on any more."""
    await office.sent(1, 2)
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.SURVEY)
    await office.replaying.run_once()
    await office.at.project(office.integration)
    pool = office.at.context.pool
    await pool.execute(
        "update delivery set state = 'attempting', attempts = 1, attempted_at = now(), attempted_by = $1,"
        " next_at = now() + interval '1 minute' where replay",
        uuid4(),
    )
    replay = await replays.cancel(office.at.context, await replays.find(office.at.context, str(kept.id)))
    before = len(office.at.sandbox.books.arrivals)
    begun = await undoing.start(
        office.at.context, await prepared(office, replay), name="peruutus", reason="väärä lista"
    )
    await pool.execute("update delivery set state = 'waiting', next_at = now() where call = 'lists' and invoice = 1")
    await pool.execute("update delivery set state = 'parked', fingerprint = 'x' where call = 'lists' and invoice = 2")
    await carried_out(office, begun)
    parked = await pool.fetchval("select id from delivery where state = 'parked'")
    assert await deliveries.retry(office.at.context, [parked]) == [parked]
    await office.deliver()
    await office.prove()
    sent = office.at.sandbox.books.arrivals[before:]
    assert [one.lists for one in sent if one.lists] == []
    assert members(office, list_) == set()


async def test_what_is_decided_and_not_passed_by_the_projector_is_undone_too(office: Office) -> None:
    await office.sent(1)
    list_ = await a_list(office)
    await office.save(destination=on_list(list_), mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.SURVEY)
    await office.replaying.run_once()
    await office.at.see(office.integration, 2, email="asiakas2@asiakas.fi")
    context = office.at.context
    projector = Projector(pool=context.pool, log=context.log, vault=context.vault, ringer=context.ringer)
    while not await context.pool.fetchval("select count(*) from delivery where replay"):
        await projector.heal(office.integration.partition, limit=1)
    await eventually(office.settled)
    assert members(office, list_) == {"asiakas1@asiakas.fi"}
    replay = await replays.cancel(context, await replays.find(context, str(kept.id)))
    found = await prepared(office, replay)
    assert [item.email for item in found.off] == ["asiakas1@asiakas.fi"]
    await undo(office, found)
    assert members(office, list_) == {"asiakas2@asiakas.fi"}


async def test_whom_another_company_puts_on_while_the_undoing_is_decided_stays_on(office: Office) -> None:
    list_, replay = await on_the_list(office, 1)
    other = await office.at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen", destination=on_list(list_)))
    await office.at.project(other)
    begun = await undoing.start(
        office.at.context, await prepared(office, replay), name="peruutus", reason="väärä lista"
    )
    await office.replaying.run_once()
    await office.at.see(other, 7, email="asiakas1@asiakas.fi")
    await office.at.project(other)
    assert (await carried_out(office, begun)).results == {"withdrawn": 1}
    assert members(office, list_) == {"asiakas1@asiakas.fi"}


async def test_of_a_removed_integration_nothing_waits_to_be_taken_off(office: Office) -> None:
    _, replay = await on_the_list(office, 1)
    begun = await undoing.start(
        office.at.context, await prepared(office, replay), name="peruutus", reason="väärä lista"
    )
    await lifecycle.remove(office.at.context, await office.seen())
    await office.at.project(office.integration)
    assert (await carried_out(office, begun)).results == {"moved": 1}


# Old addresses
