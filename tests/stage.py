"""The product on its stage: worker processes over one database and one broker, before the sandbox and its books."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson

from desk import environ_for
from events.integration import Destination, DestinationKind, FieldMapping, Settings, StartsSurveys, Trigger
from eventually import eventually
from sandbox import Sandbox
from sandbox.books import Arrival, Verdict
from servers.postgres import Database
from worker import settings
from worker.adapters import guard
from worker.adapters.child import last_words
from worker.opening import opened
from worker.operations import access, connecting
from worker.operations.beginning import Beginning
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.verify import verify

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-m", "worker.cli", "worker")
INVOICE_FIELD = "field_invoice"
"""What ties a contact in the sandbox's books to its invoice."""
QUICK = {
    "PTM_POLL_FLOOR": "0.2",
    "PTM_POLL_CEILING": "0.5",
    "PTM_TRUSTMARY_PACE": "0",
    "PTM_TRUSTMARY_TIMEOUT": "4",
    "PTM_HEALTH_PORT": "0",
    "PTM_CALLBACK_PORT": "0",
    "PTM_LOG_FORMAT": "json",
}
"""A worker that has no time to lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process of its own, behind a guard that does not let it outlive the test."""

    id: UUID
    pid: int
    health_port: int
    log: Path
    guard: Process

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def exit_code(self, *, within: float = 60) -> int:
        async with asyncio.timeout(within):
            return await self.guard.wait()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    async def page(self, path: str) -> str:
        url = f"http://127.0.0.1:{self.health_port}/{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()

    async def turns(self, stage: str) -> float:
        """How often the loop of *stage* has come round."""
        name = f'ptm_stage_turns{{stage="{stage}"}} '
        lines = (await self.page("metrics")).splitlines()
        return next((float(line.removeprefix(name)) for line in lines if line.startswith(name)), 0.0)


@dataclass(slots=True, kw_only=True)
class Stage:
    sandbox: Sandbox
    context: Context
    directory: Path
    environment: dict[str, str]
    exits: AsyncExitStack
    workers: list[Worker] = field(default_factory=list)

    async def start(self, count: int = 1) -> list[Worker]:
        """So many more workers, each with all stages."""
        started = [await self._start() for _ in range(count)]
        self.workers += [await self._ready(*each) for each in started]
        return self.workers[-count:]

    async def connect(
        self, company: int = 0, *, trigger: Trigger | None = None, settings: Settings | None = None
    ) -> Integration:
        """A company joined to the organization of the same place, its contacts put on a list that starts surveys."""
        found = await access.check_key(self.context, self.sandbox.companies[company]["api_key"])
        joined = await access.check_organization(self.context, self.sandbox.organizations[company]["api_key"])
        return await connecting.connect(
            self.context,
            found,
            joined,
            beginning=Beginning(triggers=(trigger or to_list(self.survey_list(company)),), settings=settings),
            reason="acceptance",
        )

    async def again(self, seen: Integration) -> Integration:
        return await read_one(self.context, seen.id)

    def survey_list(self, organization: int = 0) -> str:
        lists = self.sandbox.world.organizations[self.sandbox.organizations[organization]["id"]].lists
        return next(each.id for each in lists.values() if each.survey)

    # Procountor's side

    def company(self, place: int) -> int:
        number: int = self.sandbox.companies[place]["id"]
        return number

    def customer(self, company: int = 0, kind: str = "named_contact") -> int:
        return self.sandbox.world.add_customer(self.company(company), kind).id

    def invoice(
        self, company: int = 0, *, customer: int | None = None, total: float | None = 100.0, **facts: Any
    ) -> int:
        """A draft, of a customer of its own unless one is given."""
        payer = customer if customer is not None or "kind" in facts else self.customer(company)
        return self.sandbox.world.add_invoice(self.company(company), customer=payer, total=total, **facts).id

    def act(self, invoice: int, *acts: str) -> int:
        for act in acts:
            self.sandbox.world.act(invoice, act)
        return invoice

    def send(self, count: int = 1, *, company: int = 0) -> list[int]:
        """So many invoices, each of a customer of its own, approved and sent."""
        return [self.act(self.invoice(company), "approve", "send") for _ in range(count)]

    async def seen(self, invoice: int, status: str, *, within: float = 60) -> None:
        """Ingest has recorded that the invoice has this status."""
        query = "select exists (select from invoice where invoice = $1 and status = $2 and change > 0)"

        async def recorded() -> bool:
            return bool(await self.context.pool.fetchval(query, invoice, status))

        await eventually(recorded, within=within)

    # What came of it

    @property
    def arrivals(self) -> Sequence[Arrival]:
        return self.sandbox.books.arrivals

    def verdict(self) -> Verdict:
        return self.sandbox.books.verdict(INVOICE_FIELD)

    async def told(self, *, within: float = 60) -> None:
        """Kafka has been told everything that is recorded."""
        query = "select bool_and(relay.position = counter.position) from relay join counter using (partition)"

        async def level() -> bool:
            return bool(await self.context.pool.fetchval(query))

        await eventually(level, within=within)

    async def arrived(self, *, within: float = 60) -> float:
        """All that the books expect is in Trustmary; says for how many seconds it was waited for."""
        began = time.monotonic()

        def complete() -> bool:
            verdict = self.verdict()
            assert not verdict.lost, f"{verdict.lost} of {verdict.expected} are missing"
            return True

        try:
            await eventually(complete, within=within)
        except AssertionError as error:
            raise AssertionError(f"{error}; {await self.stands()}") from error
        return time.monotonic() - began

    async def stands(self) -> dict[str, list[dict[str, object]]]:
        """Where everything is that has not arrived: who has to be told of it, has it in hand, or waits for whom."""
        questions = {
            "deliveries": "select integration, state, count(*) from delivery group by 1, 2 order by 1, 2",
            "reading": "select integration, due_at - now() as due, lease_until - now() as lease, failure from ingest",
            "lanes": """select organization, due_at - now() as due, lease_until - now() as lease, failures,
                broken_until - now() as broken from lane""",
            "undecided": """select c.partition, k.position, c.position as decided, now() - c.moved_at as since
                from checkpoint c join counter k using (partition) where k.position > c.position""",
            "sessions": """select state, wait_event, now() - state_change as since, left(query, 60) as query
                from pg_stat_activity where datname = current_database() and state <> 'idle'""",
        }
        return {
            name: [dict(row) for row in await self.context.pool.fetch(question)] for name, question in questions.items()
        }

    async def settled(self, *, within: float = 60) -> None:
        """Everything recorded is decided, and nothing is under way."""

        async def level() -> bool:
            found = await self.context.pool.fetchrow(
                "select (select sum(position) from counter) - (select sum(position) from checkpoint) as undecided,"
                " (select count(*) from delivery where state = 'waiting') as waiting,"
                " (select count(*) from delivery where state = 'attempting') as attempting"
            )
            assert found is not None
            assert not any(found.values()), dict(found)
            return True

        await eventually(level, within=within)

    async def sound(self) -> None:
        """The log is whole, and every decision is as the rules of its position say."""
        async for verified in verify(self.context.log, self.context.vault):
            assert not verified.faults
            assert not verified.undecided

    async def agree(self, *, within: float = 60, repeated: int = 0, calls: int = 1) -> Verdict:
        """Books and log say the same: nothing lost, nothing doubled, nothing that nobody asked for.

        *calls*: of one contact, which are two where an automation is started.
        """
        await self.arrived(within=within)
        await self.settled()
        verdict = self.verdict()
        counts = await self.context.pool.fetch("select state, count(*) from delivery group by 1")
        states = {row["state"]: row["count"] for row in counts}
        assert (verdict.lost, verdict.duplicated, verdict.unexpected) == (0, 0, 0), verdict
        assert verdict.repeated == repeated, verdict
        assert states.get("delivered", 0) == verdict.expected * calls, (states, verdict)
        await self.sound()
        return verdict

    async def decisions(self, invoice: int) -> list[str]:
        """What was decided about the invoice, in order: `ContactAdded`, or why nobody was."""
        rows = await self.context.pool.fetch(
            "select type, data ->> 'reason' as reason from event"
            " where stream like '%/' || $1 and type in ('ContactAdded', 'ContactSkipped') order by position",
            str(invoice),
        )
        return [row["reason"] or row["type"] for row in rows]

    async def outcomes(self, invoice: int) -> list[str]:
        """How its deliveries ended: the type of each outcome, or why it was withdrawn."""
        rows = await self.context.pool.fetch(
            "select type, data ->> 'reason' as reason from event"
            " where stream like '%/' || $1 and type in ('ContactDelivered', 'ContactRefused', 'ContactWithdrawn')"
            " order by position",
            str(invoice),
        )
        return [row["reason"] or row["type"] for row in rows]

    async def changes(self, invoice: int) -> list[str]:
        """The statuses that were recorded."""
        rows = await self.context.pool.fetch(
            "select data ->> 'after' as after from event"
            " where stream like '%/' || $1 and type = 'InvoiceStatusChanged' order by position",
            str(invoice),
        )
        return [row["after"] for row in rows]

    async def attempting(self, worker: Worker | None = None) -> int:
        """Calls under way, of one worker if given."""
        count: int = await self.context.pool.fetchval(
            "select count(*) from delivery where state = 'attempting' and ($1::uuid is null or attempted_by = $1)",
            worker.id if worker else None,
        )
        return count

    def calls(self, route: str) -> int:
        """How often Trustmary was called there, such as `trustmary.contacts.post`."""
        routes = self.sandbox.trustmary_meter.report()["routes"]
        assert isinstance(routes, dict)
        return int(routes.get(route, 0))

    async def busy(self, workers: Sequence[Worker], *, calls: int = 1) -> Worker:
        """The worker that has so many calls under way, as soon as one has."""

        async def found() -> Worker | None:
            for worker in workers:
                if await self.attempting(worker) >= calls:
                    return worker
            return None

        worker = await eventually(found)
        assert worker is not None
        return worker

    # The processes

    async def _start(self) -> tuple[Process, Path]:
        log = self.directory / f"worker-{uuid4().hex[:8]}.log"
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", guard.__file__, str(int(signal.SIGKILL)), "5", *COMMAND),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=file,
                cwd=ROOT,
                env=inherited() | self.environment,
                start_new_session=True,
            )
        self.exits.push_async_callback(_ended, process)
        return process, log

    async def _ready(self, process: Process, log: Path) -> Worker:
        def told() -> tuple[UUID, int] | None:
            if process.returncode is not None:
                raise RuntimeError(f"a worker ended with {process.returncode}: {last_words(log)}")
            lines = {line.get("event"): line for line in spoken(log)}
            if "worker started" not in lines:
                return None
            return UUID(lines["worker started"]["worker"]), lines["health pages open"]["port"]

        async def signed() -> int | None:
            pid: int | None = await self.context.pool.fetchval("select pid from worker where id = $1", id)
            return pid

        found = await eventually(told)
        assert found is not None
        id, port = found
        pid = await eventually(signed)
        assert pid is not None
        return Worker(id=id, pid=pid, health_port=port, log=log, guard=process)


@asynccontextmanager
async def staged(
    database: Database,
    bootstrap: str,
    *,
    topic: str,
    directory: Path,
    more: dict[str, str] | None = None,
    **sandbox: Any,
) -> AsyncIterator[Stage]:
    """An empty stage; *more* are settings of the workers, *sandbox* options of the sandbox. Books of nothing so far."""
    async with AsyncExitStack() as exits:
        services = await exits.enter_async_context(Sandbox(**{"organizations": sandbox.get("companies", 1)} | sandbox))
        kafka = {"PTM_KAFKA_BOOTSTRAP": bootstrap, "PTM_KAFKA_TOPIC": topic, "PTM_KAFKA_GROUP": topic}
        environment = environ_for(database, services, **QUICK, **kafka) | (more or {})
        context = await exits.enter_async_context(opened(settings.load(environment)))
        yield Stage(sandbox=services, context=context, directory=directory, environment=environment, exits=exits)


def to_list(name: str, **changes: Any) -> Trigger:
    """Sent invoices; the default person, tied to the invoice, is put on a list that starts surveys."""
    destination = Destination(kind=DestinationKind.LISTS, lists=(name,), starts_surveys=StartsSurveys.YES)
    return to_contact(destination=destination, **changes)


def to_contact(**changes: Any) -> Trigger:
    """As `to_list`, but contact only."""
    fields = {"email": "person.email", "name": "person.name", INVOICE_FIELD: "invoice.id"}
    return Trigger(id=uuid4(), name="Lähetetyt", mapping=FieldMapping(fields=fields), **changes)


def inherited() -> dict[str, str]:
    """Our environment without the operator's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PTM_")}


def spoken(log: Path) -> list[dict[str, Any]]:
    """The whole lines of a worker's log that are JSON."""
    lines = log.read_bytes().split(b"\n")[:-1]
    return [orjson.loads(line) for line in lines if line.startswith(b"{")]


async def _ended(process: Process) -> None:
    assert process.stdin is not None, "piped"
    process.stdin.close()
    await process.wait()
