"""A worker's middle: relay, feed and healer around the real projector, over one database and one broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID, uuid4

from aiokafka.admin import AIOKafkaAdminClient

from events.codec import Event
from events.contact import ContactAdded
from events.envelope import Recorded
from events.integration import OFF, IntegrationConnected, Settings, SettingsSaved, Trigger, TriggerSaved
from events.invoice import InvoiceStatusChanged, Kind
from eventually import eventually
from servers.postgres import Database
from worker.adapters.kafka import Topic
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Pool, Ringer, open_pool
from worker.adapters.publisher import Publisher
from worker.adapters.sealing import MasterKey
from worker.adapters.subscriber import Subscriber
from worker.adapters.vault import Vault
from worker.feed import Feed, Healer
from worker.loop import Beats, run
from worker.project import Projector
from worker.relay import Relay

PARTITION = 3
INTEGRATION = UUID("11111111-1111-4111-8111-111111111111")
STAGES = ("relay", "feed", "heal")


@dataclass(slots=True)
class Pipeline:
    pool: Pool
    log: Log
    topic: Topic
    publisher: Publisher
    subscriber: Subscriber
    relay: Relay
    feed: Feed
    healer: Healer
    beats: Beats = field(default_factory=Beats)

    @asynccontextmanager
    async def running(self, *stages: str) -> AsyncIterator[None]:
        """The stages' loops, all by default."""
        stop = asyncio.Event()
        turns = {"relay": self.relay.run_once, "feed": self.feed.run_once, "heal": self.healer.run_once}
        idles = {"relay": 0.02, "feed": 0.0, "heal": 0.25}
        async with asyncio.TaskGroup() as group:
            for name in stages or STAGES:
                group.create_task(
                    run(name, turns[name], stop=stop, wake=asyncio.Event(), beats=self.beats, idle=idles[name])
                )
            try:
                yield
            finally:
                stop.set()

    def done(self, stage: str) -> int:
        return self.beats.stages[stage].done if stage in self.beats.stages else 0

    async def joined(self) -> None:
        """The consumer group has given this worker its share."""
        await eventually(lambda: self.subscriber.partitions)

    async def flowing(self) -> None:
        """Events come by Kafka: tells one after the other until one does."""
        invoices = count(1_000_000)

        async def came() -> bool:
            before = self.done("feed")
            await self.send(next(invoices))
            await eventually(self.level)
            return self.done("feed") > before

        await eventually(came)

    async def connect(self) -> None:
        """One integration with one trigger, told but not yet decided."""
        await self.pool.execute(
            "insert into integration (id, partition, version, state, company_id, organization, names, configuration)"
            " values ($1, $2, 1, 'active', 1, 'esimerkki', '', '{}')",
            INTEGRATION,
            PARTITION,
        )
        await self.tell(
            IntegrationConnected(
                integration=INTEGRATION,
                id=uuid4(),
                company_id=1,
                organization="esimerkki",
                procountor_secret=uuid4(),
                trustmary_secret=uuid4(),
                baseline=None,
            ),
            TriggerSaved(integration=INTEGRATION, id=uuid4(), trigger=Trigger(id=uuid4(), name="Lähetetty")),
            SettingsSaved(integration=INTEGRATION, id=uuid4(), settings=Settings(brake=OFF)),
        )

    async def tell(self, *events: Event) -> list[Recorded]:
        rows = await self.log.prepare([Draft(event=event) for event in events])
        async with self.pool.acquire() as connection, connection.transaction():
            await self.log.append(connection, PARTITION, rows)
        return await self.log.find([row.id for row in rows])

    async def send(self, *invoices: int) -> list[Recorded]:
        return await self.tell(*(sent(invoice) for invoice in invoices))

    async def decided(self) -> list[int]:
        """The invoices of the contacts to be added, as they were decided: each once, and each has its delivery."""
        rows = await self.pool.fetch("select data from event where type = 'ContactAdded' order by partition, position")
        deliveries = await self.pool.fetchval("select count(*) from delivery")
        events = await self.log.open(await self.log.read(PARTITION, 0, 100_000))
        found = [event.invoice_id for event in events if isinstance(event, ContactAdded)]
        assert len(rows) == deliveries == len(found) == len(set(found))
        return [invoice for invoice in found if invoice < 1_000_000]

    async def level(self) -> bool:
        """Everything appended was decided."""
        return bool(
            await self.pool.fetchval(
                "select bool_and(c.position = k.position) from counter c join checkpoint k using (partition)"
            )
        )

    async def told(self) -> bool:
        """Kafka was told everything."""
        return bool(
            await self.pool.fetchval(
                "select bool_and(c.position = r.position) from counter c join relay r using (partition)"
            )
        )


def sent(invoice: int, *, note: str = "") -> InvoiceStatusChanged:
    """An invoice of a customer of its own that has just been sent."""
    person = {"name": "Maija Meikäläinen", "email": f"maija.{invoice}@asiakas.fi"}
    return InvoiceStatusChanged(
        integration=INTEGRATION,
        invoice_id=invoice,
        change=1,
        before="NOT_SENT",
        after="SENT",
        kind=Kind.LIVE,
        invoice={
            "id": invoice,
            "type": "SALES_INVOICE",
            "partnerId": invoice,
            "invoiceSumInfo": [{"invoiceSumTotal": 10.0}],
            "orderReference": note,
        },
        customer={"id": invoice, "contactPersons": [person]},
    )


@asynccontextmanager
async def pipeline(
    database: Database, bootstrap: str, topic: str, *, options: Mapping[str, object] | None = None
) -> AsyncIterator[Pipeline]:
    """*options*: the way into the broker, from `kafka.security`."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(database.database_url)
        stack.push_async_callback(pool.close)
        vault = Vault(pool, MasterKey(key=b"m" * 32))
        log = Log(pool, vault)
        ringer = await stack.enter_async_context(Ringer(pool))
        projector = Projector(pool=pool, log=log, vault=vault, ringer=ringer)
        place = Topic(bootstrap=bootstrap, name=topic, partitions=16, options=options or {})
        publisher = Publisher(place, await log.id())
        stack.push_async_callback(publisher.close)
        subscriber = Subscriber(place, f"{topic}.workers", await log.id())
        stack.push_async_callback(subscriber.close)
        feed = Feed(source=subscriber, projector=projector)
        yield Pipeline(
            pool=pool,
            log=log,
            topic=place,
            publisher=publisher,
            subscriber=subscriber,
            relay=Relay(pool=pool, publisher=publisher),
            feed=feed,
            healer=Healer(pool=pool, projector=projector, feed=feed),
        )


@asynccontextmanager
async def administering(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
