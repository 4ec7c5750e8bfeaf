"""Stage 1 on a Procountor and tables in memory: rows move while they are read, requests fail, batches are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.errors import Refused
from events.integration import Condition, Rules
from events.invoice import InvoiceStatusChanged, Kind
from facts import contact, in_force
from memory.clock import Clock
from memory.invoices import Invoices
from memory.procountor import Company, Procountor, failure
from worker import unsent
from worker.adapters.invoices import Lease
from worker.adapters.procountor import Page, Rights
from worker.ingest import Ingest, Pace
from worker.reading import EXTRA, Reader

PACE = Pace(floor=timedelta(seconds=1), ceiling=timedelta(seconds=2))
STATUSES = ("UNFINISHED", "NOT_SENT", "SENT", "PARTLY_PAID", "PAID", "INVALIDATED")


class Desk:
    """One company that is busy, and those who read it."""

    def __init__(self, *, size: int = 50, pages: int = 3, manner: type[Procountor] = Procountor) -> None:
        self.clock, self.wrong = Clock(), timedelta()
        self.company = Company()
        self.invoices = Invoices(clock=self.clock)
        connected = self.invoices.connect(in_force(), cursor=self.stamp())
        self.clock.passes(1)  # what is made in the second of connecting counts as old
        self.procountor = manner({connected.secret: self.company})
        reader = Reader(
            invoices=self.invoices,
            procountor=self.procountor,
            zone=UTC,
            clock=lambda: self.clock() + self.wrong,
            size=size,
            pages=pages,
        )
        self.workers = [
            Ingest(invoices=self.invoices, reader=reader, worker=uuid4(), pace=PACE, jitter=lambda: 0.5)
            for _ in range(2)
        ]

    def stamp(self) -> str:
        return self.clock().replace(tzinfo=None).isoformat(timespec="seconds")

    def add(self, status: str, *, type: str = "SALES_INVOICE") -> int:
        id = len(self.company.invoices) + 1
        self.company.customers[1000 + id] = {"id": 1000 + id, "name": "Kirjakauppa Oy"}
        self.company.invoices[id] = {
            "id": id,
            "partnerId": 1000 + id,
            "type": type,
            "status": status,
            "created": self.stamp(),
            "version": self.stamp(),
        }
        return id

    def move(self, id: int, status: str) -> None:
        self.company.invoices[id] |= {"status": status, "version": self.stamp()}

    def happens(self, chance: Random) -> None:
        """Something in the company, or nothing."""
        known = list(self.company.invoices)
        if not known or chance.random() < 0.3:
            for _ in range(chance.choice((1, 1, 30))):
                self.add(chance.choice(STATUSES))
        for _ in range(chance.randrange(4)):
            self.move(chance.choice(list(self.company.invoices)), chance.choice(STATUSES))

    async def turn(self, *workers: Ingest) -> None:
        for worker in workers or self.workers:
            while await worker.run_once():
                pass

    def changes(self) -> list[InvoiceStatusChanged]:
        return [event for event in self.invoices.events if isinstance(event, InvoiceStatusChanged)]

    def recorded(self) -> dict[int, str]:
        """The last status of each invoice, as the log has it."""
        return {change.invoice_id: change.after for change in self.changes()}

    def actual(self) -> dict[int, str]:
        return {id: row["status"] for id, row in self.company.invoices.items()}


@pytest.mark.parametrize("seed", range(12))
async def test_however_rows_move_and_requests_fail_every_invoice_is_known_as_it_is(seed: int) -> None:
    chance = Random(seed)
    desk = Desk(size=chance.choice((3, 10, 50)), pages=chance.choice((1, 3)))
    for _ in range(40):
        desk.happens(chance)
        route = chance.choice(("invoices", "businesspartners"))
        desk.procountor.failing = {route: [503]} if chance.random() < 0.2 else {}
        await desk.turn()
        desk.clock.passes(chance.choice((0, 2, 5, 90)))
    desk.procountor.failing = {}
    for _ in range(300):
        if desk.recorded() == desk.actual():
            break
        desk.clock.passes(150)
        await desk.turn()
    assert desk.recorded() == desk.actual()
    for id in desk.actual():
        numbers = [change.change for change in desk.changes() if change.invoice_id == id]
        assert numbers == list(range(1, len(numbers) + 1))
    assert all(change.customer and not change.missing for change in desk.changes())


class Slow(Procountor):
    """Its first list comes only when it is let go, or fails then with *status*."""

    def __init__(self, companies: Mapping[UUID, Company]) -> None:
        super().__init__(companies)
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self.status: int | None = None

    async def invoices(self, *args: Any, **options: Any) -> Page:
        page = await super().invoices(*args, **options)
        if not self.asked.is_set():
            self.asked.set()
            await self.go.wait()
            if self.status:
                raise failure(self.status)
        return page


@pytest.mark.parametrize("status", [None, 503, 401])
async def test_a_worker_that_does_not_notice_that_its_turn_is_anothers_by_now_writes_nothing(
    status: int | None,
) -> None:
    desk = Desk(manner=Slow)
    slow = desk.procountor
    assert isinstance(slow, Slow)
    slow.status = status
    desk.add("NOT_SENT")
    frozen, other = desk.workers
    turn = asyncio.create_task(desk.turn(frozen))
    await slow.asked.wait()
    desk.clock.passes(PACE.lease.total_seconds() + 1)
    desk.move(1, "SENT")
    desk.add("SENT")
    await desk.turn(other)
    [company] = desk.invoices.companies.values()
    before = replace(company, invoices=dict(company.invoices))
    slow.go.set()
    await turn
    assert company == before
    assert [(each.invoice_id, each.change, each.after) for each in desk.changes()] == [(1, 1, "SENT"), (2, 1, "SENT")]
    assert desk.changes() == desk.invoices.events


class Stuttering(Procountor):
    """A row that was modified while the list was made is in it twice: as it was, and as it is."""

    async def invoices(self, *args: Any, **options: Any) -> Page:
        page = await super().invoices(*args, **options)
        return replace(page, items=[row for item in page.items for row in (item | {"status": "UNFINISHED"}, item)])


async def test_a_row_that_is_in_a_page_twice_is_one_change_to_what_it_is() -> None:
    desk = Desk(manner=Stuttering)
    desk.add("NOT_SENT")
    desk.add("SENT")
    await desk.turn()
    assert [(each.change, each.before, each.after) for each in desk.changes()] == [
        (1, None, "NOT_SENT"),
        (1, None, "SENT"),
    ]
    desk.clock.passes(150)
    desk.move(1, "SENT")
    await desk.turn()
    assert [(each.change, each.after) for each in desk.changes()] == [(1, "NOT_SENT"), (1, "SENT"), (2, "SENT")]
    assert desk.recorded() == desk.actual()


@pytest.mark.parametrize("seed", range(6))
async def test_however_the_workers_own_clock_jumps_nothing_is_missed(seed: int) -> None:
    chance = Random(seed)
    desk = Desk(size=10, pages=1)
    for _ in range(30):
        desk.wrong = timedelta(days=chance.choice((-365, -1, 0, 0, 1, 365)), hours=chance.choice((-1, 0, 1)))
        desk.happens(chance)
        await desk.turn()
        desk.clock.passes(chance.choice((2, 90, 4000)))
    for _ in range(60):
        desk.clock.passes(150)
        await desk.turn()
    assert desk.recorded() == desk.actual()


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=365 * 900)], ids=["three hours", "for ever"])
async def test_a_stamp_of_a_moment_to_come_hides_nothing_that_follows(ahead: timedelta) -> None:
    """A clock of theirs that jumped and fell back, or a year that nobody meant."""
    desk = Desk()
    desk.add("SENT")
    desk.company.invoices[1]["version"] = (desk.clock() + ahead).replace(tzinfo=None).isoformat(timespec="seconds")
    await desk.turn()
    desk.clock.passes(600)
    later = desk.add("SENT")
    await desk.turn()
    assert [each.invoice_id for each in desk.changes()] == [1, later]
    desk.clock.passes(600)
    desk.move(1, "PAID")
    await desk.turn()
    assert desk.recorded() == desk.actual()


class Circling(Procountor):
    """Goes on behind nothing: every page of more than one is its first."""

    def __init__(self, companies: Mapping[UUID, Company]) -> None:
        super().__init__(companies)
        self.asked = 0

    async def invoices(self, access: UUID, **options: Any) -> Page:
        self.asked += 1
        return await super().invoices(access, **options | {"previous": None})


async def test_a_list_that_goes_round_in_circles_is_put_off_and_not_read_for_ever() -> None:
    desk = Desk(size=3, manner=Circling)
    await desk.turn()
    for _ in range(10):
        desk.add("SENT")
    for _ in range(20):
        desk.clock.passes(1)
        await desk.turn()
    [company] = desk.invoices.companies.values()
    assert company.failure == "Procountor's list does not go on: it shows again what was read."
    assert isinstance(desk.procountor, Circling)
    assert desk.procountor.asked < 60, "it waits ever longer from turn to turn"


class Endless(Procountor):
    """Every page is full of invoices that nobody has seen."""

    async def invoices(self, access: UUID, *, previous: int | None = None, **options: Any) -> Page:
        rows = [{"id": (previous or 0) + each, "status": "NOT_SENT"} for each in range(1, 201)]
        return Page(items=rows, full=True)


async def test_what_is_not_sent_yet_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsent, "MOST", 1000)
    with pytest.raises(Refused):
        await unsent.read(Endless({}), UUID(int=1), ("SALES_INVOICE",))


def naming(*types: str) -> Rules:
    return in_force(contact(condition=Condition(types=frozenset(types))))


async def test_what_there_was_of_a_type_when_a_trigger_first_named_it_is_past_and_what_follows_counts() -> None:
    desk = Desk()
    [company] = desk.invoices.companies.values()
    await desk.turn()
    sent, waits = (desk.add(status, type="SALES_ORDER") for status in ("SENT", "NOT_SENT"))
    invoice = desk.add("NOT_SENT")
    desk.clock.passes(150)
    for rules in (naming("SALES_ORDER"), naming("SALES_INVOICE"), naming("SALES_INVOICE", "SALES_ORDER")):
        await desk.turn()
        company.rules = rules
        desk.clock.passes(150)
        await desk.turn()
        if rules.types == {"SALES_INVOICE"}:
            # Nobody asks for orders now: what is made of them meanwhile is past when somebody does again.
            unread = desk.add("SENT", type="SALES_ORDER")
            desk.clock.passes(150)
    assert {(each.invoice_id, each.kind) for each in desk.changes()} == {
        (invoice, Kind.LIVE), (waits, Kind.BASELINE)
    }  # fmt: skip
    desk.clock.passes(150)
    fresh = desk.add("SENT", type="SALES_ORDER")
    for id in (sent, waits, unread, invoice):
        desk.move(id, "SENT")
    await desk.turn()
    last = {each.invoice_id: each for each in desk.changes()}
    assert {id: (each.after, each.kind, each.old) for id, each in last.items()} == {
        sent: ("SENT", Kind.LIVE, True),
        unread: ("SENT", Kind.LIVE, True),
        waits: ("SENT", Kind.LIVE, False),
        invoice: ("SENT", Kind.LIVE, False),
        fresh: ("SENT", Kind.LIVE, False),
    }


LEASE = Lease(
    integration=uuid4(),
    partition=0,
    fence=1,
    secret=uuid4(),
    rules=in_force(),
    baseline="",
    progress=Invoices().connect(in_force()).progress,
    rate=0.0,
    rated=timedelta(),
    failures=0,
    broken=False,
)


parts = Reader(invoices=Invoices(), procountor=Procountor({LEASE.secret: Company()})).parts


class Batches:
    """Answers batches, but none with one of *refused* in it."""

    def __init__(self, *refused: int, reason: str = "invalid") -> None:
        self.requests = 0
        self._refused = set(refused)
        self._reason = reason

    async def __call__(self, access: Any, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        self.requests += 1
        if self._refused & set(ids):
            raise Refused("no", reason=self._reason)
        return {id: {"id": id} for id in ids if id != 13}


async def test_one_at_fault_among_two_hundred_hides_nobody_else() -> None:
    ask = Batches(77)
    found, missing = await parts(ask, LEASE, range(1, 201))
    assert missing == {77: "unreadable", 13: "not_found"}
    assert found.keys() == set(range(1, 201)) - {77, 13}
    assert ask.requests <= 1 + EXTRA


async def test_where_all_are_refused_it_is_not_asked_for_each() -> None:
    ask = Batches(*range(1, 201), reason="rights")
    found, missing = await parts(ask, LEASE, range(1, 201))
    assert (found, set(missing.values())) == ({}, {"rights"})
    assert ask.requests <= 1 + EXTRA


@pytest.mark.parametrize("reason", ["credentials", "other_company"])
async def test_a_refusal_of_the_company_is_not_the_batchs(reason: str) -> None:
    with pytest.raises(Refused):
        await parts(Batches(1, reason=reason), LEASE, [1, 2])


async def test_who_is_refused_everything_in_the_middle_of_a_turn_takes_nothing_for_missing() -> None:
    """The list came, and then the client was suspended, or the company no longer allows it: that may pass."""
    desk = Desk()
    desk.add("SENT")
    desk.procountor.failing = {"businesspartners": [403], "sessioninfo": [403, 403]}
    await desk.turn()
    assert desk.changes() == []
    desk.clock.passes(PACE.refused_retry.total_seconds())
    await desk.turn()
    [change] = desk.changes()
    assert (change.after, change.missing) == ("SENT", {})
    assert change.customer


class Garbled(Procountor):
    """No detail and no customer is answered with anything that reads."""

    async def invoice_details(self, access: UUID, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        raise Refused("GET /invoices/{ids}: the answer is not JSON", reason="unreadable", status=200)

    async def customers(self, access: UUID, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        raise Refused("GET /businesspartners/{ids}: the answer is not JSON", reason="unreadable", status=200)


async def test_two_parts_that_do_not_read_do_not_wait_for_each_other_for_ever() -> None:
    desk = Desk(manner=Garbled)
    desk.add("SENT")
    for _ in range(8):
        await desk.turn()
        desk.clock.passes(PACE.refused_retry.total_seconds())
    [change] = desk.changes()
    assert change.missing == {"invoice": "unreadable", "customer": "unreadable"}


class Blind(Procountor):
    """A user without the right is shown an empty list."""

    blind = False

    async def rights(self, access: UUID) -> Rights:
        return replace(await super().rights(access), invoices="NO_ACCESS" if self.blind else "ALL_RIGHTS")

    async def invoices(self, access: UUID, **options: Any) -> Page:
        page = await super().invoices(access, **options)
        return Page(items=(), full=False, total=0) if self.blind else page


async def test_a_type_that_is_named_while_a_right_is_missing_begins_when_it_is_back() -> None:
    desk = Desk(manner=Blind)
    assert isinstance(desk.procountor, Blind)
    order = desk.add("SENT", type="SALES_ORDER")
    desk.clock.passes(30)
    await desk.turn()
    desk.procountor.blind = True
    [company] = desk.invoices.companies.values()
    company.rules = in_force(contact(condition=Condition(types=frozenset({"SALES_INVOICE", "SALES_ORDER"}))))
    desk.clock.passes(PACE.refused_retry.total_seconds())
    await desk.turn()
    assert "SALES_ORDER" not in (company.progress.since or {})
    desk.procountor.blind = False
    desk.clock.passes(PACE.refused_retry.total_seconds())
    await desk.turn()
    assert (company.progress.since or {})["SALES_ORDER"]
    desk.move(order, "PAID")
    desk.clock.passes(PACE.refused_retry.total_seconds())
    await desk.turn()
    assert {change.old for change in desk.changes() if change.invoice_id == order} <= {True}


async def test_nothing_is_asked_for_nothing() -> None:
    ask = Batches()
    assert await parts(ask, LEASE, []) == ({}, {})
    assert ask.requests == 0
