"""Procountor's invoices of the last days against the log: what reading has passed by is recorded after all.

And, where a person asks for it, what lay there before the company was connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from events.cursor import Place, following
from events.errors import Unavailable
from events.integration import Rules
from events.invoice import InvoiceStatusChanged, InvoiceType, Kind, can_reach
from events.observe import Known, Seen, backfilled, before_connecting, observe, see
from events.reconcile import Gap, gap, still_to_come
from worker.adapters import queries
from worker.adapters.invoices import Invoices, Lease
from worker.adapters.postgres import Pool, translating
from worker.adapters.procountor import PAGE
from worker.reading import Json, Reader

SQL = queries.load("reconcile")
LEASE = timedelta(seconds=60)
"""For reading one batch of what was passed by; ingest of the company waits meanwhile."""
PATIENCE = 20.0
"""Seconds to wait for ingest's turn to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One integration, and where its reading once began."""

    integration: UUID
    secret: UUID
    rules: Rules
    baseline: str


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who reconciles."""

    run: UUID
    """Of this reconciliation: what it records is caused by it."""
    worker: UUID
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An invoice that the log lacked something of."""

    gap: Gap
    invoice: int
    number: int | None
    status: str
    live: bool
    """It would have been read again within a day: triggers decide it as ever. Else it fires nothing by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    looked_at: int = 0
    to_come: int = 0
    """Lack something that the next pass over the list will bring by itself."""
    recorded: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """What the log has of an invoice."""

    known: Known
    reread: bool
    """Ingest looks at it again by itself."""


@dataclass(slots=True, kw_only=True)
class Suspects:
    """Rows of the list that the log seems to lack something of, until they are looked at closely."""

    met: set[int] = field(default_factory=set)
    """Invoices: what stands at a page's end comes with the next one again."""
    rows: dict[int, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """Raises Unavailable, Refused or LeaseLost; the batches recorded before stand."""

    pool: Pool
    invoices: Invoices
    reader: Reader
    """With a Procountor that draws from the budget behind live reading."""

    async def run(self, company: Company, *, days: int, by: By) -> Caught:
        """Nothing is judged that the next ordinary pass meets anyway: recorded here it would not fire."""

        def lacks(known: Known | None, row: Seen) -> bool:
            return gap(known, row, baseline=company.baseline) is not None

        found = await self.suspects(company, days=days, lacks=lacks)
        recorded: list[Recorded] = []
        to_come = 0
        rows = list(found.rows.values())
        for first in range(0, len(rows), PAGE):
            lease = await self.turn(company, by)
            try:
                late, coming = await self.take(lease, rows[first : first + PAGE], by)
            finally:
                await self.invoices.hand_back(lease)
            recorded += late
            to_come += coming
        return Caught(looked_at=len(found.met), to_come=to_come, recorded=tuple(recorded))

    async def past(
        self, company: Company, *, days: int, by: By, progress: Callable[[int, int], None] = lambda done, of: None
    ) -> int:
        """Records what was modified in the last *days*, all of it before connecting; answers of how many invoices.

        *progress* is told how many have been read, and of how many.
        """

        def lacks(known: Known | None, row: Seen) -> bool:
            return before_connecting(known, row, baseline=company.baseline)

        rows = list((await self.suspects(company, days=days, lacks=lacks)).rows.values())
        recorded = 0
        for first in range(0, len(rows), PAGE):
            progress(first, len(rows))
            lease = await self.turn(company, by)
            try:
                recorded += await self.take_past(lease, rows[first : first + PAGE], by)
            finally:
                await self.invoices.hand_back(lease)
        progress(len(rows), len(rows))
        return recorded

    async def suspects(self, company: Company, *, days: int, lacks: Callable[[Known | None, Seen], bool]) -> Suspects:
        """By key, as ingest reads: what was modified, and so also what was created, in the last *days*.

        Of it the rows of which the log *lacks* something.
        """
        start = self.reader.clock().astimezone(self.reader.zone) - timedelta(days=days)
        place: Place | None = Place(since=start.replace(tzinfo=None).isoformat(timespec="seconds"))
        found = Suspects()
        while place is not None:
            page = await self.reader.procountor.invoices(
                company.secret,
                types=company.rules.types | {InvoiceType.SALES_INVOICE},
                version_start=place.since,
                version_end=place.until,
                by="id" if place.by_id else "version",
                previous=place.after,
                size=self.reader.size,
            )
            rows = [seen for item in page.items if (seen := see(item))]
            stands = await self.stands(company.integration, {row.invoice for row in rows})
            found.met |= {row.invoice for row in rows}
            for row in rows:
                if lacks(known_of(stands, row), row):
                    found.rows[row.invoice] = row
            place = following(place, rows, full=page.full)
        if not found.met:
            await self.reader.require_rights(company.secret)
        return found

    async def stands(self, integration: UUID, invoices: Collection[int]) -> dict[int, Stands]:
        with translating():
            rows = await self.pool.fetch(SQL["read_known"], integration, list(invoices))
        return {
            row["invoice"]: Stands(
                known=Known(status=row["status"], change=row["change"], old=row["old"], created=row["created"]),
                reread=row["reread"],
            )
            for row in rows
        }

    async def closely(
        self, lease: Lease, listed: Sequence[Seen]
    ) -> tuple[dict[int, Stands], dict[int, Json], dict[int, str]]:
        """What the log has of them by now, what Procountor says of each, and why not of the others."""
        ids = [row.invoice for row in listed]
        stands = await self.stands(lease.integration, ids)
        return stands, *await self.reader.parts(self.reader.procountor.invoice_details, lease, ids)

    async def turn(self, company: Company, by: By) -> Lease:
        """Ingest's own: while it is held nobody else reads the company, and its cursor stands still."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while (lease := await self.invoices.lease_one(by.worker, company.integration, LEASE)) is None:
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable("The company's invoices are being read all the time; what is missing was not read.")
            await asyncio.sleep(0.2)
        return lease

    async def take(self, lease: Lease, listed: list[Seen], by: By) -> tuple[list[Recorded], int]:
        """Looks at the suspects closely, as they are now, and records what is lacking; says how many are to come."""
        if lease.progress.connecting:
            return [], len(listed)
        stands, details, lost = await self.closely(lease, listed)
        rows = [as_it_is_now(row, details.get(row.invoice)) for row in listed]
        lacking = [row for row in rows if gap(known_of(stands, row), row, baseline=lease.baseline)]
        start = (lease.progress.place or self.reader.start(lease)).since or ""
        passed_by = [row for row in lacking if not still_to_come(row, reading_from=start)]
        changed = [(row, event) for row in passed_by if (event := late(lease, stands.get(row.invoice), row))]
        if changed:
            events = await self.reader.pictures(lease, changed, details, lost)
            await self.invoices.record(lease, events, lease.progress, cause=by.run, actor=by.actor)
        return [
            Recorded(
                gap=Gap.BEHIND if row.invoice in stands else Gap.MISSING,
                invoice=row.invoice,
                number=row.number,
                status=row.status,
                live=event.kind is Kind.LIVE,
            )
            for row, event in changed
        ], len(lacking) - len(passed_by)

    async def take_past(self, lease: Lease, listed: list[Seen], by: By) -> int:
        """Without a cause: what a person asks for is nothing that a reconciliation has found."""
        stands, details, lost = await self.closely(lease, listed)
        rows = [as_it_is_now(row, details.get(row.invoice)) for row in listed]
        past = [
            (row, backfilled(row, integration=lease.integration))
            for row in rows
            if before_connecting(known_of(stands, row), row, baseline=lease.baseline)
        ]
        if past:
            events = await self.reader.pictures(lease, past, details, lost)
            await self.invoices.record(lease, events, lease.progress, actor=by.actor)
        return len(past)


def known_of(stands: Mapping[int, Stands], row: Seen) -> Known | None:
    return stands[row.invoice].known if row.invoice in stands else None


def as_it_is_now(listed: Seen, detail: Json | None) -> Seen:
    """The list alone says when it was created; since it was read the invoice may have moved."""
    fresh = see(detail) if detail else None
    return replace(listed, status=fresh.status, version=fresh.version or listed.version) if fresh else listed


def late(lease: Lease, stands: Stands | None, row: Seen) -> InvoiceStatusChanged | None:
    """The change as it is recorded now.

    A survey after weeks asks about what is forgotten: so what ingest would not have met within a day, by reading open
    invoices again, fires nothing and waits for a person.
    """
    known = stands.known if stands else None
    event = observe(known, row, integration=lease.integration, baseline=lease.baseline)
    if event is None:
        return None
    soon = stands is not None and stands.reread and can_reach(stands.known.status, lease.rules.statuses)
    return event if soon else replace(event, kind=Kind.BACKFILL)
