"""The doctor: looks at everything that the product rests on, and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from events.errors import Misconfigured, PtmError
from events.words import Words
from worker import broker, opening
from worker.adapters import pooler, schema, topic_look
from worker.adapters.postgres import Pool, close_pool, open_pool, translating
from worker.adapters.web import Session
from worker.operations import integrations, labels, status
from worker.operations.checks import alerts, clock, database, keys, logins, services, workers
from worker.operations.checks import broker as of_broker
from worker.operations.checks.finding import PATIENCE, Concern, Finding, Verdict, cut_off, unseen
from worker.operations.context import SQL, Context
from worker.operations.integrations import Integration
from worker.settings import Settings

AT_ONCE = 8
"""Integrations whose logins are tried at one time."""
SHARE = 16
"""Partitions that the topic has where no database says how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    at: datetime
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """1 where the database cannot be looked at, 3 where a person is needed, 1 where something was not seen."""
        if any(one.concern is Concern.DATABASE and one.verdict is Verdict.UNSEEN for one in self.findings):
            return 1
        verdicts = {one.verdict for one in self.findings}
        return 3 if Verdict.WRONG in verdicts else 1 if Verdict.UNSEEN in verdicts else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at, as far as it could be opened."""

    settings: Settings
    say: Words
    servers: opening.Servers
    pool: Pool | None = None
    only: str | None = None
    """The integration that is meant."""
    label: str | None = None


async def examine(
    settings: Settings, say: Words, *, integration: str | None = None, label: str | None = None
) -> Examination:
    """Raises `Misconfigured` where no database is named, or an integration that there is none of."""
    async with AsyncExitStack() as stack:
        patient = Patient(settings=settings, say=say, servers=opening.servers(settings), only=integration, label=label)
        found, patient = await of_database(patient, stack)
        at_broker = cut_off(Concern.BROKER, look_at_broker(patient), say)
        if patient.pool is None:
            found += await at_broker
            rest = (each for each in Concern if each not in (Concern.DATABASE, Concern.BROKER))
            found += skipped(say("the database cannot be used"), say, *rest)
        else:
            inside, outside = await asyncio.gather(of_inside(patient, stack), at_broker)
            found += [*inside, *outside]
        return Examination(at=datetime.now(UTC), findings=tuple(found))


async def of_database(patient: Patient, stack: AsyncExitStack) -> tuple[list[Finding], Patient]:
    """With its pool, where it can be used."""
    opened: list[Pool] = []

    async def look() -> Iterable[Finding]:
        url = patient.servers.database_url
        await pooler.require_sessions(url)
        pool = await open_pool(url, size=4, application="ptm doctor")
        stack.push_async_callback(close_pool, pool)
        opened.append(pool)
        return database.judge_server(await database.look_at_server(pool), patient.say)

    found = await cut_off(Concern.DATABASE, look(), patient.say)
    return found, replace(patient, pool=opened[0] if opened else None)


async def of_inside(patient: Patient, stack: AsyncExitStack) -> list[Finding]:
    """What needs the database, in the order of what rests on what."""
    say, pool = patient.say, required(patient)
    found = await cut_off(Concern.CLOCK, look_at_clock(patient), say)
    found += await cut_off(Concern.SCHEMA, look_at_schema(patient), say)
    rest = (Concern.KEYS, Concern.WORKERS, Concern.ALERTS, Concern.PROCOUNTOR, Concern.TRUSTMARY, Concern.INTEGRATION)
    if not await is_ready(pool):
        return [*found, *skipped(say("the schema is not this release's"), say, *rest)]
    found += await cut_off(Concern.KEYS, look_at_keys(patient), say)
    found += await cut_off(Concern.WORKERS, look_at_workers(patient), say)
    found += await cut_off(Concern.ALERTS, look_at_alerts(patient), say)
    if not (await database.look_at_schema(pool)).works:
        return [*found, *skipped(say("the login may only look"), say, *rest[3:])]
    session = await stack.enter_async_context(Session())
    found += await of_services(patient, session)
    try:
        context = await stack.enter_async_context(opening.opened(patient.settings, application="ptm doctor"))
        every = await meant(context, patient)
    except Misconfigured:
        if patient.only or patient.label:
            raise
        return [*found, *skipped(say("the master key does not open it"), say, Concern.INTEGRATION)]
    return [*found, *await of_integrations(context, every, say)]


async def is_ready(pool: Pool) -> bool:
    try:
        await schema.require_own(pool)
    except PtmError:
        return False
    return True


def required(patient: Patient) -> Pool:
    assert patient.pool is not None, "what needs the database is asked for with one only"
    return patient.pool


def skipped(why: str, say: Words, *concerns: Concern) -> list[Finding]:
    return [unseen(concern, say("Not looked at, since {why}.", why=why)) for concern in concerns]


async def look_at_clock(patient: Patient) -> Iterable[Finding]:
    return clock.judge("PostgreSQL", await clock.of_database(required(patient)), patient.say)


async def look_at_schema(patient: Patient) -> Iterable[Finding]:
    return database.judge_schema(await database.look_at_schema(required(patient)), patient.say)


async def look_at_keys(patient: Patient) -> Iterable[Finding]:
    settings, embedded = patient.settings, patient.servers.embedded
    master = opening.master_key(settings, embedded=embedded)
    file = settings.data_dir.expanduser() / opening.KEY_FILE if embedded else None
    seen = await keys.look(required(patient), master, keys.place(settings, embedded=file))
    return keys.judge(seen, patient.say, command=settings.master_key_command is not None)


async def look_at_workers(patient: Patient) -> Iterable[Finding]:
    with translating():
        rows = await required(patient).fetch(SQL["read_workers"])
    running = [status.as_worker(row, datetime.now(UTC)) for row in rows]
    return workers.judge(running, version("procountor-trustmary"), patient.say)


async def look_at_alerts(patient: Patient) -> Iterable[Finding]:
    return alerts.judge(await alerts.look(required(patient)), patient.settings, patient.say)


async def look_at_broker(patient: Patient) -> Iterable[Finding]:
    partitions = SHARE
    if patient.pool is not None and await is_ready(patient.pool):
        with translating():
            partitions = await patient.pool.fetchval(SQL["count_partitions"])
    topic = broker.topic(patient.settings, patient.servers.bootstrap, partitions=partitions)
    group = patient.settings.kafka_group
    return of_broker.judge(topic, group, await topic_look.look(topic, group), patient.say)


async def of_services(patient: Patient, session: Session) -> list[Finding]:
    settings, say, pool = patient.settings, patient.say, required(patient)

    async def look_at_procountor() -> Iterable[Finding]:
        seen = await services.of_procountor(pool, session, settings)
        return services.judge(Concern.PROCOUNTOR, settings.procountor_url, seen, say)

    async def look_at_trustmary() -> Iterable[Finding]:
        seen = await services.of_trustmary(session, settings)
        return services.judge(Concern.TRUSTMARY, settings.trustmary_url, seen, say)

    async def look_at_budget() -> Iterable[Finding]:
        with translating():
            ids = await pool.fetch(SQL["list_ids"], False)
        return services.judge_budget(await services.wait_for_budget(pool, settings), len(ids), settings, say)

    found = await asyncio.gather(
        cut_off(Concern.PROCOUNTOR, look_at_procountor(), say),
        cut_off(Concern.TRUSTMARY, look_at_trustmary(), say),
        cut_off(Concern.BUDGET, look_at_budget(), say),
    )
    return [one for each in found for one in each]


async def meant(context: Context, patient: Patient) -> Sequence[Integration]:
    if patient.only or patient.label:
        return await labels.chosen(context, patient.only, patient.label)
    return await integrations.read_all(context)


async def of_integrations(context: Context, every: Sequence[Integration], say: Words) -> list[Finding]:
    """At most so many at once; and what they tell together of the API client."""
    turns = asyncio.Semaphore(AT_ONCE)
    asked: list[logins.Let | PtmError] = []

    async def of_one(one: Integration) -> list[Finding]:
        async def look() -> Iterable[Finding]:
            procountor, trustmary = await logins.look(context, one)
            asked.append(procountor)
            return logins.judge(one, procountor, trustmary, say)

        async with turns:
            found = await cut_off(Concern.INTEGRATION, look(), say, within=2 * PATIENCE)
        return [replace(each, integration=one.id, name=one.name) for each in found]

    found = await asyncio.gather(*(of_one(one) for one in every))
    of_client = list(logins.judge_client(context.settings, asked, say))
    return [*of_client, *(one for each in found for one in each)]
