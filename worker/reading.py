"""One company's turn: its list is read, what changed is decided, and each page is recorded whole before the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal, Protocol
from uuid import UUID

from events.cursor import Place, first, following, furthest, local, overlap
from events.errors import Refused, Unavailable
from events.invoice import ZONE, InvoiceStatusChanged, InvoiceType, Kind, can_reach
from events.observe import Known, Seen, complete, observe, partner_of, see
from worker import unsent
from worker.adapters.invoices import Lease, Progress
from worker.adapters.procountor import PAGE, Page, Rights, Session
from worker.unsent import NOT_SENT_YET

Json = Mapping[str, Any]

EXTRA = 16
"""Requests that may go into finding out which of a refused batch is at fault: enough for one among 200."""
WHOLE = frozenset({"credentials", "other_company"})
"""Refusals of the company, whatever was asked for."""
UNREAD = "Procountor answers what does not read"
BELIEVED = timedelta(minutes=10)
"""So long rights that were there are taken to be there, where a list stays empty."""


class Shows(Protocol):
    """Procountor, by the id of a company's credentials; raises Unavailable or Refused. What it does not find is not in
    its answer.
    """

    def mean(self, access: UUID, company: int) -> None: ...
    async def session(self, access: UUID) -> Session: ...
    async def rights(self, access: UUID) -> Rights: ...
    async def invoices(
        self,
        access: UUID,
        *,
        types: Collection[str],
        version_start: str | None = ...,
        version_end: str | None = ...,
        statuses: Collection[str] = ...,
        by: Literal["version", "id"] = ...,
        order: Literal["ASC", "DESC"] = ...,
        previous: int | None = ...,
        size: int = ...,
    ) -> Page: ...
    async def invoice_details(self, access: UUID, ids: Sequence[int]) -> Mapping[int, Json]: ...
    async def customers(self, access: UUID, ids: Sequence[int]) -> Mapping[int, Json]: ...


class Records(Protocol):
    """What is known of a company's invoices; what is written under a lost lease raises LeaseLost.

    A record has each invoice once, and is written whole, with the progress.
    """

    async def known(self, lease: Lease, invoices: Collection[int]) -> dict[int, Known]: ...
    async def due_rereads(self, lease: Lease, limit: int) -> dict[int, Known]: ...
    async def postpone(self, lease: Lease, invoices: Collection[int]) -> None: ...
    async def note(self, lease: Lease, waiting: Sequence[Seen], progress: Progress) -> None: ...
    async def record(self, lease: Lease, events: Sequence[InvoiceStatusChanged], progress: Progress) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """How far a turn came."""

    progress: Progress
    changes: int
    """Recorded live: what the rate of polls goes by."""
    unreadable: int = 0
    """Rows of the list without an id or a status, which nothing can be said about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Raises Unavailable or Refused where Procountor does not answer; the pages recorded before stand."""

    invoices: Records
    procountor: Shows
    zone: tzinfo = ZONE
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    overlap: timedelta = timedelta(seconds=60)
    """How far before the cursor every pass starts, for what was stamped before it could be seen."""
    pages: int = 3
    """After so many the others have their turn."""
    size: int = PAGE
    doubts: int = 3
    """Turns in a row that have to fail, the last of the same, before an answer that does not read is believed."""
    had_rights: dict[UUID, datetime] = field(default_factory=dict)
    """Integration → when its user had the right to its invoices although none were shown, as they still are not."""

    async def read(self, lease: Lease) -> Came:
        self.procountor.mean(lease.secret, lease.company)
        lease = replace(lease, progress=await self.begun(lease))
        progress = lease.progress if lease.progress.place else replace(lease.progress, place=self.start(lease))
        changes = unreadable = 0
        for _ in range(self.pages):
            assert progress.place is not None, "a pass under way has a place"
            page = await self.ask(lease, progress.place)
            if page.items:
                self.had_rights.pop(lease.integration, None)
            else:
                await self.doubt(lease)
            rows = [seen for item in page.items if (seen := see(item))]
            unreadable += len(page.items) - len(rows)
            progress = advance(progress, rows, full=page.full, now=self.now())
            changes += await self.take(lease, rows, progress)
            if progress.place is None:
                break
        if progress.place is None and not lease.progress.connecting:
            changes += await self.read_again(lease, progress)
        return Came(progress=progress, changes=changes, unreadable=unreadable)

    async def begun(self, lease: Lease) -> Progress:
        """With each type of document that is named for the first time connected: what there is of it fires nothing."""
        since, named = lease.progress.since, types_of(lease)
        if since is None:
            return replace(lease.progress, since=dict.fromkeys(named, lease.baseline))
        known = {name: version for name, version in since.items() if name in named}
        if not (fresh := named - known.keys()):
            return replace(lease.progress, since=known)
        page = await self.procountor.invoices(lease.secret, types=fresh, order="DESC", size=1)
        if not page.items:
            await self.require_rights(lease.secret)
        past = unsent.past(page, now=self.now())
        waiting = await unsent.read(self.procountor, lease.secret, fresh)
        progress = replace(lease.progress, since=known | dict.fromkeys(fresh, past))
        await self.invoices.note(lease, waiting, progress)
        return progress

    async def doubt(self, lease: Lease) -> None:
        """An empty list may be a lost right, which Procountor refuses in no other way. Raises Refused(`rights`).

        As a rule a pass meets the row that its cursor stands on. A company whose newest invoice was deleted, or that
        has none, shows nothing for long: its rights are not asked for at every pass. Where they were missing, or where
        the first reading would end, which is never made again, what was true a while ago is not enough.
        """
        now, had = self.clock(), self.had_rights.get(lease.integration)
        believed = had is not None and now - had < BELIEVED
        if believed and not lease.broken and not lease.progress.connecting:
            return
        await self.require_rights(lease.secret)
        self.had_rights[lease.integration] = now

    async def require_rights(self, access: UUID) -> None:
        """Raises Refused(`rights`) where the user may not see sales invoices."""
        if not (await self.procountor.rights(access)).sees_invoices:
            raise Refused(
                "Procountor shows no invoice, since the user has no right to sales invoices: give the user viewing"
                " rights to them.",
                reason="rights",
            )

    async def refuses_all(self, lease: Lease) -> bool:
        """Whether a 403 is no matter of rights: what takes none is refused too. Raises Unavailable."""
        try:
            await self.procountor.session(lease.secret)
        except Refused as refused:
            return refused.reason == "rights"
        return False

    def start(self, lease: Lease) -> Place:
        if lease.progress.connecting:
            return Place(since=None)
        cursor = lease.progress.cursor
        return first(cursor, overlap(cursor, self.clock(), zone=self.zone, usual=self.overlap))

    def now(self) -> str:
        return local(self.clock(), self.zone)

    async def ask(self, lease: Lease, place: Place) -> Page:
        return await self.procountor.invoices(
            lease.secret,
            types=types_of(lease),
            statuses=NOT_SENT_YET if lease.progress.connecting else (),
            version_start=place.since,
            version_end=place.until,
            by="id" if place.by_id else "version",
            previous=place.after,
            size=self.size,
        )

    async def take(self, lease: Lease, rows: Sequence[Seen], progress: Progress) -> int:
        """Records what changed in *rows*, and the *progress* with it; says how much of it is live."""
        known = await self.invoices.known(lease, {row.invoice for row in rows}) if rows else {}
        changed = observed(lease, known, rows)
        if not changed:
            return 0
        details, lost = await self.parts(self.procountor.invoice_details, lease, [seen.invoice for seen, _ in changed])
        events = await self.pictures(lease, changed, details, lost)
        await self.invoices.record(lease, events, progress)
        return sum(event.kind is Kind.LIVE for event in events)

    async def read_again(self, lease: Lease, progress: Progress) -> int:
        """Looks at open invoices whose change may not have moved their version."""
        known = await self.invoices.due_rereads(lease, self.size)
        statuses = lease.rules.statuses
        asked = [invoice for invoice, last in known.items() if can_reach(last.status, statuses)]
        details, lost = await self.parts(self.procountor.invoice_details, lease, asked)
        rows = [seen for detail in details.values() if (seen := see(detail)) and seen.invoice in known]
        changed = observed(lease, known, rows)
        if changed:
            await self.invoices.record(lease, await self.pictures(lease, changed, details, lost), progress)
        await self.invoices.postpone(lease, known.keys() - {seen.invoice for seen, _ in changed})
        return len(changed)

    async def pictures(
        self,
        lease: Lease,
        changed: Sequence[tuple[Seen, InvoiceStatusChanged]],
        details: Mapping[int, Json],
        lost: Mapping[int, str],
    ) -> list[InvoiceStatusChanged]:
        """The changes with all that a mapping may use; what cannot be had for good is named as missing."""
        partners = {seen.invoice: partner_of(seen, details.get(seen.invoice)) for seen, _ in changed}
        wanted = sorted({partner for partner in partners.values() if partner is not None})
        customers, unknown = await self.parts(self.procountor.customers, lease, wanted)
        return [
            complete(
                event,
                seen,
                detail=details.get(seen.invoice),
                customer=customers.get(partner) if (partner := partners[seen.invoice]) else None,
                missing=absent(invoice=lost.get(seen.invoice), customer=unknown.get(partner) if partner else None),
            )
            for seen, event in changed
        ]

    def doubted(self, lease: Lease) -> bool:
        """It may be a hiccup: what is once recorded as unreadable is asked for by nobody any more."""
        return lease.failures < self.doubts or (self.doubts > 0 and lease.failure != UNREAD)

    async def parts(
        self, ask: Callable[[Any, Sequence[int]], Awaitable[Mapping[int, Json]]], lease: Lease, ids: Sequence[int]
    ) -> tuple[dict[int, Json], dict[int, str]]:
        """What *ask* finds of *ids*, and why the rest cannot be had; a refused batch is halved to find who is at fault.

        Where everything is refused by now, that is raised: it may pass, and a part once missing stays missing.
        """
        found: dict[int, Json] = {}
        missing: dict[int, str] = {}
        batches, extra = [list(ids)] if ids else [], EXTRA
        while batches:
            batch = batches.pop()
            try:
                found |= await ask(lease.secret, batch)
            except Refused as refused:
                if refused.reason in WHOLE:
                    raise
                if refused.reason == "rights" and len(batch) == len(ids) and await self.refuses_all(lease):
                    raise
                if refused.reason == "unreadable" and self.doubted(lease):
                    # Which of the parts it was is not told: where two are bad, each would wait for the other for ever.
                    raise Unavailable(UNREAD, status=refused.status) from refused
                if len(batch) > 1 and extra > 0:
                    extra -= 2
                    batches += [batch[len(batch) // 2 :], batch[: len(batch) // 2]]
                else:
                    missing |= dict.fromkeys(batch, refused.reason if refused.reason == "rights" else "unreadable")
        missing |= {id: "not_found" for id in ids if id not in found and id not in missing}
        return found, missing


def types_of(lease: Lease) -> frozenset[str]:
    return lease.rules.types | {InvoiceType.SALES_INVOICE.value}


def advance(progress: Progress, rows: Sequence[Seen], *, full: bool, now: str) -> Progress:
    assert progress.place is not None, "a pass under way has a place"
    place = following(progress.place, rows, full=full)
    if progress.connecting:
        return replace(progress, place=place, connecting=place is not None)
    return replace(progress, place=place, cursor=furthest(progress.cursor, rows, now=now))


def observed(lease: Lease, known: Mapping[int, Known], rows: Sequence[Seen]) -> list[tuple[Seen, InvoiceStatusChanged]]:
    """What changed, each invoice once: a row that was modified while it was read may come twice."""
    latest = {row.invoice: row for row in rows}
    changes = (
        (
            row,
            observe(
                known.get(row.invoice),
                row,
                integration=lease.integration,
                baseline=(lease.progress.since or {}).get(row.type, lease.baseline),
                connecting=lease.progress.connecting,
            ),
        )
        for row in latest.values()
    )
    return [(row, event) for row, event in changes if event is not None]


def absent(**reasons: str | None) -> dict[str, str]:
    return {part: reason for part, reason in reasons.items() if reason}
