"""Reconciliation on real PostgreSQL, before the sandbox: what is judged, what is recorded, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from desk import Desk, desk, drawing
from events.errors import Misconfigured, Unavailable
from events.integration import Condition, Destination, FieldMapping, StartsSurveys, Trigger
from events.invoice import InvoiceStatusChanged, Kind
from events.reconcile import ContactChecked, Gap, State
from eventually import eventually
from servers.postgres import Database
from worker import reconciling
from worker.adapters.deliveries import Deliveries
from worker.adapters.invoices import Invoices, Rereading
from worker.dispatch import Dispatch, Manner
from worker.ingest import Ingest, Pace
from worker.operations import attention, blocks, lifecycle
from worker.operations import reconciling as operation
from worker.operations.integrations import Integration
from worker.operations.reconciling import Report
from worker.reading import Reader
from worker.reconciling import Reconciled, Reconciler, Turn, TurnLost
from worker.verify import verify_partition
from worker.weekly import Weekly

pytestmark = pytest.mark.integration

FIELDS = FieldMapping(fields={"email": "person.email", "name": "person.name", "field_invoice": "invoice.id"})
QUICK = Pace(floor=timedelta(seconds=0.05), ceiling=timedelta(seconds=0.1), polls_per_second=1000)
NEVER = Rereading(first=timedelta(days=1))
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Office:
    """A company whose stages are turned by hand."""

    at: Desk
    integration: Integration
    stage: Dispatch
    trigger: Trigger
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        context = self.at.context
        invoices = Invoices(context.pool, context.log, context.ringer, rereading=NEVER)
        reader = Reader(invoices=invoices, procountor=context.procountor)
        self.ingest = Ingest(invoices=invoices, reader=reader, worker=uuid4(), pace=QUICK)

    async def seen(self) -> Integration:
        return await self.at.again(self.integration)

    def invoice(self, *acts: str, **facts: Any) -> int:
        """Of a customer of its own."""
        world = self.at.sandbox.world
        number = world.add_invoice(customer=world.add_customer().id, total=100.0, **facts).id
        for act in acts:
            world.act(number, act)
        return number

    async def read(self) -> None:
        """A whole pass of ingest that begins after this call."""
        pool = self.at.context.pool
        before = await pool.fetchval("select polled_at from ingest")

        async def passed() -> bool:
            await self.ingest.run_once()
            row = await pool.fetchrow("select polled_at, reading, reached, lease_until from ingest")
            assert row is not None
            ended = row["reading"] == "live" and row["reached"] is None and row["lease_until"] is None
            return ended and row["polled_at"] != before

        await pool.execute("update ingest set due_at = now()")
        await eventually(passed)
        await self.at.project(self.integration)

    async def deliver(self) -> None:
        await self.read()

        async def settled() -> bool:
            await self.stage.run_once()
            return not {"waiting", "attempting"} & set(await self.at.states(self.integration))

        await eventually(settled, within=20)
        await self.at.project(self.integration)

    async def delivered(self, count: int = 1) -> list[int]:
        invoices = [self.invoice("approve", "send") for _ in range(count)]
        await self.deliver()
        return invoices

    def email(self, invoice: int) -> str:
        (found,) = {
            one.email for one in self.at.sandbox.books.arrivals if one.fields.get("field_invoice") == str(invoice)
        }
        return found

    def spoil(self, invoice: int, **state: Any) -> None:
        """As somebody would in Trustmary."""
        self.at.sandbox.world.set_contact(self.email(invoice), **state)

    async def pass_by(self, *acts: str) -> int:
        """An invoice that reading never meets: shown when its cursor is too far on."""
        world = self.at.sandbox.world
        hidden = self.invoice()
        world.hide(hidden)
        for act in acts:
            world.act(hidden, act)
        world.let_pass(180)
        self.invoice()
        await self.read()
        world.hide(hidden, hidden=False)
        return hidden

    async def paid_unseen(self, invoice: int) -> None:
        """Paid without a new version, once reading looks no further back than after it."""
        world = self.at.sandbox.world
        world.let_pass(180)
        self.invoice()
        await self.read()
        world.switches.version_on_payment = False
        world.act(invoice, "pay")
        await self.read()

    async def reconcile(self, **options: Any) -> Report:
        report = await operation.reconcile(self.at.context, await self.seen(), **options)
        await self.at.project(self.integration)
        found = await verify_partition(self.at.context.log, self.at.context.vault, self.integration.partition)
        assert not found.faults
        return report

    async def changes(self, invoice: int) -> list[InvoiceStatusChanged]:
        events = [event for _, event in await self.at.events(self.integration)]
        return [one for one in events if isinstance(one, InvoiceStatusChanged) and one.invoice_id == invoice]

    async def checked(self) -> list[State]:
        events = [event for _, event in await self.at.events(self.integration)]
        return [one.state for one in events if isinstance(one, ContactChecked)]

    def reconciler(self, **options: Any) -> Reconciler:
        context = self.at.context
        made = reconciling.reconciler(
            pool=context.pool,
            log=context.log,
            vault=context.vault,
            ringer=context.ringer,
            procountor=context.procountor,
            trustmary=context.trustmary,
            pace=0,
            worker=uuid4(),
        )
        return replace(made, **options)


@asynccontextmanager
async def opened(
    database: Database, statuses: Sequence[str] = ("SENT",), *, companies: int = 1
) -> AsyncIterator[Office]:
    trigger = Trigger(
        id=uuid4(),
        name="Lähetetyt",
        condition=Condition(statuses=frozenset(statuses)),
        mapping=FIELDS,
        destination=Destination(starts_surveys=StartsSurveys.NO),
    )
    async with desk(database, companies=companies) as at:
        integration = await at.connect(trigger=trigger)
        await at.project(integration)
        context = replace(at.context, settings=at.context.settings.model_copy(update={"trustmary_pace": 0}))
        at.context = context
        async with Dispatch(
            Deliveries(context.pool, context.log, context.ringer, context.vault.contact_key, worker=uuid4()),
            context.trustmary,
            context.vault.secret,
            wake=asyncio.Event(),
            manner=Manner(pace=0, timeout=2.0, lease=60.0),
        ) as stage:
            office = Office(at, integration, stage, trigger)
            await office.read()
            try:
                yield office
            finally:
                await office.ingest.close()


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as office:
        yield office


def recorded(report: Report) -> list[tuple[int, Gap, bool]]:
    return [(one.invoice, one.gap, one.live) for one in report.found.invoices.recorded]


async def test_where_all_is_as_it_should_be_nothing_is_written(office: Office) -> None:
    await office.delivered(3)
    before = await office.at.events(office.integration)
    report = await office.reconcile()
    assert (report.wants_person, report.found.failures) == (False, ())
    assert report.found.counts["contacts_as_sent"] == 3
    assert await office.at.events(office.integration) == before


async def test_procountor_is_asked_behind_what_is_read_live(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = drawing(monkeypatch)
    invoice = await office.pass_by("approve", "send")
    assert set(drawn) == {True}
    drawn.clear()
    assert recorded(await office.reconcile()) == [(invoice, Gap.MISSING, False)]
    assert set(drawn) == {False}


async def test_an_invoice_that_two_pages_show_is_looked_at_once(office: Office) -> None:
    """Each request starts a second before the last row of the one before."""
    for _ in range(5):
        office.invoice()
    office.at.sandbox.world.let_pass(5)
    for _ in range(2):
        office.invoice()
    await office.read()
    whole = (await office.reconcile()).found.invoices.looked_at
    assert whole >= 7
    work = office.reconciler()
    by_pages = replace(work.catch_up, reader=replace(work.catch_up.reader, size=3))
    paged = replace(work, catch_up=by_pages)
    turn = await paged.ask_for(office.integration.id)
    assert turn is not None
    found = await paged.run(turn)
    await paged.give_back()
    assert found.invoices.looked_at == whole
    assert found.counts["invoices"] == whole


async def test_what_the_next_pass_meets_is_left_to_it_and_fires_as_ever(office: Office) -> None:
    await office.delivered()
    invoice = office.invoice("approve", "send")
    report = await office.reconcile()
    assert (recorded(report), report.found.invoices.to_come) == ([], 1)
    await office.deliver()
    assert [change.kind for change in await office.changes(invoice)][-1:] == [Kind.LIVE]
    assert office.email(invoice)


async def test_what_reading_has_passed_by_is_recorded_and_only_a_person_releases_it(office: Office) -> None:
    await office.delivered()
    invoice = await office.pass_by("approve", "send")
    report = await office.reconcile()
    assert recorded(report) == [(invoice, Gap.MISSING, False)]
    assert [one.invoice for one in report.late] == [invoice]
    (change,) = await office.changes(invoice)
    assert (change.after, change.kind, change.old) == ("SENT", Kind.BACKFILL, False)
    await office.deliver()
    assert len(office.at.sandbox.books.arrivals) == 1
    # Its next status is news again, and reading goes on where it was.
    office.at.sandbox.world.act(invoice, "pay")
    await office.read()
    assert [(one.before, one.after, one.kind) for one in await office.changes(invoice)][1:] == [
        ("SENT", "PAID", Kind.LIVE)
    ]
    again = await office.reconcile()
    assert (recorded(again), [one.invoice for one in again.late]) == ([], [invoice])


async def test_an_invoice_that_no_trigger_would_add_wants_nobody(office: Office) -> None:
    await office.delivered()
    invoice = await office.pass_by("approve")
    report = await office.reconcile()
    assert recorded(report) == [(invoice, Gap.MISSING, False)]
    assert (report.late, report.wants_person) == ((), False)


async def test_a_payment_that_moved_no_version_is_read_at_once_and_fires(database: Database) -> None:
    """Ingest would have met it within a day, by reading open invoices again."""
    async with opened(database, statuses=("PAID",)) as office:
        invoice = office.invoice("approve", "send")
        await office.read()
        await office.paid_unseen(invoice)
        assert [one.after for one in await office.changes(invoice)][-1] == "SENT"
        report = await office.reconcile()
        assert recorded(report) == [(invoice, Gap.BEHIND, True)]
        await office.deliver()
        assert office.email(invoice)


async def test_a_status_that_nobody_waits_for_is_recorded_without_firing(office: Office) -> None:
    (invoice,) = await office.delivered()
    await office.paid_unseen(invoice)
    report = await office.reconcile()
    assert recorded(report) == [(invoice, Gap.BEHIND, False)]
    assert not report.wants_person
    assert recorded(await office.reconcile()) == []


async def test_what_is_older_than_the_connection_is_no_gap(database: Database) -> None:
    async with opened(database) as office:
        office.invoice("approve", "send", created="2026-01-05T10:00:00")
        office.at.sandbox.world.let_pass(180)
        office.invoice()
        await office.read()
        assert recorded(await office.reconcile(days=400)) == []


async def test_ingest_waits_for_its_turn_and_takes_it_up_where_it_was(office: Office) -> None:
    """While a batch is recorded the company's turn is held: nobody reads it twice, nothing is lost."""
    await office.delivered()
    invoice = await office.pass_by("approve", "send")
    newer = office.invoice("approve", "send")
    await asyncio.gather(office.reconcile(), office.read())
    await office.deliver()
    assert [one.kind for one in await office.changes(invoice)] == [Kind.BACKFILL]
    assert office.email(newer)
    assert await office.at.context.pool.fetchval("select count(*) from ingest where lease_owner is not null") == 0


async def test_a_company_that_is_read_all_the_time_fails_on_that_side_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.delivered()
    await office.pass_by("approve", "send")
    monkeypatch.setattr("worker.catching_up.PATIENCE", 0.1)
    await office.at.context.pool.execute("update ingest set lease_until = now() + interval '1 hour'")
    report = await office.reconcile()
    assert [failure.split(";")[0] for failure in report.found.failures] == [
        "The company's invoices are being read all the time"
    ]
    assert report.found.contacts.counts["as_sent"] == 1


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


async def test_a_key_that_is_refused_is_told_and_the_other_side_is_looked_at(office: Office) -> None:
    await office.delivered()
    await office.pass_by("approve", "send")
    organization = office.integration.organization
    office.at.sandbox.world.edit_organization(organization, key_works=False)
    report = await office.reconcile()
    assert len(report.found.failures) == 1
    assert len(report.late) == 1
    last = (await operation.last(office.at.context, [office.integration.id]))[office.integration.id]
    assert last.failure == report.found.failures[0]
    concerns = await attention.read(office.at.context)
    assert {"unreconciled", "found_late"} <= {group.cause.value for group in concerns.groups}


async def test_a_lost_right_is_told_from_a_company_without_invoices(office: Office) -> None:
    """Both look the same in the list: nothing is there."""
    bare = await office.reconcile()
    assert (bare.found.invoices.looked_at, bare.found.failures, bare.wants_person) == (0, (), False)
    await office.delivered()
    office.at.sandbox.world.company().rights.sales_invoices = "NO_ACCESS"
    blind = await office.reconcile()
    assert blind.found.invoices.looked_at == 0
    assert ["no right to sales invoices" in failure for failure in blind.found.failures] == [True]
    assert blind.wants_person
    assert blind.found.counts["contacts_as_sent"] == 1
    office.at.sandbox.world.company().rights.sales_invoices = "VIEWING_RIGHTS"
    seeing = await office.reconcile()
    assert (seeing.found.invoices.looked_at, seeing.found.failures, seeing.wants_person) == (1, (), False)


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


async def test_a_paused_integration_is_reconciled_on_request_and_a_removed_one_is_not(office: Office) -> None:
    await office.delivered()
    await lifecycle.pause(office.at.context, await office.seen())
    await office.at.project(office.integration)
    assert (await office.reconcile()).found.counts["contacts_as_sent"] == 1
    assert await office.reconciler().due(5) == []
    await lifecycle.remove(office.at.context, await office.seen())
    with pytest.raises(Misconfigured, match="is removed"):
        await office.reconcile()


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


async def test_one_at_a_time(office: Office) -> None:
    turn = await office.reconciler().ask_for(office.integration.id)
    assert turn is not None
    with pytest.raises(Unavailable, match="is being reconciled already"):
        await office.reconcile()


async def test_who_has_lost_the_turn_writes_nothing(office: Office) -> None:
    (invoice,) = await office.delivered()
    office.spoil(invoice, gone=True)
    first, second = office.reconciler(), office.reconciler()
    lost = await first.ask_for(office.integration.id)
    assert lost is not None
    await office.at.context.pool.execute("update reconciliation set lease_until = now()")
    kept = await second.ask_for(office.integration.id)
    assert kept is not None
    with pytest.raises(TurnLost):
        await first.run(lost)
    assert await office.checked() == []
    await second.run(kept)
    assert await office.checked() == [State.MISSING]


@dataclass(slots=True)
class Counting:
    """How often a reconciliation was run."""

    runs: list[Turn] = field(default_factory=list)

    def watch(self, work: Reconciler) -> Reconciler:
        runs = self.runs

        class Watched(Reconciler):
            async def run(self, turn: Turn, *, days: int = reconciling.DAYS) -> Reconciled:
                runs.append(turn)
                return await super().run(turn, days=days)

        return Watched(**{name: getattr(work, name) for name in work.__slots__})


async def test_two_workers_reconcile_an_integration_once_and_again_when_it_is_due_again(office: Office) -> None:
    (invoice,) = await office.delivered()
    office.spoil(invoice, gone=True)
    counted = Counting()
    every = timedelta(days=7)
    both = [Weekly(reconciler=counted.watch(office.reconciler(every=every))) for _ in range(2)]
    pool = office.at.context.pool

    async def ended(times: int) -> bool:
        await asyncio.gather(*(one.run_once() for one in both))
        return len(counted.runs) == times and not any(one.turns for one in both)

    # Scheduled somewhere in the coming week, so not yet.
    assert await ended(0)
    left = await pool.fetchval("select due_at - now() from reconciliation")
    assert timedelta() < left <= every
    await pool.execute("update reconciliation set due_at = now()")
    await eventually(lambda: ended(1))
    assert await ended(1)
    assert await office.checked() == [State.MISSING]
    due = await pool.fetchval("select due_at - now() from reconciliation")
    assert timedelta(days=6) < due <= every
    await pool.execute("update reconciliation set due_at = now()")
    await eventually(lambda: ended(2))
    assert await office.checked() == [State.MISSING]
    for one in both:
        await one.close()


async def test_a_dead_workers_turn_is_taken_up_and_a_stopping_one_gives_its_back(office: Office) -> None:
    work = office.reconciler()
    pool = office.at.context.pool
    await pool.execute("insert into reconciliation (integration) values ($1)", office.integration.id)
    assert len(await work.due(5)) == 1
    other = office.reconciler()
    assert await other.due(5) == []
    await pool.execute("update reconciliation set lease_until = now()")
    (turn,) = await other.due(5)
    await Weekly(reconciler=other).close()
    (again,) = await work.due(5)
    assert again.fence == turn.fence + 1


async def test_a_broken_connection_is_not_tried_by_itself(office: Office) -> None:
    pool = office.at.context.pool
    await pool.execute("insert into reconciliation (integration) values ($1)", office.integration.id)
    await pool.execute("update connection set state = 'broken' where service = 'trustmary'")
    assert await office.reconciler().due(5) == []


async def test_what_nobody_foresaw_stops_no_other_and_is_tried_later(office: Office) -> None:
    await office.delivered()
    work = office.reconciler()

    class Surprising:
        async def contact(self, key: str, email: str, *, timeout: float | None = None) -> None:
            raise LookupError("unforeseen")

    weekly = Weekly(reconciler=replace(work, look_ups=replace(work.look_ups, trustmary=Surprising())))
    pool = office.at.context.pool
    await pool.execute("insert into reconciliation (integration) values ($1)", office.integration.id)

    async def ended() -> bool:
        await weekly.run_once()
        return bool(await pool.fetchval("select failure is not null from reconciliation"))

    await eventually(ended)
    row = await pool.fetchrow(
        "select due_at > now() + interval '5 hours' as later, failure, lease_owner from reconciliation"
    )
    assert row is not None
    assert (row["later"], row["lease_owner"]) == (True, None)
    assert "LookupError" in row["failure"]
