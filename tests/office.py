"""A company with a trigger, its stages turned by hand, and an operator who replays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from desk import Desk, desk
from events.contact import ContactAdded, ContactSkipped
from events.integration import Destination, DestinationKind, FieldMapping, StartsSurveys, Trigger
from events.plan import Plan, Wanted
from events.replay import Reach
from eventually import eventually
from servers.postgres import Database
from worker.adapters.deliveries import Deliveries
from worker.dispatch import Dispatch, Manner
from worker.operations import planning, replays, triggers, undoing
from worker.operations.integrations import Integration
from worker.operations.planning import Kept
from worker.operations.replays import Line, Order, Replay
from worker.operations.undoing import Prepared
from worker.replaying import Replaying
from worker.verify import verify_partition

ALL = Wanted(upto=2**63 - 1)
BY_COMPANY = FieldMapping(fields={"email": "person.email", "name": "invoice.invoiceNumber"})


@dataclass(slots=True)
class Office:
    """A company with a first trigger, its stages turned by hand, and an operator."""

    at: Desk
    integration: Integration
    stage: Dispatch
    replaying: Replaying
    trigger: Trigger = field(init=False)

    def __post_init__(self) -> None:
        self.trigger = next(iter(self.integration.rules.triggers.values()))

    async def seen(self) -> Integration:
        return await self.at.again(self.integration)

    async def sent(self, *invoices: int, **facts: Any) -> None:
        for invoice in invoices:
            await self.at.see(self.integration, invoice, **{"email": f"asiakas{invoice}@asiakas.fi", **facts})
        await self.deliver()

    async def deliver(self) -> None:
        """Until nothing of the company waits."""
        await self.at.project(self.integration)
        await eventually(self.settled)
        await self.at.project(self.integration)

    async def settled(self) -> bool:
        await self.stage.run_once()
        return not {"waiting", "attempting"} & set(await self.at.states(self.integration))

    async def save(self, **changes: Any) -> None:
        self.trigger = replace(self.trigger, **changes)
        await triggers.save(self.at.context, await self.seen(), self.trigger)
        await self.at.project(self.integration)

    async def plan(self, **changes: Any) -> Kept:
        return await planning.plan(self.at.context, await self.seen(), replace(ALL, **changes))

    async def apply(self, kept: Kept, reach: Reach, **also: Any) -> Replay:
        found = await replays.find(self.at.context, str(kept.id))
        order = Order(reach=reach, **also)
        return await replays.apply(self.at.context, found, order, name="korjaus", reason="väärä nimi")

    async def carry_out(self, kept: Kept) -> Replay:
        """As workers do, to the end; then everything is proven."""
        await eventually(lambda: self.ended(kept.id))
        await self.deliver()
        await self.prove()
        return await replays.find(self.at.context, str(kept.id))

    async def ended(self, id: UUID) -> bool:
        await self.replaying.run_once()
        await self.at.project(self.integration)
        await self.stage.run_once()
        return (await replays.find(self.at.context, str(id))).state == "done"

    async def prove(self) -> None:
        found = await verify_partition(self.at.context.log, self.at.context.vault, self.integration.partition)
        assert not found.faults
        assert not found.undecided

    def arrived(self) -> list[tuple[str, str | None]]:
        """Address and name of every contact call that took effect, in order."""
        arrivals = self.at.sandbox.books.arrivals
        return [(each.email, each.name) for each in arrivals if each.call == "contact"]

    async def decisions(self, kept: Kept) -> list[ContactAdded | ContactSkipped]:
        found = [event for _, event in await self.at.events(self.integration)]
        mine = [one for one in found if isinstance(one, ContactAdded | ContactSkipped) and one.asked_by]
        return [one for one in mine if isinstance(one, ContactSkipped) or one.replay == kept.id]


@asynccontextmanager
async def opened(database: Database, **options: Any) -> AsyncIterator[Office]:
    async with desk(database, **options) as at, manned(at) as made:
        yield made


@asynccontextmanager
async def manned(at: Desk) -> AsyncIterator[Office]:
    """The first company of the desk's sandbox."""
    trigger = Trigger(
        id=uuid4(),
        name="Lähetetty",
        mapping=BY_COMPANY,
        destination=Destination(starts_surveys=StartsSurveys.NO),
    )
    integration = await at.connect(trigger=trigger)
    await at.project(integration)
    async with staffed(at, integration) as made:
        yield made


@asynccontextmanager
async def staffed(at: Desk, integration: Integration) -> AsyncIterator[Office]:
    """A company that is connected already."""
    context = at.context
    async with Dispatch(
        Deliveries(context.pool, context.log, context.ringer, context.vault.contact_key, worker=uuid4()),
        context.trustmary,
        context.vault.secret,
        wake=asyncio.Event(),
        manner=Manner(pace=0, timeout=2.0, lease=60.0),
    ) as stage:
        replaying = Replaying(pool=context.pool, log=context.log, ringer=context.ringer)
        yield Office(at, integration, stage, replaying)


def kinds(plan: Plan) -> dict[str, int]:
    return {kind.value: count for kind, count in plan.counts.items() if count}


def on_list(id: str, marked: StartsSurveys = StartsSurveys.YES) -> Destination:
    return Destination(kind=DestinationKind.LISTS, lists=(id,), starts_surveys=marked)


async def a_list(office: Office) -> str:
    return (await triggers.choices_of(office.at.context, await office.seen())).lists[0].id


def lists_reached(office: Office, after: int = 0) -> list[list[str]]:
    return [each.lists for each in office.at.sandbox.books.arrivals[after:] if each.call == "contact"]


async def prepared(office: Office, replay: Replay) -> Prepared:
    return await undoing.prepare(office.at.context, await again(office, replay))


async def again(office: Office, replay: Replay) -> Replay:
    return await replays.find(office.at.context, str(replay.id))


async def undo(office: Office, found: Prepared) -> Replay:
    begun = await undoing.start(office.at.context, found, name="peruutus", reason="väärä lista")
    return await carried_out(office, begun)


async def carried_out(office: Office, begun: Replay) -> Replay:
    return await office.carry_out(Kept(id=begun.id, plan=None, triggers=()))  # type: ignore[arg-type]  # by its id alone


def members(office: Office, list_: str) -> set[str]:
    """Who is on it in the end, by Trustmary's own books."""
    [home] = [one for one in office.at.sandbox.world.organizations.values() if list_ in one.lists]
    ids = {contact.id: email for email, contact in home.contacts.items()}
    return {ids[id] for id in home.lists[list_].members}


async def lines(office: Office, replay: Replay) -> list[Line]:
    return [line async for line in replays.lines(office.at.context, replay)]
