"""A replay under way: how far it reaches, how fast it goes, what stops it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from events.contact import ContactAdded
from events.errors import Conflict, Misconfigured
from events.integration import Destination, DestinationKind, FieldMapping, StartsSurveys, Waiting
from events.plan import SENDABLE, Class
from events.replay import Reach
from office import Office, a_list, kinds, lists_reached, on_list, opened
from servers.postgres import Database
from worker.operations import lifecycle, progress, replays, triggers
from worker.operations.replays import Order
from worker.verify import verify_partition


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def test_rules_changed_while_a_replay_runs_stop_it_item_by_item(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    await office.save(name="Toinen nimi")
    before = office.arrived()
    assert (await office.carry_out(kept)).results == {"moved": 2}
    assert office.arrived() == before


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


async def test_an_invoice_voided_after_the_plan_leads_to_nothing(office: Office) -> None:
    await office.sent(1, 2)
    await office.save(mapping=FieldMapping())
    kept = await office.plan()
    await office.apply(kept, Reach.CONTACT)
    await office.at.context.pool.execute("update invoice set status = 'DELETED' where invoice = 1")
    done = await office.carry_out(kept)
    assert done.results == {"void": 1, "delivered": 1}
    assert office.arrived()[-1] == ("asiakas2@asiakas.fi", "Maija Meikäläinen")


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


def test_only_what_sends_can_be_applied() -> None:
    assert {Class.NEW, Class.CHANGED, Class.OTHER_ADDRESS} == SENDABLE


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
