"""What is not sent yet when a company is connected counts when it is sent, however late a worker comes to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from desk import Desk, desk
from events.contact import ContactAdded, ContactSkipped, Skip
from events.invoice import InvoiceStatusChanged, Kind
from ingesting import Ingesting
from sandbox.statuses import Status
from servers.postgres import Database
from worker.operations import access, connecting, integrations
from worker.operations.access import Company, Organization
from worker.operations.beginning import Beginning
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration

LONG_AGO = "2024-02-29T12:00:00"
MONTHS_AGO = f"{datetime.now(UTC) - timedelta(days=90):%Y-%m-%dT%H:%M:%S}"


@asynccontextmanager
async def reading(at: Desk) -> AsyncIterator[Ingesting]:
    """A worker's side of the same database."""
    context = at.context
    async with aiohttp.ClientSession() as session:
        yield Ingesting(
            sandbox=at.sandbox,
            pool=context.pool,
            vault=context.vault,
            log=context.log,
            ringer=context.ringer,
            session=session,
        )


async def decide(at: Desk, one: Integration) -> None:
    """A worker starts, reads until it is level, and what it saw is decided."""
    async with reading(at) as world:
        await world.settled(one.id, world.worker())
    await at.project(one)


async def decisions(at: Desk, one: Integration) -> list[tuple[int, str]]:
    events = [event for _, event in await at.events(one)]
    made = [event for event in events if isinstance(event, ContactAdded | ContactSkipped)]
    return [(event.invoice_id, event.type if isinstance(event, ContactAdded) else event.reason) for event in made]


async def changes(at: Desk, one: Integration) -> list[tuple[int, Kind, str | None, str]]:
    events = [event for _, event in await at.events(one)]
    seen = [event for event in events if isinstance(event, InvoiceStatusChanged)]
    return [(event.invoice_id, event.kind, event.before, event.after) for event in seen]


def invoice(at: Desk, status: Status, created: str | None = MONTHS_AGO) -> int:
    return at.sandbox.world.add_invoice(kind="named_contact", total=100, created=created, status=status).id


async def found(at: Desk) -> tuple[Company, Organization]:
    company = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
    return company, await access.check_organization(at.context, at.sandbox.trustmary_api_key)


async def test_sent_after_connecting_and_before_any_worker_ran_adds_one_contact(database: Database) -> None:
    async with desk(database) as at:
        old, fresh = invoice(at, Status.NOT_SENT), invoice(at, Status.NOT_SENT, created=None)
        waits = invoice(at, Status.UNFINISHED)
        one = await at.connect()
        for number in (old, fresh):
            at.sandbox.world.act(number, "send")
        await decide(at, one)
        await decide(at, one)
        assert sorted(await decisions(at, one)) == [(old, "ContactAdded"), (fresh, "ContactAdded")]
        assert sorted(await changes(at, one)) == [
            (old, Kind.LIVE, "NOT_SENT", "SENT"),
            (fresh, Kind.LIVE, "NOT_SENT", "SENT"),
            (waits, Kind.BASELINE, None, "UNFINISHED"),
        ]


async def test_paid_before_any_worker_ran_has_passed_sent(database: Database) -> None:
    async with desk(database) as at:
        number = invoice(at, Status.NOT_SENT)
        one = await at.connect()
        at.sandbox.world.act(number, "send")
        at.sandbox.world.act(number, "pay")
        await decide(at, one)
        assert await decisions(at, one) == [(number, "ContactAdded")]


async def test_what_was_sent_before_connecting_fires_nothing_when_it_is_paid(database: Database) -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    async with desk(database, clock=lambda: now) as at:
        sent = invoice(at, Status.SENT, created=LONG_AGO)
        one = await at.connect()
        now += timedelta(minutes=5)
        at.sandbox.world.act(sent, "pay")
        await decide(at, one)
        assert await decisions(at, one) == [(sent, Skip.BEFORE_CONNECTION)]


async def test_a_worker_that_is_lost_while_it_reads_leaves_the_rest_to_the_next(database: Database) -> None:
    async with desk(database) as at:
        numbers = [invoice(at, Status.NOT_SENT) for _ in range(5)]
        one = await at.connect()
        async with reading(at) as world:
            lost = world.worker(size=2, pages=1)
            await lost.run_once()
            await lost.close()
            at.sandbox.world.act(numbers[0], "send")
            at.sandbox.world.act(numbers[-1], "send")
            await world.settled(one.id, world.worker(size=2, pages=1))
        await at.project(one)
        assert sorted(await decisions(at, one)) == [(numbers[0], "ContactAdded"), (numbers[-1], "ContactAdded")]


async def test_more_than_a_page_is_listed_page_by_page_and_said(database: Database) -> None:
    async with desk(database) as at:
        numbers = [invoice(at, Status.NOT_SENT) for _ in range(203)]
        told: list[int] = []
        await connecting.connect(
            at.context, *await found(at), beginning=Beginning(triggers=(at.trigger,)), progress=told.append
        )
        assert told == [200, 203]
        noted = await at.context.pool.fetch("select invoice, change, status from invoice order by invoice")
        assert [tuple(row) for row in noted] == [(number, 0, "NOT_SENT") for number in numbers]


async def test_connecting_that_is_interrupted_has_saved_nothing_and_is_done_again(database: Database) -> None:
    async with desk(database) as at:
        number = invoice(at, Status.NOT_SENT)

        def interrupt(read: int) -> None:
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await connecting.connect(
                at.context, *await found(at), beginning=Beginning(triggers=(at.trigger,)), progress=interrupt
            )
        assert await integrations.read_all(at.context) == []
        for table in ("event", "invoice", "ingest", "vault.secret where kind <> 'contact_key'"):
            assert await at.context.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - names from here
        one = await at.connect()
        at.sandbox.world.act(number, "send")
        await decide(at, one)
        assert await decisions(at, one) == [(number, "ContactAdded")]
