"""The composition root: opens what the settings name, and supervises the stages until told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from events.errors import Misconfigured
from worker import broker, callback, health, opening
from worker.adapters import pooler, schema
from worker.adapters.embedded import embedded
from worker.adapters.log import Log
from worker.adapters.postgres import WORKING, Bell, Ringer, close_pool, open_pool
from worker.adapters.vault import Vault
from worker.operations import status
from worker.presence import still_there
from worker.settings import Settings, needed
from worker.stages import ALL, Stage, Worker, wired

DRAIN = 9.0
"""Seconds after which what is under way is cancelled."""
GIVING_BACK = 2.0
"""Seconds that it has then to give back what it holds."""
LAST = 1.0
"""Seconds after the database has been left."""
GONE = DRAIN + GIVING_BACK + LAST
"""Seconds: less than whoever stops a worker is patient."""


async def run_worker(
    settings: Settings,
    *,
    stages: Iterable[Stage] = ALL,
    with_servers: bool = False,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Runs until SIGTERM or SIGINT; *with_servers* brings PostgreSQL and the broker along.

    Raises Misconfigured, and `Outgrown` once it has stopped because a newer release has migrated the database.
    """
    chosen = frozenset(stages)
    if Stage.INGEST in chosen:
        needed(settings.procountor_client_id, "procountor_client_id")
        needed(settings.procountor_client_secret, "procountor_client_secret")
    async with AsyncExitStack() as stack:
        stop = asyncio.Event()
        stop_on_signals(stop)
        if with_servers:
            await stack.enter_async_context(own_servers(settings))
        worker = await stack.enter_async_context(opened(settings, stop))
        if not chosen.isdisjoint((Stage.RELAY, Stage.PROJECT)):
            await broker.require_way_in(settings, worker.bootstrap)
        await stack.enter_async_context(pages(worker))
        structlog.get_logger().info("worker started", worker=str(worker.id), stages=sorted(map(str, chosen)))
        ready()
        await supervise(worker, chosen)
        structlog.get_logger().info("worker stopped", worker=str(worker.id))
        if worker.beats.outgrown:
            raise worker.beats.outgrown


@asynccontextmanager
async def own_servers(settings: Settings) -> AsyncIterator[None]:
    """PostgreSQL and a broker over the data directory, migrated, with a master key."""
    if settings.database_url is not None:
        raise Misconfigured("PTM_DATABASE_URL is set: --embedded brings its own PostgreSQL. Leave one of the two out.")
    if settings.kafka_bootstrap is not None:
        raise Misconfigured("PTM_KAFKA_BOOTSTRAP is set: --embedded brings its own broker. Leave one of the two out.")
    async with embedded(settings.data_dir) as servers:
        fresh = bool(await schema.migrate(servers.owner_url))
        if made := opening.ensure_master_key(settings, fresh=fresh):
            structlog.get_logger().warning(
                "master key made: back this file up, apart from the database", path=str(made)
            )
        yield


@asynccontextmanager
async def opened(settings: Settings, stop: asyncio.Event) -> AsyncIterator[Worker]:
    """Connections and keys; leaves no connection behind."""
    found = opening.servers(settings)
    master = opening.master_key(settings, embedded=found.embedded)
    await pooler.require_sessions(found.database_url)
    async with AsyncExitStack() as stack:
        pool = await open_pool(found.database_url, size=settings.database_pool, application="ptm worker", more=WORKING)
        stack.push_async_callback(close_pool, pool)
        await schema.require_own(pool)
        vault = Vault(pool, master)
        await vault.contact_key()
        channels = ["ptm_log", "ptm_delivery", "ptm_configuration", "ptm_vault", schema.CHANNEL]
        yield Worker(
            settings=settings,
            pool=pool,
            log=Log(pool, vault),
            vault=vault,
            ringer=await stack.enter_async_context(Ringer(pool)),
            bell=await stack.enter_async_context(Bell(found.database_url, channels)),
            bootstrap=found.bootstrap,
            stop=stop,
        )


@asynccontextmanager
async def pages(worker: Worker) -> AsyncIterator[None]:
    """The callback for browser logins, and, on another port, the health pages."""
    settings, pool = worker.settings, worker.pool

    async def ready() -> str | None:
        if worker.beats.outgrown:
            return str(worker.beats.outgrown)
        return "stopping" if worker.stop.is_set() else await status.ready(pool)

    landing = callback.Landing(pool=pool, vault=worker.vault, say=settings.words)
    seen = health.Health(
        beats=worker.beats,
        stale_after=settings.stale_after,
        ready=health.Shared(ready),
        measure=health.Shared(lambda: status.measure(pool)),
    )
    async with (
        callback.serving(landing, host=settings.callback_host, port=settings.callback_listens_on),
        health.serving(seen, host=settings.health_host, port=settings.health_port),
    ):
        yield


async def supervise(worker: Worker, stages: frozenset[Stage]) -> None:
    """All loops at once, until stopped; what has not finished by then is cancelled after a while.

    A database that is silent holds nobody back: its connections are cut where giving back takes too long.
    """
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(worker.vault.follow(worker.bell))
        present = still_there(
            worker.pool,
            worker=worker.id,
            beats=worker.beats,
            stop=worker.stop,
            migrated=worker.bell.event(schema.CHANNEL),
            keys=worker.vault.key_ids,
        )
        loops = [tasks.create_task(work) for work in [present, *await wired(worker, stages)]]
        await worker.stop.wait()
        structlog.get_logger().info("worker stopping", worker=str(worker.id))
        late = await outlasting(loops, DRAIN)
        for task in (following, *late):
            task.cancel()
        if late := await outlasting(late, GIVING_BACK):
            worker.pool.terminate()
        for task in await outlasting(late, LAST):
            task.cancel()


async def outlasting(tasks: Collection[asyncio.Task[None]], seconds: float) -> set[asyncio.Task[None]]:
    """Those that are not done by then."""
    return (await asyncio.wait(tasks, timeout=seconds))[1] if tasks else set()


def stop_on_signals(stop: asyncio.Event) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
