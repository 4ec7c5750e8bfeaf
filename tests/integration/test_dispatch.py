"""Deliveries on real PostgreSQL to the sandbox's Trustmary: what is sent, what is left alone, and in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio

from dispatching import BRISK, Post, posting
from events.contact import ContactDelivered, ContactRefused, ContactWithdrawn, Withdrawal
from eventually import eventually
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters import queries, schema

MAIJA = "maija.meikalainen@esimerkki-asiakas.fi"
PEKKA = "pekka.virtanen@esimerkki-toinen.fi"


@pytest_asyncio.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with Sandbox(organizations=3, customers=1) as sandbox, posting(database.database_url, sandbox) as made:
        yield made


async def test_a_contact_arrives_and_the_log_says_so(post: Post) -> None:
    added = await post.add(await post.integration(), MAIJA)
    async with post.worker():
        await eventually(lambda: post.all_in("delivered"))
    assert post.arrived() == [(MAIJA, str(added.invoice_id))]
    outcome = (await post.outcomes(added))[-1]
    assert isinstance(outcome, ContactDelivered)
    assert (outcome.status, outcome.attempts) == (200, 1)
    assert outcome.answer["action"] == "IMPORT_CREATE"


async def test_a_contact_comes_to_the_lists_of_its_destination(post: Post) -> None:
    home = post.sandbox.world.organization()
    lists = tuple(home.lists)[:2]
    await post.add(await post.integration(), MAIJA, lists=lists)
    async with post.worker():
        await eventually(lambda: post.all_in("delivered"))
    assert [tuple(each.lists) for each in post.sandbox.world.books.arrivals] == [lists]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"deleted": True}, Withdrawal.DELETED_THERE),
        ({"status": "unsubscribed"}, Withdrawal.NOT_ACTIVE),
        ({"status": "complaint"}, Withdrawal.NOT_ACTIVE),
    ],
)
@pytest.mark.parametrize("automation", [False, True])
async def test_a_deleted_or_unsubscribed_contact_is_left_alone(
    post: Post, state: dict[str, object], reason: Withdrawal, automation: bool
) -> None:
    world = post.sandbox.world
    world.add_contact(MAIJA, name="Vanha Nimi")
    world.set_contact(MAIJA, **state)  # type: ignore[arg-type]  # what a person did there
    target = next(iter(world.organization().automations)) if automation else None
    added = await post.add(await post.integration(), MAIJA, automation=target)
    async with post.worker():
        await eventually(lambda: post.all_in("withdrawn"))
    assert world.books.arrivals == []
    assert world.organization().contacts[MAIJA].plain["name"] == "Vanha Nimi"
    reasons = [event.reason for event in await post.outcomes(added) if isinstance(event, ContactWithdrawn)]
    assert reasons == ([reason, Withdrawal.FIRST_STEP_FAILED] if automation else [reason])


async def test_a_trigger_that_leaves_known_contacts_alone_adds_only_new_ones(post: Post) -> None:
    post.sandbox.world.add_contact(MAIJA, name="Vanha Nimi")
    integration = await post.integration()
    known = await post.add(integration, MAIJA, existing="leave")
    await post.add(integration, PEKKA, existing="leave")
    async with post.worker():
        await eventually(lambda: post.all_in("withdrawn", "delivered"))
    assert [email for email, _ in post.arrived()] == [PEKKA]
    outcome = (await post.outcomes(known))[-1]
    assert isinstance(outcome, ContactWithdrawn)
    assert outcome.reason is Withdrawal.EXISTS


async def test_what_trustmary_finds_invalid_is_refused_and_does_not_come_back(post: Post) -> None:
    post.sandbox.faults.add("trustmary.contacts.post=422:1x1")
    added = await post.add(await post.integration(), MAIJA)
    async with post.worker():
        await eventually(lambda: post.all_in("refused"))
    outcome = (await post.outcomes(added))[-1]
    assert isinstance(outcome, ContactRefused)
    assert (outcome.status, outcome.reason) == (422, "invalid")
    assert outcome.answer["errors"]
    assert post.arrived() == []


async def test_no_call_leaves_before_what_decided_it(post: Post) -> None:
    """A claim may be handed over while the decision is being committed, and see it."""
    integration, us = await post.integration(), uuid4()
    organization = post.organizations[integration]
    async with post.pool.acquire() as connection, connection.transaction():
        await connection.execute("select now()")
        added = await post.add(integration, MAIJA)
        await connection.execute("update delivery set next_at = now()")
        await connection.execute("update lane set lease_owner = $1, lease_until = now() + interval '1 hour'", us)
        claim = queries.load("delivery")["claim_waiting"]
        [row] = await connection.fetch(claim, us, [organization], [1], 10.0, schema.newest())
    [decided] = [one.at for one in await post.log.read_stream(added.stream)]
    assert decided < row["attempted_at"]


async def test_an_automation_is_two_calls_in_order(post: Post) -> None:
    automation = next(iter(post.sandbox.world.organization().automations))
    added = await post.add(await post.integration(), MAIJA, automation=automation)
    post.sandbox.faults.add("trustmary.contacts.post=503:1x1,trustmary.automations.post=503:1x1")
    async with post.worker():
        await eventually(lambda: post.all_in("delivered"))
    assert [each.call for each in post.sandbox.world.books.arrivals] == ["contact", "automation"]
    steps = [event.step for event in await post.outcomes(added) if isinstance(event, ContactDelivered)]
    assert steps == [1, 2]


async def test_an_automation_is_not_started_for_a_contact_that_was_refused(post: Post) -> None:
    automation = next(iter(post.sandbox.world.organization().automations))
    post.sandbox.faults.add("trustmary.contacts.post=400:1x1")
    added = await post.add(await post.integration(), MAIJA, automation=automation)
    async with post.worker():
        await eventually(lambda: post.all_in("refused", "withdrawn"))
    assert await post.states() == ["refused", "withdrawn"]
    assert isinstance((await post.outcomes(added))[-1], ContactWithdrawn)
    assert post.sandbox.world.books.arrivals == []


async def test_a_contacts_deliveries_keep_their_order_under_retries(post: Post) -> None:
    integration = await post.integration()
    post.sandbox.faults.add("trustmary.contacts.post=503:0.3")
    added = await post.add_all(integration, [MAIJA, PEKKA] * 6)
    async with post.worker(replace(BRISK, per_lane=8)):
        await eventually(lambda: post.all_in("delivered"))
    for email in (MAIJA, PEKKA):
        wanted = [str(each.invoice_id) for each in added if each.contact["email"] == email]
        assert [invoice for address, invoice in post.arrived() if address == email] == wanted


async def test_live_goes_before_replay(post: Post) -> None:
    integration = await post.integration()
    await post.add_all(integration, [f"vanha{n}@esimerkki-asiakas.fi" for n in range(5)], replay=True)
    await post.add_all(integration, [f"uusi{n}@esimerkki-asiakas.fi" for n in range(5)])
    async with post.worker(replace(BRISK, per_lane=1)):
        await eventually(lambda: post.all_in("delivered"))
    assert [email[:4] for email, _ in post.arrived()] == ["uusi"] * 5 + ["vanh"] * 5


async def test_four_workers_on_one_lane_still_send_one_at_a_time_per_contact(post: Post) -> None:
    integration = await post.integration()
    post.sandbox.faults.add("trustmary.contacts=latency:5:0.5,trustmary.contacts.post=503:0.05")
    emails = [f"asiakas{n % 7}@esimerkki-asiakas.fi" for n in range(140)]
    added = await post.add_all(integration, emails)
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(post.worker(replace(BRISK, lease=3)))
        await eventually(lambda: post.all_in("delivered"))
    assert sorted(post.arrived()) == sorted((each.contact["email"], str(each.invoice_id)) for each in added)
    for email in set(emails):
        wanted = [str(each.invoice_id) for each in added if each.contact["email"] == email]
        assert [invoice for address, invoice in post.arrived() if address == email] == wanted
    overlaps = await post.pool.fetchval(
        "with span as (select contact_key, delivery.id, started_at, finished_at, number from attempt"
        " join delivery on delivery.id = attempt.delivery)"
        " select count(*) from span a join span b using (contact_key)"
        " where (a.id, a.number) < (b.id, b.number)"
        " and a.started_at < b.finished_at and b.started_at < a.finished_at"
    )
    assert overlaps == 0


async def test_a_parked_delivery_does_not_hold_up_the_contacts_later_ones(post: Post) -> None:
    integration = await post.integration()
    gone = await post.add(integration, MAIJA, lists=("gone",))
    later = await post.add(integration, MAIJA)
    async with post.worker():
        await eventually(lambda: post.all_in("parked", "delivered"))
    row = await post.row(gone)
    assert (row["state"], row["fingerprint"]) == ("parked", "gone:trustmary:list:gone")
    assert post.arrived() == [(MAIJA, str(later.invoice_id))]
    assert await post.outcomes(gone) == []


async def test_a_parked_first_step_leaves_its_automation_waiting_and_others_free(post: Post) -> None:
    integration = await post.integration()
    automation = next(iter(post.sandbox.world.organization().automations))
    post.sandbox.faults.add("trustmary.contacts.post=404:1x1")
    stuck = await post.add(integration, MAIJA, automation=automation)
    free = await post.add(integration, MAIJA)
    async with post.worker():
        await eventually(lambda: post.all_in("parked", "waiting", "delivered"))
        await eventually(lambda: post.arrived() == [(MAIJA, str(free.invoice_id))])
    assert [(await post.row(stuck, step))["state"] for step in (1, 2)] == ["parked", "waiting"]


async def test_an_erased_contact_is_withdrawn(post: Post) -> None:
    added = await post.add(await post.integration(), MAIJA)
    await post.vault.destroy([added.subject])
    async with post.worker():
        await eventually(lambda: post.all_in("withdrawn"))
    outcome = (await post.outcomes(added))[-1]
    assert isinstance(outcome, ContactWithdrawn)
    assert outcome.reason is Withdrawal.DISCARDED
    assert post.sandbox.trustmary_meter.total == 0


async def test_a_pause_stops_sending_at_once_and_loses_nothing(post: Post) -> None:
    integration, other = await post.integration(), await post.integration()
    post.sandbox.faults.add("trustmary.contacts.get=latency:20")
    mine = await post.add_all(integration, [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(60)])
    async with post.worker(replace(BRISK, per_lane=4)):
        await eventually(lambda: len(post.arrived()) >= 4)
        await post.pool.execute("update integration set state = 'paused' where id = $1", integration)
        await eventually(
            lambda: post.pool.fetchval("select not exists (select from delivery where state = 'attempting')")
        )
        sent = len(post.arrived())
        assert sent < len(mine)
        last = await post.add(other, PEKKA)
        await eventually(lambda: (PEKKA, str(last.invoice_id)) in post.arrived())
        assert len(post.arrived()) == sent + 1
        await post.pool.execute("update integration set state = 'active' where id = $1", integration)
        await eventually(lambda: post.all_in("delivered"))
    assert len(set(post.arrived())) == len(post.arrived()) == len(mine) + 1


async def test_a_broken_key_stops_only_its_integration_and_recovers(post: Post) -> None:
    good, bad = await post.integration(), await post.integration(api_key="not a key")
    held = await post.add_all(bad, [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(5)])
    async with post.worker(replace(BRISK, probe=0.5)):
        await eventually(
            lambda: post.pool.fetchval("select true from connection where state = 'broken' and integration = $1", bad)
        )
        sent = await post.add(good, MAIJA)
        await eventually(lambda: post.arrived() == [(MAIJA, str(sent.invoice_id))])
        assert not await post.pool.fetchval(
            "select exists (select from delivery where integration = $1 and state <> 'waiting')", bad
        )
        key = post.sandbox.trustmary_api_key.encode()
        secret = await post.pool.fetchval("select trustmary_secret from integration where id = $1", bad)
        await post.vault.replace_secret(secret, key)
        await eventually(lambda: post.all_in("delivered"))
    said = [event.type for event in await post.log.open(await post.log.read_stream(f"connection/{bad}"))]
    assert said == ["ConnectionBroken", "ConnectionRestored"]
    assert len(post.arrived()) == len(held) + 1


async def test_stopping_finishes_what_is_under_way_and_gives_the_lanes_back(post: Post) -> None:
    post.sandbox.faults.add("trustmary.contacts.get=latency:200")
    await post.add_all(await post.integration(), [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(40)])
    async with post.worker(replace(BRISK, per_lane=4)):
        await eventually(lambda: post.pool.fetchval("select exists (select from delivery where state = 'attempting')"))
    assert set(await post.states()) == {"delivered", "waiting"}
    assert await post.pool.fetchval("select count(*) from lane where lease_owner is not null") == 0
    assert len(post.arrived()) == (await post.states()).count("delivered")


async def test_no_delivery_costs_a_round_trip_of_its_own(post: Post) -> None:
    """Claimed, read, settled and told in batches: three hundred deliveries take far fewer transactions than that."""
    integrations = [await post.integration(name) for name in post.sandbox.world.organizations]
    for integration in integrations:
        await post.add_all(integration, [f"asiakas{n}@esimerkki-asiakas.fi" for n in range(100)])

    async def transactions() -> int:
        await post.pool.execute("select pg_stat_force_next_flush()")
        count: int = await post.pool.fetchval(
            "select xact_commit from pg_stat_database where datname = current_database()"
        )
        return count

    before = await transactions()
    async with post.worker(replace(BRISK, per_lane=32, linger=0.05)):
        await eventually(lambda: len(post.arrived()) == 300)
    assert await post.all_in("delivered"), "what was under way is settled before a worker stops"
    await eventually(
        lambda: post.pool.fetchval("select count(*) < 5 from pg_stat_activity where datname = current_database()")
    )
    taken = await transactions() - before
    assert 10 < taken < 200
