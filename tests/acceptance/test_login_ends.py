"""Logins that end by themselves: told ahead while all goes on, and over by a new login, in time or late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.connection import ENDS_SOON, Reason, state
from events.envelope import connection_stream
from events.integration import Service
from eventually import eventually
from sandbox.access import REFRESH_SECONDS
from servers.postgres import Database
from stage import Stage, staged, to_list
from terminal import command
from worker.adapters.credentials import CredentialKind, Credentials
from worker.operations import access, connecting
from worker.operations.beginning import Beginning
from worker.operations.integrations import Integration

pytestmark = pytest.mark.acceptance
DAY = 24 * 3600.0
LEFT = (20.0, 5.0, 0.5)
"""Days that the login of each company has left."""


async def logged_in(stage: Stage, place: int) -> Integration:
    """By somebody who did so almost six months ago."""
    world = stage.sandbox.world
    home, ago = world.companies[stage.company(place)], REFRESH_SECONDS - LEFT[place] * DAY
    world.let_pass(-ago)
    token = world.access.refresh_token(home.id, home.user.id)
    world.let_pass(ago)
    credentials = Credentials(kind=CredentialKind.REFRESH_TOKEN, value=token)
    company = await access.check_company(stage.context, credentials)
    key = stage.sandbox.organizations[place]["api_key"]
    into = await access.check_organization(stage.context, key)
    beginning = Beginning(triggers=(to_list(stage.survey_list(place)),))
    return await connecting.connect(stage.context, company, into, beginning=beginning)


async def log_in_again(stage: Stage, seen: Integration) -> None:
    key = stage.sandbox.world.technical_key(seen.company_id)
    line = ("integration", "reconnect", str(seen.id), "--procountor-key-file", "-")
    done = await command(stage.environment, *line, stdin=key)
    assert done.code == 0, done.err


async def shown(stage: Stage, seen: Integration) -> str:
    return " ".join((await command(stage.environment, "integration", "show", str(seen.id))).out.split())


async def told(stage: Stage, seen: Integration) -> list[str]:
    records = await stage.context.log.read_stream(connection_stream(seen.id))
    events = await stage.context.log.open(records)
    return [f"{event.type} {getattr(event, 'days', getattr(event, 'reason', ''))}".strip() for event in events]


async def ending(stage: Stage) -> dict[str, list[str]]:
    """Days → the commands that end it."""
    groups = (await command(stage.environment, "attention", "--json")).json["groups"]
    return {one["key"]: one["commands"] for one in groups if one["cause"] == "login_ends"}


async def test_a_login_that_ends_is_told_ahead_and_a_new_one_in_time_or_late_loses_nothing(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    more = {"PTM_REFUSED_RETRY": "0.5"}
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=more, companies=3) as stage:
        every = [await logged_in(stage, place) for place in range(3)]
        later, soon, last = every
        workers = await stage.start(2)
        steps = [["LoginEnding 30"], ["LoginEnding 7"], ["LoginEnding 1"]]

        async def looked() -> bool:
            assert [await told(stage, one) for one in every] == steps
            return all([await worker.turns("logins") >= 1 for worker in workers])

        await eventually(looked)
        for place in range(3):
            stage.send(2, company=place)
        await stage.agree()

        for seen, days, left in zip(every, (30, 7, 1), LEFT, strict=True):
            said = await shown(stage, seen)
            parts = (f"The login ends within {days} days", ENDS_SOON.label, ENDS_SOON.remedy, ENDS_SOON.ask)
            for part in (*parts, ENDS_SOON.collected, "procountor connected"):
                assert part in said, part
            as_json = (await command(stage.environment, "integration", "show", str(seen.id), "--json")).json
            ends = datetime.fromisoformat(as_json["connections"]["procountor"]["ends_at"])
            assert abs(ends - datetime.now(UTC) - timedelta(days=left)) < timedelta(minutes=5)
        assert await ending(stage) == {
            str(days): [f"ptm integration reconnect {str(seen.id)[:8]} --procountor"]
            for seen, days in zip(every, (30, 7, 1), strict=True)
        }
        status = await command(stage.environment, "status", "--json")
        urgent = {need["integration"]: need["urgent"] for need in status.json["needs"] if "ends within" in need["says"]}
        assert (status.code, urgent) == (3, {str(later.id): False, str(soon.id): True, str(last.id): True})
        checked = await command(stage.environment, "status", "--check", "--ends-within", "14")
        assert (checked.code, "2 logins" in checked.out) == (1, True), checked.out

        await log_in_again(stage, soon)
        assert ENDS_SOON.label not in await shown(stage, soon)
        assert set(await ending(stage)) == {"30", "1"}

        # Nobody has logged in again to the last one.
        stage.sandbox.world.let_pass(0.6 * DAY)
        for place in range(3):
            stage.send(2, company=place)
        await eventually(lambda: broken(stage))
        refused, said = state(Service.PROCOUNTOR, Reason.CREDENTIALS), await shown(stage, last)
        for part in (refused.label, ", since ", refused.says, refused.remedy, refused.ask, refused.page):
            assert part in said, part
        assert "still collected" not in refused.collected
        await log_in_again(stage, last)
        await stage.agree()
        assert [await told(stage, one) for one in every] == [
            ["LoginEnding 30"],
            ["LoginEnding 7"],
            ["LoginEnding 1", "ConnectionBroken credentials", "ConnectionRestored"],
        ]
        assert set(await ending(stage)) == {"30"}


async def broken(stage: Stage) -> bool:
    await stage.context.pool.execute("update ingest set due_at = now() where lease_until is null")
    rows = await stage.context.pool.fetch("select reason from connection where state = 'broken'")
    assert [row["reason"] for row in rows] == ["credentials"]
    return True
