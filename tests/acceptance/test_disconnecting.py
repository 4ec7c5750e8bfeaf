"""What is disconnected by us and connected again: the state tells what to do, and what was sent between is not lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from events.connection import DISCONNECTED
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged
from terminal import command
from worker.operations import integrations

pytestmark = pytest.mark.acceptance


async def shown(stage: Stage, which: str) -> str:
    return " ".join((await command(stage.environment, "integration", "show", which)).out.split())


async def test_a_company_that_was_disconnected_says_so_and_once_it_is_connected_again_loses_nothing_sent_between(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        seen = await stage.connect()
        id = str(seen.id)
        await stage.start(1)
        stage.send(2)
        await stage.agree()
        assert DISCONNECTED.label not in await shown(stage, id)
        done = await command(stage.environment, "integration", "remove", id, "--yes", "--reason", "vaihto")
        assert done.code == 0, done.err

        said = await shown(stage, id)
        told = DISCONNECTED
        for part in (told.label, ", since ", told.says, told.remedy, told.ask, told.collected, "integration connect"):
            assert part in said, part
        assert "procountor connected" not in said
        [listed] = (await command(stage.environment, "integration", "list", "--removed", "--json")).json
        assert listed["connections"] == {}
        as_json = (await command(stage.environment, "integration", "show", id, "--json")).json
        assert (as_json["disconnected"]["told"]["label"], as_json["connections"]) == (told.label, {})
        assert as_json["disconnected"]["since"]
        stage.send(3)

        [offered] = re.findall(r"ptm (integration connect --like \w+)", said)
        keys = f"{stage.sandbox.companies[0]['api_key']}\n{stage.sandbox.organizations[0]['api_key']}\n"
        flags = ("--procountor-key-file", "-", "--trustmary-key-file", "-", "--json")
        joined = await command(stage.environment, *offered.split(), *flags, stdin=keys)
        assert joined.code == 0, joined.err
        anew = await integrations.find(stage.context, joined.json["id"])
        assert [(one.name, one.destination) for one in anew.rules.live] == [
            (one.name, one.destination) for one in seen.rules.live
        ]
        assert DISCONNECTED.label not in await shown(stage, str(anew.id))
        stage.sandbox.world.let_pass(2)  # of the second of connecting, everything counts as there before
        stage.send(1)
        await eventually(lambda: stage.verdict().delivered == 3)
        planned = await command(stage.environment, "replay", "plan", str(anew.id), "--backfill", "1", "--json")
        assert planned.code == 0, planned.err
        meant = {str(lost) for lost in stage.verdict().lost_invoices}
        new = {str(one["invoice"]) for one in planned.json["items"] if one["kind"] == "new"}
        held = [one["reason"] for one in planned.json["items"] if one["kind"] == "blocked"]
        assert new == meant
        assert (len(meant), held) == (3, ["added_before"] * 2)
        applied = await command(
            stage.environment,
            *("replay", "apply", planned.json["replay"]["id"], "--reach", "survey", "--yes", "3"),
            *("--name", "väli", "--reason", "poistettu välissä"),
        )
        assert applied.code == 0, applied.err
        verdict = await stage.agree()
        assert verdict.expected == verdict.surveys == 6
