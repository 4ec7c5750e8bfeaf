"""What waits for a person, from a real database: each cause once, gone when it is gone, and retried in order."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desk import Desk, desk, sent
from events.attention import SHARED, Cause, Group
from events.contact import ContactRefused, Skip
from events.delivery import UNKNOWN
from events.integration import Trigger
from events.invoice import Kind
from events.replay import Reach
from events.words import english
from office import opened
from servers.postgres import Database
from worker.adapters.log import Draft
from worker.operations import attention, deliveries, integrations, lifecycle, saving, triggers
from worker.operations import causes as opened_causes
from worker.operations.integrations import Integration


async def causes(at: Desk, seen: Integration | None = None) -> dict[tuple[Cause, str], Group]:
    found = await attention.read(at.context, among=None if seen is None else [seen.id])
    return {(one.cause, one.key): one for one in found.groups if one.cause is not Cause.NO_WORKER}


async def wait_to_be_sent(at: Desk, seen: Integration, invoice: int, *, partner: int, email: str | None) -> None:
    """As ingest records an invoice that is not sent yet."""
    told = sent(seen.id, invoice, email=email)
    event = replace(
        told,
        before=None,
        after="NOT_SENT",
        kind=Kind.BASELINE,
        invoice={**told.invoice, "partnerId": partner},
        customer={**(told.customer or {}), "id": partner, "name": f"Asiakas {partner}"},
    )
    rows = await at.context.log.prepare([Draft(event=event)])
    async with at.context.pool.acquire() as connection, connection.transaction():
        await at.context.log.append(connection, seen.partition, rows)
        await connection.execute(
            "insert into invoice (integration, invoice, number, partner, status, change, old, reread_at)"
            " values ($1, $2, $3, $4, 'NOT_SENT', 1, false, now())",
            seen.id,
            invoice,
            10_000 + invoice,
            partner,
        )


async def works(at: Desk) -> None:
    """A worker was seen a moment ago."""
    await at.context.pool.execute("insert into worker (id, host, pid, version) values ($1, 'here', 1, '1')", uuid4())


async def test_nothing_waits_where_all_is_well(database: Database) -> None:
    async with desk(database) as at:
        assert (await attention.read(at.context)).groups == ()
        seen = await at.connect()
        assert [one.cause for one in (await attention.read(at.context)).groups] == [Cause.NO_WORKER]
        await works(at)
        await at.see(seen, 1)
        await at.project(seen)
        await wait_to_be_sent(at, seen, 2, partner=8, email="pekka@toinen.fi")
        assert (await attention.read(at.context)).groups == ()


async def test_unsent_invoices_are_judged_before_they_are_sent(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await wait_to_be_sent(at, seen, 1, partner=1, email=None)
        await wait_to_be_sent(at, seen, 2, partner=1, email=None)
        await wait_to_be_sent(at, seen, 3, partner=2, email="pekka@@toinen.fi")
        await wait_to_be_sent(at, seen, 4, partner=3, email="laskutus@kolmas.fi")
        for invoice, partner in ((5, 4), (6, 5), (7, 6)):
            await wait_to_be_sent(at, seen, invoice, partner=partner, email="tilitoimisto.oy@tili.fi")
        found = await causes(at)
        assert {key: (one.count, one.invoices) for (_, key), one in found.items()} == {
            Skip.NO_EMAIL: (1, 2),
            Skip.INVALID_EMAIL: (1, 1),
            Skip.ROLE_ADDRESS: (1, 1),
            SHARED: (3, 3),
        }
        assert {cause for cause, _ in found} == {Cause.UNSENT}
        [sample] = found[Cause.UNSENT, Skip.NO_EMAIL].samples
        assert (sample.label, sample.invoices) == ("Asiakas 1 (customer 1)", (10_001, 10_002))
        await at.context.pool.execute("update invoice set status = 'SENT'")
        assert await causes(at) == {}


async def test_only_what_the_latest_picture_says_counts(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await wait_to_be_sent(at, seen, 1, partner=1, email=None)
        again = replace(sent(seen.id, 1, email="pekka@toinen.fi"), change=2, before="NOT_SENT", after="UNFINISHED")
        rows = await at.context.log.prepare([Draft(event=again)])
        async with at.context.pool.acquire() as connection, connection.transaction():
            await at.context.log.append(connection, seen.partition, rows)
        assert await causes(at) == {}


async def test_customers_that_nobody_could_be_asked_of_are_told_with_their_invoices(database: Database) -> None:
    async with desk(database, companies=2) as at:
        one, two = await at.connect(0), await at.connect(1, trigger=Trigger(id=uuid4(), name="Toinen"))
        for invoice in (1, 2):
            await at.see(one, invoice, email=None)
        await at.see(two, 3, email=None)
        await at.see(two, 4, total=-5.0)
        await at.project(one)
        await at.project(two)
        group = (await causes(at))[Cause.UNASKED, Skip.NO_EMAIL]
        assert (group.count, group.invoices, group.integrations) == (2, 3, 2)
        assert {sample.invoices for sample in group.samples} == {(10_001, 10_002), (10_003,)}
        only = await causes(at, one)
        assert set(only) == {(Cause.UNASKED, Skip.NO_EMAIL)}
        assert only[Cause.UNASKED, Skip.NO_EMAIL].count == 1
        later = await attention.read(at.context, days=0)
        assert Cause.UNASKED not in {each.cause for each in later.groups}


async def test_an_invoice_that_led_to_a_contact_after_all_waits_for_nobody(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1, email=None)
        await at.project(seen)
        assert set(await causes(at)) == {(Cause.UNASKED, Skip.NO_EMAIL)}
        again = replace(sent(seen.id, 1), change=2, before="INVALIDATED")
        rows = await at.context.log.prepare([Draft(event=again)])
        async with at.context.pool.acquire() as connection, connection.transaction():
            await at.context.log.append(connection, seen.partition, rows)
        await at.project(seen)
        assert await causes(at) == {}


async def test_a_customer_whom_a_replay_has_asked_waits_for_nobody_with_any_invoice(database: Database) -> None:
    async with opened(database) as office:
        for invoice in (1, 2):
            await office.at.see(office.integration, invoice, email="laskutus@asiakas.fi")
        await office.deliver()
        assert set(await causes(office.at)) == {(Cause.UNASKED, Skip.ROLE_ADDRESS)}
        await saving.edit(office.at.context, await office.seen(), role_addresses=True)
        await office.at.project(office.integration)
        kept = await office.plan(skips=frozenset({Skip.ROLE_ADDRESS.value}))
        await office.apply(kept, Reach.RECORD)
        await office.carry_out(kept)
        recorded = await causes(office.at)
        assert recorded[Cause.UNASKED, Skip.ROLE_ADDRESS].invoices == 2
        kept = await office.plan(skips=frozenset({Skip.ROLE_ADDRESS.value, Skip.RECORDED.value}))
        await office.apply(kept, Reach.CONTACT)
        await office.carry_out(kept)
        assert await causes(office.at) == {}


async def test_refused_contacts_are_told_by_what_was_answered(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.project(seen)
        [one] = await deliveries.of_invoice(at.context, seen.id, 1)
        event = ContactRefused(
            integration=seen.id, invoice_id=1, partner=7, decision=one.decision, status=400, reason="invalid"
        )
        rows = await at.context.log.prepare([Draft(event=event, cause=one.decision)])
        async with at.context.pool.acquire() as connection, connection.transaction():
            await at.context.log.append(connection, seen.partition, rows)
            await connection.execute("update delivery set state = 'refused', settled_at = now()")
        group = (await causes(at))[Cause.REFUSED, "invalid, 400"]
        plan = f"ptm replay plan {str(seen.id)[:8]} --invoice 10001 --customers latest"
        assert (group.count, group.commands) == (1, ("ptm why 10001", plan))
        assert group.samples[0].label == "maija.meikalainen@asiakas.fi"


async def test_broken_failing_paused_and_drafted_are_told(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await triggers.save(at.context, seen, replace(at.trigger, live=False))
        execute = at.context.pool.execute
        assert {(cause, one.urgent) for (cause, _), one in (await causes(at)).items()} == {(Cause.DRAFT, False)}
        await execute("update ingest set failing_since = now() - interval '2 hours', failure = 'no answer'")
        await execute("update integration set state = 'paused'")
        found = await causes(at)
        assert {cause for cause, _ in found} == {Cause.DRAFT, Cause.READING, Cause.PAUSED}
        assert found[Cause.READING, ""].urgent
        await execute("update connection set state = 'broken', reason = 'credentials' where service = 'procountor'")
        found = await causes(at)
        assert {cause for cause, _ in found} == {Cause.DRAFT, Cause.BROKEN, Cause.PAUSED}
        assert found[Cause.BROKEN, "procountor:credentials"].commands == (
            f"ptm integration reconnect {str(seen.id)[:8]}",
        )


async def test_a_draft_is_as_old_as_its_drafting(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        seen = await triggers.save(at.context, seen, replace(at.trigger, live=False))
        drafted = datetime.now(UTC)
        await triggers.save(at.context, seen, replace(at.trigger, live=False, name="Uusi"))
        group = (await causes(at))[Cause.DRAFT, ""]
        assert group.oldest is not None
        assert group.oldest < drafted
        assert group.commands == (f"ptm trigger promote {str(seen.id)[:8]} Uusi",)


async def test_a_partition_that_stands_still_is_told_once_a_worker_runs(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await works(at)
        for invoice in (1, 2):
            await at.see(seen, invoice)
        assert await causes(at) == {}
        found = await attention.read(at.context, stands=timedelta())
        [group] = found.groups
        assert (group.cause, group.count, group.samples[0].label) == (
            Cause.STANDSTILL,
            1,
            f"partition {seen.partition}",
        )
        assert group.samples[0].detail == "2 events behind position 2"
        await at.project(seen)
        assert (await attention.read(at.context, stands=timedelta())).groups == ()


async def test_parked_deliveries_are_one_group_a_cause_and_are_retried_in_order(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen = await at.connect()
        for invoice in range(1, 9):
            await at.see(seen, invoice, email=f"asiakas{invoice}@asiakas.fi")
        await at.project(seen)
        await at.context.pool.execute(
            "update delivery set state = 'parked', attempts = 8, failure = 'no luck', fingerprint ="
            " case when invoice <= 6 then 'unavailable:trustmary:503' else $1 end",
            UNKNOWN,
        )
        found = await causes(at)
        assert {(cause, one.count) for (cause, _), one in found.items()} == {(Cause.PARKED, 6), (Cause.UNKNOWN, 2)}
        group = found[Cause.PARKED, "unavailable:trustmary:503"]
        assert group.commands[0] == "ptm delivery retry --fingerprint unavailable:trustmary:503"
        wanted = deliveries.Filter(states=("parked",), fingerprint="unavailable:trustmary:503")
        ids = [one.id for one in await deliveries.read(at.context, wanted)]
        assert await deliveries.retry(at.context, ids) == sorted(ids)
        rows = await at.context.pool.fetch(
            "select id, extract(epoch from next_at - min(next_at) over ())::double precision as after"
            " from delivery where state = 'waiting' order by next_at"
        )
        assert [row["id"] for row in rows] == sorted(ids)
        half = 2 * 2 / at.context.settings.trustmary_pace
        assert [row["after"] for row in rows] == pytest.approx([half * place for place in range(6)])
        assert {cause for cause, _ in await causes(at)} == {Cause.UNKNOWN}


async def test_all_is_told_with_no_more_integrations_at_hand_than_a_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(database, companies=3) as at:
        for place in range(3):
            seen = await at.connect(place)
            await wait_to_be_sent(at, seen, place, partner=7, email=None)
            await lifecycle.pause(at.context, await at.again(seen))
        del seen
        whole = await attention.read(at.context)
        monkeypatch.setattr(integrations, "PAGE", 1)
        at_hand: list[int] = []

        def say(sentence: str, **values: object) -> str:
            gc.collect()
            at_hand.append(sum(isinstance(one, Integration) for one in gc.get_objects()))
            return english(sentence, **values)

        paged = await attention.read(at.context, say=say)
        assert paged.groups == whole.groups
        assert {one.integrations for one in paged.groups if one.cause in (Cause.PAUSED, Cause.UNSENT)} == {3}
        assert max(at_hand) == 1


async def test_what_the_database_counts_is_told_without_reading_an_integration(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.see(seen, 1)
        await at.project(seen)
        await at.context.pool.execute("update delivery set state = 'parked', fingerprint = 'x'")
        monkeypatch.delattr(integrations, "as_integration")
        found = await opened_causes.items(at.context, Cause.PARKED, "x")
        assert [item.company for item in found.items] == [seen.company]
