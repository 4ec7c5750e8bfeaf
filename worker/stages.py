"""The stages of one process, in the order an event lives them: what they run on, and a loop for each that is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from events.delivery import Unanswered
from worker import broker, loop, opening
from worker.adapters import kafka
from worker.adapters.alerts import Alerts
from worker.adapters.deliveries import Deliveries
from worker.adapters.invoices import Invoices
from worker.adapters.log import Log
from worker.adapters.postgres import Bell, Pool, Ringer
from worker.adapters.publisher import Publisher
from worker.adapters.subscriber import Subscriber
from worker.adapters.trustmary import open_session
from worker.adapters.vault import Vault
from worker.adapters.webhook import Post
from worker.alerting import NEXT, Alerting
from worker.dispatch import Dispatch, Manner
from worker.expiring import Expiring
from worker.feed import Feed, Healer
from worker.ingest import Ingest, Pace
from worker.loop import Beats
from worker.project import Projector
from worker.reading import Reader
from worker.reconciling import reconciler
from worker.relay import Relay
from worker.replaying import Replaying
from worker.settings import Settings
from worker.summing import Summing
from worker.weekly import Weekly

LINGER = 0.02
"""Seconds from turn to turn, for events to gather on the way into Kafka: one costs as much with one as with ten."""
HEAL = 0.1
"""Seconds between two looks at partitions that stand still: one query."""
REPLAY = 0.5
"""Seconds between two looks for a replay that may go on: one query."""

ALERT = 1.0
"""Seconds between two looks for letters that are to leave."""

RECONCILE = 10.0
"""Seconds between two looks for an integration whose reconciliation is due."""


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
        return broker.topic(self.settings, self.bootstrap)


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
        loops += [dispatching(worker), telling(worker)]
    return loops


async def ingesting(worker: Worker) -> None:
    settings = worker.settings
    async with open_session() as session:
        reader_of = Invoices(worker.pool, worker.log, worker.ringer)
        procountor = opening.procountor(settings, session, pool=worker.pool, vault=worker.vault)
        ingest = Ingest(
            invoices=reader_of,
            reader=Reader(invoices=reader_of, procountor=procountor),
            worker=worker.id,
            pace=Pace(
                floor=timedelta(seconds=settings.poll_floor),
                ceiling=timedelta(seconds=settings.poll_ceiling),
                polls_per_second=settings.polls_per_second,
                refused_retry=timedelta(seconds=settings.refused_retry),
            ),
        )
        expiring = Expiring(pool=worker.pool, log=worker.log, vault=worker.vault, ringer=worker.ringer)
        weekly = Weekly(
            reconciler=reconciler(
                pool=worker.pool,
                log=worker.log,
                vault=worker.vault,
                ringer=worker.ringer,
                procountor=procountor,
                trustmary=opening.trustmary(settings, session),
                pace=settings.trustmary_pace,
                worker=worker.id,
            )
        )
        async with AsyncExitStack() as closing, asyncio.TaskGroup() as loops:
            closing.push_async_callback(ingest.close)
            closing.push_async_callback(weekly.close)
            wake = worker.bell.event("ptm_configuration")
            loops.create_task(worker.loop("logins", expiring.run_once, asyncio.Event(), idle=RECONCILE))
            loops.create_task(worker.loop("ingest", ingest.run_once, wake, idle=0.25))
            if settings.reconcile == "weekly":
                loops.create_task(worker.loop("reconcile", weekly.run_once, asyncio.Event(), idle=RECONCILE))


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
    worker.beats.partitions = lambda: source.partitions
    feed = Feed(source=source, projector=projector)
    healer = Healer(pool=worker.pool, projector=projector, feed=feed)
    pace = worker.settings.trustmary_pace
    replaying = Replaying(pool=worker.pool, log=worker.log, ringer=worker.ringer, pace=pace)
    never = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as loops:
            loops.create_task(worker.loop("project", feed.run_once, never, idle=0))
            loops.create_task(worker.loop("heal", healer.run_once, never, idle=HEAL))
            loops.create_task(worker.loop("replay", replaying.run_once, never, idle=REPLAY, linger=LINGER))
    finally:
        await source.close()


def turns(settings: Settings) -> asyncio.Semaphore:
    """Partitions decided at once: each may want a second connection while it holds one, and there must be one left."""
    return asyncio.Semaphore(min(4, (settings.database_pool - 1) // 2))


async def dispatching(worker: Worker) -> None:
    settings, bell = worker.settings, worker.bell
    wake = bell.event("ptm_delivery")
    async with open_session() as session:
        deliveries = Deliveries(worker.pool, worker.log, worker.ringer, worker.vault.contact_key, worker=worker.id)
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


async def telling(worker: Worker) -> None:
    """Who is told of what lasts: beside dispatch, which speaks to the world too."""
    settings, zone = worker.settings, ZoneInfo(worker.settings.timezone)
    alerts = Alerts(pool=worker.pool, vault=worker.vault, worker=worker.id)
    async with open_session() as session:
        alerting = Alerting(
            alerts=alerts,
            sends=Post(mail_server=opening.mail(settings), session=session),
            summing=Summing(alerts=alerts, zone=zone),
            secret=worker.vault.secret,
            keyed=await worker.vault.contact_key(),
            zone=zone,
            after=timedelta(minutes=settings.alert_after),
            gather=timedelta(minutes=settings.alert_gather),
            look_every=min(NEXT, max(1.0, settings.alert_after)),
        )
        try:
            await worker.loop("alert", alerting.run_once, asyncio.Event(), idle=ALERT)
        finally:
            await alerting.close()
