"""The projector on real PostgreSQL: every event decided once, whatever is delivered to it and by how many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from events.contact import ContactRefused, ContactWithdrawn, Withdrawal
from events.integration import (
    OFF,
    AddressBlocked,
    Configuration,
    Destination,
    DestinationKind,
    IntegrationPaused,
    IntegrationReconnected,
    IntegrationRemoved,
    IntegrationResumed,
    Settings,
    SettingsSaved,
    StartsSurveys,
    TriggerRemoved,
    Waiting,
)
from servers.postgres import Database
from telling import MAIJA, PARTITION, Teller, told
from worker.verify import verify_partition


@pytest_asyncio.fixture
async def teller(database: Database) -> AsyncIterator[Teller]:
    async with told(database) as teller:
        yield teller


async def test_a_sent_invoice_becomes_one_contact_to_be_added_and_one_delivery(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(teller.sent(1))
    await teller.level()
    assert await teller.said() == ["ContactAdded"]
    assert await teller.waiting() == [(1, "contact", 1)]
    await teller.prove()


async def test_a_database_that_knows_less_than_was_acknowledged_is_believed(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(teller.sent(1))
    await teller.level()
    known = teller.projector.levels[PARTITION]
    teller.projector.levels[PARTITION] = replace(known, position=known.position + 5)
    await teller.tell(teller.sent(2))
    await teller.level()
    assert [invoice for invoice, *_ in await teller.waiting()] == [1, 2]
    await teller.prove()


async def test_each_rule_owns_the_events_up_to_the_position_where_it_changes(teller: Teller) -> None:
    await teller.connect()
    other = replace(teller.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
    await teller.tell(teller.sent(1), teller.saved(other), teller.sent(2))
    await teller.level()
    assert await teller.waiting() == [(1, "contact", 1), (2, "lists", 1)]
    await teller.prove()


async def test_what_kafka_repeats_or_jumps_over_changes_nothing(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(*(teller.sent(invoice) for invoice in range(1, 6)))
    records = await teller.records()
    assert (await teller.projector.apply({PARTITION: records[3:]}))[PARTITION].gap
    assert (await teller.projector.apply({PARTITION: records[:4]}))[PARTITION].applied == 4
    assert (await teller.projector.apply({PARTITION: records}))[PARTITION].applied == 3
    await teller.level()
    assert await teller.said() == ["ContactAdded"] * 5
    await teller.prove()


async def test_a_foreign_event_at_the_right_position_is_a_gap_not_a_decision(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(teller.sent(1))
    await teller.level()
    await teller.tell(teller.sent(2))
    genuine = (await teller.records())[-1]
    forged = replace(
        genuine, row=replace(genuine.row, data=genuine.row.data.replace(b'"invoice_id":2', b'"invoice_id":9'))
    )
    assert (await teller.projector.apply({PARTITION: [forged]}))[PARTITION].gap
    await teller.level()
    assert await teller.waiting() == [(1, "contact", 1), (2, "contact", 1)]


async def test_many_projectors_at_once_decide_everything_once(teller: Teller) -> None:
    await teller.connect(SettingsSaved(integration=teller.integration, id=uuid4(), settings=Settings(brake=OFF)))
    for first in range(0, 200, 20):
        await teller.tell(*(teller.sent(invoice) for invoice in range(first, first + 20)))
    records = await teller.records()
    await asyncio.gather(*(teller.projector.apply({PARTITION: records[at:]}) for at in (0, 0, 50, 0, 100)))
    await asyncio.gather(*(teller.projector.heal(PARTITION) for _ in range(4)))
    await teller.level()
    assert await teller.said() == ["ContactAdded"] * 200
    await teller.prove()


async def test_sent_again_after_a_correction_is_one_contact(teller: Teller) -> None:
    await teller.connect()
    back = replace(teller.sent(1, change=2), before="SENT", after="UNFINISHED")
    await teller.tell(teller.sent(1), back, teller.sent(1, change=3, before="UNFINISHED"))
    await teller.level()
    assert await teller.said() == ["ContactAdded", "already_added"]
    await teller.prove()


async def test_skipped_for_lack_of_an_address_and_then_corrected_still_fires(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(teller.sent(1, email=None), teller.sent(1, change=2, before="UNFINISHED"))
    await teller.level()
    assert await teller.said() == ["no_email", "ContactAdded"]
    await teller.prove()


async def test_two_triggers_and_a_recreated_one_add_to_one_list_once(teller: Teller) -> None:
    to_list = Destination(kind=DestinationKind.LISTS, lists=("a",))
    first = replace(teller.trigger, destination=to_list)
    second = replace(first, id=uuid4(), destination=replace(to_list, lists=("a", "b")))
    await teller.connect(teller.saved(first), teller.saved(second))
    await teller.tell(teller.sent(1))
    removed = TriggerRemoved(integration=teller.integration, id=uuid4(), trigger=first.id, waiting=Waiting.SEND)
    await teller.tell(removed, teller.saved(replace(first, id=uuid4())), teller.sent(1, change=2))
    await teller.level()
    assert [event.lists for event in await teller.added()] == [("a",), ("b",)]
    await teller.prove()


@pytest.mark.parametrize(
    ("ended", "step", "next_one"),
    [
        ("refused", 1, "ContactAdded"),
        ("withdrawn", 1, "ContactAdded"),
        ("refused", 2, "cool_down"),  # the contact is there, only its automation was not started
        ("withdrawn", 2, "cool_down"),
    ],
)
async def test_the_cool_down_counts_contacts_added_and_neither_refused_nor_withdrawn(
    teller: Teller, ended: str, step: int, next_one: str
) -> None:
    settings = SettingsSaved(integration=teller.integration, id=uuid4(), settings=Settings(cool_down_days=30))
    await teller.connect(settings)
    await teller.tell(teller.sent(1), teller.sent(2))
    await teller.level()
    decision = await teller.pool.fetchval("select decision from delivery")
    about: dict[str, Any] = {
        "integration": teller.integration,
        "invoice_id": 1,
        "partner": 7,
        "decision": decision,
        "step": step,
    }
    refused = ContactRefused(**about, status=400, reason="invalid")
    withdrawn = ContactWithdrawn(**about, reason=Withdrawal.NOT_ACTIVE)
    outcome = refused if ended == "refused" else withdrawn
    await teller.tell(outcome)
    await teller.level()
    await teller.tell(teller.sent(3))
    await teller.level()
    assert await teller.said() == ["ContactAdded", "cool_down", str(outcome.reason), next_one]
    await teller.prove()


async def test_a_refusal_frees_the_cool_down_only_for_what_follows_it(teller: Teller) -> None:
    settings = SettingsSaved(integration=teller.integration, id=uuid4(), settings=Settings(cool_down_days=30))
    await teller.connect(settings)
    await teller.tell(teller.sent(1))
    await teller.level()
    decision = await teller.pool.fetchval("select decision from delivery")
    refused = ContactRefused(
        integration=teller.integration, invoice_id=1, partner=7, decision=decision, status=400, reason="invalid"
    )
    await teller.tell(teller.sent(2), refused, teller.sent(3))
    await teller.level()
    assert [word for word in await teller.said() if word != "invalid"] == ["ContactAdded", "cool_down", "ContactAdded"]
    await teller.prove()


async def test_a_blocked_address_stays_blocked_when_the_organization_changes(teller: Teller) -> None:
    await teller.connect(AddressBlocked(integration=teller.integration, id=uuid4(), address=MAIJA))
    secret = uuid4()
    elsewhere = IntegrationReconnected(
        integration=teller.integration,
        id=uuid4(),
        company_id=1,
        organization="toinen",
        procountor_secret=secret,
        trustmary_secret=secret,
    )
    await teller.tell(elsewhere, teller.sent(1))
    await teller.level()
    assert await teller.said() == ["blocked"]
    await teller.prove()


async def test_a_blocked_address_or_domain_is_never_added(teller: Teller) -> None:
    blocked = [
        AddressBlocked(integration=teller.integration, id=uuid4(), address=address)
        for address in (MAIJA.upper(), "@toinen.fi")
    ]
    await teller.connect(*blocked)
    await teller.tell(teller.sent(1), teller.sent(2, email="x@toinen.fi"), teller.sent(3, email="x@kolmas.fi"))
    await teller.level()
    assert await teller.said() == ["blocked", "blocked", "ContactAdded"]
    await teller.prove()


async def test_an_automation_is_two_calls_in_order(teller: Teller) -> None:
    destination = Destination(kind=DestinationKind.AUTOMATION, automation="x", starts_surveys=StartsSurveys.YES)
    await teller.connect(teller.saved(replace(teller.trigger, destination=destination)))
    await teller.tell(teller.sent(1))
    await teller.level()
    assert await teller.waiting() == [(1, "contact", 1), (1, "automation", 2)]


async def resumed(teller: Teller, waiting: Waiting, *changes: Configuration) -> list[tuple[int, str, int]]:
    await teller.connect()
    await teller.tell(IntegrationPaused(integration=teller.integration, id=uuid4()))
    await teller.tell(*(teller.sent(invoice) for invoice in range(1, 4)), *changes)
    await teller.level()
    await teller.tell(IntegrationResumed(integration=teller.integration, id=uuid4(), waiting=waiting), teller.sent(4))
    await teller.level()
    await teller.prove()
    return await teller.waiting()


async def test_resuming_decides_what_waits_again_under_todays_rules(teller: Teller) -> None:
    to_list = replace(teller.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
    waits = await resumed(teller, Waiting.DECIDE_AGAIN, teller.saved(to_list))
    assert sorted(waits) == [(invoice, "lists", 1) for invoice in range(1, 5)]
    assert (await teller.said()).count("decided_again") == 3


async def test_resuming_can_send_as_decided(teller: Teller) -> None:
    to_list = replace(teller.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
    waits = await resumed(teller, Waiting.SEND, teller.saved(to_list))
    assert waits == [(1, "contact", 1), (2, "contact", 1), (3, "contact", 1), (4, "lists", 1)]


async def test_resuming_can_drop_what_waits(teller: Teller) -> None:
    assert await resumed(teller, Waiting.DROP) == [(4, "contact", 1)]
    assert (await teller.said()).count("dropped") == 3


async def test_more_than_one_transaction_can_take_back_waits_and_is_taken_back(teller: Teller) -> None:
    settings = Settings(cool_down_days=30, brake=OFF)
    await teller.connect(SettingsSaved(integration=teller.integration, id=uuid4(), settings=settings))
    await teller.tell(*(teller.sent(invoice, email=f"maija{invoice}@asiakas.fi") for invoice in range(1, 1202)))
    await teller.level()
    await teller.tell(teller.saved(teller.trigger, Waiting.DECIDE_AGAIN))
    await teller.level()
    assert len(await teller.waiting()) == 1201
    assert (await teller.said()).count("decided_again") == 1201
    await teller.prove()


async def test_a_removed_integration_sends_nothing_more(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(teller.sent(1))
    await teller.level()
    await teller.tell(IntegrationRemoved(integration=teller.integration, id=uuid4()), teller.sent(2))
    await teller.level()
    assert await teller.waiting() == []
    assert await teller.said() == ["ContactAdded", "integration_removed"]
    await teller.prove()


async def test_a_wrong_decision_in_the_log_is_found(teller: Teller) -> None:
    await teller.connect()
    await teller.tell(teller.sent(1))
    await teller.level()
    added = (await teller.added())[0]
    await teller.tell(replace(added, cause=uuid4(), contact={"email": "vaara@asiakas.fi"}))
    found = await verify_partition(teller.log, teller.vault, PARTITION)
    assert [fault.says.partition(":")[0] for fault in found.faults] == ["a decision that nothing asks for"]


@pytest.mark.parametrize(
    "tampering",
    [
        "update event set data = '{}' where stream like '%/5'",
        "update event set type = 'TriggerTurned' where stream like '%/5'",
    ],
)
async def test_an_event_that_does_not_read_stops_its_partition_aloud_and_no_other(
    teller: Teller, database: Database, tampering: str
) -> None:
    await teller.connect()
    await teller.level()
    await teller.tell(*(teller.sent(invoice) for invoice in range(1, 6)))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("alter table event disable trigger user")
    await owner.execute(tampering)
    await owner.close()
    with capture_logs() as said:
        await teller.level()
        await teller.level()
    assert [line["event"] for line in said] == ["partition stands still: run ptm verify"]
    assert [invoice for invoice, _, _ in await teller.waiting()] == [1, 2, 3, 4]
