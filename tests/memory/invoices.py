"""ingest's tables in memory: whose turn it is, and what is known of each company's invoices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from events.codec import Event
from events.connection import ConnectionBroken, ConnectionRestored
from events.envelope import identify
from events.integration import Rules, Service
from events.invoice import InvoiceStatusChanged
from events.observe import Known, Seen, stays_open
from events.schedule import reread_after, weight
from memory.clock import Clock
from worker.adapters.invoices import Lease, LeaseLost, Next, Progress, Rereading

USUAL = Rereading()


@dataclass(slots=True, kw_only=True)
class Entry:
    """An invoice."""

    known: Known
    reread_at: datetime | None
    rereads: int = 0


@dataclass(slots=True, kw_only=True)
class Company:
    rules: Rules
    baseline: str
    progress: Progress
    due_at: datetime
    rated_at: datetime
    partition: int = 0
    secret: UUID = field(default_factory=uuid4)
    state: str = "active"
    broken: bool = False
    reason: str | None = None
    rate: float = 0.0
    failures: int = 0
    failure: str | None = None
    fence: int = 0
    owner: UUID | None = None
    leased_until: datetime | None = None
    invoices: dict[int, Entry] = field(default_factory=dict)


class Invoices:
    """All workers' at once: each names itself by its lease."""

    def __init__(self, *, clock: Callable[[], datetime] | None = None, rereading: Rereading = USUAL) -> None:
        self.companies: dict[UUID, Company] = {}
        self.events: list[Event] = []
        self._clock = clock or Clock()
        self._rereading = rereading
        self._limited_at: datetime | None = None
        """Until somebody is served."""

    def connect(self, rules: Rules, *, cursor: str = "", connecting: bool = False) -> Company:
        now = self._clock()
        progress = Progress(cursor=cursor, connecting=connecting, place=None)
        made = Company(rules=rules, baseline=cursor, progress=progress, due_at=now, rated_at=now)
        self.companies[rules.integration] = made
        return made

    # Turns

    async def lease(self, worker: UUID, limit: int, duration: timedelta) -> list[Lease]:
        now = self._clock()
        due = [
            company
            for company in self.companies.values()
            if company.due_at <= now
            and (company.leased_until is None or company.leased_until <= now)
            and company.state != "removed"
        ]
        taken = sorted(due, key=lambda company: company.due_at)[:limit]
        for company in taken:
            company.owner, company.fence = worker, company.fence + 1
            company.leased_until = company.due_at = now + duration
        return [self._lease(company) for company in taken]

    async def renew(self, lease: Lease, duration: timedelta) -> bool:
        if company := self._held(lease):
            company.leased_until = company.due_at = self._clock() + duration
        return company is not None

    async def give_back(self, worker: UUID) -> None:
        for company in self.companies.values():
            if company.owner == worker:
                company.owner, company.leased_until, company.due_at = None, None, self._clock()

    async def release(self, lease: Lease, progress: Progress, then: Next) -> None:
        company = self._fenced(lease)
        self._limited_at = None
        self._free(company, then.due)
        company.progress, company.failures, company.failure = progress, 0, None
        company.rate, company.rated_at = then.rate, self._clock()

    async def fail(self, lease: Lease, failure: str, *, pause: timedelta) -> None:
        company = self._fenced(lease)
        self._free(company, pause)
        company.failures, company.failure = company.failures + 1, failure

    async def weights(self) -> float:
        return sum(weight(company.rate) for company in self.companies.values() if company.state != "removed")

    async def note_limit(self) -> None:
        self._limited_at = self._clock()

    async def limited(self, within: timedelta) -> bool:
        return self._limited_at is not None and self._clock() - self._limited_at < within

    async def break_connection(self, lease: Lease, reason: str, detail: str | None) -> None:
        event = ConnectionBroken(
            integration=lease.integration,
            id=identify("broken", lease.integration, lease.fence, reason),
            service=Service.PROCOUNTOR,
            reason=reason,
            detail=detail,
        )
        self._change_connection(lease, event, broken=True)

    async def restore_connection(self, lease: Lease) -> None:
        id = identify("restored", lease.integration, lease.fence)
        event = ConnectionRestored(integration=lease.integration, id=id, service=Service.PROCOUNTOR)
        self._change_connection(lease, event, broken=False)

    # Invoices

    async def known(self, lease: Lease, invoices: Collection[int]) -> dict[int, Known]:
        entries = self.companies[lease.integration].invoices
        return {id: entries[id].known for id in invoices if id in entries}

    async def due_rereads(self, lease: Lease, limit: int) -> dict[int, Known]:
        entries = self.companies[lease.integration].invoices
        due = [(at, id) for id, each in entries.items() if (at := each.reread_at) and at <= self._clock()]
        return {id: entries[id].known for _, id in sorted(due)[:limit]}

    async def postpone(self, lease: Lease, invoices: Collection[int]) -> None:
        first, longest = self._rereading.first, self._rereading.longest
        for id in invoices:
            entry = self._fenced(lease).invoices[id]
            entry.rereads += 1
            entry.reread_at = self._clock() + reread_after(entry.rereads, first=first, longest=longest)

    async def note(self, lease: Lease, waiting: Sequence[Seen], progress: Progress) -> None:
        company = self._fenced(lease)
        company.progress = progress
        for one in waiting:
            known = Known(status=one.status, change=0, old=False, created=one.created)
            company.invoices.setdefault(one.invoice, Entry(known=known, reread_at=self._clock()))

    async def record(self, lease: Lease, events: Sequence[InvoiceStatusChanged], progress: Progress) -> None:
        assert len({event.invoice_id for event in events}) == len(events), "one statement writes an invoice once"
        company = self._fenced(lease)
        company.progress = progress
        ids = {event.id for event in self.events}
        self.events += {event.id: event for event in events if event.id not in ids}.values()
        for event in events:
            company.invoices[event.invoice_id] = Entry(
                known=Known(status=event.after, change=event.change, old=event.old, created=event.created),
                reread_at=self._clock() + self._rereading.first if stays_open(event) else None,
            )

    def _lease(self, company: Company) -> Lease:
        return Lease(
            integration=company.rules.integration,
            partition=company.partition,
            fence=company.fence,
            secret=company.secret,
            rules=company.rules,
            baseline=company.baseline,
            progress=replace(company.progress),
            rate=company.rate,
            rated=self._clock() - company.rated_at,
            failures=company.failures,
            failure=company.failure,
            broken=company.broken,
            reason=company.reason,
        )

    def _held(self, lease: Lease) -> Company | None:
        company = self.companies[lease.integration]
        return company if company.fence == lease.fence else None

    def _fenced(self, lease: Lease) -> Company:
        if (company := self._held(lease)) is None:
            raise LeaseLost(f"integration {lease.integration} is read by another worker")
        return company

    def _change_connection(self, lease: Lease, event: Event, *, broken: bool) -> None:
        company = self._fenced(lease)
        reason = event.reason if isinstance(event, ConnectionBroken) else None
        if (company.broken, company.reason) != (broken, reason):
            company.broken, company.reason = broken, reason
            self.events.append(event)

    def _free(self, company: Company, pause: timedelta) -> None:
        company.owner, company.leased_until = None, None
        company.due_at = self._clock() + pause
