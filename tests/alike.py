"""One scene in several databases: what is done at the console in one of them, and by a command in another."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import uuid4

from desk import Desk, environ_for
from events.integration import Braked, FieldMapping, IntegrationPaused, StartsSurveys, Trigger
from events.recipient import Channel, Wanted
from events.replay import Reach
from office import Office, a_list, manned, on_list
from sandbox import Sandbox
from servers.postgres import Cluster, Database, copied_database, fresh_database
from worker import settings
from worker.adapters.child import free_port
from worker.opening import opened
from worker.operations import blocks, drafts, labels, lifecycle, recipients, replays, saving, trial, triggers
from worker.operations.context import Context
from worker.operations.integrations import Integration, State

OFFICE, RESTING, BRAKED, PILOT, BRAKED_TOO, BUSY, NOT_YET = range(7)
"""Companies of the sandbox, the last of which is not connected."""
PARTITIONS = 16
OWN = "oma@toimisto.fi"
"""Where somebody has sent a contact to try a trigger out, so that the next time is like this one."""
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
OF_NOBODY = frozenset({"event", "worker", "budget", "lane", "login", "counter", "migration", "token"})
"""Tables that are not compared: the log is read as its reader does; of the rest no operator's act is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    cluster: Cluster
    original: Database
    sandbox: Sandbox
    environ: Mapping[str, str]
    companies: Sequence[Integration]
    known: frozenset[str]
    """Every id that there was before anything was done."""

    @asynccontextmanager
    async def copied(self) -> AsyncIterator[dict[str, str]]:
        """The settings of a database that has the scene."""
        async with copied_database(self.cluster, self.original) as made:
            yield {
                **self.environ,
                "PTM_DATABASE_URL": made.database_url,
                "PTM_DATABASE_OWNER_URL": made.owner_url,
            }

    async def told(self, environ: Mapping[str, str]) -> dict[str, list[str]]:
        """All that a database says: by table, and the log by stream; without times, and of new ids only that they are.

        What is sealed is read in the log, which is opened.
        """
        streams: defaultdict[str, list[str]] = defaultdict(list)
        async with opened(settings.load(dict(environ))) as context:
            tables = await rows(context, self.plain)
            for partition in range(PARTITIONS):
                records = await context.log.read(partition, 0, 10_000)
                for record, event in zip(records, await context.log.open(records), strict=True):
                    told = f"{event.type} by {record.row.actor}: {said(asdict(event), self.plain)}"
                    streams[self.plain(record.row.stream)].append(told)
        return {name: sorted(found) for name, found in tables.items()} | streams

    def plain(self, text: str) -> str:
        return TIME.sub("then", ID.sub(lambda one: one[0] if one[0] in self.known else "new", text))


async def rows(context: Context, plain: Callable[[str], str] = str) -> dict[str, list[str]]:
    tables = await context.pool.fetch(
        "select schemaname || '.' || tablename as name from pg_tables"
        " where schemaname = any($1) and tablename <> all($2)",
        ["public", "vault"],
        sorted(OF_NOBODY),
    )
    return {
        row["name"]: [
            said(dict(each), plain)
            for each in await context.pool.fetch(f"select * from {row['name']}")  # noqa: S608
        ]
        for row in tables
    }


def said(value: object, plain: Callable[[str], str]) -> str:
    """Without times, and what is sealed or digested; of what has no order in one order."""
    match value:
        case Mapping():
            pairs = sorted((plain(str(name)), said(each, plain)) for name, each in value.items())
            return "{" + ", ".join(f"{name}: {each}" for name, each in pairs if each) + "}"
        case str() if value.startswith("{"):
            return said(json.loads(value), plain)
        case bytes() | datetime():
            return ""
        case list() | tuple():
            return f"[{', '.join(said(each, plain) for each in value)}]"
        case frozenset() | set():
            return f"[{', '.join(sorted(said(each, plain) for each in value))}]"
    return plain(str(value))


@asynccontextmanager
async def scene(cluster: Cluster) -> AsyncIterator[Scene]:
    """A company with all that can be acted on, and others that rest, are held by the brake, labelled, and busy."""
    async with fresh_database(cluster) as original, Sandbox(companies=NOT_YET + 1, history=6) as sandbox:
        newcomer = sandbox.companies[NOT_YET]
        environ = environ_for(
            original,
            sandbox,
            PTM_PROCOUNTOR_API_KEY=newcomer["api_key"],
            PTM_TRUSTMARY_API_KEY=sandbox.trustmary_api_key,
            PTM_PUBLIC_URL=f"http://127.0.0.1:{free_port()}",
        )
        async with opened(settings.load(environ)) as context:
            companies = await peopled(Desk(context, sandbox))
            known = await ids(context)
        yield Scene(
            cluster=cluster, original=original, sandbox=sandbox, environ=environ, companies=companies, known=known
        )


async def ids(context: Context) -> frozenset[str]:
    found = {text for table in (await rows(context)).values() for row in table for text in ID.findall(row)}
    for partition in range(PARTITIONS):
        for record in await context.log.read(partition, 0, 10_000):
            found |= {str(record.row.id), *ID.findall(record.row.stream), *ID.findall(record.row.data.decode())}
    return frozenset(found)


async def peopled(at: Desk) -> Sequence[Integration]:
    async with manned(at) as office:
        await in_use(office)
        others = [await at.connect(place, trigger=fresh(at)) for place in range(RESTING, NOT_YET)]
        resting, braked, pilot, braked_too, busy = others
        await labels.add(at.context, await at.again(pilot), "pilot")
        for place, one in enumerate((resting, braked, braked_too, busy), start=1):
            await at.see(one, 100 + place, partner=100 + place, email=f"asiakas{place}@odottaa.fi")
            await at.project(one)
        [trigger] = busy.rules.triggers.values()
        await trial.send(at.context, busy, await trial.prepare(at.context, busy, trigger, OWN))
        await lifecycle.pause(at.context, await at.again(resting), reason="holiday")
        for one in (braked, braked_too):
            await held(at, one)
        await at.context.pool.execute("update ingest set reading = 'live', polled_at = now()")
        return [await at.again(one) for one in (office.integration, *others)]


async def in_use(office: Office) -> None:
    """Versions, a draft, somebody blocked, replays in every state, and what is parked."""
    at, context = office.at, office.at.context
    await office.sent(1, 2)
    for address in ("nobody@asiakas.fi", "o'brien@asiakas.fi", "@kilpailija.fi"):
        await blocks.add(context, await office.seen(), address, reason="asked not to")
    await office.save(destination=on_list(await a_list(office), StartsSurveys.NO))
    done = await office.plan()
    await office.apply(done, Reach.LIST)
    await office.carry_out(done)
    await office.save(mapping=FieldMapping())
    await triggers.save(context, await office.seen(), drafts.beside(await office.seen(), office.trigger))
    await tell(office)
    for label in ("pilot", "spring"):
        await labels.add(context, await office.seen(), label)
    for limit in (400, 500):
        await saving.edit(context, await office.seen(), brake=limit, reason="big days")
    stopped = await office.plan()
    await office.apply(stopped, Reach.CONTACT)
    await replays.pause(context, await replays.find(context, str(stopped.id)))
    await office.plan()
    await office.apply(await office.plan(), Reach.CONTACT)
    for invoice in (11, 12, 13):
        await at.see(office.integration, invoice, partner=invoice, email=f"asiakas{invoice}@asiakas.fi")
    await at.project(office.integration)
    await context.pool.execute(
        "update delivery set state = 'parked', fingerprint = 'not_found:trustmary:404' where state = 'waiting'"
    )


async def tell(office: Office) -> None:
    """Somebody by mail, and a webhook."""
    seen, context = await office.seen(), office.at.context
    wanted = [
        Wanted(channel=Channel.EMAIL, to="paivi@toimittaja.fi"),
        Wanted(channel=Channel.WEBHOOK, to="https://hooks.example.com/T0/salaisuus"),
    ]
    await saving.edit(context, seen, told=await recipients.changed(context, seen, wanted, []))


def fresh(at: Desk) -> Trigger:
    return replace(at.trigger, id=uuid4())


async def held(at: Desk, one: Integration) -> None:
    braked = Braked(contacts=412, limit=100, usual=9)
    event = IntegrationPaused(integration=one.id, id=uuid4(), braked=braked, reason="far more than usual")
    async with saving.saving(at.context, await at.again(one), event, state=State.PAUSED):
        pass
    await at.project(one)
