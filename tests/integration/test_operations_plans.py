"""What screens ask often stays cheap when the tables are large: the index is used, whatever was delivered before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from desk import Desk, desk
from servers.postgres import Database
from worker.adapters import alerts
from worker.operations.context import SQL

FILL = """
insert into delivery (integration, organization, partition, position, decision, cause, trigger, invoice, contact_key,
    call, starts_surveys, state, settled_at, fingerprint)
select $1, 'o', 0, n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), n, '\\x00', 'contact', false,
    case when n % 4000 = 0 then 'parked' else 'delivered' end, case when n % 4000 = 0 then null else now() end,
    case when n % 4000 = 0 then 'x' end
from generate_series(1, 20000) n
"""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FILL_EVENTS = """
insert into event (partition, position, stream, id, type, schema, at, actor, data, digest, hash)
select 15, n, 'invoice/' || $1::uuid || '/' || n, gen_random_uuid(),
    case when n % 400 = 0 then 'ContactSkipped' else 'InvoiceStatusChanged' end, 1, now(), 'worker',
    case when n % 400 = 0 then '{"reason":"no_email"}' else '{}' end::json, sha256(''), sha256('')
from generate_series(1, 20000) n
"""
FILL_CONTACTS = """
insert into cooldown (integration, contact_key, at, decision)
select $1, sha256(invoice::text::bytea), now(), decision from delivery
"""
FILL_INVOICES = """
insert into invoice (integration, invoice, number, status, change, old, reread_at)
select $1, n, 100000 + n, case when n % 400 = 0 then 'NOT_SENT' else 'SENT' end, 1, false,
    case when n % 400 = 0 then now() end
from generate_series(1, 20000) n
"""


async def plan(at: Desk, query: str, *arguments: object) -> str:
    rows = await at.context.pool.fetch(f"explain {SQL[query]}", *arguments)
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        ("read_open_deliveries", (None, ["parked"], None, None, None, 100), "delivery_open"),
        ("count_open_deliveries", None, "delivery_open"),
        ("count_deliveries", (), "delivery_open"),
        ("count_parked", (), "delivery_open"),
        ("find_parked", ("x", None), "delivery_open"),
        ("read_latencies", (LONG_AGO, 500), "delivery_pkey"),
        ("find_by_number", (100_007, None), "invoice_number"),
        ("find_by_id", (7, None), "invoice_pkey"),
        ("read_used_beside", (uuid4(), uuid4(), 7, [7, 8], [b"key"]), "delivery_invoice"),
        ("find_by_contact", None, "cooldown_latest"),
        ("find_by_contact", None, "delivery_not_added"),
        ("find_by_contact", None, "delivery_decision"),
        ("read_deliveries_of_invoice", None, "delivery_invoice"),
        ("find_refused", (LONG_AGO, None, 2000), "delivery_refused"),
        ("find_unasked", (LONG_AGO, None, 2000), "event_unasked"),
        ("find_added_since", None, "delivery_invoice"),
        ("find_replayed", None, "replay_integration"),
        ("find_unsent", None, "invoice_reread"),
        ("find_unsent", None, "event_stream"),
        ("find_places", (LONG_AGO, 3, None), "event_pkey"),
        ("page_before", ([15], [15_000], 2000, None, None, None, 200), "event_pkey"),
        ("page_after", ([15], [5_000], 2000, ["ContactSkipped"], None, None, 200), "event_pkey"),
        ("page_streams_before", (["invoice/x/7"], None, None, None, None, None, 200), "event_stream"),
        ("page_streams_after", (["invoice/x/7"], None, None, LONG_AGO, 0, 0, 200), "event_stream"),
        ("follow_events", ([15], [19_000], [19_010], None, None, None), "event_pkey"),
        ("count_events", ([15], [19_000], [19_010], ["ContactSkipped"], None, None), "event_pkey"),
        ("find_effects", (["invoice/x/7"], uuid4(), 200), "event_stream"),
        ("read_configuration", ("integration/x", ["AddressBlocked"], None), "event_stream"),
    ],
)
async def test_an_index_answers(
    database: Database, query: str, arguments: tuple[object, ...] | None, index: str
) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.context.pool.execute(FILL, seen.id)
        await at.context.pool.execute(FILL_INVOICES, seen.id)
        await at.context.pool.execute(FILL_CONTACTS, seen.id)
        await fill_log(database, seen.id)
        await analyze(database)
        found = await plan(at, query, *(about(query, seen.id) if arguments is None else arguments))
        assert index in found
        assert "Seq Scan on delivery" not in found
        assert "Seq Scan on invoice" not in found
        assert "Seq Scan on event" not in found


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("count_week", ("event_stream",)),
        ("count_deliveries", ("delivery_delivered", "delivery_refused", "delivery_open")),
        ("find_lasting", ("delivery_open",)),
        ("find_place", ("event_pkey",)),
    ],
)
async def test_an_index_answers_what_somebody_is_told(database: Database, query: str, indexes: tuple[str, ...]) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await at.context.pool.execute(FILL, seen.id)
        await fill_log(database, seen.id)
        await analyze(database)
        arguments: dict[str, tuple[object, ...]] = {
            "count_week": ([seen.id], [15], [15_000], [20_000]),
            "count_deliveries": ([seen.id], LONG_AGO, LONG_AGO),
            "find_lasting": (timedelta(minutes=15),),
            "find_place": ([15], LONG_AGO),
        }
        rows = await at.context.pool.fetch(f"explain {alerts.SQL[query]}", *arguments[query])
        found = "\n".join(row[0] for row in rows)
        for index in indexes:
            assert index in found, found
        assert "Seq Scan on delivery" not in found
        assert "Seq Scan on event" not in found


def about(query: str, integration: UUID) -> tuple[object, ...]:
    """What only the test that runs can name."""
    match query:
        case "find_by_contact":
            return ([integration], [b"x" * 32], 101)
        case "find_unsent":
            return ([integration], ["NOT_SENT"], 500, 2000)
        case "find_added_since":
            return ([integration], [7], [integration])
        case "find_replayed":
            return ([integration], [7], [integration], [7], [False], LONG_AGO)
        case "read_deliveries_of_invoice":
            return (integration, 7)
        case _:
            return ([integration],)


async def fill_log(database: Database, integration: UUID) -> None:
    """As the owner: the worker may only append."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(FILL_EVENTS, integration)
    await connection.close()


async def analyze(database: Database) -> None:
    """As the owner: the worker may not."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("analyze delivery, invoice, cooldown, event")
    await connection.close()
