"""People and secrets stand in no log, no metric, no table and no message, whatever becomes of the contact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from events.codec import encode
from events.contact import Skip, Withdrawal
from servers.postgres import Database
from stage import Stage, staged
from worker.operations import blocks

pytestmark = pytest.mark.acceptance

NAME = "Tuulikki Salaperäinen"
DOMAIN = "piilopaikka.fi"
IDENTITY_NUMBER = "131052-308T"
UNTIDY = "010594 y 9032"
"""Another one, as somebody typed it."""
PEOPLE = ("tuulikki", "salaper", "piilopaikka")
NUMBERS = (IDENTITY_NUMBER.lower(), "308t", "y 9032", "y9032")
PLANTED = (*PEOPLE, *NUMBERS)
"""In small letters: what is looked for."""


def secrets(stage: Stage) -> list[str]:
    keys = [each["api_key"] for each in (*stage.sandbox.companies, *stage.sandbox.organizations)]
    return [*keys, stage.sandbox.client_secret, stage.environment["PTM_MASTER_KEY"]]


def plant(stage: Stage, mailbox: str, *, kind: str = "named_contact") -> int:
    """An invoice to send, whose customer and contact are called as nobody else is."""
    world = stage.sandbox.world
    contact = {"name": NAME, "email": mailbox if "@" in mailbox else f"{mailbox}@{DOMAIN}"}
    if kind == "one_off":
        number = stage.invoice(kind=kind)
        party = world.invoice(number).paper["counterParty"]
        party |= {"contactPersonName": NAME, "email": contact["email"], "identifier": IDENTITY_NUMBER}
        return number
    customer = stage.customer(kind=kind)
    changes = {"name": f"Tmi {NAME}", "email": contact["email"], "contact_person": NAME, "contacts": [contact]}
    world.edit_customer(stage.company(0), customer, **changes)
    world.company(stage.company(0)).customers[customer].identifier = UNTIDY
    number = stage.invoice(customer=customer)
    paper = world.invoice(number).paper
    paper["counterParty"] |= {"contactPersonName": NAME, "email": contact["email"], "identifier": IDENTITY_NUMBER}
    paper["additionalInformation"] = f"{NAME}, {IDENTITY_NUMBER}, {UNTIDY}"
    return number


async def every_way(stage: Stage) -> None:
    """Contacts that arrive, fail for a while, are refused, skipped, blocked, unsubscribed: a planted person each."""
    stage.sandbox.faults.add("trustmary.contacts=5xx:1x3,trustmary.contacts.post=400:1x1,procountor.invoices=5xx:1x2")
    ways = {way: plant(stage, f"tuulikki.{way}") for way in ("arrives", "again", "third", "blocked", "left")}
    ways |= {"one_off": plant(stage, "tuulikki.kerta", kind="one_off"), "broken": plant(stage, f"tuulikki@@{DOMAIN}")}
    ways |= {"role": plant(stage, f"laskutus@{DOMAIN}")}
    stage.sandbox.world.add_contact(f"tuulikki.left@{DOMAIN}", name=NAME)
    stage.sandbox.world.set_contact(f"tuulikki.left@{DOMAIN}", status="unsubscribed")
    for invoice in ways.values():
        stage.act(invoice, "approve", "send")
    for invoice in ways.values():
        await stage.seen(invoice, "SENT")
    await stage.settled()
    assert await stage.decisions(ways["broken"]) == [Skip.INVALID_EMAIL]
    assert await stage.decisions(ways["role"]) == [Skip.ROLE_ADDRESS]
    assert await stage.decisions(ways["blocked"]) == [Skip.BLOCKED]
    assert await stage.outcomes(ways["left"]) == [Withdrawal.NOT_ACTIVE]
    ended = [(await stage.outcomes(ways[way]))[-1] for way in ("arrives", "again", "third", "one_off")]
    assert sorted(ended) == ["ContactDelivered"] * 3 + ["invalid"]  # one was refused


async def texts_of(database: Database) -> dict[str, str]:
    """Every row of every table, as text."""
    connection = await asyncpg.connect(database.admin_url)
    try:
        tables = await connection.fetch(
            "select format('%I.%I', schemaname, tablename) as name from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        )
        found = {}
        for table in tables:
            rows = await connection.fetch(f"select each::text as row from {table['name']} as each")  # noqa: S608
            found[table["name"]] = "\n".join(row["row"] for row in rows)
        return found
    finally:
        await connection.close()


async def messages_of(bootstrap: str, topic: str) -> list[bytes]:
    """Key, value and headers of every message."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=10)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        places = places or [TopicPartition(topic, number) for number in range(16)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[bytes] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                for message in messages:
                    headers = b"".join(name.encode() + b"=" + value + b";" for name, value in message.headers)
                    found.append((message.key or b"") + b"|" + (message.value or b"") + b"|" + headers)
        return found
    finally:
        await consumer.stop()


async def unsealed(stage: Stage) -> AsyncIterator[str]:
    """Every event as who has the keys reads it."""
    log = stage.context.log
    for partition, head in (await log.heads()).items():
        for event in await log.open(await log.read(partition, 0, head.position)) if head.position else ():
            encoded = encode(event)
            yield (encoded.data + (encoded.personal or b"")).decode()


def spellings(planted: str) -> Iterator[str]:
    """As it is, and as a bytea column would show it."""
    yield planted.lower()
    yield planted.encode().hex()


def findings(where: str, text: str, planted: list[str]) -> list[str]:
    low = text.lower()
    return [f"{each!r} in {where}" for each in planted if any(spelling in low for spelling in spellings(each))]


async def test_a_planted_person_and_the_keys_are_found_nowhere(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    more = {"PTM_LOG_LEVEL": "debug"}
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=more) as stage:
        seen = await stage.connect()
        await blocks.add(stage.context, seen, f"tuulikki.blocked@{DOMAIN}")
        await stage.start(2)
        await every_way(stage)
        planted = [*PLANTED, *secrets(stage)]

        await stage.told()
        messages = await messages_of(tansu, topic)
        tables = await texts_of(database)
        found = [finding for name, text in tables.items() for finding in findings(name, text, planted)]
        for worker in stage.workers:
            found += findings("the log of a worker", worker.said(), planted)
            found += findings("/metrics", await worker.page("metrics"), planted)
            found += findings("/healthz", await worker.page("healthz"), planted)
        for message in messages:
            found += findings("Kafka", message.decode(errors="replace"), planted)
        assert not found

        opened = "\n".join([text async for text in unsealed(stage)])
        assert not findings("the log, opened", opened, list(NUMBERS))
        assert findings("the log, opened", opened, list(PEOPLE)), "people stand there, sealed"

        # The search itself finds what stands there: ids, and the person where it belongs.
        invoice = str(stage.verdict().expected and stage.sandbox.books.changes[-1].invoice)
        assert len(messages) == await stage.context.pool.fetchval("select count(*) from event")
        assert findings("event", tables["public.event"], [invoice])
        assert findings("Kafka", messages[-1].decode(errors="replace"), [str(seen.id)])
        assert any(arrival.name == NAME for arrival in stage.arrivals)
