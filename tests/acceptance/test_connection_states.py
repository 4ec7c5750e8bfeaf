"""A connection that does not stand: what `integration show` and `attention` say of it, and nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from events.integration import Destination, DestinationKind, StartsSurveys, Waiting
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged
from terminal import command
from worker.operations import triggers

pytestmark = pytest.mark.acceptance


async def breaks(stage: Stage, reason: str) -> bool:
    await stage.context.pool.execute("update ingest set due_at = now() where lease_until is null")
    found = await stage.context.pool.fetchval("select reason from connection where service = 'procountor'")
    assert found == reason, found
    return True


async def arrives(stage: Stage) -> bool:
    await stage.context.pool.execute("update ingest set due_at = now() where lease_until is null")
    assert await stage.context.pool.fetchval("select count(*) from connection where state = 'broken'") == 0
    return True


@pytest.mark.parametrize(
    ("place", "status", "reason"),
    [
        ("call", 403, "not_enabled"),
        ("call", 401, "credentials"),
        ("token", 403, "credentials"),
        ("token", 401, "credentials"),
    ],
)
async def test_a_company_that_stops_allowing_api_clients_is_told_where_to_allow_them_however_that_shows(
    database: Database, tansu: str, topic: str, tmp_path: Path, place: str, status: int, reason: str
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        await stage.connect()
        await stage.start(1)
        world = stage.sandbox.world
        world.switches.api_off_at, world.switches.api_off_status = place, status
        world.company().api_enabled = False
        world.access.expire_access_tokens()
        stage.send(2)
        await eventually(lambda: breaks(stage, reason))

        company = str(world.company().id)
        shown = await command(stage.environment, "integration", "show", company)
        for part in ("since", "allow", "Usage settings > Integration settings", "none is lost"):
            assert part in " ".join(shown.out.split()), part
        told = await command(stage.environment, "attention", "--json")
        [group] = [one for one in told.json["groups"] if one["cause"] == "broken"]
        assert (told.code, group["key"]) == (3, f"procountor:{reason}")

        # Nothing but the company's switch: the login is as it was.
        world.company().api_enabled = True
        await eventually(lambda: arrives(stage))
        await stage.agree()
        assert (await command(stage.environment, "attention")).code == 0


async def test_a_right_that_is_lost_as_empty_lists_is_told_with_its_remedy_and_loses_nothing(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        await stage.connect()
        await stage.start(1)
        stage.send(1)
        await stage.agree()
        rights = stage.sandbox.world.company().rights
        before, rights.sales_invoices = rights.sales_invoices, "NO_ACCESS"
        stage.send(2)
        await eventually(lambda: breaks(stage, "rights"))

        company = str(stage.sandbox.world.company().id)
        shown = await command(stage.environment, "integration", "show", company)
        for part in ("rights missing", "since", "viewing rights to sales invoices", "none is lost"):
            assert part in " ".join(shown.out.split()), part
        told = await command(stage.environment, "attention", "--json")
        [group] = [one for one in told.json["groups"] if one["cause"] == "broken"]
        assert (told.code, group["key"]) == (3, "procountor:rights")
        checked = await command(stage.environment, "status", "--check")
        assert (checked.code, "1 connection broken" in checked.out) == (3, True)
        reconciled = await command(stage.environment, "reconcile")
        assert reconciled.code == 3
        assert "Procountor shows no invoice, since the user has no right to sales invoices" in reconciled.err

        rights.sales_invoices = before
        await eventually(lambda: arrives(stage))
        await stage.agree()
        for asked in ("attention", "reconcile"):
            assert (await command(stage.environment, asked)).code == 0


async def stands(stage: Stage, reason: str | None) -> bool:
    row = await stage.context.pool.fetchrow("select * from connection where service = 'trustmary'")
    assert row is not None
    assert row["reason"] == reason, row["reason"]
    return True


async def parked(stage: Stage, count: int) -> bool:
    assert await stage.context.pool.fetchval("select count(*) from delivery where state = 'parked'") == count
    return True


@pytest.mark.parametrize("status", [404, 422, 0])
async def test_a_list_that_is_gone_is_told_with_its_remedy_and_another_list_gets_everybody(
    database: Database, tansu: str, topic: str, tmp_path: Path, status: int
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        world = stage.sandbox.world
        world.switches.unknown_list = status
        seen, gone = await stage.connect(), stage.survey_list()
        home = world.organization()
        other = next(one.id for one in home.lists.values() if one.id != gone and one.source == "list")
        await stage.start(1)
        world.edit_organization(home.id, delete_list=gone)
        stage.send(3)
        await eventually(lambda: stands(stage, "list_gone"))
        await eventually(lambda: parked(stage, 3))

        company = str(world.company().id)
        shown = " ".join((await command(stage.environment, "integration", "show", company)).out.split())
        for part in ("list gone", "since", "Choose another list", "still collected", "none is lost"):
            assert part in shown, part
        told = await command(stage.environment, "attention", "--json")
        groups = {one["key"]: one for one in told.json["groups"]}
        assert told.code == 3
        assert groups["trustmary:list_gone"]["cause"] == "broken"
        assert groups[f"gone:trustmary:list:{gone}"]["count"] == 3
        examined = await command(stage.environment, "doctor")
        assert examined.code == 3
        assert f"what Trustmary has no more: list {gone}" in " ".join(examined.out.split())

        seen = await stage.again(seen)
        [trigger] = seen.rules.triggers.values()
        aim = Destination(kind=DestinationKind.LISTS, lists=(other,), starts_surveys=StartsSurveys.YES)
        await triggers.save(stage.context, seen, replace(trigger, destination=aim), waiting=Waiting.DECIDE_AGAIN)
        await eventually(lambda: stands(stage, None))
        await stage.settled()
        assert len(home.lists[other].members) == 3
        invoices = [arrival.fields["field_invoice"] for arrival in stage.arrivals if arrival.lists == [other]]
        assert len(invoices) == len(set(invoices)) == 3
        verdict = stage.verdict()
        assert (verdict.lost, verdict.surveys) == (0, 0)
        await stage.sound()
        assert (await command(stage.environment, "attention")).code == 0
