"""What an invoice goes through at Procountor, and whether its contact is to be asked: seen, decided and judged."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from events.contact import Skip, Withdrawal
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged

pytestmark = pytest.mark.acceptance

LONG_AGO = "2024-02-29T12:00:00"
MONTHS_AGO = f"{datetime.now(UTC) - timedelta(days=90):%Y-%m-%dT%H:%M:%S}"


@pytest_asyncio.fixture
async def stage(database: Database, tansu: str, topic: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """One company; nothing is connected and no worker runs yet."""
    async with staged(database, tansu, topic=topic, directory=tmp_path) as made:
        yield made


async def connected(stage: Stage) -> None:
    await stage.connect()
    await stage.start()


async def test_a_two_year_old_invoice_that_is_paid_after_connecting_fires_nothing(stage: Stage) -> None:
    sent, draft = (stage.invoice(created=LONG_AGO, status=status) for status in ("SENT", "UNFINISHED"))
    await connected(stage)
    stage.act(sent, "pay")
    fresh = stage.send()[0]

    await stage.seen(sent, "PAID")
    verdict = await stage.agree()

    assert verdict.expected == 1
    assert await stage.decisions(fresh) == ["ContactAdded"]
    assert await stage.changes(sent) == ["PAID"]
    assert await stage.decisions(sent) == [Skip.BEFORE_CONNECTION]
    assert await stage.changes(draft) == ["UNFINISHED"]
    assert await stage.decisions(draft) == []


async def test_what_waited_when_connected_and_was_sent_before_any_worker_ran_fires_once(stage: Stage) -> None:
    waited = stage.act(stage.invoice(created=MONTHS_AGO), "approve")
    await stage.connect()
    stage.act(waited, "send")
    await stage.start()

    await stage.seen(waited, "SENT")
    await stage.agree()

    assert await stage.changes(waited) == ["SENT"]
    assert await stage.decisions(waited) == ["ContactAdded"]


async def test_paid_passes_sent_and_marked_paid_does_not(stage: Stage) -> None:
    await connected(stage)
    paid, marked = (stage.act(stage.invoice(), "approve") for _ in range(2))
    for invoice in (paid, marked):
        await stage.seen(invoice, "NOT_SENT")

    stage.act(paid, "pay")
    stage.act(marked, "markpaid")
    await stage.seen(marked, "MARKED_PAID")
    verdict = await stage.agree()

    assert verdict.expected == 1
    assert await stage.outcomes(paid) == ["ContactDelivered"]
    assert await stage.decisions(marked) == []


async def test_sent_back_to_unfinished_and_sent_again_is_two_further_changes_and_one_contact(stage: Stage) -> None:
    await connected(stage)
    [invoice] = stage.send()
    await stage.seen(invoice, "SENT")

    stage.act(invoice, "unfinished")
    await stage.seen(invoice, "UNFINISHED")
    stage.act(invoice, "approve", "send")
    await stage.seen(invoice, "SENT")
    verdict = await stage.agree()

    assert verdict.expected == verdict.surveys == 1
    assert (await stage.changes(invoice))[-2:] == ["UNFINISHED", "SENT"]
    assert await stage.decisions(invoice) == ["ContactAdded", Skip.ALREADY_ADDED]


async def test_a_register_that_fails_for_a_while_costs_no_contact(stage: Stage) -> None:
    await connected(stage)
    stage.sandbox.faults.add("procountor.businesspartners=5xx:1x2,procountor.businesspartners=429:1x1")
    invoices = stage.send(20)
    await eventually(lambda: [one.struck.total() for one in stage.sandbox.faults.active] == [2, 1])

    verdict = await stage.agree()

    assert verdict.expected == len(invoices)
    skipped = "select count(*) from event where type = 'ContactSkipped'"
    assert await stage.context.pool.fetchval(skipped) == 0


async def test_skipped_for_lack_of_an_address_then_mended_then_sent_again_fires(stage: Stage) -> None:
    await connected(stage)
    customer = stage.customer(kind="no_email")
    invoice = stage.act(stage.invoice(customer=customer), "approve", "send")
    await stage.seen(invoice, "SENT")
    await stage.settled()
    assert not stage.arrivals

    maija = {"name": "Maija Meikäläinen", "email": "maija@asiakas.fi"}
    stage.sandbox.world.edit_customer(stage.company(0), customer, contact_person=maija["name"], contacts=[maija])
    stage.act(invoice, "unfinished")
    await stage.seen(invoice, "UNFINISHED")
    stage.act(invoice, "approve", "send")
    verdict = await stage.agree()

    assert verdict.expected == 1
    skip, added = await stage.decisions(invoice)
    assert skip in (Skip.NO_EMAIL, Skip.NO_CONTACT_PERSON)
    assert added == "ContactAdded"
    assert [(arrival.email, arrival.name) for arrival in stage.arrivals] == [(maija["email"], maija["name"])]


@pytest.mark.parametrize(
    ("state", "reason"),
    [({"status": "unsubscribed"}, Withdrawal.NOT_ACTIVE), ({"deleted": True}, Withdrawal.DELETED_THERE)],
    ids=["unsubscribed", "deleted"],
)
async def test_a_contact_that_has_left_trustmary_is_left_alone(
    stage: Stage, state: dict[str, str | bool], reason: Withdrawal
) -> None:
    await connected(stage)
    gone, maija = stage.customer(), {"name": "Maija Meikäläinen", "email": "maija@asiakas.fi"}
    stage.sandbox.world.edit_customer(stage.company(0), gone, contact_person=maija["name"], contacts=[maija])
    stage.sandbox.world.add_contact(maija["email"], name=maija["name"])
    stage.sandbox.world.set_contact(maija["email"], **state)  # type: ignore[arg-type] # each is of its own kind

    invoice = stage.act(stage.invoice(customer=gone), "approve", "send")
    [other] = stage.send()
    await stage.seen(invoice, "SENT")
    await eventually(lambda: stage.verdict().delivered == 1)
    await stage.settled()

    assert await stage.outcomes(invoice) == [reason]
    assert await stage.outcomes(other) == ["ContactDelivered"]
    assert maija["email"] not in {arrival.email for arrival in stage.arrivals}
    await stage.sound()
