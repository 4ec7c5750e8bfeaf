"""Undoing the last change of a configuration from the command line: shown first, asked, or by flag."""

from __future__ import annotations

import pytest

from desk import Desk, environ_for
from sandbox import Sandbox
from servers.postgres import Database
from terminal import Ended, command
from worker.opening import opened
from worker.operations import labels, lifecycle, saving
from worker.settings import load

pytestmark = pytest.mark.acceptance


async def test_the_last_change_is_shown_and_undone(database: Database) -> None:
    async with Sandbox(companies=1, history=2) as sandbox:
        settings = environ_for(database, sandbox)

        async def undo(*flags: str) -> Ended:
            return await command(settings, "integration", "undo", company, *flags)

        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            seen = await at.connect()
            company = str(seen.company_id)
            assert "remove the integration instead" in (await undo("--yes")).err

            seen = await saving.edit(context, seen, cool_down_days=30)
            asked = await undo()
            assert (asked.code, asked.out) == (3, "")
            assert f"version {seen.version}" in asked.err
            assert "Undoing it does this:" in asked.err
            assert "cool-down days: 30 → 0" in asked.err
            done = await undo("--yes", "--json", "--reason", "too long")
            assert (done.code, done.json["undone"], done.json["settings"]["cool_down_days"]) == (0, seen.version, 0)
            assert (await undo("--yes", "--expect", str(seen.version))).code == 1

            await at.see(seen, 1)
            await at.project(seen)
            await lifecycle.pause(context, await at.again(seen))
            waits = await undo("--yes")
            assert (waits.code, "1 decisions wait" in waits.err) == (3, True)
            assert "active" in (await undo("--yes", "--waiting", "send")).out


async def test_the_last_change_of_every_labelled_integration_is_undone_by_their_number(database: Database) -> None:
    async with Sandbox(companies=2, history=2) as sandbox:
        settings = environ_for(database, sandbox)
        async with opened(load(settings)) as context:
            at = Desk(context, sandbox)
            for number in (0, 1):
                seen = await labels.add(context, await at.connect(number), "pilot")
                await saving.edit(context, seen, cool_down_days=30 + number)
            undo = ("integration", "undo", "--label", "pilot")
            asked = await command(settings, *undo)
            assert (asked.code, "30 → 0" in asked.err, "31 → 0" in asked.err) == (3, True, True)
            assert (await command(settings, *undo, "--yes", "1")).code != 0
            done = await command(settings, *undo, "--yes", "2", "--json")
            assert (done.code, [one["settings"]["cool_down_days"] for one in done.json]) == (0, [0, 0])
