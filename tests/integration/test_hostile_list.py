"""One odd invoice in a company's list keeps nobody else's back, and is lost only where it has no id or no status."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio

from events.invoice import ZONE
from hostile import Hostile, hostile, http, once
from ingesting import QUICK, Ingesting, Unlimited, ingesting
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.invoices import Invoices, Rereading
from worker.adapters.procountor import Procountor
from worker.ingest import Ingest
from worker.reading import Reader

pytestmark = pytest.mark.integration


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[Ingesting]:
    async with Sandbox(companies=1) as sandbox, ingesting(database, sandbox) as found:
        yield found


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Hostile]:
    async with hostile() as found:
        yield found


def reading(world: Ingesting, server: Hostile) -> Ingest:
    procountor = Procountor(
        world.session,
        url=server.url,
        client_id="c",
        client_secret="s",
        budget=Unlimited(),
        secrets=world.vault,
        timeout=5,
    )
    invoices = Invoices(world.pool, world.log, world.ringer, rereading=Rereading())
    reader = Reader(invoices=invoices, procountor=procountor, doubts=0)
    return Ingest(invoices=invoices, reader=reader, worker=uuid4(), pace=QUICK, jitter=lambda: 0.5)


def shows(server: Hostile, company: int, list: bytes, details: bytes) -> None:
    register = orjson.dumps([{"id": 9, "name": "B Oy"}])
    server.by |= {
        b"GET /api/sessioninfo": once(http(orjson.dumps({"companyId": company}))),
        b"GET /api/invoices?": once(http(list)),
        b"GET /api/invoices/": once(http(details)),
        b"GET /api/businesspartners/": once(http(register)),
    }


def stamp(ago: timedelta = timedelta()) -> str:
    return (datetime.now(ZONE) - ago).replace(tzinfo=None).isoformat(timespec="seconds")


def row(id: object, **also: Any) -> dict[str, Any]:
    now = stamp()
    return {"id": id, "partnerId": 9, "type": "SALES_INVOICE", "status": "SENT", "created": now, "version": now, **also}


def without_end() -> Any:
    inner: Any = "x"
    for _ in range(200):
        inner = [inner]
    return inner


NUMBER = b"1" * 60
ODD: dict[str, tuple[dict[str, Any], bool]] = {
    "a status without end": ({"status": "A" * 200_000}, True),
    "a status that is a person": ({"status": "Tuulikki Salaperäinen"}, True),
    "a status that is a list": ({"status": ["SENT"]}, False),
    "an id as text": ({"id": "7"}, True),
    "an id with a point": ({"id": 7.0}, True),
    "an id beyond all ids": ({"id": 2**63}, False),
    "an id that is yes": ({"id": True}, False),
    "a customer beyond all ids": ({"partnerId": 2**63}, True),
    "30 February": ({"version": "2026-02-30T09:00:00", "date": "2026-02-30"}, True),
    "the year 1": ({"version": "0001-01-01T00:00:00", "date": "0001-01-01"}, True),
    "the year 9999": ({"version": "9999-12-31T23:59:59", "date": "9999-12-31"}, True),
    "a sum beyond all sums": ({"invoiceSumInfo": [{"currency": "EUR", "invoiceSumTotal": 1.5e308}]}, True),
    "a name of a megabyte": ({"counterParty": {"contactPersonName": "ä" * 1_000_000}}, True),
    "letters of nowhere": ({"counterParty": {"contactPersonName": "\0\x1b\u202e<b>Ωłł\U0001f600"}}, True),
    "nested without end": ({"counterParty": without_end()}, True),
    "no type": ({"type": {}}, True),
}


@pytest.mark.parametrize(("odd", "read"), ODD.values(), ids=ODD.keys())
async def test_an_odd_invoice_is_recorded_and_keeps_nobody_back(
    world: Ingesting, server: Hostile, odd: dict[str, Any], read: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{**row(7), **odd}, row(8)]
    page = {"results": rows, "meta": {"pageNumber": 0, "pageSize": 200, "resultCount": 2, "totalCount": 2}}
    details = [each for each in rows if isinstance(each["id"], int | str | float) and each["id"] is not True]
    shows(server, world.sandbox.world.company(None).id, orjson.dumps(page), orjson.dumps(details))
    integration = await world.connect(reading="live")
    await world.settled(integration, reading(world, server))
    assert [change.invoice_id for change in await world.changes()] == ([7, 8] if read else [8])
    assert (await world.row(integration))["failures"] == 0
    assert "uulikki" not in "".join(capsys.readouterr())
