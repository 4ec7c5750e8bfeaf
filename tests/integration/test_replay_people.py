"""Whom a replay is for: the person of today's register, once, and nobody who is blocked, erased or another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
import pytest_asyncio

from desk import sent
from events.errors import Misconfigured
from events.integration import FieldMapping, StartsSurveys
from events.plan import SENDABLE, Class
from events.replay import Reach
from office import BY_COMPANY, Office, a_list, kinds, lists_reached, on_list, opened
from servers.postgres import Database
from worker.operations import blocks, replays, saving, triggers, why
from worker.operations.shown import looked_up
from worker.operations.summary import summary


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def test_the_forgotten_customers_of_a_status_come_as_new_and_once_per_person(office: Office) -> None:
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"PAID"})))
    for invoice in (1, 2):
        await office.at.see(office.integration, invoice, email="sama@asiakas.fi")
    await office.at.see(office.integration, 3, email=None)
    await office.deliver()
    assert office.arrived() == []
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"SENT"})))
    kept = await office.plan()
    assert kinds(kept.plan) == {"new": 1}
    assert (kept.plan.items[0].invoice, kept.plan.items[0].invoices) == (2, 2)
    assert kept.plan.skipped == {"no_email": 1}
    await office.apply(kept, Reach.CONTACT)
    await office.carry_out(kept)
    assert [email for email, _ in office.arrived()] == ["sama@asiakas.fi"]


async def test_a_corrected_address_is_another_address(office: Office) -> None:
    await office.sent(1)
    fields = {"email": "invoice.counterParty.email", "name": "person.name"}
    await office.at.see(office.integration, 2, email="asiakas2@asiakas.fi")
    await office.deliver()
    await office.save(mapping=FieldMapping(fields=fields))
    kept = await office.plan()
    assert kinds(kept.plan) == {"blocked": 2}
    assert {item.reason for item in kept.plan.items} == {"no_email"}


async def test_who_is_blocked_is_not_planned_and_who_was_blocked_since_is_left_out(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    await blocks.add(office.at.context, await office.seen(), "asiakas1@asiakas.fi")
    await office.at.project(office.integration)
    kept = await office.plan()
    assert {(item.email, item.kind, item.reason) for item in kept.plan.items} == {
        ("asiakas1@asiakas.fi", Class.BLOCKED, "blocked"),
        ("asiakas2@asiakas.fi", Class.CHANGED, None),
    }
    await office.apply(kept, Reach.CONTACT)
    await blocks.add(office.at.context, await office.seen(), "@asiakas.fi")
    assert (await office.carry_out(kept)).results == {"blocked": 1}


async def test_two_triggers_of_one_list_add_a_person_to_it_once(office: Office) -> None:
    list_ = await a_list(office)
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"PAID"})))
    await office.sent(1)
    condition = replace(office.trigger.condition, statuses=frozenset({"SENT"}))
    await office.save(condition=condition, destination=on_list(list_), mapping=FieldMapping())
    twin = replace(office.trigger, id=uuid4(), name="Toinen")
    await triggers.save(office.at.context, await office.seen(), twin)
    await office.at.project(office.integration)
    kept = await office.plan()
    assert kinds(kept.plan) == {"new": 1, "same": 1}
    await office.apply(kept, Reach.SURVEY)
    await office.carry_out(kept)
    assert lists_reached(office) == [[list_]]


async def test_who_shared_an_address_with_somebody_erased_is_held_back_and_the_proof_stays_true(office: Office) -> None:
    await office.sent(1, email="yhteinen@asiakas.fi", partner=8)
    await office.sent(2, email="yhteinen@asiakas.fi")
    await office.save(mapping=FieldMapping())
    first = await office.plan(customers=frozenset({7}))
    await office.sent(3, email="yhteinen@asiakas.fi", partner=8)
    await office.apply(first, Reach.CONTACT)
    assert (await office.carry_out(first)).results == {"moved": 1}
    await office.at.context.vault.destroy([f"{office.integration.id}/partner/8"])
    await office.prove()
    again = await office.plan(customers=frozenset({7}))
    assert [(item.kind, item.reason) for item in again.plan.items] == [(Class.BLOCKED, "erased_before")]


async def test_what_was_sent_for_another_customer_is_not_kept_under_this_ones_key(office: Office) -> None:
    await office.sent(1, email="yhteinen@asiakas.fi")
    await office.sent(2, email="yhteinen@asiakas.fi", partner=8)
    await office.save(mapping=FieldMapping())
    kept = await office.plan(customers=frozenset({7}), after=0)
    found = await replays.find(office.at.context, str(kept.id))
    [line] = [line async for line in replays.lines(office.at.context, found)]
    assert (line.email, line.before) == ("yhteinen@asiakas.fi", {})


async def test_an_invoice_whose_customer_could_not_be_read_is_added_with_the_register_as_it_is_now(
    office: Office,
) -> None:
    world = office.at.sandbox.world
    partner = world.add_customer().id
    unreadable = {"customer": None, "missing": {"customer": "rights"}}
    await office.sent(1, partner=partner, **unreadable)
    assert office.arrived() == []
    [life] = await why.why(office.at.context, "10001")
    assert life.asked_after_all == f"ptm replay plan {office.integration.id} --invoice 1 --customers latest"
    unread = frozenset({"customer_unreadable"})
    assert kinds((await office.plan(skips=unread)).plan) == {}
    kept = await office.plan(skips=unread, latest=True)
    assert kinds(kept.plan) == {"new": 1}
    await office.apply(kept, Reach.CONTACT)
    assert (await office.carry_out(kept)).results == {"delivered": 1}
    assert len(office.arrived()) == 1
    [life] = await why.why(office.at.context, "10001")
    assert life.asked_after_all is None


@pytest.mark.parametrize("told", [True, False], ids=["403", "as if nobody were there"])
async def test_a_register_that_may_not_be_read_is_told_and_not_taken_for_an_empty_one(
    office: Office, told: bool
) -> None:
    world = office.at.sandbox.world
    await office.sent(1, partner=world.add_customer().id)
    world.switches.missing_rights_are_403 = told
    world.company().rights.customer_register = "NO_ACCESS"
    events = len(await office.at.events(office.integration))
    with pytest.raises(Misconfigured, match="give its user viewing rights there, or plan with the customers as they"):
        await office.plan(latest=True)
    assert len(await office.at.events(office.integration)) == events


async def test_who_is_not_in_the_register_any_more_is_counted(office: Office) -> None:
    await office.sent(1, partner=office.at.sandbox.world.add_customer().id)
    await office.sent(2, partner=424242)
    kept = await office.plan(latest=True)
    shown = await looked_up(office.at.context, str(kept.id))
    said = dict(summary(shown))["customers"]
    assert said == "read again, 1 call to Procountor; 1 customer not in the register: as seen then"


async def test_an_address_that_is_none_is_a_line_of_its_own_that_nobody_can_send(office: Office) -> None:
    """What is written instead of an address, `n/a` say, may be so for many customers: each is told."""
    await office.sent(1, 2, email="n/a")
    await office.sent(3, email="eino@asiakas.fi")
    await office.sent(4, email="n/a", partner=8)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    assert (kinds(kept.plan), kept.plan.skipped) == ({"changed": 1, "blocked": 2}, {})
    found = await replays.find(office.at.context, str(kept.id))
    told = [line async for line in replays.lines(office.at.context, found)][1:]
    assert [(line.email, line.reason, line.invoice_number, line.invoices) for line in told] == [
        ("n/a", "invalid_email", 10_002, 2),
        ("n/a", "invalid_email", 10_004, 1),
    ]
    with pytest.raises(Misconfigured, match="2 cannot be applied"):
        await office.apply(kept, Reach.CONTACT, chosen=frozenset({2}))
    await office.apply(kept, Reach.CONTACT)
    assert (await office.carry_out(kept)).results == {"delivered": 1}
    assert {email for email, _ in office.arrived()} == {"eino@asiakas.fi"}


async def test_who_is_no_longer_matched_is_one_line_however_many_invoices_led_there(office: Office) -> None:
    await office.sent(1, 2, email="maija@asiakas.fi")
    await office.save(condition=replace(office.trigger.condition, minimum=Decimal(1_000_000)))
    [item] = (await office.plan()).plan.items
    assert (item.kind, item.invoice, item.invoices) == (Class.NO_LONGER_MATCHED, 2, 2)


async def test_to_whom_nothing_would_be_sent_is_the_same_and_not_blocked(office: Office) -> None:
    await office.save(mapping=FieldMapping())
    await office.sent(1, 2)
    context = office.at.context
    await saving.edit(context, await office.seen(), cool_down_days=30)
    await blocks.add(context, await office.seen(), "asiakas2@asiakas.fi")
    await office.at.project(office.integration)
    assert kinds((await office.plan()).plan) == {"same": 2}
    await office.save(mapping=BY_COMPANY)
    blocked = await office.plan()
    assert [(item.kind, item.reason) for item in blocked.plan.items] == [
        (Class.BLOCKED, "cool_down"),
        (Class.BLOCKED, "blocked"),
    ]


async def test_an_old_address_stays_where_its_new_one_is_not_chosen(office: Office) -> None:
    first = await a_list(office)
    await office.save(destination=on_list(first, StartsSurveys.NO))
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping(fields={"email": "invoice.counterParty.email", "name": "person.name"}))
    for invoice in (1, 2):
        event = sent(office.integration.id, invoice)
        uusi = {**event.invoice, "counterParty": {"email": f"uusi{invoice}@asiakas.fi"}}
        await office.at.see(office.integration, invoice, change=2, before="SENT", after="PAID", invoice=uusi)
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"PAID"})))
    kept = await office.plan()
    assert kinds(kept.plan) == {"other_address": 2, "take_off": 2}
    await office.apply(kept, Reach.LIST, chosen={1, 3, 4}, classes=SENDABLE | {Class.TAKE_OFF})
    assert (await office.carry_out(kept)).results == {"delivered": 2, "new_not_delivered": 1, "not_chosen": 1}
