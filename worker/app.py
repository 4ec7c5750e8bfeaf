"""The composition root: opens what the settings name, wires the stages, runs them until told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson
import structlog

from events.delivery import Unanswered
from events.errors import Misconfigured, PtmError
from worker import callback, health, loop, opening
from worker.adapters import kafka, queries, schema
from worker.adapters.deliveries import Deliveries
from worker.adapters.embedded import embedded
from worker.adapters.invoices import Invoices
from worker.adapters.log import Log
from worker.adapters.postgres import Bell, Pool, Ringer, open_pool, translating
from worker.adapters.publisher import Publisher
from worker.adapters.subscriber import Subscriber
from worker.adapters.trustmary import open_session
from worker.adapters.vault import Vault
from worker.dispatch import Dispatch, Manner
from worker.feed import Feed, Healer
from worker.ingest import Ingest, Pace
from worker.loop import Beats
from worker.operations import status
from worker.project import Projector
from worker.reading import Reader
from worker.relay import Relay
from worker.settings import Settings, needed

SQL = queries.load("worker")
PROCOUNTOR_ZONE = ZoneInfo("Europe/Helsinki")
"""Its times carry no zone; they are taken as Finnish local time (unconfirmed)."""
POLLS = 0.6
"""The part of the request budget that asks for lists; the rest fetches what has changed."""
LINGER = 0.02
"""Seconds for events to gather, on the way into Kafka and out of it: a turn costs as much with one as with ten."""
HEAL = 0.1
"""Seconds between two looks at partitions that stand still: one query."""
STILL_THERE = 5.0
"""Seconds between two signs of life in the table of workers."""
DRAIN = 9.0
"""Seconds after which stopping does not wait any more."""


class Stage(StrEnum):
    INGEST = "ingest"
    RELAY = "relay"
    PROJECT = "project"
    DISPATCH = "dispatch"


ALL = frozenset(Stage)


@dataclass(slots=True, kw_only=True)
class Worker:
    """What one process runs on."""

    settings: Settings
    pool: Pool
    log: Log
    vault: Vault
    ringer: Ringer
    bell: Bell
    bootstrap: str | None
    id: UUID = field(default_factory=uuid4)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    beats: Beats = field(default_factory=Beats)

    async def loop(
        self,
        stage: str,
        turn: Callable[[], Coroutine[Any, Any, int]],
        wake: asyncio.Event,
        *,
        idle: float = loop.IDLE,
        linger: float = 0.0,
    ) -> None:
        await loop.run(stage, turn, stop=self.stop, wake=wake, beats=self.beats, idle=idle, linger=linger)

    @property
    def topic(self) -> kafka.Topic:
        settings = self.settings
        password = settings.kafka_sasl_password
        return kafka.Topic(
            bootstrap=needed(self.bootstrap, "kafka_bootstrap"),
            name=settings.kafka_topic,
            partitions=0,
            options=kafka.security(
                protocol=settings.kafka_security_protocol,
                mechanism=settings.kafka_sasl_mechanism,
                username=settings.kafka_sasl_username,
                password=password.get_secret_value() if password else None,
                ca_file=settings.kafka_ca_file,
                cert_file=settings.kafka_cert_file,
                key_file=settings.kafka_key_file,
            ),
        )


async def run_worker(
    settings: Settings,
    *,
    stages: Iterable[Stage] = ALL,
    with_servers: bool = False,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Runs until SIGTERM or SIGINT; *with_servers* brings PostgreSQL and the broker along. Raises Misconfigured."""
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
        await stack.enter_async_context(pages(worker))
        structlog.get_logger().info("worker started", worker=str(worker.id), stages=sorted(chosen))
        ready()
        await supervise(worker, chosen)
        structlog.get_logger().info("worker stopped", worker=str(worker.id))


@asynccontextmanager
async def own_servers(settings: Settings) -> AsyncIterator[None]:
    """PostgreSQL and a broker over the data directory, migrated, with a master key."""
    if settings.database_url is not None:
        raise Misconfigured("PTM_DATABASE_URL is set: --embedded brings its own PostgreSQL. Leave one of the two out.")
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
    async with AsyncExitStack() as stack:
        pool = await open_pool(found.database_url, size=settings.database_pool, application="ptm worker")
        stack.push_async_callback(pool.close)
        if missing := await schema.pending(pool):
            raise Misconfigured(f"The database lacks {len(missing)} migrations ({missing[0]} …): run ptm migrate.")
        vault = Vault(pool, master)
        await vault.contact_key()
        channels = ["ptm_log", "ptm_delivery", "ptm_configuration", "ptm_vault"]
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
        return "stopping" if worker.stop.is_set() else await status.ready(pool)

    landing = callback.Landing(pool=pool, vault=worker.vault)
    seen = health.Health(
        beats=worker.beats,
        stale_after=settings.stale_after,
        ready=ready,
        measure=lambda: status.measure(pool),
    )
    async with (
        callback.serving(landing, host=settings.callback_host, port=settings.callback_listens_on),
        health.serving(seen, host=settings.health_host, port=settings.health_port),
    ):
        yield


async def supervise(worker: Worker, stages: frozenset[Stage]) -> None:
    """All loops at once, until stopped; what has not finished by then is cancelled after a while."""
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(worker.vault.follow(worker.bell))
        loops = [tasks.create_task(work) for work in [still_there(worker), *await wired(worker, stages)]]
        await worker.stop.wait()
        structlog.get_logger().info("worker stopping", worker=str(worker.id))
        _, late = await asyncio.wait(loops, timeout=DRAIN)
        for task in (following, *late):
            task.cancel()


async def wired(worker: Worker, stages: frozenset[Stage]) -> list[Coroutine[Any, Any, None]]:
    """The loops of the chosen stages, in the order an event lives them."""
    loops: list[Coroutine[Any, Any, None]] = []
    if Stage.INGEST in stages:
        loops.append(ingesting(worker))
    if Stage.RELAY in stages or Stage.PROJECT in stages:
        topic = worker.topic
        topic.partitions = len(await worker.log.heads())
        if Stage.RELAY in stages:
            loops.append(relaying(worker, topic))
        if Stage.PROJECT in stages:
            loops.append(projecting(worker, topic))
    if Stage.DISPATCH in stages:
        loops.append(dispatching(worker))
    return loops


async def ingesting(worker: Worker) -> None:
    settings = worker.settings
    async with open_session() as session:
        reader_of = Invoices(worker.pool, worker.log, worker.ringer)
        procountor = opening.procountor(settings, session, pool=worker.pool, vault=worker.vault)
        ingest = Ingest(
            invoices=reader_of,
            reader=Reader(invoices=reader_of, procountor=procountor, zone=PROCOUNTOR_ZONE),
            worker=worker.id,
            pace=Pace(
                floor=timedelta(seconds=settings.poll_floor),
                ceiling=timedelta(seconds=settings.poll_ceiling),
                polls_per_second=POLLS * settings.procountor_per_second,
                refused_retry=timedelta(seconds=settings.refused_retry),
            ),
        )
        try:
            await worker.loop("ingest", ingest.run_once, worker.bell.event("ptm_configuration"), idle=0.25)
        finally:
            await ingest.close()


async def relaying(worker: Worker, topic: kafka.Topic) -> None:
    publisher = Publisher(topic, await worker.log.id())
    try:
        relay = Relay(pool=worker.pool, publisher=publisher)
        await worker.loop("relay", relay.run_once, worker.bell.event("ptm_log"), linger=LINGER)
    finally:
        await publisher.close()


async def projecting(worker: Worker, topic: kafka.Topic) -> None:
    projector = Projector(
        pool=worker.pool, log=worker.log, vault=worker.vault, ringer=worker.ringer, turns=turns(worker.settings)
    )
    source = Subscriber(topic, worker.settings.kafka_group, await worker.log.id())
    feed = Feed(source=source, projector=projector)
    healer = Healer(pool=worker.pool, projector=projector, feed=feed)
    never = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(worker.loop("project", feed.run_once, never, idle=0, linger=LINGER))
            both.create_task(worker.loop("heal", healer.run_once, never, idle=HEAL))
    finally:
        await source.close()


def turns(settings: Settings) -> asyncio.Semaphore:
    """Partitions decided at once: each may want a second connection while it holds one, and there must be one left."""
    return asyncio.Semaphore(min(4, (settings.database_pool - 1) // 2))


async def dispatching(worker: Worker) -> None:
    settings, bell = worker.settings, worker.bell
    wake = bell.event("ptm_delivery")
    async with open_session() as session:
        deliveries = Deliveries(worker.pool, worker.log, worker.ringer, worker=worker.id)
        manner = Manner(
            pace=settings.trustmary_pace,
            timeout=settings.trustmary_timeout,
            unanswered=Unanswered(settings.unanswered),
            probe=settings.refused_retry,
        )
        async with Dispatch(
            deliveries,
            opening.trustmary(settings, session),
            worker.vault.secret,
            wake=wake,
            rung=lambda: bell.take("ptm_delivery"),
            manner=manner,
        ) as dispatch:
            await worker.loop("dispatch", dispatch.run_once, wake)


async def still_there(worker: Worker) -> None:
    """Signs of life, for `ptm status`; the last act is to leave the table."""
    with suppress(PtmError), translating():
        await worker.pool.execute(SQL["sweep"])
    while not worker.stop.is_set():
        try:
            await sign(worker)
        except PtmError as error:
            structlog.get_logger().warning("no sign of life", worker=str(worker.id), error=str(error))
        await loop.first_of(worker.stop, within=STILL_THERE)
    # Without a database too, the others are to finish what they have under way.
    with suppress(PtmError), translating():
        await worker.pool.execute(SQL["leave"], worker.id)


async def sign(worker: Worker) -> None:
    stages = {
        stage: {"turns": beat.turns, "done": beat.done, "failures": beat.failures, "error": beat.error}
        for stage, beat in worker.beats.stages.items()
    }
    with translating():
        await worker.pool.execute(
            SQL["register"],
            worker.id,
            socket.gethostname(),
            os.getpid(),
            version("procountor-trustmary"),
            orjson.dumps(stages).decode(),
        )


def stop_on_signals(stop: asyncio.Event) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
