"""Deliveries as dispatch claims them: in order, one at a time per contact, and only what may leave."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from depot import (
    AGAIN,
    LEASE,
    MAIJA,
    PARKED,
    PEKKA,
    TIMEOUT,
    Depot,
    claim,
    end,
    hold,
    invoices,
)
from events.delivery import Delivered
from worker.dispatch import Claims


async def test_what_is_claimed_is_marked_and_not_claimed_again(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await depot.add(integration)
    await hold(worker, depot)
    [delivery] = await claim(worker, depot)
    assert (delivery.decision, delivery.step, delivery.attempts, delivery.unresolved) == (added.id, 1, 1, False)
    assert (delivery.integration, delivery.organization) == (integration, depot.organizations[0])
    assert await depot.state(added) == "attempting"
    assert await claim(worker, depot) == []


async def test_each_delivery_comes_with_what_it_is_to_carry(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = [await depot.add(integration, email) for email in (MAIJA, PEKKA)]
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    contacts = await worker.contacts(claimed)
    assert [contacts[delivery.id] for delivery in claimed] == added
    strange = replace(claimed[0], decision=uuid4())
    assert await worker.contacts([strange]) == {strange.id: None}


@pytest.mark.parametrize("entry", [MAIJA.upper(), "@Esimerkki-Asiakas.fi"])
async def test_who_was_blocked_since_the_decision_is_named_by_its_own_integration_only(
    depot: Depot, worker: Claims, integration: UUID, entry: str
) -> None:
    mine = [await depot.add(integration, email) for email in (MAIJA, PEKKA)]
    theirs = await depot.add(await depot.connect(), MAIJA)
    assert await worker.blocked([*mine, theirs]) == set()
    for _ in range(2):
        await depot.block(integration, entry)
    assert await worker.blocked([*mine, theirs]) == {mine[0].id}
    await depot.block(integration, PEKKA)
    await depot.block(integration, MAIJA)
    assert await worker.blocked([*mine, theirs]) == {one.id for one in mine}
    assert await worker.blocked([replace(mine[0], contact={})]) == set()
    assert await worker.blocked([]) == set()


async def test_nothing_is_claimed_without_the_lane(depot: Depot, worker: Claims, integration: UUID) -> None:
    await depot.add(integration)
    other = depot.worker()
    await hold(worker, depot)
    assert await claim(other, depot) == []
    await depot.passes(LEASE + 1)
    assert await claim(worker, depot) == []
    await hold(other, depot)
    assert len(await claim(other, depot)) == 1


async def test_a_lane_gets_as_many_as_it_has_room_for(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations[:2]:
        home = await depot.connect(organization)
        for number in range(4):
            await depot.add(home, f"asiakas{number}@esimerkki-asiakas.fi")
    await hold(worker, depot)
    first, second, _ = depot.organizations
    claimed = await worker.claim({first: 1, second: 3}, timeout=TIMEOUT)
    assert [each.organization for each in claimed].count(first) == 1
    assert [each.organization for each in claimed].count(second) == 3


async def test_a_contacts_deliveries_leave_one_at_a_time_and_in_order(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    same = await depot.connect()
    mine = [await depot.add(home, email) for home, email in ((integration, MAIJA), (same, MAIJA.upper()))]
    mine.append(await depot.add(integration, MAIJA, lists=("a",)))
    theirs = await depot.add(integration, PEKKA)
    await hold(worker, depot)
    [first, other] = await claim(worker, depot)
    assert invoices([first, other]) == [mine[0].invoice_id, theirs.invoice_id]
    for expected in mine[1:]:
        assert await claim(worker, depot) == []
        await end(worker, Delivered(status=200), first)
        [first] = await claim(worker, depot)
        assert first.invoice == expected.invoice_id


async def test_a_call_under_way_is_not_overtaken_though_its_integration_is_paused(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    later = await depot.add(await depot.connect())
    await depot.turn(integration, "paused")
    assert await claim(worker, depot) == []
    await end(worker, Delivered(status=200), *claimed)
    assert invoices(await claim(worker, depot)) == [later.invoice_id]


async def test_the_same_address_in_another_organization_is_another_contact(depot: Depot, worker: Claims) -> None:
    for organization in depot.organizations[:2]:
        await depot.add(await depot.connect(organization))
    await hold(worker, depot)
    assert len(await claim(worker, depot)) == 2


async def test_live_goes_before_replay(depot: Depot, worker: Claims, integration: UUID) -> None:
    old = [await depot.add(integration, f"vanha{n}@esimerkki-asiakas.fi", replay=True) for n in range(2)]
    new = [await depot.add(integration, f"uusi{n}@esimerkki-asiakas.fi") for n in range(2)]
    await hold(worker, depot)
    assert invoices(await claim(worker, depot, 3)) == [each.invoice_id for each in [*new, old[0]]]


async def test_one_contacts_live_delivery_goes_before_its_replay(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration, replay=True)
    live = await depot.add(integration)
    await hold(worker, depot)
    assert invoices(await claim(worker, depot)) == [live.invoice_id]


async def test_what_is_to_be_sent_later_holds_its_contact_until_then(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    first = await depot.add(integration)
    await depot.add(integration)
    await hold(worker, depot)
    await end(worker, AGAIN, *await claim(worker, depot))
    assert await depot.state(first) == "waiting"
    await depot.passes(29)
    assert await claim(worker, depot) == []
    await depot.passes(2)
    [again] = await claim(worker, depot)
    assert (again.invoice, again.attempts) == (first.invoice_id, 2)


async def test_a_replay_that_was_tried_before_keeps_its_turn(depot: Depot, worker: Claims, integration: UUID) -> None:
    """What may have left already is finished before anything of the contact overtakes it."""
    tried = await depot.add(integration, replay=True)
    await hold(worker, depot)
    await end(worker, AGAIN, *await claim(worker, depot))
    await depot.add(integration)
    assert await claim(worker, depot) == []
    await depot.passes(31)
    assert invoices(await claim(worker, depot)) == [tried.invoice_id]


async def test_what_is_parked_lets_its_contacts_later_ones_go(depot: Depot, worker: Claims, integration: UUID) -> None:
    parked, later = await depot.add(integration), await depot.add(integration)
    await hold(worker, depot)
    await end(worker, PARKED, *await claim(worker, depot))
    assert invoices(await claim(worker, depot)) == [later.invoice_id]
    assert await depot.state(parked) == "parked"
    await depot.passes(100_000)
    assert await depot.state(parked) == "parked"
    assert await depot.events() == []


@pytest.mark.parametrize("state", ["paused", "removed"])
async def test_nothing_leaves_of_an_integration_that_is_not_active(
    depot: Depot, worker: Claims, integration: UUID, state: str
) -> None:
    mine = await depot.add(integration)
    theirs = await depot.add(await depot.connect())
    await depot.turn(integration, state)
    await hold(worker, depot)
    claimed = await claim(worker, depot)
    assert invoices(claimed) == [theirs.invoice_id]
    await end(worker, Delivered(status=200), *claimed)
    assert await claim(worker, depot) == []
    await depot.turn(integration, "active")
    assert invoices(await claim(worker, depot)) == [mine.invoice_id]


async def test_nothing_leaves_while_a_saved_rule_may_take_it_back(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    await depot.add(integration)
    await hold(worker, depot)
    await depot.save(integration, met=False)
    assert await claim(worker, depot) == []
    await depot.save(integration, met=True)
    assert len(await claim(worker, depot)) == 1


async def test_the_second_step_waits_for_the_first(depot: Depot, worker: Claims, integration: UUID) -> None:
    added = await depot.add(integration, automation="ask")
    later = await depot.add(integration)
    await hold(worker, depot)
    [first] = await claim(worker, depot)
    assert (first.invoice, first.step, first.call) == (added.invoice_id, 1, "contact")
    await end(worker, Delivered(status=200), first)
    [second] = await claim(worker, depot)
    assert (second.invoice, second.step, second.call) == (added.invoice_id, 2, "automation")
    await end(worker, Delivered(status=200), second)
    assert invoices(await claim(worker, depot)) == [later.invoice_id]


async def test_a_second_step_whose_first_is_parked_holds_up_nobody(
    depot: Depot, worker: Claims, integration: UUID
) -> None:
    stuck = await depot.add(integration, automation="ask")
    later = await depot.add(integration)
    await hold(worker, depot)
    await end(worker, PARKED, *await claim(worker, depot))
    assert invoices(await claim(worker, depot)) == [later.invoice_id]
    assert await depot.state(stuck, 2) == "waiting"
