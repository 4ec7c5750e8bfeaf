"""The demo's ground: embedded servers, the sandbox, workers, and every sandbox company connected."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from events.errors import Misconfigured, PtmError, Unavailable
from events.integration import OFF, Destination, DestinationKind, FieldMapping, Settings, StartsSurveys, Trigger
from worker import opening
from worker.adapters import clearing, guard, schema
from worker.adapters.child import free_port, last_words
from worker.adapters.data_directory import LOCK
from worker.adapters.embedded import embedded
from worker.demo.leftover import locked, sweep
from worker.operations import access, connecting
from worker.operations.beginning import Beginning
from worker.operations.context import Context
from worker.settings import foreign_environment, given, load

INVOICE_FIELD = "field_invoice"
"""The custom field that ties a contact to its invoice, so that the sandbox's books can judge."""
LIST = "Procountor laskutetut"
STOP_WITHIN = "12"
READY_BYTES = 2**22
"""The sandbox's ready line, with its companies, is one line."""
PATIENT = aiohttp.ClientTimeout(total=None, sock_connect=10)
"""A flow of invoices is answered when the last is sent: after many minutes, where there are many."""
PREFIX = "ptm-demo-"
"""Of the demo's directory; its process id follows, so that the next demo can clear away after a killed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    context: Context
    books: Books
    companies: int
    data_dir: Path
    settings: Path
    """A file with all that another terminal needs: PTM_CONFIG."""
    sandbox: Mapping[str, Any]
    """The sandbox's ready line."""
    workers: Sequence[Process]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The sandbox's own account of what really happened, and its controls."""

    session: aiohttp.ClientSession
    url: str

    async def ask(self, path: str) -> Any:
        """Raises `Unavailable` where the sandbox has gone."""
        return await self._answered("GET", path)

    async def say(self, path: str, **body: object) -> Any:
        """Raises `Misconfigured` for what the sandbox refuses, `Unavailable` where it has gone."""
        return await self._answered("POST", f"control/{path}", json=body)

    async def _answered(self, method: str, path: str, **body: Any) -> Any:
        try:
            async with self.session.request(method, f"{self.url}/{path}", **body) as answer:
                if answer.status != 200:
                    raise Misconfigured(f"the sandbox refuses {path}: {await answer.text()}")
                return orjson.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"the sandbox does not answer: {str(error) or type(error).__name__}") from error


@asynccontextmanager
async def staged(
    *, seed: int, companies: int, workers: int, customers: int = 24, more: Mapping[str, str] | None = None
) -> AsyncIterator[Scene]:
    """Everything up and connected; everything gone, data too, when it ends. *more* settings win over the demo's."""
    async with AsyncExitStack() as stack:
        sweep(Path(tempfile.gettempdir()), PREFIX)
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")))
        stack.enter_context(locked(directory))
        data_dir = directory / "data"
        await cleared(stack, directory, lock=data_dir / LOCK)
        opening_servers = asyncio.create_task(serve(stack, data_dir))
        stack.push_async_callback(come_up, opening_servers)
        sandbox = await play(stack, directory, seed=seed, companies=companies, customers=customers)
        await opening_servers
        environment = settings_of(sandbox, data_dir) | dict(more or {})
        settings = written(directory / "ptm.toml", environment)
        started = [await work(stack, directory, number, environment) for number in range(workers)]
        context = await stack.enter_async_context(opening.opened(load(environment), application="ptm demo"))
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=PATIENT))
        books = Books(session=session, url=sandbox["books_url"])
        await connect_all(context, sandbox)
        await books.say("expect")
        yield Scene(
            context=context,
            books=books,
            companies=companies,
            data_dir=data_dir,
            settings=settings,
            sandbox=sandbox,
            workers=started,
        )


async def cleared(stack: AsyncExitStack, directory: Path, *, lock: Path) -> None:
    """Has *directory* removed by a process of its own too, which outlives us should we be killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", clearing.__file__, str(directory), str(lock)),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )
    stack.push_async_callback(ended, process)


async def traffic(scene: Scene, *, invoices: int | None, per_second: float) -> None:
    """Ends when all have been sent; None: never by itself."""
    many = {"endless": True} if invoices is None else {"count": invoices}
    await scene.books.say("flow", **many, per_second=per_second, wait=True)


async def come_up(servers: asyncio.Task[None]) -> None:
    """Only what has come up can be taken down: a cluster that is being made in a thread goes on being made."""
    with suppress(PtmError):
        await servers


async def serve(stack: AsyncExitStack, data_dir: Path) -> None:
    servers = await stack.enter_async_context(embedded(data_dir))
    await schema.migrate(servers.owner_url)
    opening.ensure_master_key(load({"PTM_DATA_DIR": str(data_dir)}), fresh=True)


async def play(
    stack: AsyncExitStack, directory: Path, *, seed: int, companies: int, customers: int
) -> Mapping[str, Any]:
    """Starts the sandbox; answers its ready line."""
    size = ["--companies", str(companies), "--organizations", str(companies), "--customers", str(customers)]
    command = ["-m", "sandbox", "--seed", str(seed), *size]
    log = directory / "sandbox.log"
    process = await under_guard(stack, [sys.executable, *command], log=log, stdout=PIPE)
    assert process.stdout is not None, "piped"
    with suppress(TimeoutError):
        line = await asyncio.wait_for(process.stdout.readline(), timeout=30)
        if line:
            ready: dict[str, Any] = orjson.loads(line)
            return ready
    raise Unavailable(f"the sandbox did not start; the end of its log:\n{last_words(log)}")


async def work(stack: AsyncExitStack, directory: Path, number: int, environment: Mapping[str, str]) -> Process:
    environment = {**foreign_environment(), **environment}
    command = [sys.executable, "-m", "worker.cli", "worker"]
    return await under_guard(stack, command, log=directory / f"worker-{number}.log", environment=environment)


async def under_guard(
    stack: AsyncExitStack,
    command: Sequence[str],
    *,
    log: Path,
    stdout: int = DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """A process that ends with this one, however this one ends, and not by a Ctrl-C that is meant for us."""
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", guard.__file__, str(int(signal.SIGTERM)), STOP_WITHIN, *command),
            stdin=PIPE,
            stdout=stdout,
            stderr=file,
            limit=READY_BYTES,
            env=dict(environment or foreign_environment()),
            start_new_session=True,
        )
    stack.push_async_callback(ended, process)
    return process


async def ended(process: Process) -> None:
    assert process.stdin is not None, "piped"
    process.stdin.close()
    await process.wait()


OF_WHOEVER_LOOKS = ("PTM_LANGUAGE", "PTM_TIMEZONE")
"""All other settings are the demo's own."""


def settings_of(sandbox: Mapping[str, Any], data_dir: Path) -> dict[str, str]:
    return {
        "PTM_DATA_DIR": str(data_dir),
        "PTM_PROCOUNTOR_URL": sandbox["procountor_url"],
        "PTM_PROCOUNTOR_CLIENT_ID": sandbox["client_id"],
        "PTM_PROCOUNTOR_CLIENT_SECRET": sandbox["client_secret"],
        "PTM_TRUSTMARY_URL": sandbox["trustmary_url"],
        "PTM_PUBLIC_URL": f"http://127.0.0.1:{free_port()}",
        "PTM_TRUSTMARY_PACE": "0",
        "PTM_POLL_FLOOR": "0.5",
        "PTM_POLL_CEILING": "1",
        "PTM_LOG_FORMAT": "json",
        **{name: said for name in OF_WHOEVER_LOOKS if (said := given(name))},
    }


def written(file: Path, environment: Mapping[str, str]) -> Path:
    values = {name.removeprefix("PTM_").lower(): value for name, value in environment.items()}
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()), encoding="utf-8")
    return file


async def connect_all(context: Context, sandbox: Mapping[str, Any]) -> None:
    """Each company to an organization of its own; Status = Sent, the default person, one list."""
    for company, organization in zip(sandbox["companies"], sandbox["organizations"], strict=True):
        found = await access.check_key(context, company["api_key"])
        joined = await access.check_organization(context, organization["api_key"])
        lists = await context.trustmary.lists(organization["api_key"])
        wanted = next(each for each in lists if each.name == LIST)
        await connecting.connect(
            context,
            found,
            joined,
            beginning=Beginning(
                triggers=(trigger_to(wanted.id, wanted.name),),
                settings=Settings(brake=OFF),  # it sends within minutes what a company sends in weeks
            ),
            reason="ptm demo",
        )


def trigger_to(list_id: str, name: str) -> Trigger:
    return Trigger(
        id=uuid4(),
        name="Invoice sent",
        mapping=FieldMapping(
            fields={"email": "person.email", "name": "person.name", INVOICE_FIELD: "invoice.id"},
        ),
        destination=Destination(
            kind=DestinationKind.LISTS,
            lists=(list_id,),
            names={list_id: name},
            starts_surveys=StartsSurveys.YES,
        ),
    )
