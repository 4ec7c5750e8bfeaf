"""Reconciliation of invoices on real PostgreSQL, before the sandbox: what reading has passed by is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from desk import drawing
from events.invoice import Kind
from events.reconcile import Gap
from handwork import Office, opened
from servers.postgres import Database
from worker.operations import attention
from worker.operations import reconciling as operation
from worker.operations.reconciling import Report

pytestmark = pytest.mark.integration
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


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
