"""What a trigger is made on: invoices and fields of a company, connected or not, reachable or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desk import desk
from events.contact import Skip
from events.integration import Condition, FieldMapping
from servers.postgres import Database
from worker.operations import access, ground

pytestmark = pytest.mark.integration


async def test_a_company_that_is_being_connected_gives_its_latest_invoices(database: Database) -> None:
    async with desk(database, companies=1, history=12) as at:
        company = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
        found = await ground.of_company(at.context, company, at.trigger)
        assert len(found.changes) == 12
        outlook = found.outlook(at.trigger)
        assert outlook.added + outlook.skips.total() == 12
        assert 0 < outlook.filled["email"] <= 12
        assert "invoice.invoiceNumber" in found.known
        nobody = replace(at.trigger, mapping=FieldMapping(fields={"email": "invoice.orderNumber"}))
        assert found.outlook(nobody).added == 0
        other = replace(at.trigger, condition=Condition(statuses=frozenset({"PAID"})))
        assert found.outlook(other).added == outlook.added


async def test_what_was_recorded_stands_in_for_a_procountor_that_refuses(database: Database) -> None:
    async with desk(database, companies=1, history=3) as at:
        seen = await at.connect()
        before = await ground.of_integration(at.context, seen, at.trigger)
        assert (len(before.changes), before.failure) == (3, "")
        assert {one.changes for one in before.offered} == {3}
        await at.see(seen, 1)
        await at.see(seen, 2, email="laskutus@asiakas.fi")
        recorded = await ground.of_integration(at.context, seen, at.trigger)
        assert {one.changes for one in recorded.offered} == {2}
        async with at.context.pool.acquire() as connection:
            await connection.execute("update integration set procountor_secret = null where id = $1", seen.id)
        alone = await ground.of_integration(at.context, await at.again(seen), at.trigger)
        assert [change.invoice_id for change in alone.changes] == [2, 1]
        assert alone.outlook(at.trigger).skips == {Skip.ROLE_ADDRESS: 1}
