"""The past through today's rules: planned, applied on real PostgreSQL and the sandbox, proven afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from desk import sent
from events.contact import ContactAdded
from events.delivery import UNKNOWN
from events.errors import Conflict, Misconfigured
from events.integration import Destination, DestinationKind, FieldMapping, StartsSurveys, Waiting
from events.invoice import InvoiceStatusChanged
from events.plan import SENDABLE, Class
from events.replay import Reach
from office import ALL, BY_COMPANY, Office, a_list, kinds, on_list, opened
from servers.postgres import Database
from worker.operations import blocks, deliveries, lifecycle, planning, progress, replays, saving, triggers, why
from worker.operations.replays import Order
from worker.operations.shown import looked_up
from worker.operations.summary import summary
from worker.verify import verify_partition


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def test_a_wrong_name_is_put_right(office: Office) -> None:
    await office.sent(1, 2, 3)
    await office.save(mapping=FieldMapping())
    await office.sent(4)
    kept = await office.plan()
    assert kinds(kept.plan) == {"changed": 3, "same": 1}
    assert kept.plan.items[0].differences == {"name": ("10001", "Maija Meikäläinen")}
    before = len(office.arrived())
    await office.apply(kept, Reach.CONTACT)
    done = await office.carry_out(kept)
    assert done.results == {"delivered": 3}
    assert office.arrived()[before:] == [(f"asiakas{n}@asiakas.fi", "Maija Meikäläinen") for n in (1, 2, 3)]
    assert kinds((await office.plan()).plan) == {"same": 4}


async def test_planning_sends_and_decides_nothing_and_says_the_same_twice(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    events = len(await office.at.events(office.integration))
    first, second = await office.plan(), await office.plan()
    assert first.plan.as_json() == second.plan.as_json()
    assert len(await office.at.events(office.integration)) == events


async def test_a_replay_that_records_sends_nothing_and_uses_nothing_up(office: Office) -> None:
    await office.sent(1)
    await office.save(mapping=FieldMapping())
    kept, before = await office.plan(), office.arrived()
    await office.apply(kept, Reach.RECORD)
    done = await office.carry_out(kept)
    assert (done.results, done.left_out) == ({"recorded": 1}, 1)
    assert office.arrived() == before
    assert kinds((await office.plan()).plan) == {"changed": 1}


async def test_what_was_delivered_since_the_plan_is_left_out_and_named(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.sent(3, email="asiakas1@asiakas.fi")
    await office.apply(kept, Reach.CONTACT)
    done = await office.carry_out(kept)
    assert done.results == {"moved": 1, "delivered": 1}
    lines = [line async for line in replays.lines(office.at.context, done)]
    assert [(line.email, line.left_out) for line in lines] == [
        ("asiakas1@asiakas.fi", "moved"),
        ("asiakas2@asiakas.fi", None),
    ]
    life = await why.of_invoice(office.at.context, office.integration.id, 1)
    assert [one.invoice for one in life.added_since.values()] == [10003]
    assert (await why.of_invoice(office.at.context, office.integration.id, 2)).added_since == {}


@pytest.mark.parametrize("called", [{"name": " "}, {"reason": ""}])
async def test_a_replay_has_a_name_and_a_reason_and_the_log_keeps_both(office: Office, called: dict[str, str]) -> None:
    await office.sent(1)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    found = await replays.find(office.at.context, str(kept.id))
    order, usual = Order(reach=Reach.RECORD), {"name": "korjaus", "reason": "väärä nimi"}
    with pytest.raises(Misconfigured, match="needs a name and a reason"):
        await replays.apply(office.at.context, found, order, **usual | called)
    assert (await replays.find(office.at.context, str(kept.id))).state == "planned"
    started = await replays.apply(office.at.context, found, order, **usual)
    assert (started.name, started.reason, started.started_by) == ("korjaus", "väärä nimi", office.at.context.actor)


async def test_a_plan_does_not_outlive_its_rules(office: Office) -> None:
    await office.sent(1)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.save(existing="leave")
    with pytest.raises(Conflict, match="plan it again"):
        await office.apply(kept, Reach.CONTACT)
    again = await office.plan()
    assert [(item.kind, item.reason) for item in again.plan.items] == [(Class.BLOCKED, "exists_in_trustmary")]


async def test_rules_changed_while_a_replay_runs_stop_it_item_by_item(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    await office.save(name="Toinen nimi")
    before = office.arrived()
    assert (await office.carry_out(kept)).results == {"moved": 2}
    assert office.arrived() == before


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


async def test_reach_stops_short_of_lists_that_may_start_surveys(office: Office) -> None:
    [list_] = (await triggers.choices_of(office.at.context, await office.seen())).lists[:1]
    await office.sent(1)
    lists = Destination(kind=DestinationKind.LISTS, lists=(list_.id,), starts_surveys=StartsSurveys.UNKNOWN)
    await office.save(destination=lists, mapping=FieldMapping())
    kept = await office.plan()
    assert kinds(kept.plan) == {"changed": 1}
    found = await replays.find(office.at.context, str(kept.id))
    rules = (await office.seen()).rules
    costs = {reach: await replays.cost(office.at.context, found, rules, Order(reach=reach)) for reach in Reach}
    surveys = {reach: cost.surveys for reach, cost in costs.items()}
    assert surveys == {Reach.RECORD: 0, Reach.CONTACT: 0, Reach.LIST: 0, Reach.SURVEY: 1}
    await office.apply(kept, Reach.LIST)
    await office.carry_out(kept)
    assert [one.lists for one in await office.decisions(kept) if isinstance(one, ContactAdded)] == [()]
    again = await office.plan()
    await office.apply(again, Reach.SURVEY)
    await office.carry_out(again)
    assert [one.lists for one in await office.decisions(again) if isinstance(one, ContactAdded)] == [(list_.id,)]
    assert kinds((await office.plan()).plan) == {"same": 1}


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


async def test_a_replay_is_started_once_and_what_is_cancelled_stays_unsent(office: Office) -> None:
    await office.sent(1)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    with pytest.raises(Conflict, match="running"):
        await office.apply(kept, Reach.CONTACT)
    found = await replays.find(office.at.context, str(kept.id))
    await replays.pause(office.at.context, found)
    assert await office.replaying.run_once() == 0
    await replays.cancel(office.at.context, found, reason="väärin")
    before = office.arrived()
    await office.deliver()
    await office.prove()
    assert office.arrived() == before
    assert kinds((await office.plan()).plan) == {"changed": 1}


async def test_a_draft_is_held_against_what_its_trigger_did_and_cannot_be_applied(office: Office) -> None:
    await office.sent(1, 2)
    draft = replace(office.trigger, id=uuid4(), name="luonnos", live=False, draft_of=office.trigger.id)
    draft = replace(draft, mapping=FieldMapping())
    await triggers.save(office.at.context, await office.seen(), draft)
    await office.at.project(office.integration)
    kept = await office.plan(triggers=frozenset({draft.id}))
    assert kinds(kept.plan) == {"changed": 2}
    with pytest.raises(Conflict, match="luonnos is a draft"):
        await office.apply(kept, Reach.CONTACT)


async def test_nobody_is_asked_about_an_invoice_that_is_none_any_more(office: Office) -> None:
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"PAID"})))
    await office.sent(1, 2)
    await office.save(condition=replace(office.trigger.condition, statuses=frozenset({"SENT"})))
    await office.at.context.pool.execute("update invoice set status = 'INVALIDATED' where invoice = 1")
    kept = await office.plan()
    assert [item.invoice for item in kept.plan.items] == [2]
    assert kept.plan.skipped == {"void": 1}


async def test_windows_that_cannot_be_meant_are_refused(office: Office) -> None:
    await office.sent(1)
    with pytest.raises(Misconfigured, match="ends before it starts"):
        await office.plan(after=10**6)
    with pytest.raises(Misconfigured, match="no status SENTT"):
        await office.plan(statuses=frozenset({"SENTT"}))
    with pytest.raises(Misconfigured, match="Nothing of"):
        await office.plan(after=(await office.plan()).plan.wanted.upto - 1)


def lists_reached(office: Office, after: int = 0) -> list[list[str]]:
    return [each.lists for each in office.at.sandbox.books.arrivals[after:] if each.call == "contact"]


async def test_deciding_again_never_takes_a_replay_beyond_its_reach(office: Office) -> None:
    await office.sent(1)
    await office.save(destination=on_list(await a_list(office)), mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    await office.replaying.run_once()
    await lifecycle.pause(office.at.context, await office.seen())
    await office.at.project(office.integration)
    before = len(office.at.sandbox.books.arrivals)
    await lifecycle.resume(office.at.context, await office.seen(), Waiting.DECIDE_AGAIN)
    await office.deliver()
    await office.prove()
    assert lists_reached(office, before) == []
    assert (await replays.find(office.at.context, str(kept.id))).results == {"withdrawn": 1}
    assert kinds((await office.plan()).plan) == {"changed": 1}


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


async def test_an_invoice_voided_after_the_plan_leads_to_nothing(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    await office.at.context.pool.execute("update invoice set status = 'DELETED' where invoice = 1")
    done = await office.carry_out(kept)
    assert done.results == {"void": 1, "delivered": 1}
    assert office.arrived()[-1] == ("asiakas2@asiakas.fi", "Maija Meikäläinen")


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


async def test_what_was_skipped_is_found_though_a_replay_has_recorded_it_and_another_trigger_skipped_it_otherwise(
    office: Office,
) -> None:
    other = replace(office.trigger, id=uuid4(), name="Suuret")
    other = replace(other, condition=replace(other.condition, minimum=Decimal(10_000)))
    await triggers.save(office.at.context, await office.seen(), other)
    await office.sent(1, email="laskut@asiakas.fi")
    await saving.edit(office.at.context, await office.seen(), role_addresses=True)
    await office.at.project(office.integration)
    for _ in range(2):
        kept = await office.plan(skips=frozenset({"role_address"}))
        assert kinds(kept.plan) == {"new": 1}
        await office.apply(kept, Reach.RECORD)
        assert (await office.carry_out(kept)).results == {"recorded": 1}


async def test_what_the_reach_leaves_alone_is_not_sent_again_and_again(office: Office) -> None:
    await office.save(mapping=FieldMapping())
    await office.sent(1)
    await office.save(destination=on_list(await a_list(office)))
    kept = await office.plan()
    found = await replays.find(office.at.context, str(kept.id))
    rules = (await office.seen()).rules
    assert [
        (await replays.cost(office.at.context, found, rules, Order(reach=reach))).contacts
        for reach in (Reach.CONTACT, Reach.LIST, Reach.SURVEY)
    ] == [0, 0, 1]
    with pytest.raises(Misconfigured, match="nothing to apply"):
        await office.apply(kept, Reach.CONTACT)


async def test_an_older_invoice_does_not_overwrite_what_a_newer_one_has_put_there(office: Office) -> None:
    await office.save(mapping=FieldMapping())
    await office.sent(1, email="sama@asiakas.fi", name="Vanha Nimi")
    await office.sent(2, email="sama@asiakas.fi", name="Uusi Nimi")
    kept = await office.plan(invoices=frozenset({1}))
    assert [(item.kind, item.reason) for item in kept.plan.items] == [(Class.BLOCKED, "newer_sent")]


async def test_a_call_that_may_have_arrived_is_not_new(office: Office) -> None:
    await office.at.see(office.integration, 1, email="ehka@asiakas.fi")
    await office.at.project(office.integration)
    await office.at.context.pool.execute(
        "update delivery set state = 'parked', attempts = 1, fingerprint = $1", UNKNOWN
    )
    [parked] = await office.at.context.pool.fetch("select id from delivery")
    await deliveries.discard(office.at.context, [parked["id"]])
    await office.at.project(office.integration)
    kept = await office.plan()
    assert [(item.kind, item.reason) for item in kept.plan.items] == [(Class.BLOCKED, "outcome_unknown")]


async def test_no_more_is_asked_for_than_is_decided(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    assert await office.replaying.run_once() == 1
    assert await office.replaying.run_once() == 0, "the projector has not come to it"
    assert (await replays.find(office.at.context, str(kept.id))).state == "running"
    assert (await office.carry_out(kept)).results == {"delivered": 2}


async def test_at_a_pace_little_more_is_asked_for_than_goes_out_soon(office: Office) -> None:
    await office.sent(1, 2, 3, 4, 5)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    slow = replace(office.replaying, pace=0.4)
    assert (slow.room, replace(slow, pace=4).room, replace(slow, pace=400).room, office.replaying.room) == (
        *(2, 20),
        *(200, 200),
    )
    assert await slow.run_once() == 1
    await office.at.project(office.integration)
    assert await slow.run_once() == 0, "two contacts wait to be sent"
    seen = await replays.find(office.at.context, str(kept.id))
    assert (seen.asked, seen.results) == (2, {"waiting": 2})
    await office.deliver()
    seen = await replays.find(office.at.context, str(kept.id))
    assert (seen.results, seen.lately) == ({"delivered": 2}, 2)
    assert (await office.carry_out(kept)).results == {"delivered": 5}


async def test_how_fast_a_resumed_replay_is_says_nothing_of_its_pause(office: Office) -> None:
    await office.sent(1, 2, 3)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    slow = replace(office.replaying, pace=0.4)
    await slow.run_once()
    await office.deliver()
    before = await replays.find(office.at.context, str(kept.id))
    assert (before.results, before.lately) == ({"delivered": 2}, 2)
    paused = await replays.pause(office.at.context, before)
    await office.at.context.pool.execute("update replay set started_at = started_at - interval '1 hour'")
    resumed = await replays.resume(office.at.context, paused)
    assert resumed.resumed_at
    assert (resumed.lately, resumed.asked_before) == (0, 2)
    far = progress.of(resumed, resumed.resumed_at + timedelta(seconds=20))
    assert (far.done, far.left, far.rate, far.span) == (2, 1, 0.0, 20.0)
    await slow.run_once()
    await office.deliver()
    going = await replays.find(office.at.context, str(kept.id))
    assert (going.results, going.lately) == ({"delivered": 3}, 1)
    assert progress.of(going, resumed.resumed_at + timedelta(seconds=20)).rate == 1 / 20


async def test_a_replay_that_goes_further_than_ordered_is_found(office: Office) -> None:
    await office.sent(1)
    await office.save(mapping=FieldMapping(), destination=on_list(await a_list(office)))
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    await office.at.context.pool.execute("update replay set reach = 'survey'")
    await office.replaying.run_once()
    await office.at.project(office.integration)
    found = await verify_partition(office.at.context.log, office.at.context.vault, office.integration.partition)
    assert [fault.says for fault in found.faults] == [f"replay {kept.id} goes as far as survey: the order was contact"]


async def test_a_trigger_and_its_draft_are_not_planned_at_once_and_a_replay_is_named_by_its_id(office: Office) -> None:
    await office.sent(1)
    draft = replace(office.trigger, id=uuid4(), name="luonnos", live=False, draft_of=office.trigger.id)
    await triggers.save(office.at.context, await office.seen(), draft)
    with pytest.raises(Misconfigured, match="one by one"):
        await office.plan(triggers=frozenset({draft.id, office.trigger.id}))
    await office.plan()
    for wanted in ("", "%", "____", "abc"):
        with pytest.raises(Misconfigured, match="no beginning"):
            await replays.find(office.at.context, wanted)


def test_only_what_sends_can_be_applied() -> None:
    assert {Class.NEW, Class.CHANGED, Class.OTHER_ADDRESS} == SENDABLE


async def test_a_window_goes_by_the_time_that_it_names_or_by_position(office: Office) -> None:
    """The second invoice is recorded later and dated earlier."""
    for invoice, dated, partner in ((1, "2026-02-10", 7), (2, "2026-01-10", 8)):
        facts = {"id": invoice, "type": "SALES_INVOICE", "partnerId": partner, "date": dated}
        await office.sent(invoice, partner=partner, invoice={**facts, "invoiceSumInfo": [{"invoiceSumTotal": 9.0}]})
    changes = [
        record
        for record, event in await office.at.events(office.integration)
        if isinstance(event, InvoiceStatusChanged)
    ]
    assert len(changes) == 2
    at, place = changes[1].at, changes[1].position

    async def found(**wanted: Any) -> set[int]:
        return {item.invoice for item in (await office.plan(**wanted)).plan.items}

    assert await found() == {1, 2}
    assert (await found(until=at), await found(since=at)) == ({1}, {2})
    assert (await found(upto=place - 1), await found(after=place - 1)) == ({1}, {2})
    assert (await found(dated_to=date(2026, 1, 31)), await found(dated_from=date(2026, 2, 1))) == ({2}, {1})
    assert await found(dated_from=date(2026, 1, 10), dated_to=date(2026, 2, 10)) == {1, 2}
    assert (await found(customers=frozenset({8})), await found(invoices=frozenset({1}))) == ({2}, {1})
    assert await found(statuses=frozenset({"PAID"})) == set()


async def test_changes_that_reach_no_status_of_the_trigger_are_not_even_opened(office: Office) -> None:
    await office.sent(1, 2)
    for invoice in (1, 2):
        await office.sent(invoice, change=2, before="SENT", after="PARTLY_PAID")
    await office.sent(3, before="NOT_SENT", after="PAID")
    opened: list[int] = []
    kept = await planning.plan(
        office.at.context, await office.seen(), ALL, progress=lambda count, _: opened.append(count)
    )
    assert kept.plan.looked_at == 3
    assert opened[-1] == 3 + 3 + 3, "a change, a contact and its outcome of each invoice"
    with pytest.raises(Misconfigured, match="choose a wider one"):
        await office.plan(after=kept.plan.wanted.upto - 1)
    nothing = await office.plan(statuses=frozenset({"RECEIVED"}))
    assert (nothing.plan.looked_at, nothing.plan.items) == (0, ())


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


async def test_of_a_plan_only_the_chosen_lines_are_sent_and_the_others_are_named(office: Office) -> None:
    await office.sent(1, 2, 3)
    await office.save(mapping=FieldMapping())
    kept, before = await office.plan(), len(office.arrived())
    with pytest.raises(Misconfigured, match="lines 4 cannot be applied"):
        await office.apply(kept, Reach.CONTACT, chosen={1, 4})
    started = await office.apply(kept, Reach.CONTACT, chosen={1, 3})
    assert (started.items, started.hash) == (2, kept.plan.hash), "the plan is the one that was read"
    done = await office.carry_out(kept)
    assert (done.results, done.left_out) == ({"delivered": 2, "not_chosen": 1}, 1)
    assert [email for email, _ in office.arrived()[before:]] == ["asiakas1@asiakas.fi", "asiakas3@asiakas.fi"]
    assert kinds((await office.plan()).plan) == {"changed": 1, "same": 2}


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
