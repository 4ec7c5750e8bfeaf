"""Why, by address and as of a moment: what was known and in force then, and what is not found by an address."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from desk import MAIJA, Desk, desk
from events.contact import ContactAdded, ContactRefused, ContactSkipped, ContactWithdrawn
from events.errors import Misconfigured
from events.integration import Condition
from servers.postgres import Database
from worker.adapters.log import Draft
from worker.operations import about, blocks, deliveries, triggers, why
from worker.operations.browse import Entry
from worker.operations.integrations import Integration

OTHER = "pekka@toinen.fi"


async def moment(at: Desk) -> datetime:
    now: datetime = await at.context.pool.fetchval("select clock_timestamp()")
    return now


async def attempted(at: Desk, invoice: int, outcome: str | None, status: int | None) -> None:
    """A call left and was answered, as dispatch would note it."""
    await at.context.pool.execute(
        "insert into attempt (delivery, number, started_at, finished_at, outcome, status)"
        " select id, attempts + 1, clock_timestamp(), clock_timestamp(), $2, $3 from delivery where invoice = $1",
        invoice,
        outcome,
        status,
    )
    await at.context.pool.execute("update delivery set attempts = attempts + 1 where invoice = $1", invoice)


async def refuse(at: Desk, seen: Integration, invoice: int) -> None:
    """Trustmary refuses it for good, as dispatch would write it."""
    [one] = await deliveries.of_invoice(at.context, seen.id, invoice)
    event = ContactRefused(
        integration=seen.id,
        invoice_id=invoice,
        partner=7,
        decision=one.decision,
        attempts=1,
        status=400,
        reason="invalid",
        answer={"message": "The email must be a valid email address."},
    )
    rows = await at.context.log.prepare([Draft(event=event, cause=one.decision)])
    async with at.context.pool.acquire() as connection, connection.transaction():
        await at.context.log.append(connection, seen.partition, rows)
        await connection.execute("update delivery set state = 'refused', settled_at = now() where id = $1", one.id)


async def test_an_address_leads_to_every_invoice_that_was_to_add_it(database: Database) -> None:
    async with desk(database, companies=2) as at:
        one, two = await at.connect(0), await at.connect(1, trigger=replace(at.trigger, id=UUID(int=2)))
        await at.see(one, 1)
        await at.see(one, 2, email=OTHER)
        await at.see(two, 3, email=MAIJA.upper())
        await at.project(one)
        await at.project(two)
        found = await about.about(at.context, f" {MAIJA} ")
        assert [(life.integration.id, life.invoice) for life in found.lives] == [(two.id, 3), (one.id, 1)]
        assert (found.more, found.blocked) == (False, ())
        only = await about.about(at.context, MAIJA, among=[one])
        assert [life.invoice for life in only.lives] == [1]
        few = await about.about(at.context, MAIJA, most=1)
        assert ([life.invoice for life in few.lives], few.more) == ([3], True)


async def test_what_was_refused_or_withdrawn_is_found_by_its_address_too(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.see(seen, 2)
        await at.see(seen, 3, email=OTHER)
        await at.project(seen)
        await refuse(at, seen, 1)
        [second] = await deliveries.of_invoice(at.context, seen.id, 2)
        await deliveries.discard(at.context, [second.id])
        await at.project(seen)
        assert await at.context.pool.fetchval("select count(*) from cooldown") == 1
        found = await about.about(at.context, MAIJA)
        ends = {life.invoice: type(life.entries[-1].event) for life in found.lives}
        assert ends == {1: ContactRefused, 2: ContactWithdrawn}


async def test_a_blocked_address_or_domain_is_told_with_where_and_why(database: Database) -> None:
    async with desk(database, companies=2) as at:
        one, two = await at.connect(0), await at.connect(1, trigger=replace(at.trigger, id=UUID(int=2)))
        await blocks.add(at.context, one, MAIJA, reason="asked to be left alone")
        before = await moment(at)
        await blocks.add(at.context, two, "@asiakas.fi")
        await blocks.add(at.context, await at.again(two), OTHER)
        await at.project(one)
        await at.project(two)
        found = await about.about(at.context, MAIJA)
        assert {(by.integration.id, by.entry.address) for by in found.blocked} == {
            (one.id, MAIJA),
            (two.id, "@asiakas.fi"),
        }
        assert {by.entry.reason for by in found.blocked} == {"asked to be left alone", None}
        then = await about.about(at.context, MAIJA, as_of=before)
        assert [(by.integration.id, by.entry.address) for by in then.blocked] == [(one.id, MAIJA)]


async def test_what_was_skipped_is_not_found_by_its_address(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await blocks.add(at.context, seen, MAIJA)
        await at.see(seen, 1)
        await at.project(seen)
        [life] = await why.why(at.context, "10001")
        assert isinstance(life.entries[-1].event, ContactSkipped)
        assert (await about.about(at.context, MAIJA)).lives == ()
        with pytest.raises(Misconfigured, match=r"ptm why NUMBER"):
            await about.about(at.context, "maija@@asiakas.fi")


async def test_as_of_a_moment_only_what_was_recorded_by_then_is_there(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        at_first = await moment(at)
        await at.see(seen, 1)
        when_seen = await moment(at)
        await at.project(seen)
        when_decided = await moment(at)
        await attempted(at, 1, "failed", 503)
        when_tried = await moment(at)
        await refuse(at, seen, 1)

        [life] = await why.why(at.context, "10001", as_of=at_first)
        assert (life.status, life.entries, life.deliveries, life.today) == (None, (), (), ())

        [life] = await why.why(at.context, "10001", as_of=when_seen)
        assert (life.status, len(life.entries), life.deliveries) == ("SENT", 1, ())
        assert life.undecided == (life.entries[0].record.row.id,)
        assert [one.says for one in life.today] == ["No rule stands against it; it is not decided yet."]

        [life] = await why.why(at.context, "10001", as_of=when_decided)
        assert (life.undecided, life.today) == ((), ())
        assert [(one.state, one.attempts) for one in life.deliveries] == [("waiting", ())]

        [life] = await why.why(at.context, "10001", as_of=when_tried)
        assert [one.attempts[0].status for one in life.deliveries] == [503]
        kinds = [type(one.event).__name__ if isinstance(one, Entry) else one[1].outcome for one in life.timeline]
        assert kinds == ["InvoiceStatusChanged", "ContactAdded", "failed"]

        [life] = await why.why(at.context, "10001")
        kinds = [type(one.event).__name__ if isinstance(one, Entry) else one[1].outcome for one in life.timeline]
        assert kinds == ["InvoiceStatusChanged", "ContactAdded", "failed", "ContactRefused"]


async def test_as_of_a_moment_its_rules_judge(database: Database) -> None:
    async with desk(database) as at:
        paid = replace(at.trigger, condition=Condition(statuses=frozenset({"PAID"})))
        seen = await at.connect(trigger=paid)
        await at.see(seen, 1)
        await at.project(seen)
        before = await moment(at)
        await triggers.save(at.context, await at.again(seen), at.trigger)
        [life] = await why.why(at.context, "10001", as_of=before)
        assert [one.says for one in life.today] == ["It is SENT; the trigger waits for PAID."]
        [life] = await why.why(at.context, "10001")
        assert [one.says.partition(";")[0] for one in life.today] == ["It would be added under these rules"]


async def test_a_decision_names_the_version_and_the_trigger_as_they_were(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await blocks.add(at.context, seen, OTHER)
        await at.see(seen, 1)
        await at.project(seen)
        await triggers.save(at.context, await at.again(seen), replace(at.trigger, name="Uusi nimi"))
        await triggers.remove(at.context, await at.again(seen), at.trigger.id)
        [life] = await why.why(at.context, "10001")
        [added] = [entry.event for entry in life.entries if isinstance(entry.event, ContactAdded)]
        trigger = life.trigger(added)
        assert trigger is not None
        assert trigger.name == at.trigger.name
        [(position, version)] = life.versions.items()
        assert (position, version.event, version.actor) == (added.rules_version, "TriggerSaved", at.context.actor)
        assert version.rules.version == position - 1, "the block came after it, and changed no rule"
