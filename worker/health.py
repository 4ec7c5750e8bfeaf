"""`/healthz`, `/readyz` and `/metrics`: whether each stage's loop turns, whether work can be done, and the numbers."""

from __future__ import annotations

import asyncio
import errno
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from events.errors import Misconfigured, PtmError, Unavailable
from worker.gauge import Number
from worker.loop import Beats

T = TypeVar("T")

DEFAULT_PORT = 8931


PATIENCE = 4.0
"""Seconds that a page waits for the database: probes wait no longer."""
CONNECTION = 15.0
"""Seconds between two looks at connections: who opens them and says nothing would use up the worker's own."""
CONNECTIONS = 100
"""At once, of one listener: beyond them those that have been there longest go."""


class PortTaken(Misconfigured):
    """Another program listens there."""


@dataclass(slots=True)
class Shared(Generic[T]):
    """A question that is asked once at a time, however many want to know, and waited for no longer than `PATIENCE`.

    A database that is silent answers nobody for a minute: meanwhile no more is asked of it.
    """

    ask: Callable[[], Coroutine[Any, Any, T]]
    asking: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        if self.asking is None or self.asking.done():
            self.asking = asyncio.create_task(self.ask())
        return await patiently(self.asking)


async def patiently(asking: asyncio.Task[T]) -> T:
    """What *asking* answers; raises Unavailable after `PATIENCE`. It goes on: a cancelled query would be waited for."""
    asking.add_done_callback(lambda asked: asked.cancelled() or asked.exception())
    if not (await asyncio.wait([asking], timeout=PATIENCE))[0]:
        raise Unavailable(f"PostgreSQL does not answer: nothing has come for {PATIENCE:g} s")
    return asking.result()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the three pages are made from."""

    beats: Beats
    stale_after: float
    ready: Callable[[], Awaitable[str | None]]
    """Why no work can be done now, or None."""
    measure: Callable[[], Awaitable[list[Number]]]

    def stuck(self) -> dict[str, float]:
        """Stage → seconds since its last turn, for those that have not turned lately."""
        now = time.monotonic()
        ages = {stage: now - beat.at for stage, beat in self.beats.stages.items()}
        return {stage: round(age, 1) for stage, age in ages.items() if age > self.stale_after}

    async def healthz(self, _request: web.Request) -> web.Response:
        stuck = self.stuck()
        return web.json_response({"ok": not stuck, "stuck": stuck}, status=503 if stuck else 200)

    async def readyz(self, _request: web.Request) -> web.Response:
        try:
            reason = await self.ready()
        except PtmError as error:
            reason = type(error).__name__
        return web.json_response({"ok": reason is None, "reason": reason}, status=503 if reason else 200)

    async def metrics(self, _request: web.Request) -> web.Response:
        """The loops' numbers always; those from the database where it answers."""
        try:
            numbers, answered = await self.measure(), 1
        except PtmError:
            numbers, answered = [], 0
        numbers = [*self.loops(), Number(name="database_up", says="Postgres answered", value=answered), *numbers]
        registry = CollectorRegistry()
        registry.register(Sheet(numbers))
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    def loops(self) -> Iterator[Number]:
        now = time.monotonic()
        for stage, beat in self.beats.stages.items():
            for name, says, value in (
                ("stage_beat_age_seconds", "Seconds since the stage's last turn", now - beat.at),
                ("stage_turns", "Turns of the stage since the worker started", beat.turns),
                ("stage_done", "What the stage has done since the worker started", beat.done),
                ("stage_failures", "Turns of the stage that failed in a row", beat.failures),
            ):
                yield Number(name=name, says=says, value=value, labels={"stage": stage})


class Sheet(Collector):
    """The numbers of one scrape."""

    def __init__(self, numbers: list[Number]) -> None:
        self.numbers = numbers

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for number in self.numbers:
            name = f"ptm_{number.name}"
            family = families.setdefault(name, GaugeMetricFamily(name, number.says, labels=list(number.labels)))
            family.add_metric(list(number.labels.values()), number.value)
        yield from families.values()


def app(health: Health) -> web.Application:
    """The three pages; docs/openapi.yaml describes them."""
    found = web.Application()
    found.add_routes(
        [web.get("/healthz", health.healthz), web.get("/readyz", health.readyz), web.get("/metrics", health.metrics)]
    )
    return found


@asynccontextmanager
async def serving(health: Health, *, host: str, port: int | None) -> AsyncIterator[int]:
    """The three pages on *host*; yields the port. None: the usual one, or a free one where a second worker has it."""
    async with listening(app(health), host=host, port=port, usual=DEFAULT_PORT, name="PTM_HEALTH_PORT") as found:
        structlog.get_logger().info("health pages open", host=host, port=found)
        yield found


@asynccontextmanager
async def listening(app: web.Application, *, host: str, port: int | None, usual: int, name: str) -> AsyncIterator[int]:
    """Serves *app*; yields its port. A taken *port* is `Misconfigured`, naming the setting *name*."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    assert runner.server is not None, "set up"
    sweeping = asyncio.create_task(sweep(runner.server))
    try:
        with closing(await listen(runner.server, host, port, usual=usual, name=name)) as listener:
            yield int(listener.sockets[0].getsockname()[1])
    finally:
        sweeping.cancel()
        await runner.cleanup()


async def sweep(server: web.Server) -> None:
    """A connection that is met twice ends with the request that is being answered, and one met three times at once."""
    met: Counter[RequestHandler] = Counter()
    while True:
        await asyncio.sleep(CONNECTION)
        met = Counter({each: met[each] + 1 for each in server.connections})
        for each, times in met.items():
            if times > 2:
                each.force_close()
            elif times > 1:
                each.close()


async def listen(server: web.Server, host: str, port: int | None, *, usual: int, name: str) -> asyncio.Server:
    loop, come_in = asyncio.get_running_loop(), partial(admit, server)
    try:
        return await loop.create_server(come_in, host, usual if port is None else port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        if not taken or port is not None:
            kind = PortTaken if taken else Misconfigured
            raise kind(f"{name}: {host}:{port} cannot be opened: {error.strerror}.") from error
        return await loop.create_server(come_in, host, 0)


def admit(server: web.Server) -> RequestHandler:
    """Whoever comes finds room, a probe too: what only stands there makes it."""
    for each in server.connections[: max(0, len(server.connections) + 1 - CONNECTIONS)]:
        each.force_close()
    return server()
