"""The past through today's rules: planned, applied on real PostgreSQL and the sandbox, proven afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from events.delivery import UNKNOWN
from events.errors import Conflict, Misconfigured
from events.integration import FieldMapping
from events.invoice import InvoiceStatusChanged
from events.plan import Class
from events.replay import Reach
from office import ALL, Office, kinds, opened
from servers.postgres import Database
from worker.operations import deliveries, planning, replays, saving, triggers, why
from worker.operations.replays import Order


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
