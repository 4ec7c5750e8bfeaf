"""The sandbox running: three listeners on loopback, and the same calls from Python that the control door takes."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from types import TracebackType
from typing import Any, ClassVar

import orjson
import uvloop
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from sandbox.books import Books
from sandbox.clock import Clock, system_clock
from sandbox.control import Control
from sandbox.customers import CustomerKind
from sandbox.door import Witness
from sandbox.driver import Driver, Flow
from sandbox.faults import Faults
from sandbox.founding import add_history
from sandbox.invoices import InvoiceKind
from sandbox.meter import Meter
from sandbox.procountor import Procountor
from sandbox.switches import Switches
from sandbox.trustmary import Trustmary
from sandbox.world import World

_THEIRS = (HttpProcessingError, web.RequestPayloadError, ConnectionError)
"""What a client wrote that is no HTTP or not packed as it says, and clients that left: it stood in the log, word for
word."""


class _Ours(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        return not (kind and issubclass(kind, _THEIRS))


LOGGER = logging.getLogger("sandbox.server")
LOGGER.addFilter(_Ours())


class Sandbox:
    """Local Procountor and Trustmary, up for as long as the context lasts; `world` makes things happen in them."""

    witness: ClassVar[Witness | None] = None
    """Shown every answer of Procountor: tests hold it against the contract."""

    def __init__(  # noqa: PLR0913 - each is an option of its own, and all have defaults
        self,
        *,
        seed: int = 1,
        companies: int = 1,
        organizations: int = 1,
        customers: int = 24,
        history: int = 0,
        auto: float = 0.0,
        faults: str = "",
        clock: Clock = system_clock,
        switches: Switches | None = None,
        host: str = "127.0.0.1",
        procountor_port: int = 0,
        trustmary_port: int = 0,
        books_port: int = 0,
    ) -> None:
        self.world = World(
            seed=seed,
            companies=companies,
            organizations=organizations,
            customers=customers,
            clock=clock,
            switches=switches,
        )
        for company in self.world.companies:
            add_history(self.world, company, history)
        self.faults = Faults(
            faults,
            seed=seed,
            revoke=self.world.revoke,
            now=lambda: self.world.clock().timestamp(),
            closed=lambda: self.switches.maintenance_status,
        )
        self.procountor_meter = Meter()
        self.trustmary_meter = Meter()
        self._procountor = Procountor(self.world, self.procountor_meter, self.faults, type(self).witness)
        self._driver = Driver(self.world)
        self._auto = auto
        self._host = host
        self._ports = (procountor_port, trustmary_port, books_port)
        self._runners: list[web.AppRunner] = []
        self.procountor_url = self.trustmary_url = self.books_url = ""

    async def __aenter__(self) -> Sandbox:
        try:
            roots = [await self._listen(app, port) for app, port in zip(self.apps(), self._ports, strict=True)]
        except BaseException:
            await self._stop()
            raise
        self.procountor_url, self.trustmary_url, self.books_url = roots[0], roots[1] + "/v1", roots[2]
        self.world.access.issuer = self.procountor_url
        if self._auto > 0:
            self.start_flow(count=None, per_second=self._auto, lives=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    def apps(self) -> tuple[web.Application, web.Application, web.Application]:
        """Procountor, Trustmary and the control door, as servers run them."""
        trustmary = Trustmary(self.world, self.trustmary_meter, self.faults)
        return self._procountor.app(), trustmary.app(), Control(self).app()

    @property
    def books(self) -> Books:
        return self.world.books

    @property
    def switches(self) -> Switches:
        return self.world.switches

    @property
    def client_id(self) -> str:
        return self.world.access.client_id

    @property
    def client_secret(self) -> str:
        return self.world.access.client_secret

    @property
    def companies(self) -> list[dict[str, Any]]:
        return [
            {
                "id": company.id,
                "name": company.name,
                "api_key": company.api_key,
                "login": company.user.login,
                "password": company.user.password,
            }
            for company in self.world.companies.values()
        ]

    @property
    def organizations(self) -> list[dict[str, Any]]:
        return [
            {"id": item.id, "name": item.name, "api_key": item.api_key} for item in self.world.organizations.values()
        ]

    @property
    def trustmary_api_key(self) -> str:
        return self.world.organization().api_key

    def describe(self) -> dict[str, Any]:
        """What a caller needs to know to use it: the line that `ptm sandbox` prints."""
        return {
            "procountor_url": self.procountor_url,
            "trustmary_url": self.trustmary_url,
            "books_url": self.books_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "companies": self.companies,
            "trustmary_api_key": self.trustmary_api_key,
            "organizations": self.organizations,
        }

    def activate(self, companies: list[int], callback: str) -> str:
        """A customer follows the activation link for *companies*: the address of ours that its browser is sent to."""
        return self._procountor.activation.accept(companies, callback)

    def start_flow(
        self,
        company: int | None = None,
        *,
        count: int | None,
        per_second: float = 50.0,
        kind: str | None = None,
        lives: bool = False,
    ) -> asyncio.Task[int]:
        """Create and drive *count* invoices (None: without end); await the task to see them all sent."""
        if kind not in (None, *InvoiceKind, *CustomerKind):
            raise ValueError(f"there is no kind {kind!r}")
        companies = [self.world.company(company).id] if company else list(self.world.companies)
        flow = Flow(count=count, per_second=per_second, companies=companies, kind=kind, lives=lives)
        return self._driver.start(flow)

    async def _listen(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, logger=LOGGER, shutdown_timeout=0.5)
        self._runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, self._host, port, backlog=1024).start()
        return f"http://{self._host}:{runner.addresses[0][1]}"

    async def _stop(self) -> None:
        self.faults.stopping.set()
        await self._driver.close()
        for runner in self._runners:
            await runner.cleanup()


async def serve(**options: Any) -> None:
    """Run a sandbox with *options* of `Sandbox`, print its line when ready, and end on SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Sandbox(**options) as sandbox:
        sys.stdout.write(orjson.dumps(sandbox.describe()).decode() + "\n")
        sys.stdout.flush()
        await stop.wait()


def run(**options: Any) -> None:
    """`serve`, for a process of its own."""
    gc.set_threshold(50_000, 20, 100)  # the books only grow: walking them often would show as slow answers
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(**options))
