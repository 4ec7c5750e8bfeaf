"""Each state of a connection from end to end: made in the sandbox, told with its remedy, ended by it, nothing lost.

Those that break none: test_login_ends.py, test_disconnecting.py, test_restore.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.connection import PASSING, STATES, Reason, state
from events.envelope import connection_stream
from events.integration import Destination, DestinationKind, Service, StartsSurveys, Trigger
from eventually import eventually
from sandbox.automations import Automation
from servers.postgres import Database
from stage import Stage, staged, to_contact
from terminal import command
from worker.adapters.credentials import CredentialKind, Credentials, to_secret
from worker.operations.integrations import Integration

pytestmark = pytest.mark.acceptance
Act = Callable[[Stage, Integration], Awaitable[None]]
QUICKLY = {"PTM_REFUSED_RETRY": "0.5", "PTM_TRUSTMARY_TIMEOUT": "5"}


async def well(stage: Stage, _: Integration) -> None:
    """By itself."""
    stage.sandbox.faults.clear()


async def the_company_allows_no_clients(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.switches.api_off_at = "call"
    stage.sandbox.world.company().api_enabled = False


async def the_company_allows_clients(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.company().api_enabled = True


async def the_right_goes(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.company().rights.sales_invoices = "NO_ACCESS"


async def the_right_comes_back(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.company().rights.sales_invoices = "VIEWING_RIGHTS"


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


async def trustmary_refuses(stage: Stage, _: Integration) -> None:
    stage.sandbox.faults.replace("trustmary=402")


async def the_list_goes(stage: Stage, _: Integration) -> None:
    home = stage.sandbox.world.organization()
    stage.sandbox.world.edit_organization(home.id, delete_list=stage.survey_list())


async def the_list_comes_back(stage: Stage, _: Integration) -> None:
    lists = stage.sandbox.world.organization().lists
    next(each for each in lists.values() if each.deleted).deleted = None


LOST = Automation(id="kesa", name="Kesän kysely", status="active", manual=True)


def to_lost_automation(stage: Stage) -> Trigger:
    stage.sandbox.world.organization().automations[LOST.id] = LOST
    return to_contact(
        destination=Destination(kind=DestinationKind.AUTOMATION, automation=LOST.id, starts_surveys=StartsSurveys.YES)
    )


async def the_automation_goes(stage: Stage, _: Integration) -> None:
    del stage.sandbox.world.organization().automations[LOST.id]


async def the_automation_comes_back(stage: Stage, _: Integration) -> None:
    stage.sandbox.world.organization().automations[LOST.id] = LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    service: Service
    reason: Reason
    remedy: str
    """A part of it."""
    makes: Act
    ends: Act
    trigger: Callable[[Stage], Trigger] | None = None
    calls: int = 1
    """Of one contact."""

    def __str__(self) -> str:
        return f"{self.service} {self.reason}"


CASES = (
    Case(
        service=Service.PROCOUNTOR,
        reason=Reason.CREDENTIALS,
        remedy="Usage settings > Integration settings",
        makes=procountors_key_goes,
        ends=procountor_is_given_a_key,
    ),
    Case(
        service=Service.PROCOUNTOR,
        reason=Reason.RIGHTS,
        remedy="viewing rights to sales invoices",
        makes=the_right_goes,
        ends=the_right_comes_back,
    ),
    Case(
        service=Service.PROCOUNTOR,
        reason=Reason.NOT_ENABLED,
        remedy="invoiceable API clients",
        makes=the_company_allows_no_clients,
        ends=the_company_allows_clients,
    ),
    Case(
        service=Service.PROCOUNTOR,
        reason=Reason.OTHER_COMPANY,
        remedy="choose the company of this integration",
        makes=another_company_opens,
        ends=procountor_is_given_a_key,
    ),
    Case(
        service=Service.PROCOUNTOR,
        reason=Reason.SUSPENDED,
        remedy="ask Procountor to let the client in again",
        makes=procountor_suspends,
        ends=well,
    ),
    Case(
        service=Service.PROCOUNTOR, reason=Reason.DOWN, remedy="page on disruptions", makes=procountor_down, ends=well
    ),
    Case(
        service=Service.TRUSTMARY,
        reason=Reason.CREDENTIALS,
        remedy="Settings, Developers",
        makes=trustmarys_key_goes,
        ends=trustmary_is_given_a_key,
    ),
    Case(
        service=Service.TRUSTMARY,
        reason=Reason.REFUSED,
        remedy="subscription in Trustmary",
        makes=trustmary_refuses,
        ends=well,
    ),
    Case(
        service=Service.TRUSTMARY,
        reason=Reason.LIST_GONE,
        remedy="Choose another list",
        makes=the_list_goes,
        ends=the_list_comes_back,
    ),
    Case(
        service=Service.TRUSTMARY,
        reason=Reason.AUTOMATION_GONE,
        remedy="Choose another automation",
        makes=the_automation_goes,
        ends=the_automation_comes_back,
        trigger=to_lost_automation,
        calls=2,
    ),
    Case(
        service=Service.TRUSTMARY,
        reason=Reason.SUSPENDED,
        remedy="PTM_TRUSTMARY_PACE",
        makes=trustmary_suspends,
        ends=well,
    ),
    Case(
        service=Service.TRUSTMARY,
        reason=Reason.DOWN,
        remedy="what was given up meanwhile",
        makes=trustmary_down,
        ends=well,
    ),
)


def test_every_state_that_breaks_a_connection_is_tried() -> None:
    tried = {(case.service, case.reason) for case in CASES}
    assert tried == STATES.keys() - {(Service.PROCOUNTOR, Reason.ENDING)}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_state_is_told_with_its_remedy_and_ended_by_it_without_loss(
    database: Database, tansu: str, topic: str, tmp_path: Path, case: Case
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path, more=QUICKLY, companies=2) as stage:
        seen = await stage.connect(trigger=case.trigger(stage) if case.trigger else None)
        await stage.start(1)
        stage.send(1)
        await stage.agree(calls=case.calls)
        began = datetime.now(UTC)
        await case.makes(stage, seen)
        between = stage.send(2)
        await eventually(lambda: stands(stage, case, time_passes=True))
        await is_told(stage, case, str(seen.company_id), began)
        if case.service is Service.TRUSTMARY:
            for invoice in between:
                await stage.seen(invoice, "SENT")
        else:
            assert [await stage.changes(invoice) for invoice in between] == [[], []]

        await case.ends(stage, seen)
        await eventually(lambda: stands(stage, None))
        await stage.agree(calls=case.calls)
        started = [arrival.email for arrival in stage.arrivals if arrival.call == "automation"]
        assert len(started) == len(set(started)) == 3 * (case.calls - 1)
        records = await stage.context.log.read_stream(connection_stream(seen.id))
        assert [one.row.type for one in records] == ["ConnectionBroken", "ConnectionRestored"]
        assert (await command(stage.environment, "attention")).code == 0
        assert (await command(stage.environment, "status", "--check")).code == 0


async def is_told(stage: Stage, case: Case, company: str, began: datetime) -> None:
    """What it is, since when, what to do, whom to ask and where, and whether invoices are collected."""
    told = state(case.service, case.reason)
    assert case.remedy in told.remedy
    assert ("still collected" in told.collected) is (case.service is Service.TRUSTMARY)
    shown = " ".join((await command(stage.environment, "integration", "show", company)).out.split())
    for part in (told.label, ", since ", told.says, told.remedy, told.ask, told.page, told.collected):
        assert part in shown, part
    as_json = (await command(stage.environment, "integration", "show", company, "--json")).json
    since = datetime.fromisoformat(as_json["connections"][case.service]["since"])
    assert began <= since <= datetime.now(UTC)
    asked = await command(stage.environment, "attention", "--json")
    [group] = [one for one in asked.json["groups"] if one["cause"] == "broken"]
    assert (group["key"], group["remedy"]) == (f"{case.service}:{case.reason}", told.remedy)
    assert datetime.fromisoformat(group["oldest"]) == since
    status = await command(stage.environment, "status", "--json")
    assert status.code == (0 if case.reason in PASSING else 3)
    [need] = [one for one in status.json["needs"] if told.says in one["says"]]
    assert (datetime.fromisoformat(need["since"]), told.remedy in need["remedy"]) == (since, True)
    assert (await command(stage.environment, "status", "--check")).code == 3


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
