"""What can be mapped, from the log of a company; and paths that are checked when a trigger is saved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from desk import MAIJA, Desk, desk, sent
from events.catalogue import Offered, fields
from events.contact import ContactAdded
from events.errors import Misconfigured
from events.integration import FieldMapping, Trigger
from events.invoice import Kind
from events.labels import MAIN
from servers.postgres import Database
from worker.adapters.log import Draft
from worker.operations import access, catalogue, connecting, triggers
from worker.operations.beginning import Beginning
from worker.operations.integrations import Integration
from worker.verify import verify_partition

EMAIL = {"email": "person.email"}


def mapped(**fields: str) -> Trigger:
    return Trigger(id=uuid4(), name="Kentät", mapping=FieldMapping(fields=EMAIL | fields))


async def record(at: Desk, seen: Integration, *invoices: int, kind: Kind = Kind.LIVE, **more: Any) -> None:
    """As if ingest had seen them, with *more* in the invoice."""
    events = [sent(seen.id, invoice) for invoice in invoices]
    events = [replace(event, kind=kind, invoice={**event.invoice, **more}) for event in events]
    rows = await at.context.log.prepare([Draft(event=event) for event in events])
    async with at.context.pool.acquire() as connection, connection.transaction():
        await at.context.log.append(connection, seen.partition, rows)


def by_path(offered: list[Offered]) -> dict[str, Offered]:
    return {one.field.path: one for one in offered}


async def test_fields_are_offered_with_what_the_companys_latest_changes_have(database: Database) -> None:
    async with desk(database, companies=2) as at:
        seen, other = await at.connect(0), await at.connect(1)
        await record(at, other, 1, orderReference="foreign", foreignKey="x")
        await record(at, seen, 1, 2, orderReference="PO-1")
        await record(at, seen, 3, kind=Kind.BASELINE, orderReference="PO-3", customFields=[{"value": "kulta"}])
        await record(at, seen, 4)
        found = await catalogue.fields(at.context, seen)
        assert [one.field.path for one in found][: len(MAIN)] == list(MAIN)
        known = by_path(found)
        assert {one.changes for one in found} == {4}
        assert (known["invoice.orderReference"].example, known["invoice.orderReference"].filled) == ("PO-3", 3)
        assert (known["person.name"].example, known["person.name"].filled) == ("Maija Meikäläinen", 4)
        assert (known["customer.name"].example, known["customer.name"].filled) == (None, 0)
        assert known["invoice.customFields.0.value"].example == "kulta"
        assert known.keys() - fields().keys() == {"invoice.customFields.0.value"}
        fewer = by_path(await catalogue.fields(at.context, seen, last=2))
        assert (fewer["invoice.orderReference"].filled, fewer["invoice.orderReference"].changes) == (1, 2)


async def test_nothing_of_an_erased_person_is_shown_or_counted(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await record(at, seen, 1, orderReference="PO-1")
        assert await at.context.vault.destroy([sent(seen.id, 1).subject]) == 1
        await record(at, seen, 2)
        known = by_path(await catalogue.fields(at.context, seen))
        assert (known["invoice.orderReference"].example, known["invoice.orderReference"].filled) == (None, 0)
        assert known["invoice.id"].changes == 1


async def test_a_company_without_a_log_is_offered_all_that_there_is(database: Database) -> None:
    async with desk(database) as at:
        found = await catalogue.fields(at.context, await at.connect())
        assert by_path(found).keys() == fields().keys()
        assert {(one.filled, one.changes, one.example) for one in found} == {(0, 0, None)}


async def test_a_saved_trigger_looks_only_at_paths_that_there_are(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await record(at, seen, *range(1, 8), customFields=[{"value": "kulta"}], ownKey="x")
        with pytest.raises(Misconfigured, match=r"did you mean invoice\.counterParty\.counterPartyAddress\.name\?"):
            await triggers.save(at.context, seen, mapped(company="invoice.counterparty.name"))
        with pytest.raises(Misconfigured, match=r"eid is mapped to invoice\.ownkey: .* did you mean invoice\.ownKey\?"):
            await triggers.save(at.context, seen, mapped(eid='default(invoice.ownkey, "-")'))
        assert len((await at.again(seen)).rules.triggers) == 1
        good = mapped(name="trim(customer.contactPersons.4.name)", eid="lower(invoice.customFields.2.value)")
        seen = await triggers.save(at.context, seen, good)
        assert seen.rules.triggers[good.id].mapping == good.mapping


async def test_a_key_that_only_an_older_change_has_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.operations.catalogue.CHUNK", 2)
    async with desk(database) as at:
        seen = await at.connect()
        await record(at, seen, 1, ownKey="x")
        await record(at, seen, *range(2, 10))
        await triggers.save(at.context, seen, mapped(eid="invoice.ownKey"))


async def test_what_stands_in_force_may_stay_when_the_log_no_longer_shows_it(database: Database) -> None:
    async with desk(database) as at:
        seen = await at.connect()
        await record(at, seen, 1, ownKey="x")
        saved = mapped(eid="invoice.ownKey")
        seen = await triggers.save(at.context, seen, saved)
        assert await at.context.vault.destroy([sent(seen.id, 1).subject]) == 1
        seen = await triggers.save(at.context, seen, replace(saved, live=False))
        assert not seen.rules.triggers[saved.id].live
        with pytest.raises(Misconfigured, match=r"invoice\.otherKey"):
            await triggers.save(at.context, seen, mapped(eid="invoice.otherKey"))


async def test_what_expressions_give_is_decided_sealed_and_proved(database: Database) -> None:
    async with desk(database) as at:
        name = 'join(" / ", person.name, default(invoice.orderReference, "ei viitettä"))'
        trigger = mapped(name=name, email="lower(first(invoice.counterParty.email, person.email))")
        seen = await at.connect(trigger=trigger)
        await at.see(seen, 1)
        await at.project(seen)
        events = await at.events(seen)
        [added] = [event for _, event in events if isinstance(event, ContactAdded)]
        assert added.contact == {"email": MAIJA, "name": "Maija Meikäläinen / ei viitettä"}
        assert not [record for record, _ in events if "ei viitett" in record.row.data.decode()]
        found = await verify_partition(at.context.log, at.context.vault, seen.partition)
        assert (found.faults, found.decisions) == ((), 1)


@pytest.mark.drift
async def test_connecting_checks_paths_before_anything_is_made(database: Database) -> None:
    async with desk(database, history=6) as at:
        company = await access.check_key(at.context, at.sandbox.companies[0]["api_key"])
        organization = await access.check_organization(at.context, at.sandbox.trustmary_api_key)
        with pytest.raises(Misconfigured, match=r"did you mean customer\.name"):
            await connecting.connect(
                at.context, company, organization, beginning=Beginning(triggers=(mapped(company="customer.nmae"),))
            )
        assert await at.context.pool.fetchval("select count(*) from vault.secret") == 0
        for invoice in at.sandbox.world.companies[company.company_id].invoices.values():
            invoice.paper["customFields"] = [{"value": "kulta"}]
            invoice.detail_bytes = None
        one = await connecting.connect(
            at.context,
            company,
            organization,
            beginning=Beginning(triggers=(mapped(eid="invoice.customFields.0.value"),)),
        )
        assert one.company_id == company.company_id
