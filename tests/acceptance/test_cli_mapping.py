"""Mapping from the command line: what there is to map, expressions that are saved, paths that are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk import Desk, environ_for, sent
from events.catalogue import fields
from events.labels import MAIN
from sandbox import Sandbox
from servers.postgres import Database
from terminal import command
from worker import settings
from worker.adapters.log import Draft
from worker.opening import opened

pytestmark = pytest.mark.acceptance


async def test_fields_are_looked_up_mapped_and_mistyped(database: Database) -> None:
    async with Sandbox() as sandbox:
        office = environ_for(database, sandbox)
        async with opened(settings.load(office)) as context:
            seen = await Desk(context, sandbox).connect()
            first, second = sent(seen.id, 1), sent(seen.id, 2)
            first = replace(first, invoice={**first.invoice, "orderReference": "PO-7 " + "x" * 60})
            rows = await context.log.prepare([Draft(event=first), Draft(event=second)])
            async with context.pool.acquire() as connection, connection.transaction():
                await context.log.append(connection, seen.partition, rows)
        company = str(seen.company_id)

        every = await command(office, "trigger", "fields", company, "--json")
        assert every.code == 0, every.err
        assert [one["path"] for one in every.json][: len(MAIN)] == list(MAIN)
        assert len(every.json) == len(fields())
        assert (await command(office, "trigger", "fields", company, "--search", "po-7", "--json")).json == [
            {
                "path": "invoice.orderReference",
                "type": "text",
                "label": {"en": "Order reference", "fi": "Tilausviite"},
                "main": True,
                "example": "PO-7 " + "x" * 60,
                "filled": 1,
                "changes": 2,
                "rate": 0.5,
            }
        ]
        shown = await command(office, "trigger", "fields", company)
        assert shown.code == 0
        assert "Maija Meikäläinen" in shown.out
        assert "Maija" not in shown.err
        line = next(line for line in shown.out.splitlines() if line.startswith("invoice.orderReference"))
        assert "50 %" in line
        assert "…" in line
        assert "invoice.billingAddress.zip" not in shown.out
        assert "more that were never filled" in shown.err
        assert "invoice.billingAddress.zip" in (await command(office, "trigger", "fields", company, "--all")).out
        assert "No field has xyzzy" in (await command(office, "trigger", "fields", company, "--search", "xyzzy")).out

        written = 'join(" / ", trim(customer.name), default(invoice.orderReference, "ei viitettä"))'
        saved = await command(office, "trigger", "save", company, "lähetetty", "--map", f"company={written}", "--json")
        assert saved.code == 0, saved.err
        assert saved.json["trigger"]["mapping"]["fields"]["company"] == written
        wrong = await command(
            office, "trigger", "save", company, "lähetetty", "--map", "company=invoice.counterparty.name"
        )
        assert (wrong.code, wrong.out, wrong.err.count("\n")) == (2, "", 1)
        assert "did you mean invoice.counterParty.counterPartyAddress.name?" in wrong.err
        broken = await command(office, "trigger", "save", company, "lähetetty", "--map", "name=trim(person.name")
        assert (broken.code, "at character 17" in broken.err) == (2, True)
        made_up = 'email=default(person.email, "maija@a.fi")'
        assert (await command(office, "trigger", "save", company, "lähetetty", "--map", made_up)).code == 2
        opened_events = (await command(office, "events", "--json")).out
        assert "ei viitettä" not in opened_events


async def test_a_mistyped_path_connects_nothing(database: Database) -> None:
    async with Sandbox(history=3) as sandbox:
        keys = {
            "PTM_PROCOUNTOR_API_KEY": sandbox.companies[0]["api_key"],
            "PTM_TRUSTMARY_API_KEY": sandbox.trustmary_api_key,
        }
        office = environ_for(database, sandbox, **keys)
        done = await command(office, "integration", "connect", "--contact-only", "--map", "company=customer.nmae")
        assert (done.code, "did you mean customer.name" in done.err) == (2, True)
        assert (await command(office, "integration", "list", "--json")).json == []
