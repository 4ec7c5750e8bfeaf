"""A database that ten thousand companies have filled: integrations with their names, and a million events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from benchmarks.ground import Ground, sent
from benchmarks.plan import delivered
from events import brake, codec
from events.contact import ContactAdded
from events.integration import IntegrationConnected, Rules, Trigger

INTEGRATIONS = 10_000
EVENTS = 1_000_000
AN_INVOICE = 4
"""Events of each: sent, to be added, added, paid."""
NAMED = 2_000
"""The newest events, appended as ever: with what names people, sealed. Of the others that is erased."""
CHUNK = 100_000
PATIENCE = 600
"""Seconds for one statement."""
FAMILY = UUID("5d8f3c5e-8b1c-4d9e-9a55-3d1f0f5f7f11")
FIRMS = ("Konepaja", "Rakennus", "Sähkö", "Puutarha", "Kuljetus", "Tilitoimisto", "Maalaus", "Siivous", "Kahvila")
PLACES = ("Espoo", "Tampere", "Oulu", "Turku", "Lahti", "Kuopio", "Vaasa", "Pori")
STAND_IN, NUMBER = UUID("00000000-0000-4000-8000-000000000001"), 777_000_777
"""What a sample has where the rows differ."""
ADD_CONNECTIONS = """
insert into connection (integration, service, state)
select id, service, case when id = any($2::uuid[]) and service = 'trustmary' then 'broken' else 'connected' end
from unnest($1::uuid[]) id, unnest(array['procountor', 'trustmary']) service
"""
ADD_READINGS = """
insert into ingest (integration, cursor, baseline, polled_at) select id, '', '', now() from unnest($1::uuid[]) id
"""
ADD_EVENTS = """
insert into event (partition, position, stream, id, type, schema, at, actor, data, digest, hash)
select n % 16, n / 16 + 1, 'invoice/' || i.id || '/' || a.invoice, gen_random_uuid(), ($2::text[])[a.step + 1],
    ($3::smallint[])[a.step + 1], now() - ($1::bigint - n) * interval '50 ms', 'worker',
    replace(replace(($4::text[])[a.step + 1], $5, i.id::text), $6, a.invoice::text)::json,
    sha256(int8send(n)), sha256(int8send(n))
from unnest($9::uuid[]) with ordinality i (id, place)
join (
    select n, n % cardinality($9::uuid[]) + 1 as place, (n / cardinality($9::uuid[])) % 4 as step,
        (n % cardinality($9::uuid[])) * 100 + n / cardinality($9::uuid[]) / 4 as invoice
    from generate_series($7::bigint, $8::bigint - 1) n
) a using (place)
"""
ADD_INVOICES = """
insert into invoice (integration, invoice, number, partner, status, change, old, changed_at)
select id, (place - 1) * 100 + n, 10000 + n, 1, 'PAID', 2, false, now() - n * interval '1 hour'
from unnest($1::uuid[]) with ordinality i (id, place), generate_series(0, $2::integer - 1) n
"""
ADD_DELIVERIES = """
insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice, contact_key,
    call, starts_surveys, state, attempts, settled_at, fingerprint)
select id, 'org-' || (place - 1), (place - 1) % 16, 1, gen_random_uuid(), gen_random_uuid(), id, (place - 1) * 100 + n,
    sha256(int8send(place)), 'contact', false, state, 1,
    case state when 'delivered' then now() - n * interval '1 hour' end, case state when 'parked' then 'no answer' end
from unnest($1::uuid[]) with ordinality i (id, place), generate_series(0, $2::integer - 1) n, lateral (
    select case
        when n = 0 and place % 50 = 0 then 'waiting' when n = 0 and place % 333 = 0 then 'parked' else 'delivered'
    end as state
) s
"""


def integration(place: int) -> UUID:
    return uuid5(FAMILY, str(place))


def company(place: int) -> str:
    return f"{FIRMS[place % len(FIRMS)]} {PLACES[place % len(PLACES)]} {place} Oy"


async def fill(here: Ground) -> None:
    """Mostly past the append function, which takes minutes for a million: what is made up so is no chain."""
    ids = [integration(place) for place in range(INTEGRATIONS)]
    await add_integrations(here, ids)
    await add_events(here, ids)
    for statement in (ADD_INVOICES, ADD_DELIVERIES):
        await here.owner.execute(statement, ids, EVENTS // INTEGRATIONS // AN_INVOICE, timeout=PATIENCE)
    for partition in range(16):
        await here.append(partition, [connected(ids[place], place) for place in range(partition, INTEGRATIONS, 16)])
        newest = range(partition, NAMED, 16)
        await here.append(partition, [sent(ids[place], 10_000_000 + place) for place in newest])
    for table in ("checkpoint", "relay"):
        await here.owner.execute(
            f"update {table} t set position = c.position from counter c where c.partition = t.partition"  # noqa: S608
        )
    await here.owner.execute("analyze", timeout=PATIENCE)


async def add_integrations(here: Ground, ids: list[UUID]) -> None:
    columns = ["id", "partition", "version", "state", "company_id", "organization", "names", "configuration"]
    hour = brake.hour_of(datetime.now(UTC))
    async with here.pool.acquire() as connection:
        await connection.copy_records_to_table("integration", records=list(rows(here, ids)), columns=columns)
        await connection.execute(ADD_CONNECTIONS, ids, ids[::500])
        await connection.execute(ADD_READINGS, ids)
        tallies = [(id, brake.to_json(tally(hour, place))) for place, id in enumerate(ids)]
        await connection.copy_records_to_table("tally", records=tallies, columns=["integration", "tally"])


def rows(here: Ground, ids: list[UUID]) -> Iterator[tuple[Any, ...]]:
    trigger = Trigger(id=uuid4(), name="Lähetetty")
    for place, id in enumerate(ids):
        rules = Rules(integration=id, version=1, organization=f"org-{place}", triggers={trigger.id: trigger})
        about = {"company": company(place), "business_id": f"{place:07}-1", "organization": f"Asiakkaat {place} Oy"}
        state = "paused" if place % 97 == 0 else "active"
        names = here.vault.seal_names(id, about)
        yield id, place % 16, 1, state, place + 1, f"org-{place}", names, codec.rules_to_json(rules)


def connected(id: UUID, place: int) -> IntegrationConnected:
    return IntegrationConnected(
        integration=id,
        id=uuid4(),
        company_id=place + 1,
        organization=f"org-{place}",
        procountor_secret=id,
        trustmary_secret=id,
        baseline=None,
    )


def tally(hour: int, place: int) -> brake.Tally:
    contacts = tuple((place + ago) % 4 for ago in range(brake.HOURS))
    return brake.Tally(hour=hour, hours=contacts, shown=contacts)


async def add_events(here: Ground, ids: list[UUID]) -> None:
    types, schemas, data = zip(*samples(), strict=True)
    for first in range(0, EVENTS, CHUNK):
        told = (EVENTS, types, schemas, data, str(STAND_IN), str(NUMBER), first, first + CHUNK, ids)
        await here.owner.execute(ADD_EVENTS, *told, timeout=PATIENCE)
    await here.owner.execute(
        "update counter set position = $1, at = now() - interval '1 minute', hash = sha256('')", EVENTS // 16
    )


def samples() -> list[tuple[str, int, str]]:
    """Type, schema and data of an invoice's events, its picture cut to what a line shows."""
    whole = sent(STAND_IN, NUMBER)
    kept = ("id", "partnerId", "type", "invoiceNumber", "date", "invoiceSumInfo")
    change = replace(whole, invoice={name: whole.invoice[name] for name in kept}, customer={"id": 1})
    added = ContactAdded(
        integration=STAND_IN,
        invoice_id=NUMBER,
        partner=1,
        cause=STAND_IN,
        trigger=STAND_IN,
        rules_version=1,
        contact={"email": "maija@asiakas.fi", "name": "Maija"},
        kind="contact",
    )
    paid = replace(change, before="SENT", after="PAID", change=2)
    life: tuple[codec.Event, ...] = (change, added, delivered(added), paid)
    return [(one.type, one.schema, one.data.decode()) for one in map(codec.encode, life)]
