"""Deliveries that take a contact off lists, beside those that add it."""

from __future__ import annotations

from uuid import UUID, uuid4

from depot import LEASE, SILENCE, Depot, claim, end, hold, look_up
from events.contact import ContactUnlisted
from events.delivery import Call, Delivered, Delivery
from worker.dispatch import Claims


async def unlisted(worker: Claims, deliveries: list[Delivery]) -> dict[int, ContactUnlisted]:
    found = await worker.contacts(deliveries)
    return {id: one for id, one in found.items() if isinstance(one, ContactUnlisted)}


async def test_a_contact_is_taken_off_once_what_puts_it_on_has_ended(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await depot.add(integration, lists=("a", "b"), replay=True)
    off = await depot.take_off(added)
    await hold(worker, depot)
    [first] = await claim(worker, depot)
    assert (first.decision, await claim(worker, depot)) == (added.id, [])
    await end(worker, Delivered(status=200), first)
    [second] = await claim(worker, depot)
    assert (second.decision, second.call) == (off.id, Call.UNLIST)
    assert await unlisted(worker, [second]) == {second.id: off}
    await end(worker, Delivered(status=200), second)
    assert (await depot.state(added), await depot.state(off)) == ("delivered", "delivered")


async def test_what_takes_off_may_be_repeated_by_another_worker_at_once(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await depot.add(integration, lists=("a",))
    await hold(worker, depot)
    await end(worker, Delivered(status=200), *await claim(worker, depot))
    off = await depot.take_off(added)
    await end(worker, SILENCE, *await claim(worker, depot))
    await depot.passes(0.5)
    other = depot.worker()
    await depot.passes(LEASE + 1)
    await hold(other, depot)
    assert [one.decision for one in await look_up(other, depot)] == [off.id]


async def test_who_is_blocked_is_taken_off_all_the_same(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await depot.add(integration, lists=("a",))
    off = await depot.take_off(added)
    await depot.block(integration, added.contact["email"])
    assert await worker.blocked([added, off]) == {added.id}


async def test_whom_something_newer_has_put_on_is_named_and_nobody_else(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await depot.add(integration, lists=("a", "b"))
    await hold(worker, depot)
    await end(worker, Delivered(status=200), *await claim(worker, depot))
    await depot.take_off(added)
    [delivery] = await claim(worker, depot)
    mine = await unlisted(worker, [delivery])
    await depot.add(integration, lists=("c",))
    await depot.add(integration, "joku.muu@asiakas.fi", lists=("a",))
    await depot.add(await depot.connect(depot.organizations[1]), lists=("a",))
    assert await worker.overtaken(mine) == set()
    assert await worker.overtaken({}) == set()
    await depot.add(await depot.connect(), lists=("b",))
    assert await worker.overtaken(mine) == {delivery.id}


async def test_whom_another_company_has_put_on_is_named_whenever_that_was(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    added = await depot.add(integration, lists=("a",))
    await depot.add(await depot.connect(), lists=("a",))
    await hold(worker, depot)
    for _ in range(2):
        await end(worker, Delivered(status=200), *await claim(worker, depot))
    await depot.take_off(added)
    [delivery] = await claim(worker, depot)
    assert await worker.overtaken(await unlisted(worker, [delivery])) == {delivery.id}


async def test_a_replay_is_undone_once_its_undoing_has_begun(depot: Depot, worker: Claims, integration: UUID) -> None:
    undone, planned, other = uuid4(), uuid4(), uuid4()
    await depot.undo(integration, planned, begun=False)
    await depot.undo(integration, undone, begun=True)
    assert await worker.undone({undone, planned, other}) == {undone}
    assert await worker.undone(set()) == set()
