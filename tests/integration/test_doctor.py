"""The doctor on the real thing: all well, and what it says of each thing that is wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from uuid import uuid4

import pytest

from appending import superuser
from desk import Desk, environ_for
from events.finnish import FINNISH
from events.recipient import Channel, Wanted
from sandbox import Sandbox
from servers.postgres import Database
from worker import settings
from worker.adapters.sealing import make_master
from worker.opening import opened
from worker.operations import doctor, recipients, saving
from worker.operations.checks import finding
from worker.operations.checks.finding import Concern, Finding, Verdict, cut_off
from worker.operations.doctor import Examination

pytestmark = pytest.mark.integration

STAGES = '{"ingest": {}, "relay": {}, "project": {}, "dispatch": {}}'


@dataclass
class Ward:
    at: Desk
    environ: dict[str, str]
    database: Database
    more: dict[str, str] = field(default_factory=dict)

    async def examine(self, **other: str) -> Examination:
        read = settings.load({**self.environ, **self.more, **other})
        return await doctor.examine(read, read.words)

    async def works(self, release: str = "0.1.0", stages: str = STAGES) -> None:
        """A worker is there, however long the test takes."""
        await self.at.context.pool.execute(
            "insert into worker (id, host, pid, version, stages, partitions, seen_at)"
            " values ($1, 'here', 1, $2, $3, '{}', now() + interval '1 hour')",
            uuid4(),
            release,
            stages,
        )


@asynccontextmanager
async def ward(database: Database, bootstrap: str, topic: str) -> AsyncIterator[Ward]:
    async with Sandbox(companies=2) as sandbox:
        environ = environ_for(database, sandbox, PTM_KAFKA_BOOTSTRAP=bootstrap, PTM_KAFKA_TOPIC=topic)
        async with opened(settings.load(environ)) as context:
            yield Ward(Desk(context, sandbox), environ, database)


def of(found: Examination, concern: Concern, *verdicts: Verdict) -> list[Finding]:
    return [one for one in found.findings if one.concern is concern and (not verdicts or one.verdict in verdicts)]


def bad(findings: Iterable[Finding]) -> dict[str, str]:
    return {f"{one.concern}: {one.says}": one.remedy for one in findings if one.verdict is not Verdict.WELL}


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def test_where_all_is_well_every_concern_says_so(database: Database, tansu: str, topic: str) -> None:
    async with ward(database, tansu, topic) as here:
        await here.at.connect(0)
        await here.works(release=version("procountor-trustmary"))
        found = await here.examine()
        assert bad(found.findings) == {
            f"broker: {topic} has 0 of 16 partitions.": (
                "Nothing is to be done: a worker makes them within half a minute, and may. If one runs and it stays so,"
                " its log says why."
            )
        }
        assert {one.concern for one in found.findings} == set(Concern)
        assert found.exit_code == 0


async def test_a_database_that_is_away_is_1_and_the_rest_is_said_to_be_unseen(
    database: Database, tansu: str, topic: str
) -> None:
    async with ward(database, tansu, topic) as here:
        away = f"postgresql://ptm@127.0.0.1:{closed_port()}/ptm"
        found = await here.examine(PTM_DATABASE_URL=away)
        assert found.exit_code == 1
        [told] = of(found, Concern.DATABASE)
        assert (told.verdict, "PTM_DATABASE_URL" in told.remedy) == (Verdict.UNSEEN, True)
        assert of(found, Concern.INTEGRATION)[0].says == "Not looked at, since the database cannot be used."


async def test_schema_rights_and_key_are_held_against_what_they_must_be(
    database: Database, tansu: str, topic: str
) -> None:
    async with ward(database, tansu, topic) as here:
        await here.at.connect(0)
        await here.works()
        found = await here.examine(PTM_MASTER_KEY=make_master())
        assert "is not the key that sealed this database" in of(found, Concern.KEYS, Verdict.WRONG)[0].says
        assert (found.exit_code, of(found, Concern.INTEGRATION)[0].verdict) == (3, Verdict.UNSEEN)

        found = await here.examine(PTM_DATABASE_URL=database.owner_url)
        assert "may change events" in of(found, Concern.SCHEMA, Verdict.WRONG)[0].says

        async with superuser(database) as admin:
            await admin.execute("insert into migration (id) values ('9999_later')")
            found = await here.examine()
            assert "newer release: this one does not know 9999_later" in of(found, Concern.SCHEMA)[0].says
            await admin.execute("delete from migration where id ~ '^(9999|0003)'")
        found = await here.examine()
        [told] = of(found, Concern.SCHEMA)
        assert ("lacks 1 migrations" in told.says, "ptm migrate" in told.remedy) == (True, True)
        assert found.exit_code == 3


async def test_services_that_are_away_or_elsewhere_and_no_broker(database: Database, tansu: str, topic: str) -> None:
    async with ward(database, tansu, topic) as here:
        await here.works()
        found = await here.examine(
            PTM_TRUSTMARY_URL=f"http://127.0.0.1:{closed_port()}/v1",
            PTM_PROCOUNTOR_API_PATH="/nowhere",
            PTM_KAFKA_BOOTSTRAP=f"127.0.0.1:{closed_port()}",
        )
        wrong = {one.concern: one for one in found.findings if one.verdict is Verdict.WRONG}
        assert "PTM_PROCOUNTOR_API_PATH" in wrong[Concern.PROCOUNTOR].remedy
        assert "does not answer" in wrong[Concern.TRUSTMARY].says
        assert "PTM_KAFKA_BOOTSTRAP" in wrong[Concern.BROKER].remedy
        assert found.exit_code == 3


async def test_each_login_is_tried_and_one_that_is_refused_is_named(database: Database, tansu: str, topic: str) -> None:
    async with ward(database, tansu, topic) as here:
        one, other = await here.at.connect(0), await here.at.connect(1)
        await here.works()
        here.at.sandbox.faults.add(f"procountor@{one.company_id}=403")
        found = await here.examine()
        wrong = {each.integration: each for each in of(found, Concern.INTEGRATION, Verdict.WRONG)}
        assert set(wrong) == {one.id}
        assert f"ptm integration reconnect {one.id}" in wrong[one.id].remedy
        assert of(found, Concern.CLIENT)[0].verdict is Verdict.WELL

        read = settings.load({**here.environ, "PTM_LANGUAGE": "fi"})
        alone = await doctor.examine(read, read.words, integration=str(other.id))
        assert {each.integration for each in of(alone, Concern.INTEGRATION)} == {other.id}
        assert "Molemmat palvelut" in of(alone, Concern.INTEGRATION)[0].says


async def test_workers_of_two_versions_or_without_a_stage_are_told(database: Database, tansu: str, topic: str) -> None:
    async with ward(database, tansu, topic) as here:
        found = await here.examine()
        assert "No worker is running" in of(found, Concern.WORKERS, Verdict.WRONG)[0].says
        await here.works("0.1.0", '{"ingest": {}, "relay": {}, "project": {"failures": 9, "error": "away"}}')
        await here.works("0.0.9", '{"relay": {}}')
        told = bad(of(await here.examine(), Concern.WORKERS))
        assert set(told) == {
            "workers: The workers are of 2 versions: 0.0.9, 0.1.0.",
            "workers: No worker runs the stage dispatch.",
            "workers: project fails in the worker here 1: away",
        }


async def test_a_check_that_hangs_is_cut_off_and_says_so() -> None:
    async def hangs() -> Iterable[Finding]:
        await asyncio.Event().wait()
        return []

    say = settings.load({}).words
    [told] = await cut_off(Concern.BROKER, hangs(), say, within=0.01)
    assert (told.verdict, told.says) == (Verdict.UNSEEN, "No answer within 0 s: cut off.")
    assert told.remedy == finding.AWAY[Concern.BROKER]


def test_what_to_do_where_something_is_away_is_said_in_finnish_too() -> None:
    assert [said for said in (*finding.AWAY.values(), *(one.value for one in Concern)) if said not in FINNISH] == [
        "procountor",
        "trustmary",
    ]


async def test_somebody_who_should_be_told_and_gets_nothing_is_told_of(
    database: Database, tansu: str, topic: str
) -> None:
    async with ward(database, tansu, topic) as here:
        assert "--alert-to" in of(await here.examine(), Concern.ALERTS, Verdict.WELL)[0].says
        seen = await here.at.connect()
        wanted = Wanted(channel=Channel.EMAIL, to="paivi@toimittaja.fi")
        told = await recipients.changed(here.at.context, seen, [wanted], [])
        await saving.edit(here.at.context, seen, told=told)
        [(says, remedy)] = bad(of(await here.examine(), Concern.ALERTS, Verdict.WRONG)).items()
        assert "no mail server is set" in says
        assert "PTM_SMTP_HOST" in remedy
        set_up = {"PTM_SMTP_HOST": "posti.test", "PTM_SMTP_FROM": "ptm@toimittaja.fi"}
        assert bad(of(await here.examine(**set_up), Concern.ALERTS)) == {}
        await here.at.context.pool.execute(
            "insert into mailbox (id, failures, failing_since, failure) values ($1, 3, now(), $2)",
            b"box",
            "The mail server posti.test turned the letter down (550).",
        )
        await here.at.context.pool.execute(
            "insert into alert (integration, recipient, about, key, since, mailbox)"
            " values ($1, $2, 'broken/procountor', 'down', now(), $3)",
            *(seen.id, uuid4(), b"box"),
        )
        [failing] = bad(of(await here.examine(**set_up), Concern.ALERTS))
        assert failing.startswith("alerts: 1 address gets nothing, since 2")
        assert failing.endswith("turned the letter down (550).")
        [finnish] = bad(of(await here.examine(**set_up, PTM_LANGUAGE="fi"), Concern.ALERTS))
        assert finnish.endswith("Sähköpostipalvelin posti.test torjui viestin (550).")
