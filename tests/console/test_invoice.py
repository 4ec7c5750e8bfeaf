"""Why, and why not: the life of an invoice, now and as of a time, found by whatever one knows of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from desk import MAIJA, Desk
from driving import Driver, Opening
from events.contact import ContactDelivered
from events.words import Language
from worker.adapters.log import Draft
from worker.operations import blocks, deliveries
from worker.operations.integrations import Integration

pytestmark = pytest.mark.integration

SHARED = "laskutus@asiakas.fi"


async def moment(at_desk: Desk) -> datetime:
    now: datetime = await at_desk.context.pool.fetchval("select clock_timestamp()")
    return now


async def added_and_skipped(at_desk: Desk) -> Integration:
    """10001 is to be added and its call is parked; 10002 is skipped for a shared mailbox."""
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1)
    await at_desk.see(seen, 2, email=SHARED)
    await at_desk.project(seen)
    await at_desk.context.pool.execute(
        "insert into attempt (delivery, number, started_at, finished_at, outcome, status)"
        " select id, 1, clock_timestamp(), clock_timestamp(), 'parked', 403 from delivery"
    )
    await at_desk.context.pool.execute(
        "update delivery set state = 'parked', fingerprint = 'rights:trustmary:403', failure = 'No rights.'"
    )
    return seen


async def asks(at: Driver, what: str) -> None:
    await at.press("w")
    await at.sees("Which invoice?")
    await at.types(what)
    await at.press("enter")


async def test_a_skip_says_which_condition_failed_by_which_rules_and_what_to_do(
    at_desk: Desk, opening: Opening
) -> None:
    seen = await added_and_skipped(at_desk)
    async with opening() as at:
        await asks(at, "10002")
        await at.sees(
            f"Invoice 10002 · {seen.company}",
            "○ skipped · The address is a shared mailbox",
            "→ Name a person with an address of",
            f"✖ a person's own address: {SHARED}",
            "✔ total above zero: 10.0",
            "trigger                  Lähetetty",
            "trigger saved · 20",
        )
        await at.press("colon")
        await at.sees(f"ptm why 10002 --integration {seen.id}")


async def test_each_call_is_there_with_its_answer_and_what_is_parked_says_what_to_do(
    at_desk: Desk, opening: Opening
) -> None:
    await added_and_skipped(at_desk)
    async with opening() as at:
        await asks(at, "10001")
        await at.sees("✖ parked · rights:trustmary:403; No rights.", "→ call", "1: parked 403", "ptm delivery retry 1")
        await at.press("k")
        await at.sees("call 1 of delivery 1", "outcome                  parked 403")
        await at.press("k")
        await at.sees("▲ ◆ status  Not sent → Sent", "version of the rules")


async def test_what_was_delivered_reads_added(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1)
    await at_desk.project(seen)
    [one] = await deliveries.of_invoice(at_desk.context, seen.id, 1)
    event = ContactDelivered(
        integration=seen.id, invoice_id=1, partner=7, decision=one.decision, attempts=1, status=200, answer={"id": "c1"}
    )
    rows = await at_desk.context.log.prepare([Draft(event=event, cause=one.decision)])
    async with at_desk.context.pool.acquire() as connection, connection.transaction():
        await at_desk.context.log.append(connection, seen.partition, rows)
        await connection.execute("update delivery set state = 'delivered', settled_at = now() where id = $1", one.id)
    async with opening() as at:
        await asks(at, "10001")
        await at.sees("✔ added · 1 call", "✔ total above zero: 10.0", "▼ ✔ added")
        await at.press("j")
        await at.sees("answer, id", "c1", "▲ + to be added")


async def test_what_comes_while_one_looks_is_seen(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1)
    async with opening() as at:
        await asks(at, "10001")
        await at.sees("It is not decided yet: is a worker running?")
        await at_desk.project(seen)
        at_desk.context.ringer.ring("ptm_log", str(seen.partition))
        await at.sees("+ to be added", "◷ waits to be sent")


async def test_as_of_a_time_only_what_was_known_by_then_is_told(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    before = await moment(at_desk)
    await at_desk.see(seen, 1)
    undecided = await moment(at_desk)
    await at_desk.project(seen)
    async with opening() as at:
        at.app.desk.now = lambda: undecided + timedelta(hours=1)
        await asks(at, "10001")
        await at.sees("+ to be added")
        await at.press("t")
        await at.types(undecided.isoformat())
        await at.press("enter")
        await at.sees("◷ as of", "It had not been decided by then.")
        assert "+ to be added" not in at.text
        await at.press("t")
        await at.types(before.isoformat())
        await at.press("enter")
        await at.sees("not seen yet", "Nothing was known of it then.")
        await at.press("t", "enter")
        await at.sees("+ to be added")


async def test_a_number_that_two_companies_have_lists_them(at_desk: Desk, opening: Opening) -> None:
    one = await at_desk.connect(0)
    two = await at_desk.connect(1, trigger=replace(at_desk.trigger, id=UUID(int=2)))
    await at_desk.see(one, 1)
    await at_desk.see(two, 1)
    async with opening() as at:
        await asks(at, "10001")
        text = await at.sees("10001: 2 invoices", one.company, two.company)
        first = two if text.index(two.company) < text.index(one.company) else one
        await at.press("enter")
        await at.sees(f"Invoice 10001 · {first.company}")
        await at.press("escape")
        await at.sees("10001: 2 invoices")


async def test_an_address_leads_to_its_invoices_and_to_who_blocks_it(at_desk: Desk, opening: Opening) -> None:
    seen = await at_desk.connect(0)
    await at_desk.see(seen, 1)
    await at_desk.project(seen)
    await blocks.add(at_desk.context, await at_desk.again(seen), MAIJA, reason="asked to be left alone")
    await at_desk.project(seen)
    async with opening() as at:
        await asks(at, MAIJA)
        await at.sees(
            f"{MAIJA}: 1 invoice", "10001", f"■ Blocked in {seen.company} by {MAIJA}", "asked to be left alone"
        )
        await at.press("e")
        await at.sees(f'type:ContactSkipped since:30d "{MAIJA}"')


async def test_what_was_never_seen_and_what_is_neither_is_told(at_desk: Desk, opening: Opening) -> None:
    await at_desk.connect(0)
    async with opening(notifications=True) as at:
        await asks(at, "99999")
        await at.sees("Invoice 99999 was never seen.")
        await asks(at, "kukkanen")
        await at.sees("kukkanen is no invoice number")
        await asks(at, "nobody@asiakas.fi")
        await at.sees("No invoice was to add this address.", "It is on no block list.")


async def test_finnish_says_why_in_finnish(at_desk: Desk, opening: Opening) -> None:
    await added_and_skipped(at_desk)
    async with opening(language=Language.FINNISH) as at:
        await at.press("w")
        await at.types("10002")
        await at.press("enter")
        await at.sees("Lasku 10002", "○ ohitettu", "✖ henkilön oma osoite", "sääntöjen versio", "loppusumma yli nollan")


async def test_eighty_columns_tell_the_whole_story(at_desk: Desk, opening: Opening) -> None:
    await added_and_skipped(at_desk)
    async with opening(size=(80, 24)) as at:
        await asks(at, "10002")
        await at.sees("Invoice 10002", "○ skipped", "conditions", "no worker")
        await at.looks_like("invoice-narrow")


async def test_it_looks_as_agreed(at_desk: Desk, opening: Opening) -> None:
    await added_and_skipped(at_desk)
    async with opening() as at:
        await asks(at, "10002")
        await at.sees("○ skipped", "✖ a person's own address", "no worker")
        await at.looks_like("invoice-skipped")
