"""Connecting, reconnecting, and seeing what is connected, against a running sandbox."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from desk import desk, settings_for
from events.errors import Conflict, Misconfigured, Refused
from events.integration import IntegrationConnected, Service, Trigger, TriggerSaved
from sandbox import Sandbox
from servers.postgres import Database
from worker.adapters.procountor import Page
from worker.opening import opened
from worker.operations import access, connecting, integrations, preview, reconnecting
from worker.operations.beginning import Beginning
from worker.unsent import past


async def test_credentials_are_checked_and_named_before_anything_is_saved(database: Database) -> None:
    async with desk(database) as at:
        known = at.sandbox.companies[0]
        company = await access.check_key(at.context, known["api_key"])
        organization = await access.check_organization(at.context, at.sandbox.trustmary_api_key)
        assert (company.company_id, company.name) == (known["id"], known["name"])
        assert company.business_id
        assert company.rights.sees_invoices
        assert organization.name == at.sandbox.organizations[0]["name"]
        assert await integrations.read_all(at.context) == []


async def test_a_wrong_key_is_refused(database: Database) -> None:
    async with desk(database) as at:
        with pytest.raises(Refused) as procountor:
            await access.check_key(at.context, "no key at all")
        with pytest.raises(Refused) as trustmary:
            await access.check_organization(at.context, "no key at all")
    assert (procountor.value.reason, trustmary.value.reason) == ("credentials", "credentials")


async def test_connecting_writes_the_log_and_what_screens_read_at_once(database: Database) -> None:
    async with desk(database, history=20) as at:
        one = await at.connect()
        assert [type(event) for _, event in await at.events(one)] == [IntegrationConnected, TriggerSaved]
        assert one.company == at.sandbox.companies[0]["name"]
        assert list(one.rules.triggers) == [at.trigger.id]
        assert {service: found.state for service, found in one.connections.items()} == {
            Service.PROCOUNTOR: "connected",
            Service.TRUSTMARY: "connected",
        }
        assert one.reading is not None
        assert one.reading.cursor
        assert one.reading.phase == "baseline"
        assert one.version == 2


async def test_a_company_without_invoices_connects_too(database: Database) -> None:
    async with desk(database) as at:
        one = await at.connect()
        assert one.reading is not None
        assert one.reading.cursor == ""


def test_the_past_has_an_end_or_nothing_is_connected() -> None:
    row, now = {"id": 1, "status": "SENT"}, "2026-03-02T10:00:00"
    assert past(Page(items=[], full=False), now=now) == ""
    assert past(Page(items=[{**row, "version": "2026-03-02T09:20:41.250"}], full=False), now=now) == (
        "2026-03-02T09:20:41"
    )
    for version in (None, "", "yesterday", "0001-01-01T00:00:00", "2026-02-30T09:00:00"):
        with pytest.raises(Refused):
            past(Page(items=[{**row, "version": version}], full=False), now=now)


async def test_a_stamp_of_another_age_does_not_make_the_past_of_all_that_follows(database: Database) -> None:
    async with desk(database, history=3) as at:
        home = at.sandbox.world.company(None)
        home.versions[-1] = ("2999-12-31T23:59:59", home.versions[-1][1])
        home.invoices[home.versions[-1][1]].version = "2999-12-31T23:59:59"
        one = await at.connect()
        assert one.reading is not None
        assert one.reading.cursor[:4] == str(datetime.now(UTC).year)


async def test_credentials_are_kept_if_a_commit_took_place_that_seemed_to_fail(database: Database) -> None:
    async with desk(database) as at:
        one = await at.connect()
        assert one.procountor_secret is not None
        await connecting.forget(at.context, one.procountor_secret)
        assert await at.context.vault.secret(one.procountor_secret)


async def test_a_company_is_joined_to_an_organization_once(database: Database) -> None:
    async with desk(database) as at:
        one = await at.connect()
        with pytest.raises(Conflict, match=f"reconnect {one.id}"):
            await at.connect()


async def test_two_who_connect_the_same_at_once_make_one(database: Database) -> None:
    async with desk(database) as at:
        results = await asyncio.gather(at.connect(), at.connect(), return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Integration"]
        assert len(await integrations.read_all(at.context)) == 1
        assert await at.context.pool.fetchval("select count(*) from vault.secret where kind <> 'contact_key'") == 2


async def test_companies_spread_over_the_partitions(database: Database) -> None:
    async with desk(database, companies=3) as at:
        found = [await at.connect(company) for company in range(3)]
        assert len({one.partition for one in found}) == 3


async def test_a_preview_shows_whom_the_latest_invoices_would_add(database: Database) -> None:
    async with desk(database, history=12) as at:
        company = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
        shown = await preview.preview(at.context, company.credentials, at.trigger, count=12)
        assert len(shown) == 12
        assert any("@" in one.contact.get("email", "") and one.skip is None for one in shown)
        assert all(one.contact.get("email") for one in shown if one.skip is None)
        assert await at.context.pool.fetchval("select count(*) from event") == 0


async def test_an_integration_is_found_by_what_people_call_it(database: Database) -> None:
    async with desk(database, companies=2) as at:
        one, other = await at.connect(0), await at.connect(1)
        for wanted in (str(one.id), str(one.id)[:8], str(one.company_id), one.company, one.company.upper()[:-1]):
            assert (await integrations.find(at.context, wanted)).id == one.id
        assert (await integrations.find(at.context, other.names["business_id"])).id == other.id
        with pytest.raises(Misconfigured, match="No integration is called Nobody"):
            await integrations.find(at.context, "Nobody")


async def test_new_credentials_keep_the_cursor_and_mend_the_connection(database: Database) -> None:
    async with desk(database, history=5) as at:
        one = await at.connect()
        await at.context.pool.execute(
            "update connection set state = 'broken', reason = 'credentials' where service = 'procountor'"
        )
        company = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
        after = await reconnecting.reconnect(at.context, one, company=company)
        assert after.connections[Service.PROCOUNTOR].state == "connected"
        assert after.reading is not None
        assert one.reading is not None
        assert after.reading.cursor == one.reading.cursor
        assert after.procountor_secret != one.procountor_secret
        assert after.trustmary_secret == one.trustmary_secret
        types = [type(event).__name__ for _, event in await at.events(one)]
        assert types[-2:] == ["IntegrationReconnected", "ConnectionRestored"]
        assert await at.context.pool.fetchval("select count(*) from vault.secret where kind <> 'contact_key'") == 2


async def test_another_company_or_organization_is_not_taken_for_this_one(database: Database) -> None:
    async with desk(database, companies=2, organizations=2) as at:
        one = await at.connect(0)
        other = await access.check_key(at.context, at.sandbox.companies[1]["api_key"])
        with pytest.raises(Misconfigured, match=other.name):
            await reconnecting.reconnect(at.context, one, company=other)
        foreign = await access.check_organization(at.context, at.sandbox.organizations[1]["api_key"])
        with pytest.raises(Misconfigured, match=foreign.name):
            await reconnecting.reconnect(at.context, one, organization=foreign)


async def test_what_is_wrong_with_a_trigger_is_said_before_anything_is_made(database: Database) -> None:
    async with desk(database) as at:
        company = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
        organization = await access.check_organization(at.context, at.sandbox.trustmary_api_key)
        with pytest.raises(Misconfigured, match="needs a name"):
            await connecting.connect(
                at.context, company, organization, beginning=Beginning(triggers=(Trigger(id=uuid4(), name=" "),))
            )
        assert await at.context.pool.fetchval("select count(*) from vault.secret") == 0


async def test_without_a_client_of_procountors_the_setting_is_named(database: Database) -> None:
    async with Sandbox() as sandbox:
        without = settings_for(database, sandbox).model_copy(update={"procountor_client_id": None})
        async with opened(without) as context:
            with pytest.raises(Misconfigured, match="PTM_PROCOUNTOR_CLIENT_ID"):
                await access.check_key(context, "key")
