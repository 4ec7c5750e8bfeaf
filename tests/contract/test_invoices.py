"""ingest's turns and what it knows of invoices: in memory, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from events.connection import ConnectionBroken, ConnectionRestored
from events.cursor import Place
from events.invoice import InvoiceStatusChanged
from events.observe import Known, Seen
from events.schedule import QUIET, weight
from facts import changed, in_force
from ingesting import Ingesting, ingesting
from memory.clock import Clock
from memory.invoices import Invoices as InMemory
from sandbox.server import Sandbox
from servers.postgres import Database
from worker.adapters.invoices import Invoices, Lease, LeaseLost, Next, Rereading
from worker.ingest import Schedules
from worker.reading import Records

LEASE = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)
REREADING = Rereading(first=timedelta(minutes=10), longest=timedelta(minutes=35))
CURSOR = "2026-03-02T11:00:00"
THEN = Next(due=MINUTE, interval=MINUTE, rate=4.0)

Told = ConnectionBroken | ConnectionRestored


class Keeps(Schedules, Records, Protocol):
    """What the stage and its reader share."""


class Register(Protocol):
    """Companies whose turns come, and the hands of those who operate."""

    port: Keeps

    async def connect(self, *, connecting: bool = False) -> UUID:
        """Another company; its cursor and baseline are the empty company's."""

    async def changes(self, integration: UUID) -> list[InvoiceStatusChanged]: ...

    async def told(self, integration: UUID) -> list[Told]:
        """What became of its connection."""

    async def turn(self, integration: UUID, state: str) -> None: ...

    async def hurry(self, integration: UUID) -> None:
        """Due at once, by an operator."""

    async def passes(self, pause: timedelta) -> None: ...


class Memory:
    def __init__(self) -> None:
        self._clock = Clock()
        self._invoices = InMemory(clock=self._clock, rereading=REREADING)
        self.port: Keeps = self._invoices

    async def connect(self, *, connecting: bool = False) -> UUID:
        id = uuid4()
        self._invoices.connect(in_force(integration=id), connecting=connecting)
        return id

    async def changes(self, integration: UUID) -> list[InvoiceStatusChanged]:
        return [
            event
            for event in self._invoices.events
            if isinstance(event, InvoiceStatusChanged) and event.integration == integration
        ]

    async def told(self, integration: UUID) -> list[Told]:
        return [
            event for event in self._invoices.events if isinstance(event, Told) and event.integration == integration
        ]

    async def turn(self, integration: UUID, state: str) -> None:
        self._invoices.companies[integration].state = state

    async def hurry(self, integration: UUID) -> None:
        self._invoices.companies[integration].due_at = self._clock()

    async def passes(self, pause: timedelta) -> None:
        self._clock.passes(pause.total_seconds())


class Tables:
    def __init__(self, world: Ingesting) -> None:
        self._world = world
        self._companies = iter(world.sandbox.world.companies)
        self.port: Keeps = Invoices(world.pool, world.log, world.ringer, rereading=REREADING)

    async def connect(self, *, connecting: bool = False) -> UUID:
        return await self._world.connect(next(self._companies), reading="baseline" if connecting else "live")

    async def changes(self, integration: UUID) -> list[InvoiceStatusChanged]:
        return await self._world.changes(integration)

    async def told(self, integration: UUID) -> list[Told]:
        events = await self._world.events()
        return [event for event in events if isinstance(event, Told) and event.integration == integration]

    async def turn(self, integration: UUID, state: str) -> None:
        await self._world.pool.execute("update integration set state = $2 where id = $1", integration, state)

    async def hurry(self, integration: UUID) -> None:
        await self._world.due(integration)

    async def passes(self, pause: timedelta) -> None:
        """Whatever is written of times moves into the past."""
        await self._world.pool.execute(
            "update ingest set due_at = due_at - $1::interval, lease_until = lease_until - $1::interval,"
            " rated_at = rated_at - $1::interval",
            pause,
        )
        await self._world.pool.execute("update invoice set reread_at = reread_at - $1::interval", pause)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest_asyncio.fixture
async def postgres(database: Database) -> AsyncIterator[Tables]:
    async with ingesting(database, Sandbox(companies=3, customers=1)) as world:
        yield Tables(world)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def register(request: pytest.FixtureRequest) -> Register:
    found: Register = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def port(register: Register) -> Keeps:
    return register.port


@pytest_asyncio.fixture
async def integration(register: Register) -> UUID:
    return await register.connect()


async def take(port: Keeps, worker: UUID | None = None) -> Lease:
    """The only one that is due."""
    [lease] = await port.lease(worker or uuid4(), 10, LEASE)
    return lease


async def nobody(port: Keeps) -> bool:
    return await port.lease(uuid4(), 10, LEASE) == []


def sent(integration: UUID, invoice: int = 7, **changes: Any) -> InvoiceStatusChanged:
    """The first that is seen of it."""
    return changed(invoice, **({"integration": integration, "change": 1, "before": None} | changes))


def waiting(invoice: int) -> Seen:
    return Seen(invoice=invoice, status="NOT_SENT", version=CURSOR, created=CURSOR, partner=5, row={"invoiceNumber": 1})


# Turns


async def test_a_due_company_is_one_workers_at_a_time(port: Keeps, integration: UUID) -> None:
    lease = await take(port)
    assert (lease.integration, lease.failures, lease.broken) == (integration, 0, False)
    assert lease.rules.integration == integration
    assert lease.rules.triggers
    assert await nobody(port)


@pytest.mark.parametrize("connecting", [True, False])
async def test_a_lease_says_how_far_the_company_was_read(register: Register, connecting: bool) -> None:
    await register.connect(connecting=connecting)
    lease = await take(register.port)
    assert (lease.progress.cursor, lease.progress.connecting, lease.progress.place) == ("", connecting, None)
    assert lease.baseline == ""


async def test_a_lease_that_is_over_is_anothers_to_take(register: Register, port: Keeps, integration: UUID) -> None:
    first = await take(port)
    await register.passes(LEASE + timedelta(seconds=1))
    second = await take(port)
    assert second.fence > first.fence
    assert not await port.renew(first, LEASE)
    assert await port.renew(second, LEASE)


async def test_a_lease_that_is_renewed_goes_on(register: Register, port: Keeps, integration: UUID) -> None:
    lease = await take(port)
    for _ in range(3):
        await register.passes(LEASE * 0.9)
        assert await port.renew(lease, LEASE)
        assert await nobody(port)


async def test_who_is_hurried_while_being_read_is_not_read_twice(
    register: Register, port: Keeps, integration: UUID
) -> None:
    lease = await take(port)
    await register.hurry(integration)
    assert await nobody(port)
    await port.release(lease, lease.progress, THEN)
    await register.hurry(integration)
    assert (await take(port)).fence > lease.fence


async def test_who_is_due_longest_comes_first_and_no_more_than_asked_for(register: Register, port: Keeps) -> None:
    integrations = [await register.connect() for _ in range(3)]
    due = dict(zip(integrations, (20, 10, 30), strict=True))
    for lease in await port.lease(uuid4(), 10, LEASE):
        pause = timedelta(seconds=due[lease.integration])
        await port.release(lease, lease.progress, replace(THEN, due=pause))
    await register.passes(timedelta(seconds=25))
    turns = [(await port.lease(uuid4(), 1, LEASE))[0].integration for _ in range(2)]
    assert turns == [integrations[1], integrations[0]]
    assert await nobody(port)


async def test_a_worker_that_stops_gives_back_what_is_its_own(register: Register, port: Keeps) -> None:
    await register.connect()
    mine = uuid4()
    first = await take(port, mine)
    await register.connect()
    other = await take(port)
    await port.give_back(mine)
    again = await take(port)
    assert again.integration == first.integration
    assert await port.renew(other, LEASE)


async def test_a_turn_that_went_well_comes_again_when_it_says(
    register: Register, port: Keeps, integration: UUID
) -> None:
    lease = await take(port)
    place = Place(since=CURSOR, until=CURSOR, after=12)
    await port.release(lease, replace(lease.progress, cursor=CURSOR, place=place), THEN)
    await register.passes(MINUTE * 0.9)
    assert await nobody(port)
    await register.passes(MINUTE * 0.2)
    lease = await take(port)
    assert (lease.progress.cursor, lease.progress.place, lease.rate) == (CURSOR, place, 4.0)
    assert MINUTE <= lease.rated <= MINUTE * 2


async def test_a_turn_that_failed_is_counted_and_moves_nothing(
    register: Register, port: Keeps, integration: UUID
) -> None:
    for failures in range(3):
        lease = await take(port)
        assert (lease.failures, lease.progress.cursor) == (failures, "")
        assert lease.failure == ("Procountor answers 503" if failures else None)
        await port.fail(lease, "Procountor answers 503", pause=MINUTE)
        await register.passes(MINUTE * 0.9)
        assert await nobody(port)
        await register.passes(MINUTE * 0.2)
    lease = await take(port)
    await port.release(lease, lease.progress, THEN)
    await register.passes(MINUTE * 1.1)
    lease = await take(port)
    assert (lease.failures, lease.failure) == (0, None)


async def test_a_paused_company_is_read_on_and_a_removed_one_is_not(
    register: Register, port: Keeps, integration: UUID
) -> None:
    await register.turn(await register.connect(), "removed")
    await register.turn(integration, "paused")
    assert (await take(port)).integration == integration


async def test_the_weights_of_all_are_summed(register: Register, port: Keeps) -> None:
    for _ in range(2):
        await register.connect()
    busy, _ = await port.lease(uuid4(), 10, LEASE)
    await port.release(busy, busy.progress, replace(THEN, rate=16.0))
    assert await port.weights() == pytest.approx(4 + weight(QUIET))
    await register.turn(busy.integration, "removed")
    assert await port.weights() == pytest.approx(weight(QUIET))


@pytest.mark.parametrize("released", [False, True])
async def test_who_does_not_notice_that_the_lease_is_lost_writes_nothing(
    register: Register, port: Keeps, integration: UUID, released: bool
) -> None:
    """Neither while another reads nor after it: whatever it tries, and in whichever order."""
    mine = uuid4()
    frozen = await take(port, mine)
    await register.passes(LEASE + timedelta(seconds=1))
    lease = await take(port)
    known = sent(integration)
    await port.record(lease, [known], lease.progress)
    await port.break_connection(lease, "rights", None)
    if released:
        await port.release(lease, lease.progress, THEN)
    ahead = replace(frozen.progress, cursor="2999-01-01T00:00:00", place=Place(since="2999-01-01T00:00:00"))
    for attempt in (
        port.record(frozen, [sent(integration, after="PAID"), sent(integration, 8)], ahead),
        port.postpone(frozen, [7]),
        port.note(frozen, [waiting(8)], ahead),
        port.break_connection(frozen, "credentials", None),
        port.restore_connection(frozen),
        port.release(frozen, ahead, replace(THEN, due=timedelta())),
        port.fail(frozen, "Procountor answers 503", pause=timedelta()),
    ):
        with pytest.raises(LeaseLost):
            await attempt
    assert not await port.renew(frozen, LEASE)
    await port.give_back(mine)
    assert await nobody(port)
    assert await port.known(lease, [7, 8]) == {7: Known(status="SENT", change=1, old=False, created=known.created)}
    assert await register.changes(integration) == [known]
    [broken] = await register.told(integration)
    assert isinstance(broken, ConnectionBroken)
    assert broken.reason == "rights"
    await register.passes(MINUTE * 10)
    assert list(await port.due_rereads(lease, 10)) == [7]
    last = await take(port)
    assert (last.progress, last.failures, last.broken) == (lease.progress, 0, True)


# Invoices


async def test_what_is_recorded_is_known_and_the_cursor_moves_with_it(
    register: Register, port: Keeps, integration: UUID
) -> None:
    lease = await take(port)
    assert await port.known(lease, [7, 8]) == {}
    event, place = sent(integration), Place(since=CURSOR)
    await port.record(lease, [event], replace(lease.progress, cursor=CURSOR, place=place))
    assert await port.known(lease, [7, 8]) == {
        7: Known(status="SENT", change=1, old=False, created="2026-03-01T08:00:00")
    }
    assert await register.changes(integration) == [event]
    await register.passes(LEASE + timedelta(seconds=1))
    successor = await take(port)
    assert (successor.progress.cursor, successor.progress.place) == (CURSOR, place)


async def test_what_is_noted_is_read_at_once_and_changes_nothing_that_is_known(
    register: Register, port: Keeps, integration: UUID
) -> None:
    """With it stands since when a type of document is read."""
    lease = await take(port)
    await port.record(lease, [sent(integration, 7)], lease.progress)
    since = {"SALES_INVOICE": "", "SALES_ORDER": CURSOR}
    await port.note(lease, [waiting(7), waiting(8)], replace(lease.progress, since=since))
    assert await port.known(lease, [7, 8]) == {
        7: Known(status="SENT", change=1, old=False, created="2026-03-01T08:00:00"),
        8: Known(status="NOT_SENT", change=0, old=False, created=CURSOR),
    }
    assert list(await port.due_rereads(lease, 10)) == [8]
    assert await register.changes(integration) == [sent(integration, 7)]
    await port.release(lease, replace(lease.progress, since=since), replace(THEN, due=timedelta()))
    assert (await take(port)).progress.since == since


async def test_a_change_that_is_seen_twice_is_one(register: Register, port: Keeps, integration: UUID) -> None:
    """By one who died between writing and saying so, and by who came after."""
    lease, event = await take(port), sent(integration)
    await port.record(lease, [event], lease.progress)
    await register.passes(LEASE + timedelta(seconds=1))
    lease, other = await take(port), sent(integration, 8)
    await port.record(lease, [event, other], lease.progress)
    assert await register.changes(integration) == [event, other]
    assert (await port.known(lease, [7]))[7].change == 1


async def test_a_status_that_comes_back_is_a_change_of_its_own(
    register: Register, port: Keeps, integration: UUID
) -> None:
    lease = await take(port)
    for number, (before, after) in enumerate([(None, "SENT"), ("SENT", "UNFINISHED"), ("UNFINISHED", "SENT")], 1):
        event = sent(integration, change=number, before=before, after=after)
        await port.record(lease, [event], lease.progress)
    assert [change.after for change in await register.changes(integration)] == ["SENT", "UNFINISHED", "SENT"]
    assert (await port.known(lease, [7]))[7] == Known(status="SENT", change=3, old=False, created="2026-03-01T08:00:00")


async def test_one_companys_invoices_are_not_anothers(register: Register, port: Keeps) -> None:
    for _ in range(2):
        await register.connect()
    first, second = await port.lease(uuid4(), 10, LEASE)
    await port.record(first, [sent(first.integration)], first.progress)
    await port.record(second, [sent(second.integration, after="PAID")], second.progress)
    assert (await port.known(first, [7]))[7].status == "SENT"
    assert (await port.known(second, [7]))[7].status == "PAID"
    assert len(await register.changes(first.integration)) == 1


async def test_an_open_invoice_is_read_again_ever_more_rarely(
    register: Register, port: Keeps, integration: UUID
) -> None:
    lease = await take(port)
    await port.record(lease, [sent(integration, after="NOT_SENT")], lease.progress)
    for minutes in (10, 20, 35, 35):
        await register.passes(timedelta(minutes=minutes - 1))
        assert await port.due_rereads(lease, 10) == {}
        await register.passes(timedelta(minutes=1.1))
        assert (await port.due_rereads(lease, 10))[7].status == "NOT_SENT"
        await port.postpone(lease, [7])
    await port.record(lease, [sent(integration, change=2, before="NOT_SENT")], lease.progress)
    await register.passes(timedelta(minutes=11))
    assert (await port.due_rereads(lease, 10))[7].status == "SENT"
    await port.postpone(lease, [7])
    await register.passes(timedelta(minutes=21))
    assert await port.due_rereads(lease, 10)


async def test_what_is_due_longest_is_read_again_first(register: Register, port: Keeps, integration: UUID) -> None:
    lease = await take(port)
    for invoice in (9, 7, 8):
        await port.record(lease, [sent(integration, invoice)], lease.progress)
        await register.passes(timedelta(seconds=1))
    assert await port.due_rereads(lease, 10) == {}
    await register.passes(timedelta(minutes=11))
    assert list(await port.due_rereads(lease, 2)) == [9, 7]
    await port.postpone(lease, [])
    assert list(await port.due_rereads(lease, 10)) == [9, 7, 8]


async def test_what_is_over_or_was_old_is_not_read_again(register: Register, port: Keeps, integration: UUID) -> None:
    lease = await take(port)
    over, old = sent(integration, 7, after="DELETED"), sent(integration, 8, old=True)
    await port.record(lease, [over, old], lease.progress)
    await register.passes(timedelta(days=2))
    assert await port.due_rereads(lease, 10) == {}


# The connection


async def test_a_refused_connection_is_broken_once_for_each_reason_and_restored_once(
    register: Register, port: Keeps, integration: UUID
) -> None:
    """Whoever says it again, in this turn or the next, or whoever has mended it meanwhile: the turn goes on."""
    lease = await take(port)
    await port.restore_connection(lease)
    for _ in range(2):
        await port.break_connection(lease, "credentials", "Unknown client")
    await port.fail(lease, "refused", pause=timedelta())
    lease = await take(port)
    assert lease.broken
    for _ in range(2):
        await port.break_connection(lease, "rights", None)
    event, another = await register.told(integration)
    assert isinstance(another, ConnectionBroken)
    assert another.reason == "rights"
    assert isinstance(event, ConnectionBroken)
    assert (event.reason, event.detail) == ("credentials", "Unknown client")
    for _ in range(2):
        await port.restore_connection(lease)
    await port.release(lease, lease.progress, replace(THEN, due=timedelta()))
    lease = await take(port)
    assert not lease.broken
    await port.restore_connection(lease)
    told = [type(one) for one in await register.told(integration)]
    assert told == [ConnectionBroken, ConnectionBroken, ConnectionRestored]


async def test_that_procountor_asked_for_less_is_known_until_it_serves_somebody(port: Keeps, integration: UUID) -> None:
    hour = timedelta(hours=1)
    assert not await port.limited(hour)
    lease = await take(port)
    await port.note_limit()
    await port.fail(lease, "Procountor answers 429", pause=timedelta())
    assert await port.limited(hour)
    assert not await port.limited(timedelta())
    lease = await take(port)
    await port.release(lease, lease.progress, THEN)
    assert not await port.limited(hour)
