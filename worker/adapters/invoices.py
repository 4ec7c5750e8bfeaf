"""ingest's tables: whose turn it is, what is known of each invoice, and every write behind the lease's fence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson

from events import codec, cursor
from events.connection import ConnectionBroken, ConnectionRestored
from events.cursor import Place
from events.envelope import WORKER, identify
from events.errors import PtmError
from events.integration import Rules, Service
from events.invoice import InvoiceStatusChanged
from events.observe import Known, Seen, stays_open
from events.schedule import QUIET
from worker.adapters import queries
from worker.adapters.log import Appends, Draft
from worker.adapters.postgres import Connection, Pool, Ringer, translating

SQL = queries.load("ingest")


class LeaseLost(PtmError):
    """Somebody else has taken the integration over: nothing was written."""


class AlreadySo(Exception):
    """There is nothing to say; rolls back what was begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an integration's invoices have been read."""

    cursor: str
    """The largest version that Procountor returned."""
    connecting: bool
    """The invoices in statuses before sending are being read for the first time."""
    place: Place | None
    """Where the pass under way goes on."""
    since: Mapping[str, str] | None = None
    """Type of document that is read → the newest version of one when that began; None: all since the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One integration's turn."""

    integration: UUID
    partition: int
    fence: int
    secret: UUID
    rules: Rules
    baseline: str
    progress: Progress
    rate: float
    rated: timedelta
    """Since the rate was last told."""
    failures: int
    broken: bool
    """Procountor refused the connection the last time."""
    company: int = 0
    """Procountor's id of the company that is meant."""
    reason: str | None = None
    """Why it is broken."""
    failing: timedelta = timedelta()
    """For how long no turn has gone well."""
    failure: str | None = None
    """What the last turn failed of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """The pauses between two looks at an open invoice that does not change."""

    first: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """When the integration is due again."""

    due: timedelta
    interval: timedelta
    rate: float


class Invoices:
    """What is written under a lease raises LeaseLost, and is not written, once another worker has had it; only `renew`
    says so instead, and `give_back` leaves alone what is not the worker's own.
    """

    def __init__(
        self, pool: Pool, log: Appends[Connection], ringer: Ringer, *, rereading: Rereading = Rereading()
    ) -> None:
        self._pool = pool
        self._log = log
        self._ringer = ringer
        self._rereading = rereading

    async def lease(self, worker: UUID, limit: int, duration: timedelta) -> list[Lease]:
        """The integrations that are due and nobody else's, longest due first."""
        with translating():
            rows = await self._pool.fetch(SQL["lease_due"], worker, duration, limit)
        return [_lease(row) for row in rows]

    async def lease_one(self, worker: UUID, integration: UUID, duration: timedelta) -> Lease | None:
        """That integration's turn; None while somebody else has it, or it is not read at all."""
        with translating():
            row = await self._pool.fetchrow(SQL["lease_one"], integration, worker, duration)
        return _lease(row) if row else None

    async def hand_back(self, lease: Lease) -> None:
        """The turn of `lease_one` is over: the integration is due, wherever its reading stands."""
        with translating():
            await self._pool.execute(SQL["hand_back"], lease.integration, lease.fence)

    async def renew(self, lease: Lease, duration: timedelta) -> bool:
        """Whether it still holds."""
        with translating():
            return await self._pool.fetchval(SQL["renew_lease"], lease.integration, lease.fence, duration) is not None

    async def give_back(self, worker: UUID) -> None:
        """All that it holds is due at once, for anybody."""
        with translating():
            await self._pool.execute(SQL["give_back"], worker)

    async def weights(self) -> float:
        """The sum of events.schedule.weight over all integrations."""
        with translating():
            return float(await self._pool.fetchval(SQL["sum_weights"], QUIET))

    async def known(self, lease: Lease, invoices: Collection[int]) -> dict[int, Known]:
        with translating():
            rows = await self._pool.fetch(SQL["read_known"], lease.integration, list(invoices))
        return {row["invoice"]: _known(row) for row in rows}

    async def due_rereads(self, lease: Lease, limit: int) -> dict[int, Known]:
        with translating():
            rows = await self._pool.fetch(SQL["read_rereads"], lease.integration, limit)
        return {row["invoice"]: _known(row) for row in rows}

    async def postpone(self, lease: Lease, invoices: Collection[int]) -> None:
        """They were read again and had not changed, or could not become what anybody waits for."""
        if invoices:
            pauses = self._rereading.first, self._rereading.longest
            async with self._fenced(lease) as connection:
                await connection.execute(SQL["postpone_rereads"], lease.integration, list(invoices), *pauses)

    async def record(
        self,
        lease: Lease,
        events: Sequence[InvoiceStatusChanged],
        progress: Progress,
        *,
        cause: UUID | None = None,
        actor: str = WORKER,
    ) -> None:
        """The changes, what is known from now on, and how far the reading came: all of it or nothing."""
        rows = await self._log.prepare([Draft(event=event, cause=cause, actor=actor) for event in events])
        async with self._fenced(lease, "move_place", *_written(progress)) as connection:
            await connection.execute(SQL["write_invoices"], lease.integration, *self._columns(events))
            await self._log.append(connection, lease.partition, rows)
        self._ringer.ring("ptm_log", str(lease.partition))

    async def note(self, lease: Lease, waiting: Sequence[Seen], progress: Progress) -> None:
        """Not sent yet when their type of document began to be read; who is known already stays as known."""
        async with self._fenced(lease, "move_place", *_written(progress)) as connection:
            await note(connection, lease.integration, waiting)

    async def release(self, lease: Lease, progress: Progress, then: Next) -> None:
        """The turn went well."""
        with translating():
            kept = await self._pool.fetchval(
                SQL["release_good"],
                lease.integration,
                lease.fence,
                *_written(progress),
                then.due,
                then.interval,
                then.rate,
            )
            if kept is None:
                raise _lost(lease)
            await self._pool.execute(SQL["note_good"], lease.integration)

    async def fail(self, lease: Lease, failure: str, *, pause: timedelta) -> None:
        """The turn went wrong; what it had recorded before stands."""
        with translating():
            kept = await self._pool.fetchval(SQL["release_failed"], lease.integration, lease.fence, pause, failure)
        if kept is None:
            raise _lost(lease)

    async def note_limit(self) -> None:
        """Procountor has said that it is asked too often."""
        with translating():
            await self._pool.execute(SQL["note_limit"])

    async def limited(self, within: timedelta) -> bool:
        """Whether it has said so lately, to whomever, and has served nobody since."""
        with translating():
            return bool(await self._pool.fetchval(SQL["is_limited"], within))

    async def break_connection(self, lease: Lease, reason: str, detail: str | None) -> None:
        """Said once for each *reason*, however often it is met."""
        event = ConnectionBroken(
            integration=lease.integration,
            id=identify("broken", lease.integration, Service.PROCOUNTOR, lease.fence, reason),
            service=Service.PROCOUNTOR,
            reason=reason,
            detail=detail,
        )
        await self._change_connection(lease, event, "break_connection", reason)

    async def restore_connection(self, lease: Lease) -> None:
        """Said once, whoever mended it."""
        event = ConnectionRestored(
            integration=lease.integration,
            id=identify("restored", lease.integration, Service.PROCOUNTOR, lease.fence),
            service=Service.PROCOUNTOR,
        )
        await self._change_connection(lease, event, "restore_connection")

    async def _change_connection(
        self, lease: Lease, event: ConnectionBroken | ConnectionRestored, query: str, *arguments: str
    ) -> None:
        rows = await self._log.prepare([Draft(event=event)])
        async with self._fenced(lease) as connection:
            with suppress(AlreadySo):
                async with connection.transaction():
                    await self._log.append(connection, lease.partition, rows)
                    if await connection.fetchval(SQL[query], lease.integration, *arguments) is None:
                        raise AlreadySo
        self._ringer.ring("ptm_log", str(lease.partition))
        self._ringer.ring("ptm_configuration", str(lease.integration))

    @asynccontextmanager
    async def _fenced(
        self, lease: Lease, statement: str = "hold_lease", *arguments: str | None
    ) -> AsyncIterator[Connection]:
        """The fence comes last: the counter's lock is taken before the row's, as everywhere."""
        with translating():
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection
                if await connection.fetchval(SQL[statement], lease.integration, lease.fence, *arguments) is None:
                    raise _lost(lease)

    def _columns(self, events: Sequence[InvoiceStatusChanged]) -> tuple[list[object], ...]:
        first = self._rereading.first
        rows = [
            (
                event.invoice_id,
                _number(event.invoice.get("invoiceNumber")),
                event.partner,
                event.after,
                event.version,
                event.created,
                event.change,
                event.old,
                first if stays_open(event) else None,
            )
            for event in events
        ]
        return tuple(list(column) for column in zip(*rows, strict=True))


async def note(connection: Connection, integration: UUID, waiting: Sequence[Seen]) -> None:
    columns = [(one.invoice, one.number, one.partner, one.status, one.version, one.created) for one in waiting]
    if columns:
        with translating():
            await connection.execute(SQL["note_unsent"], integration, *map(list, zip(*columns, strict=True)))


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"integration {lease.integration} is read by another worker")


def _lease(row: asyncpg.Record) -> Lease:
    return Lease(
        integration=row["integration"],
        partition=row["partition"],
        fence=row["fence"],
        secret=row["procountor_secret"],
        rules=codec.rules_from_json(row["configuration"]),
        baseline=row["baseline"],
        progress=Progress(
            cursor=row["cursor"],
            connecting=row["reading"] == "baseline",
            place=cursor.parse(row["reached"]) if row["reached"] else None,
            since=orjson.loads(row["since"]) if row["since"] else None,
        ),
        rate=row["rate"],
        rated=timedelta(seconds=row["rated_s"]),
        failures=row["failures"],
        failure=row["failure"],
        broken=row["broken"],
        company=row["company_id"],
        reason=row["reason"],
        failing=timedelta(seconds=row["failing_s"] or 0),
    )


def _known(row: asyncpg.Record) -> Known:
    return Known(status=row["status"], change=row["change"], old=row["old"], created=row["created"])


def _written(progress: Progress) -> tuple[str, str, str | None, str | None]:
    reading = "baseline" if progress.connecting else "live"
    since = None if progress.since is None else orjson.dumps(progress.since).decode()
    return progress.cursor, reading, str(progress.place) if progress.place else None, since


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and abs(value) < 1 << 63 else None
