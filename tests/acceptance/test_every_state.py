"""Each state of a connection from end to end: made in the sandbox, told with its remedy, ended by it, nothing lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from events.connection import PASSING, Reason, state
from events.envelope import connection_stream
from events.integration import Service
from eventually import eventually
from servers.postgres import Database
from stage import Stage, staged
from terminal import command
from worker.adapters.credentials import CredentialKind, Credentials, to_secret
from worker.operations.integrations import Integration

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(180)]
Act = Callable[[Stage, Integration], Awaitable[None]]
QUICKLY = {"PTM_REFUSED_RETRY": "0.5", "PTM_TRUSTMARY_TIMEOUT": "5"}


async def well(stage: Stage, _: Integration) -> None:
    """By itself."""
    stage.sandbox.faults.clear()


async def procountor_down(stage: Stage, _: Integration) -> None:
    stage.sandbox.faults.replace("procountor=503")


async def procountor_suspends(stage: Stage, _: Integration) -> None:
    stage.sandbox.faults.replace("procountor=429_bare:1x1,procountor=403")


async def trustmary_down(stage: Stage, _: Integration) -> None:
    stage.sandbox.faults.replace("trustmary=503")


async def trustmary_suspends(stage: Stage, _: Integration) -> None:
    stage.sandbox.faults.replace("trustmary=429_bare")


async def procountors_key_goes(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.edit_company(stage.sandbox.world.company().id, revoke_key=True)


async def another_company_opens(stage: Stage, seen: Integration) -> None:
    other = stage.sandbox.companies[1]["api_key"]
    assert seen.procountor_secret
    key = to_secret(Credentials(kind=CredentialKind.API_KEY, value=other))
    await stage.context.vault.replace_secret(seen.procountor_secret, key)
    stage.sandbox.world.access.expire_access_tokens()


async def procountor_is_given_a_key(stage: Stage, seen: Integration) -> None:
    key = stage.sandbox.world.technical_key(seen.company_id)
    line = ("integration", "reconnect", str(seen.id), "--procountor-key-file", "-")
    done = await command(stage.environment, *line, stdin=key)
    assert done.code == 0, done.err


async def trustmarys_key_goes(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.edit_organization(stage.sandbox.world.organization().id, key_works=False)


async def trustmary_is_given_a_key(stage: Stage, seen: Integration) -> None:
    stage.sandbox.world.edit_organization(stage.sandbox.world.organization().id, key_works=True)
    line = ("integration", "reconnect", str(seen.id), "--trustmary-key-file", "-")
    done = await command(stage.environment, *line, stdin=stage.sandbox.organizations[0]["api_key"])
    assert done.code == 0, done.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    service: Service
    reason: Reason
    makes: Act
    ends: Act

    def __str__(self) -> str:
        return f"{self.service} {self.reason}"


CASES = (
    Case(service=Service.PROCOUNTOR, reason=Reason.CREDENTIALS, makes=procountors_key_goes,
         ends=procountor_is_given_a_key),
    Case(service=Service.PROCOUNTOR, reason=Reason.OTHER_COMPANY, makes=another_company_opens,
         ends=procountor_is_given_a_key),
    Case(service=Service.PROCOUNTOR, reason=Reason.SUSPENDED, makes=procountor_suspends, ends=well),
    Case(service=Service.PROCOUNTOR, reason=Reason.DOWN, makes=procountor_down, ends=well),
    Case(service=Service.TRUSTMARY, reason=Reason.CREDENTIALS, makes=trustmarys_key_goes,
         ends=trustmary_is_given_a_key),
    Case(service=Service.TRUSTMARY, reason=Reason.SUSPENDED, makes=trustmary_suspends, ends=well),
    Case(service=Service.TRUSTMARY, reason=Reason.DOWN, makes=trustmary_down, ends=well),
)  # fmt: skip
"""The others: test_connection_states.py (API not enabled, rights, list gone), test_restore.py, test_login_ends.py."""


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_state_is_told_with_its_remedy_and_ended_by_it_without_loss(
    database: Database, tansu: str, topic: str, tmp_path: Path, case: Case
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=QUICKLY, companies=2) as stage:
        seen = await stage.connect()
        await stage.start(1)
        stage.send(1)
        await stage.agree(within=30)
        await case.makes(stage, seen)
        stage.send(2)
        await eventually(lambda: stands(stage, case, time_passes=True), within=40)

        told, company = state(case.service, case.reason), str(seen.company_id)
        shown = " ".join((await command(stage.environment, "integration", "show", company)).out.split())
        for part in (told.label, ", since ", told.says, told.remedy, told.ask, told.page, told.collected):
            assert part in shown, part
        asked = await command(stage.environment, "attention", "--json")
        [group] = [one for one in asked.json["groups"] if one["cause"] == "broken"]
        assert (group["key"], group["remedy"]) == (f"{case.service}:{case.reason}", told.remedy)
        assert group["oldest"]
        status = await command(stage.environment, "status", "--json")
        assert status.code == (0 if case.reason in PASSING else 3)
        assert any(told.says in need["says"] and need["since"] for need in status.json["needs"])

        await case.ends(stage, seen)
        await eventually(lambda: stands(stage, None), within=40)
        await stage.agree(within=40)
        records = await stage.context.log.read_stream(connection_stream(seen.id))
        assert [one.row.type for one in records] == ["ConnectionBroken", "ConnectionRestored"]
        assert (await command(stage.environment, "attention")).code == 0


async def stands(stage: Stage, case: Case | None, *, time_passes: bool = False) -> bool:
    """What fails has done so for an hour where *time_passes*, and is tried again at once."""
    pool = stage.context.pool
    await pool.execute("update ingest set due_at = now() where lease_until is null")
    await pool.execute("update delivery set next_at = now() where state = 'waiting'")
    if time_passes:
        for table in ("ingest", "lane"):
            await pool.execute(
                f"update {table} set failing_since = now() - interval '1 hour' where failing_since is not null"  # noqa: S608
            )
    broken = await pool.fetch("select service, reason from connection where state = 'broken'")
    found = [(row["service"], row["reason"]) for row in broken]
    assert found == ([(case.service, case.reason)] if case else []), found
    return True
