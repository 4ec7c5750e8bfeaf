"""`ptm status --check` and `ptm doctor` as monitors and people run them: what is said, and the exit code of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from appending import superuser
from eventually import eventually
from servers.postgres import Database
from stage import ROOT, Stage, staged
from terminal import Ended, command
from worker.adapters.child import free_port

pytestmark = pytest.mark.acceptance


async def check(stage: Stage, *flags: str) -> Ended:
    return await command(stage.environment, "status", "--check", *flags)


async def comes_to(stage: Stage, code: int, says: str) -> None:
    async def said() -> bool:
        found = await check(stage)
        assert (found.code, found.out.startswith(says)) == (code, True), found.out
        return True

    await eventually(said)


async def test_a_monitor_hears_of_what_the_brake_holds_until_a_person_releases_it(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        company = str((await stage.connect()).company_id)
        await stage.start(1)
        await comes_to(stage, 0, "PTM OK - 1 worker, nothing waits | ")
        assert (await command(stage.environment, "integration", "edit", company, "--brake", "1")).code == 0
        stage.send(2)
        await comes_to(stage, 3, "PTM CRITICAL - 1 integration held by the brake or since a restore | ")
        told = await check(stage, "--json")
        assert (told.code, told.json["level"], told.json["figures"]["held"]) == (3, "CRITICAL", 1)
        assert (await command(stage.environment, "status", "--json")).json["holds"] == {"brake": 1, "restore": 0}
        assert 'ptm_held{by="brake"} 1.0' in await stage.workers[0].page("metrics")

        released = await command(stage.environment, "integration", "resume", company, "--waiting", "send", "--yes")
        assert released.code == 0, released.err
        await stage.agree()
        await comes_to(stage, 0, "PTM OK - ")
        # Who pauses by hand knows it.
        assert (await command(stage.environment, "integration", "pause", company, "--yes")).code == 0
        await comes_to(stage, 0, "PTM OK - ")


async def test_a_monitor_hears_of_what_is_held_since_a_restore(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        seen = await stage.connect()
        await stage.start(1)
        async with superuser(database) as owner:
            await owner.execute(
                "insert into restored (integration, taken_at) values ($1, now() - interval '1 hour')", seen.id
            )
        await comes_to(stage, 3, "PTM CRITICAL - 1 integration held by the brake or since a restore | ")


async def test_a_monitor_hears_of_parked_calls_of_missing_workers_and_of_a_database_that_is_away(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        await stage.connect()
        await stage.start(1)
        stage.send(1)
        await stage.agree()
        await stage.context.pool.execute("update delivery set state = 'parked', fingerprint = 'x', settled_at = null")
        warned = await check(stage)
        assert (warned.code, warned.out.startswith("PTM WARNING - 1 delivery parked | ")) == (1, True)
        assert (await check(stage, "--parked-warns", "2")).code == 0
        assert (await check(stage, "--parked-alarms", "1")).code == 3
        alone = await check(stage, "--workers", "2")
        assert (alone.code, alone.out.startswith("PTM CRITICAL - 1 workers alive of 2; ")) == (3, True)
        away = stage.environment | {"PTM_DATABASE_URL": f"postgresql://ptm:x@127.0.0.1:{free_port()}/ptm"}
        lost = await command(away, "status", "--check")
        assert (lost.code, lost.out.startswith("PTM CRITICAL - ")) == (3, True)
        assert len(lost.out.splitlines()) == 1


async def test_the_doctor_ends_with_0_where_all_is_well_and_with_3_where_a_person_is_needed(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        seen = await stage.connect()
        nobody = await command(stage.environment, "doctor")
        assert (nobody.code, "No worker is running" in nobody.out) == (3, True)
        await stage.start(1)
        stage.send(1)
        await stage.agree()
        well = await command(stage.environment, "doctor")
        assert well.code == 0, well.out
        assert "✖" not in well.out

        world = stage.sandbox.world
        world.company().rights.sales_invoices = "NO_ACCESS"
        lacks = await command(stage.environment, "doctor", "--integration", str(seen.company_id), "--json")
        assert (lacks.code, lacks.json["exit_code"]) == (3, 3)
        assert any("may not search sales invoices" in one["says"] for one in lacks.json["findings"])
        world.company().rights.sales_invoices = "ALL_RIGHTS"
        world.edit_company(world.company().id, revoke_key=True)
        refused = await command(stage.environment, "doctor")
        assert refused.code == 3
        assert f"ptm integration reconnect {seen.id}" in refused.out


async def test_the_doctor_ends_with_1_where_it_cannot_look_and_with_2_where_a_setting_is_wrong(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as stage:
        away = stage.environment | {"PTM_DATABASE_URL": f"postgresql://ptm:x@127.0.0.1:{free_port()}/ptm"}
        assert (await command(away, "doctor")).code == 1
        wrong = await command(stage.environment, "doctor", "--integration", "nobody")
        assert (wrong.code, "nobody" in wrong.err) == (2, True)
        unset = await command(stage.environment | {"PTM_TRUSTMARY_PACE": "fast"}, "doctor")
        assert (unset.code, "PTM_TRUSTMARY_PACE" in unset.err) == (2, True)


def test_the_page_names_only_alerts_that_there_are() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    severities = {rule["alert"]: rule["labels"]["severity"] for rule in rules["groups"][0]["rules"]}
    level = ""
    named: dict[str, str] = {}
    for line in page.splitlines():
        if line.startswith("| ") and "Ptm" in line:
            cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
            level = cells[0].removeprefix("PTM ").lower() or level
            named |= {alert.strip(" `"): level for alert in cells[-1].split(",")}
    assert len(named) == 8
    assert {alert: severities.get(alert) for alert in named} == named
