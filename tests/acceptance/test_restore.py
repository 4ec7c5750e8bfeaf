"""A backup on one machine, restored on another: nothing is lost, and nothing that had been sent since is sent again."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from desk import environ_for
from events.connection import RESTORED
from events.envelope import connection_stream
from events.integration import Condition, Trigger
from events.invoice import Status
from eventually import eventually
from sandbox import Sandbox
from servers.postgres import Database
from stage import COMMAND, QUICK, ROOT, Stage, inherited, spoken, staged, to_list
from terminal import command, ptm
from worker import settings
from worker.adapters import guard
from worker.adapters.embedded import find_running
from worker.opening import opened

pytestmark = pytest.mark.acceptance


def embedded_environment(services: Sandbox, data_dir: Path) -> dict[str, str]:
    nowhere = Database(owner_url="", database_url="", admin_url="")
    every = environ_for(nowhere, services, **QUICK, PTM_DATA_DIR=str(data_dir))
    server = ("PTM_DATABASE_URL", "PTM_DATABASE_OWNER_URL", "PTM_MASTER_KEY")
    return {name: value for name, value in every.items() if name not in server}


@asynccontextmanager
async def machine(services: Sandbox, directory: Path) -> AsyncIterator[Stage]:
    """One that a small company has: `ptm worker --embedded`. It is lost, with all that it had, when the block ends."""
    environment = embedded_environment(services, directory / "data")
    log = directory / "embedded.log"
    async with AsyncExitStack() as exits:
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", guard.__file__, str(int(signal.SIGKILL)), "5"),
                *(*COMMAND, "--embedded"),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=file,
                cwd=ROOT,
                env=inherited() | environment,
                start_new_session=True,
            )
        exits.push_async_callback(lost, process)
        await eventually(lambda: any(line.get("event") == "worker started" for line in spoken(log)))
        context = await exits.enter_async_context(opened(settings.load(environment)))
        yield Stage(sandbox=services, context=context, directory=directory, environment=environment, exits=exits)


async def lost(process: Process) -> None:
    assert process.stdin is not None, "piped"
    process.stdin.close()
    await process.wait()


@asynccontextmanager
async def other_machine(
    services: Sandbox, database: Database, directory: Path, key: str, **more: str
) -> AsyncIterator[tuple[Stage, Sequence[str]]]:
    """A server and a broker, over which the backup in *directory* is restored; with what the command said."""
    environment = environ_for(database, services, **QUICK, **more) | {"PTM_MASTER_KEY": key}
    done = await command(environment, "restore", str(directory / "kept"))
    assert done.code == 3, done.err
    async with AsyncExitStack() as exits:
        context = await exits.enter_async_context(opened(settings.load(environment)))
        made = Stage(sandbox=services, context=context, directory=directory, environment=environment, exits=exits)
        yield made, done.out.splitlines()


async def test_nothing_is_lost_and_nothing_is_sent_twice_from_an_embedded_machine_to_a_server(
    bare_database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    kafka = {"PTM_KAFKA_BOOTSTRAP": tansu, "PTM_KAFKA_TOPIC": topic, "PTM_KAFKA_GROUP": topic}
    async with Sandbox(companies=2, organizations=2) as services:
        async with machine(services, tmp_path) as first:
            for place in range(2):
                await first.connect(place, trigger=to_list(first.survey_list(place)))
            first.send(3)
            first.send(2, company=1)
            waiting = [first.act(first.invoice(), "approve") for _ in range(2)]
            await first.arrived(within=60)
            kept = await command(first.environment, "backup", str(tmp_path / "kept"))
            assert kept.code == 0, kept.err
            # What follows no backup knows: new invoices, and one that it knew as not sent yet.
            first.send(4)
            first.send(1, company=1)
            first.act(waiting[0], "send")
            await first.arrived(within=60)
            await first.settled()
        await eventually(lambda: find_running(tmp_path / "data") is None)
        at_loss = len(services.books.arrivals)
        assert at_loss == 11
        first.send(2)
        first.act(waiting[1], "send")

        key = (tmp_path / "data" / "master.key").read_text(encoding="ascii")
        async with other_machine(services, bare_database, tmp_path, key, **kafka) as (second, said):
            assert any("held" in line for line in said)
            early = await command(second.environment, "release", "--yes", "--json")
            assert (early.code, early.json["released"]) == (3, [])
            await second.start(2)

            async def found_again() -> bool:
                count = await second.context.pool.fetchval("select count(*) from delivery where state = 'waiting'")
                assert count == 9, await second.stands()
                return True

            await eventually(found_again)
            await eventually(lambda: ready(second))
            status = await command(second.environment, "status", "--json")
            assert status.code == 3
            assert any("ptm release" in need["remedy"] for need in status.json["needs"])
            attention = (await command(second.environment, "attention", "--json")).json["groups"]
            assert [(one["count"], one["commands"]) for one in attention if one["cause"] == "held"] == [
                (2, ["ptm release"])
            ]
            await told_everywhere(second)
            plan = await command(second.environment, "release", "--plan", "--json")
            assert (plan.code, plan.json["counts"]) == (0, {"found": 6, "send": 3}), plan.err
            assert len(services.books.arrivals) == at_loss

            released = await command(second.environment, "release", "--yes")
            assert released.code == 0, released.err
            assert re.search("No worker of the former database.*2 integrations are released", released.out, re.DOTALL)
            await over_everywhere(second)
            verdict = await second.agree()
            assert (verdict.expected, verdict.delivered, verdict.surveys) == (14, 14, 14)
            # Life goes on.
            second.send(2)
            assert (await second.agree()).delivered == 16
            again = await command(second.environment, "release")
            assert "Nothing is held" in again.out


async def test_who_names_no_database_is_told_of_the_embedded_one_and_not_to_start_a_worker(tmp_path: Path) -> None:
    """A worker that has run there once would keep a restore out."""
    told = await command({"PTM_DATA_DIR": str(tmp_path / "data")}, "backup", str(tmp_path / "kept"))
    assert told.code == 2
    assert "--embedded for the database there" in told.err
    assert "ptm worker" not in told.err


def company_of(stage: Stage) -> str:
    return str(stage.sandbox.world.company().id)


async def told_everywhere(stage: Stage) -> None:
    """The state of each integration: message, since when, what to do, whom to ask, whether invoices are collected."""
    shown = await command(stage.environment, "integration", "show", company_of(stage))
    for part in (RESTORED.label, ", since ", RESTORED.says, RESTORED.remedy, RESTORED.ask, RESTORED.collected):
        assert part in " ".join(shown.out.split()), part
    examined = await command(stage.environment, "doctor", "--json")
    held = [one for one in examined.json["findings"] if one["says"].startswith("Restored from a backup, and held")]
    assert (examined.code, len(held)) == (3, 2)
    assert all("ptm release" in one["remedy"] for one in held)
    assert await types(stage) == ["BackupRestored"]


async def over_everywhere(stage: Stage) -> None:
    assert await types(stage) == ["BackupRestored", "SendingReleased"]
    shown = await command(stage.environment, "integration", "show", company_of(stage))
    assert RESTORED.label not in shown.out


async def types(stage: Stage) -> list[str]:
    """What the log tells of the first company's connections, from the end of the backup on."""
    shown = await command(stage.environment, "integration", "show", company_of(stage), "--json")
    records = await stage.context.log.read_stream(connection_stream(UUID(shown.json["id"])))
    return [record.row.type for record in records]


async def test_from_a_server_to_an_embedded_machine_nothing_is_lost_or_sent_twice(
    database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    async with staged(database, tansu, topic=topic, directory=tmp_path) as first:
        await first.connect(trigger=to_list(first.survey_list()))
        workers = await first.start(1)
        first.send(2)
        await first.arrived(within=60)
        assert (await command(first.environment, "backup", str(tmp_path / "kept"))).code == 0
        first.send(3)
        await first.arrived(within=60)
        for worker in workers:
            worker.send(signal.SIGKILL)
            await worker.exit_code(within=60)
        first.send(1)
        there = tmp_path / "there"
        await asyncio.to_thread((there / "data").mkdir, parents=True)
        (there / "data" / "master.key").write_text(first.environment["PTM_MASTER_KEY"], encoding="ascii")
        environment = embedded_environment(first.sandbox, there / "data")
        restored = await ptm(environment, "restore", str(tmp_path / "kept"), "--embedded")
        assert restored.code == 3, restored.err
        async with machine(first.sandbox, there) as second:
            await eventually(lambda: ready(second))
            released = await command(second.environment, "release", "--yes", "--json")
            assert released.json["counts"] == {"found": 3, "send": 1}, released.err
            assert (await second.agree()).surveys == 6


async def test_what_kafka_was_told_of_the_former_log_is_foreign_to_the_restored_one(
    database: Database, bare_database: Database, kafka: str, topic: str, tmp_path: Path
) -> None:
    """On one topic: what the former log told of these positions is not what the new one decides by."""
    async with staged(database, kafka, topic=topic, directory=tmp_path) as first:
        await first.connect()
        workers = await first.start(1)
        first.send(2)
        await first.arrived(within=60)
        assert (await command(first.environment, "backup", str(tmp_path / "kept"))).code == 0
        first.send(4)
        await first.arrived(within=60)
        await first.told()
        for worker in workers:
            worker.send(signal.SIGKILL)
            await worker.exit_code(within=60)
        former = await first.context.log.id()
        key, same = first.environment["PTM_MASTER_KEY"], kafka_of(first)
        async with other_machine(first.sandbox, bare_database, tmp_path, key, **same) as (second, _):
            assert await second.context.log.id() != former
            await second.start(1)
            await eventually(lambda: ready(second))
            released = await command(second.environment, "release", "--yes", "--json")
            assert (released.code, released.json["counts"]) == (0, {"found": 4}), released.err
            second.send(3)
            verdict = await second.agree()
            assert (verdict.delivered, verdict.surveys) == (9, 9)
            await second.told()


async def test_a_replay_that_no_backup_knows_of_asks_nobody_again_when_it_is_planned_once_more(
    database: Database, bare_database: Database, tansu: str, topic: str, tmp_path: Path
) -> None:
    """Invoices that were sent while the trigger meant paid ones: a replay puts that right, and is forgotten."""
    async with staged(database, tansu, topic=topic, directory=tmp_path) as first:
        paid = Condition(statuses=frozenset({Status.PAID.value}))
        trigger = to_list(first.survey_list(), condition=paid)
        seen = await first.connect(trigger=trigger)
        workers = await first.start(1)
        for invoice in first.send(3):
            await first.seen(invoice, "SENT")
        await first.settled()
        assert (await command(first.environment, "backup", str(tmp_path / "kept"))).code == 0
        await put_right(first, seen.company_id, trigger)
        await eventually(lambda: len(first.arrivals) == 3)
        await first.settled()
        for worker in workers:
            worker.send(signal.SIGKILL)
            await worker.exit_code(within=60)
        key, same = first.environment["PTM_MASTER_KEY"], kafka_of(first)
        async with other_machine(first.sandbox, bare_database, tmp_path, key, **same) as (second, _):
            await second.start(1)
            await eventually(lambda: ready(second))
            assert (await command(second.environment, "release", "--yes")).code == 0
            await put_right(second, seen.company_id, trigger)

            async def held() -> bool:
                count = await second.context.pool.fetchval("select count(*) from delivery where state = 'parked'")
                return bool(count == 3)

            await eventually(held)
            assert len(second.arrivals) == 3
            second.send(2)
            await eventually(lambda: len(second.arrivals) == 5)
            await second.settled()
            await second.sound()


async def put_right(stage: Stage, company: int, trigger: Trigger) -> None:
    """The trigger means sent invoices from now on, and those of before are replayed."""
    saved = await command(stage.environment, "trigger", "save", str(company), trigger.name, "--status", "SENT")
    assert saved.code == 0, saved.err
    await stage.settled()
    planned = await command(stage.environment, "replay", "plan", str(company), "--json")
    assert planned.code == 0, planned.err
    assert [one["kind"] for one in planned.json["items"]] == ["new"] * 3
    order = ("--reach", "survey", "--name", "korjaus", "--reason", "väärä tila", "--yes", "3")
    applied = await command(stage.environment, "replay", "apply", planned.json["replay"]["id"], *order)
    assert applied.code == 0, applied.err


def kafka_of(stage: Stage) -> dict[str, str]:
    return {name: value for name, value in stage.environment.items() if name.startswith("PTM_KAFKA")}


async def ready(stage: Stage) -> bool:
    """Every integration may be released."""
    found = (await command(stage.environment, "release", "--plan", "--json")).json
    assert {one["not_ready"] for one in found["integrations"]} == {None}
    return True
