"""ingest against the sandbox: what is seen, what is not missed, and what is left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from events.connection import ConnectionBroken, ConnectionRestored
from events.invoice import Kind
from eventually import eventually
from ingesting import Ingesting, ingesting
from memory.clock import Clock
from sandbox.company import NO_ACCESS
from sandbox.server import Sandbox
from sandbox.statuses import Status
from servers.postgres import Database
from worker.adapters.invoices import Rereading
from worker.ingest import Ingest

pytestmark = pytest.mark.integration


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def world(database: Database, clock: Clock) -> AsyncIterator[Ingesting]:
    async with Sandbox(companies=2, clock=clock) as sandbox, ingesting(database, sandbox) as found:
        found.clock = clock
        yield found


@pytest.fixture
def worker(world: Ingesting) -> Ingest:
    return world.worker()


async def test_a_sent_invoice_is_recorded_with_its_customer(world: Ingesting, worker: Ingest, clock: Clock) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT)
    await world.settled(integration, worker)
    [change] = await world.changes(integration)
    assert (change.before, change.after, change.kind, change.old) == (None, "SENT", Kind.LIVE, False)
    assert change.invoice_id == invoice.id
    assert change.partner == invoice.partner
    assert change.customer is not None
    assert change.customer["invoicingInfo"]["contactPerson"]
    assert change.invoice["invoiceRows"]
    assert change.missing == {}


async def test_while_connecting_what_is_not_sent_yet_is_read_and_the_rest_left_alone(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    draft = world.sandbox.world.add_invoice(created="2024-02-01T10:00:00", status=Status.NOT_SENT)
    sent = world.sandbox.world.add_invoice(created="2024-02-01T10:00:00", status=Status.SENT)
    integration = await world.connect()
    await world.settled(integration, worker)
    assert [(change.invoice_id, change.kind) for change in await world.changes(integration)] == [
        (draft.id, Kind.BASELINE)
    ]
    clock.passes(1)
    world.sandbox.world.act(draft.id, "send")
    world.sandbox.world.act(sent.id, "pay")
    await world.settled(integration, worker)
    live = [change for change in await world.changes(integration) if change.kind is Kind.LIVE]
    assert {(change.invoice_id, change.before, change.after, change.old) for change in live} == {
        (draft.id, "NOT_SENT", "SENT", False),
        (sent.id, None, "PAID", True),
    }


async def test_a_two_year_old_invoice_that_is_paid_after_connecting_is_recorded_as_old(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    invoice = world.sandbox.world.add_invoice(created="2024-03-01T10:00:00", status=Status.SENT)
    integration = await world.connect()
    await world.settled(integration, worker)
    assert await world.changes(integration) == []
    clock.passes(60)
    world.sandbox.world.act(invoice.id, "pay")
    await world.settled(integration, worker)
    [change] = await world.changes(integration)
    assert (change.before, change.after, change.old) == (None, "PAID", True)


async def test_a_type_of_document_that_a_trigger_names_later_is_connected_then(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    clock.passes(60)
    sent, waits = (world.sandbox.world.add_invoice(kind="order", status=s) for s in (Status.SENT, Status.NOT_SENT))
    await world.settled(integration, worker)
    assert await world.changes(integration) == []
    clock.passes(60)
    await world.name(integration, "SALES_ORDER")
    await world.settled(integration, worker)
    assert await world.steps(integration, sent.id) == []
    clock.passes(60)
    world.sandbox.world.act(sent.id, "unfinished")
    world.sandbox.world.act(waits.id, "send")
    fresh = world.sandbox.world.add_invoice(kind="order", status=Status.SENT)
    await world.settled(integration, worker)
    last = {change.invoice_id: change for change in await world.changes(integration)}
    assert {id: (change.after, change.kind, change.old) for id, change in last.items()} == {
        sent.id: ("UNFINISHED", Kind.LIVE, True),
        waits.id: ("SENT", Kind.LIVE, False),
        fresh.id: ("SENT", Kind.LIVE, False),
    }


async def test_a_payment_that_comes_without_having_seen_the_sending_names_both_ends(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(status=Status.NOT_SENT)
    await world.settled(integration, worker)
    clock.passes(60)
    world.sandbox.world.act(invoice.id, "pay")
    await world.settled(integration, worker)
    assert await world.steps(integration, invoice.id) == [(None, "NOT_SENT"), ("NOT_SENT", "PAID")]
    assert "SENT" in (await world.changes(integration))[-1].passed


async def test_sent_back_to_draft_and_sent_again_is_two_further_changes(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(status=Status.NOT_SENT)
    await world.settled(integration, worker)
    for act in ("send", "unfinished", "approve", "send"):
        clock.passes(1)
        world.sandbox.world.act(invoice.id, act)
        if act != "approve":
            await world.settled(integration, worker)
    assert await world.steps(integration, invoice.id) == [
        (None, "NOT_SENT"),
        ("NOT_SENT", "SENT"),
        ("SENT", "UNFINISHED"),
        ("UNFINISHED", "SENT"),
    ]
    changes = await world.changes(integration)
    assert [change.change for change in changes] == [1, 2, 3, 4]
    assert len({change.id for change in changes}) == 4


async def test_a_change_within_the_second_that_was_just_read_is_not_missed(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    clock.passes(1)
    first = world.sandbox.world.add_invoice(status=Status.SENT)
    await world.settled(integration, worker)
    second = world.sandbox.world.add_invoice(status=Status.SENT)
    assert first.version == second.version
    await world.settled(integration, worker)
    assert [change.invoice_id for change in await world.changes(integration)] == [first.id, second.id]


async def test_what_was_stamped_before_it_could_be_seen_is_not_missed(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    clock.passes(1)
    late = world.sandbox.world.add_invoice(status=Status.SENT)
    world.sandbox.world.hide(late.id)
    clock.passes(30)
    other = world.sandbox.world.add_invoice(status=Status.SENT)
    await world.settled(integration, worker)
    world.sandbox.world.hide(late.id, hidden=False)
    await world.settled(integration, worker)
    assert [change.invoice_id for change in await world.changes(integration)] == [other.id, late.id]


@pytest.mark.parametrize("inclusive", [True, False], ids=["inclusive", "exclusive"])
@pytest.mark.parametrize("spread", [0, 7], ids=["one second", "many seconds"])
async def test_rows_that_move_between_pages_while_being_paged_are_not_missed(
    world: Ingesting, clock: Clock, inclusive: bool, spread: int
) -> None:
    world.sandbox.world.switches.version_range_inclusive = inclusive
    integration = await world.connect(reading="live")
    clock.passes(1)
    invoices = []
    for number in range(60):
        invoices.append(world.sandbox.world.add_invoice(status=Status.NOT_SENT))
        clock.passes(1 if spread and number % spread == 0 else 0)
    worker = world.worker(size=10, pages=1)
    waiting = [invoice.id for invoice in invoices[:20]]
    while await eventually(worker.run_once):
        # Between any two pages rows of earlier pages are sent and jump to the end, so that all others move up; by so
        # much time that the next pass does not come back to them.
        clock.passes(90)
        for _ in range(4):
            if waiting:
                world.sandbox.world.act(waiting.pop(0), "send")
        row = await world.row(integration)
        if not waiting and row["lease_until"] is None and row["reached"] is None:
            break
        await world.due(integration)
    await world.settled(integration, worker)
    last = {change.invoice_id: change.after for change in await world.changes(integration)}
    assert last == {invoice.id: "SENT" if place < 20 else "NOT_SENT" for place, invoice in enumerate(invoices)}


async def test_a_register_that_answers_5xx_for_a_while_loses_nothing(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    before = (await world.row(integration))["cursor"]
    clock.passes(60)
    invoice = world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT)
    world.sandbox.faults.add("procountor.businesspartners=5xx")
    await world.due(integration)
    await eventually(worker.run_once)

    async def failed() -> bool:
        await worker.run_once()
        row = await world.row(integration)
        return bool(row["failures"])

    await eventually(failed)
    row = await world.row(integration)
    assert row["cursor"] == before
    assert row["failing_since"] is not None
    assert await world.changes(integration) == []
    assert await world.pool.fetchval("select count(*) from invoice") == 0
    world.sandbox.faults.clear()
    await world.settled(integration, worker)
    [change] = await world.changes(integration)
    assert (change.invoice_id, change.missing) == (invoice.id, {})
    assert change.customer is not None
    assert (await world.row(integration))["failing_since"] is None


@pytest.mark.parametrize(("status", "reason"), [(403, "rights"), (404, "not_found")])
async def test_a_customer_that_cannot_be_read_for_good_is_recorded_as_missing(
    world: Ingesting, worker: Ingest, clock: Clock, status: int, reason: str
) -> None:
    integration = await world.connect()
    clock.passes(1)
    world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT)
    world.sandbox.faults.add(f"procountor.businesspartners={status}")
    await world.settled(integration, worker)
    [change] = await world.changes(integration)
    assert change.customer is None
    assert change.missing == {"customer": reason}


@pytest.mark.parametrize(("times", "missing"), [(":1x1", {}), ("", {"customer": "unreadable"})])
async def test_a_customer_that_does_not_read_is_asked_for_again_before_that_is_believed(
    world: Ingesting, worker: Ingest, clock: Clock, times: str, missing: dict[str, str]
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    clock.passes(1)
    world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT)
    world.sandbox.faults.add(f"procountor.businesspartners=garbage{times}")
    await world.settled(integration, worker)
    [change] = await world.changes(integration)
    assert change.missing == missing
    assert bool(change.customer) is not bool(missing)


async def test_one_customer_that_is_gone_does_not_hide_the_others(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    clock.passes(1)
    for _ in range(5):
        world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT)
    gone = world.sandbox.world.add_invoice(kind="e_invoice", status=Status.SENT)
    assert gone.partner is not None
    del world.sandbox.world.company().customers[gone.partner]
    await world.settled(integration, worker)
    changes = {change.invoice_id: change for change in await world.changes(integration)}
    assert changes[gone.id].missing == {"customer": "not_found"}
    assert [change.missing for id, change in changes.items() if id != gone.id] == [{}] * 5


async def test_invoices_and_customers_are_read_in_batches(world: Ingesting, worker: Ingest, clock: Clock) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    clock.passes(1)
    made = [world.sandbox.world.add_invoice(kind="named_contact", status=Status.SENT) for _ in range(40)]
    assert len({invoice.partner for invoice in made}) > 1
    before = asked(world)
    await world.settled(integration, worker)
    now = asked(world)
    assert now["procountor.businesspartners.get"] - before.get("procountor.businesspartners.get", 0) == 1
    assert now["procountor.invoices.get"] - before["procountor.invoices.get"] <= 4
    changes = await world.changes(integration)
    assert sorted(change.invoice_id for change in changes) == [invoice.id for invoice in made]
    assert all(change.customer and change.customer["id"] == change.partner for change in changes)


def asked(world: Ingesting) -> dict[str, int]:
    """Requests that Procountor was asked, by route."""
    routes = world.sandbox.procountor_meter.report()["routes"]
    assert isinstance(routes, dict)
    return dict(routes)


async def test_a_one_off_customer_is_not_asked_for(world: Ingesting, worker: Ingest, clock: Clock) -> None:
    integration = await world.connect()
    clock.passes(1)
    world.sandbox.world.add_invoice(kind="one_off", status=Status.SENT)
    await world.settled(integration, worker)
    [change] = await world.changes(integration)
    assert (change.partner, change.customer, change.missing) == (None, None, {})


async def test_a_change_that_does_not_move_the_version_is_seen_by_reading_open_invoices_again(
    world: Ingesting, clock: Clock
) -> None:
    world.sandbox.world.switches.version_on_send = False
    integration = await world.connect()
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(status=Status.NOT_SENT)
    worker = world.worker(rereading=Rereading(first=timedelta(milliseconds=10), longest=timedelta(seconds=1)))
    await world.settled(integration, worker)
    clock.passes(300)  # far beyond the overlap
    other = world.sandbox.world.add_invoice(status=Status.SENT)
    world.sandbox.world.act(invoice.id, "send")

    async def sent() -> bool:
        await world.settled(integration, worker)
        return ("NOT_SENT", "SENT") in await world.steps(integration, invoice.id)

    await eventually(sent)
    assert await world.steps(integration, other.id) == [(None, "SENT")]
    # Sent, it can reach nothing that a trigger waits for: it is asked for ever more rarely, and not at Procountor.
    before = asked(world)
    due = await world.pool.fetchval("update invoice set reread_at = now() returning reread_at")
    await world.settled(integration, worker)
    assert asked(world)["procountor.invoices.get"] - before["procountor.invoices.get"] == 1
    assert await world.pool.fetchval("select min(reread_at) > $1 from invoice", due)


async def test_refused_credentials_break_the_connection_once_and_a_good_answer_restores_it(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(status=Status.SENT)
    world.sandbox.world.company().api_enabled = False
    world.sandbox.world.access.expire_access_tokens()

    async def refused() -> bool:
        await world.due(integration)
        await worker.run_once()
        return bool((await world.row(integration))["failures"] >= 2)

    await eventually(refused)
    broken = [event for event in await world.events() if isinstance(event, ConnectionBroken)]
    assert [event.reason for event in broken] == ["credentials"]
    assert "not allowed" in (broken[0].detail or "")
    assert await world.pool.fetchval("select due_at > now() + interval '4 minutes' from ingest")
    world.sandbox.world.company().api_enabled = True
    await world.settled(integration, worker)
    assert [event for event in await world.events() if isinstance(event, ConnectionRestored)]
    assert await world.pool.fetchval("select state from connection") == "connected"
    assert [change.invoice_id for change in await world.changes(integration)] == [invoice.id]


async def test_missing_rights_to_invoices_break_the_connection(world: Ingesting, worker: Ingest, clock: Clock) -> None:
    world.sandbox.world.switches.missing_rights_are_403 = True
    integration = await world.connect()
    world.sandbox.world.company().rights.sales_invoices = NO_ACCESS

    async def refused() -> bool:
        await worker.run_once()
        return bool(await world.pool.fetchval("select reason from connection") == "rights")

    await eventually(refused)
    assert await world.changes(integration) == []


async def test_an_expired_token_is_replaced_without_anybody_noticing(
    world: Ingesting, worker: Ingest, clock: Clock
) -> None:
    integration = await world.connect()
    await world.settled(integration, worker)
    world.sandbox.world.access.expire_access_tokens()
    clock.passes(1)
    invoice = world.sandbox.world.add_invoice(status=Status.SENT)
    await world.settled(integration, worker)
    assert [change.invoice_id for change in await world.changes(integration)] == [invoice.id]
    assert (await world.row(integration))["failures"] == 0


async def test_companies_do_not_mix(world: Ingesting, worker: Ingest, clock: Clock) -> None:
    first, second = [
        await world.connect(company, partition=place) for place, company in enumerate(world.sandbox.world.companies)
    ]
    clock.passes(1)
    first_company, second_company = world.sandbox.world.companies
    ours = world.sandbox.world.add_invoice(first_company, status=Status.SENT)
    theirs = world.sandbox.world.add_invoice(second_company, status=Status.SENT)
    for integration in (first, second):
        await world.settled(integration, worker)
    assert [change.invoice_id for change in await world.changes(first)] == [ours.id]
    assert [change.invoice_id for change in await world.changes(second)] == [theirs.id]


async def test_the_night_the_clock_goes_back_loses_no_invoice(world: Ingesting, worker: Ingest, clock: Clock) -> None:
    clock.now = datetime(2026, 10, 25, 0, 55, tzinfo=UTC)  # 3.55 in Helsinki, and in five minutes 3.00
    integration = await world.connect()
    clock.passes(1)
    before = world.sandbox.world.add_invoice(status=Status.SENT)
    await world.settled(integration, worker)
    clock.passes(600)  # 3.05 again
    after = world.sandbox.world.add_invoice(status=Status.SENT)
    assert after.version < before.version
    await world.settled(integration, worker)
    assert [change.invoice_id for change in await world.changes(integration)] == [before.id, after.id]
