"""The projector on real PostgreSQL: every event decided once, whatever is delivered to it and by how many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from events.contact import ContactRefused
from events.integration import (
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
from telling import MAIJA, PARTITION, Story, told
from worker.verify import verify_partition


@pytest_asyncio.fixture
async def story(database: Database) -> AsyncIterator[Story]:
    async with told(database) as story:
        yield story


async def test_a_sent_invoice_becomes_one_contact_to_be_added_and_one_delivery(story: Story) -> None:
    await story.connect()
    await story.tell(story.sent(1))
    await story.level()
    assert await story.said() == ["ContactAdded"]
    assert await story.waiting() == [(1, "contact", 1)]
    await story.prove()


async def test_each_rule_owns_the_events_up_to_the_position_where_it_changes(story: Story) -> None:
    await story.connect()
    other = replace(story.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
    await story.tell(story.sent(1), story.saved(other), story.sent(2))
    await story.level()
    assert await story.waiting() == [(1, "contact", 1), (2, "lists", 1)]
    await story.prove()


async def test_what_kafka_repeats_or_jumps_over_changes_nothing(story: Story) -> None:
    await story.connect()
    await story.tell(*(story.sent(invoice) for invoice in range(1, 6)))
    records = await story.records()
    assert (await story.projector.apply({PARTITION: records[3:]}))[PARTITION].gap
    assert (await story.projector.apply({PARTITION: records[:4]}))[PARTITION].applied == 4
    assert (await story.projector.apply({PARTITION: records}))[PARTITION].applied == 3
    await story.level()
    assert await story.said() == ["ContactAdded"] * 5
    await story.prove()


async def test_a_foreign_event_at_the_right_position_is_a_gap_not_a_decision(story: Story) -> None:
    await story.connect()
    await story.tell(story.sent(1))
    await story.level()
    await story.tell(story.sent(2))
    genuine = (await story.records())[-1]
    forged = replace(
        genuine, row=replace(genuine.row, data=genuine.row.data.replace(b'"invoice_id":2', b'"invoice_id":9'))
    )
    assert (await story.projector.apply({PARTITION: [forged]}))[PARTITION].gap
    await story.level()
    assert await story.waiting() == [(1, "contact", 1), (2, "contact", 1)]


async def test_many_projectors_at_once_decide_everything_once(story: Story) -> None:
    await story.connect()
    for first in range(0, 200, 20):
        await story.tell(*(story.sent(invoice) for invoice in range(first, first + 20)))
    records = await story.records()
    await asyncio.gather(*(story.projector.apply({PARTITION: records[at:]}) for at in (0, 0, 50, 0, 100)))
    await asyncio.gather(*(story.projector.heal(PARTITION) for _ in range(4)))
    await story.level()
    assert await story.said() == ["ContactAdded"] * 200
    await story.prove()


async def test_sent_again_after_a_correction_is_one_contact(story: Story) -> None:
    await story.connect()
    back = replace(story.sent(1, change=2), before="SENT", after="UNFINISHED")
    await story.tell(story.sent(1), back, story.sent(1, change=3, before="UNFINISHED"))
    await story.level()
    assert await story.said() == ["ContactAdded", "already_added"]
    await story.prove()


async def test_skipped_for_lack_of_an_address_and_then_corrected_still_fires(story: Story) -> None:
    await story.connect()
    await story.tell(story.sent(1, email=None), story.sent(1, change=2, before="UNFINISHED"))
    await story.level()
    assert await story.said() == ["no_email", "ContactAdded"]
    await story.prove()


async def test_two_triggers_and_a_recreated_one_add_to_one_list_once(story: Story) -> None:
    to_list = Destination(kind=DestinationKind.LISTS, lists=("a",))
    first = replace(story.trigger, destination=to_list)
    second = replace(first, id=uuid4(), destination=replace(to_list, lists=("a", "b")))
    await story.connect(story.saved(first), story.saved(second))
    await story.tell(story.sent(1))
    removed = TriggerRemoved(integration=story.integration, id=uuid4(), trigger=first.id, waiting=Waiting.SEND)
    await story.tell(removed, story.saved(replace(first, id=uuid4())), story.sent(1, change=2))
    await story.level()
    assert [event.lists for event in await story.added()] == [("a",), ("b",)]
    await story.prove()


async def test_the_cool_down_counts_contacts_added_and_not_refused(story: Story) -> None:
    settings = SettingsSaved(integration=story.integration, id=uuid4(), settings=Settings(cool_down_days=30))
    await story.connect(settings)
    await story.tell(story.sent(1), story.sent(2))
    await story.level()
    decision = await story.pool.fetchval("select decision from delivery")
    refused = ContactRefused(
        integration=story.integration, invoice_id=1, partner=7, decision=decision, status=400, reason="invalid"
    )
    await story.tell(refused, story.sent(3))
    await story.level()
    assert await story.said() == ["ContactAdded", "cool_down", "invalid", "ContactAdded"]
    await story.prove()


async def test_a_refusal_frees_the_cool_down_only_for_what_follows_it(story: Story) -> None:
    settings = SettingsSaved(integration=story.integration, id=uuid4(), settings=Settings(cool_down_days=30))
    await story.connect(settings)
    await story.tell(story.sent(1))
    await story.level()
    decision = await story.pool.fetchval("select decision from delivery")
    refused = ContactRefused(
        integration=story.integration, invoice_id=1, partner=7, decision=decision, status=400, reason="invalid"
    )
    await story.tell(story.sent(2), refused, story.sent(3))
    await story.level()
    assert [word for word in await story.said() if word != "invalid"] == ["ContactAdded", "cool_down", "ContactAdded"]
    await story.prove()


async def test_a_blocked_address_stays_blocked_when_the_organization_changes(story: Story) -> None:
    await story.connect(AddressBlocked(integration=story.integration, id=uuid4(), address=MAIJA))
    secret = uuid4()
    elsewhere = IntegrationReconnected(
        integration=story.integration,
        id=uuid4(),
        company_id=1,
        organization="toinen",
        procountor_secret=secret,
        trustmary_secret=secret,
    )
    await story.tell(elsewhere, story.sent(1))
    await story.level()
    assert await story.said() == ["blocked"]
    await story.prove()


async def test_a_blocked_address_or_domain_is_never_added(story: Story) -> None:
    blocked = [
        AddressBlocked(integration=story.integration, id=uuid4(), address=address)
        for address in (MAIJA.upper(), "@toinen.fi")
    ]
    await story.connect(*blocked)
    await story.tell(story.sent(1), story.sent(2, email="x@toinen.fi"), story.sent(3, email="x@kolmas.fi"))
    await story.level()
    assert await story.said() == ["blocked", "blocked", "ContactAdded"]
    await story.prove()


async def test_an_automation_is_two_calls_in_order(story: Story) -> None:
    destination = Destination(kind=DestinationKind.AUTOMATION, automation="x", starts_surveys=StartsSurveys.YES)
    await story.connect(story.saved(replace(story.trigger, destination=destination)))
    await story.tell(story.sent(1))
    await story.level()
    assert await story.waiting() == [(1, "contact", 1), (1, "automation", 2)]


async def resumed(story: Story, waiting: Waiting, *changes: Configuration) -> list[tuple[int, str, int]]:
    await story.connect()
    await story.tell(IntegrationPaused(integration=story.integration, id=uuid4()))
    await story.tell(*(story.sent(invoice) for invoice in range(1, 4)), *changes)
    await story.level()
    await story.tell(IntegrationResumed(integration=story.integration, id=uuid4(), waiting=waiting), story.sent(4))
    await story.level()
    await story.prove()
    return await story.waiting()


async def test_resuming_decides_what_waits_again_under_todays_rules(story: Story) -> None:
    to_list = replace(story.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
    waits = await resumed(story, Waiting.DECIDE_AGAIN, story.saved(to_list))
    assert sorted(waits) == [(invoice, "lists", 1) for invoice in range(1, 5)]
    assert (await story.said()).count("decided_again") == 3


async def test_resuming_can_send_as_decided(story: Story) -> None:
    to_list = replace(story.trigger, destination=Destination(kind=DestinationKind.LISTS, lists=("a",)))
    waits = await resumed(story, Waiting.SEND, story.saved(to_list))
    assert waits == [(1, "contact", 1), (2, "contact", 1), (3, "contact", 1), (4, "lists", 1)]


async def test_resuming_can_drop_what_waits(story: Story) -> None:
    assert await resumed(story, Waiting.DROP) == [(4, "contact", 1)]
    assert (await story.said()).count("dropped") == 3


async def test_more_than_one_transaction_can_take_back_waits_and_is_taken_back(story: Story) -> None:
    cooled = SettingsSaved(integration=story.integration, id=uuid4(), settings=Settings(cool_down_days=30))
    await story.connect(cooled)
    await story.tell(*(story.sent(invoice, email=f"maija{invoice}@asiakas.fi") for invoice in range(1, 1202)))
    await story.level()
    await story.tell(story.saved(story.trigger, Waiting.DECIDE_AGAIN))
    await story.level()
    assert len(await story.waiting()) == 1201
    assert (await story.said()).count("decided_again") == 1201
    await story.prove()


async def test_a_removed_integration_sends_nothing_more(story: Story) -> None:
    await story.connect()
    await story.tell(story.sent(1))
    await story.level()
    await story.tell(IntegrationRemoved(integration=story.integration, id=uuid4()), story.sent(2))
    await story.level()
    assert await story.waiting() == []
    assert await story.said() == ["ContactAdded", "integration_removed"]
    await story.prove()


async def test_a_wrong_decision_in_the_log_is_found(story: Story) -> None:
    await story.connect()
    await story.tell(story.sent(1))
    await story.level()
    added = (await story.added())[0]
    await story.tell(replace(added, cause=uuid4(), contact={"email": "vaara@asiakas.fi"}))
    found = await verify_partition(story.log, story.vault, PARTITION)
    assert [fault.says.partition(":")[0] for fault in found.faults] == ["a decision that nothing asks for"]


@pytest.mark.parametrize(
    "tampering",
    [
        "update event set data = '{}' where stream like '%/5'",
        "update event set type = 'TriggerTurned' where stream like '%/5'",
    ],
)
async def test_an_event_that_does_not_read_stops_its_partition_aloud_and_no_other(
    story: Story, database: Database, tampering: str
) -> None:
    await story.connect()
    await story.level()
    await story.tell(*(story.sent(invoice) for invoice in range(1, 6)))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("alter table event disable trigger user")
    await owner.execute(tampering)
    await owner.close()
    with capture_logs() as said:
        await story.level()
        await story.level()
    assert [line["event"] for line in said] == ["partition stands still: run ptm verify"]
    assert [invoice for invoice, _, _ in await story.waiting()] == [1, 2, 3, 4]
