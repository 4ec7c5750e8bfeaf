"""Deliveries and lanes in Postgres: leased, claimed, settled, always many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never
from uuid import UUID

import asyncpg

from events import address, codec
from events.codec import Event
from events.connection import PASSING, ConnectionBroken, ConnectionRestored, gives_way, gone_reason
from events.contact import Carried, ContactAdded, ContactUnlisted
from events.delivery import (
    Again,
    Broken,
    Call,
    Delivered,
    Delivery,
    Gone,
    Parked,
    Rejected,
    Silence,
    Verdict,
    Withheld,
    outcome,
    second_step,
)
from events.envelope import Recorded, Row, identify
from events.errors import Corrupt
from events.integration import Service
from worker.adapters import queries, schema
from worker.adapters.log import Draft, Log
from worker.adapters.postgres import Connection, Pool, Ringer, translating
from worker.adapters.sealing import ContactKeyer

SQL = queries.load("delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A delivery, what it was to carry (None: unreadable), and how the attempt ended."""

    delivery: Delivery
    added: Carried | None
    verdict: Verdict
    at: float
    """When, by the clock of whoever made the attempt."""

    @property
    def final(self) -> bool:
        return isinstance(self.verdict, Delivered | Rejected | Withheld)

    @property
    def ends_second_step(self) -> bool:
        failed = isinstance(self.verdict, Rejected | Withheld)
        automation = self.added.automation if isinstance(self.added, ContactAdded) else None
        return failed and self.delivery.step == 1 and automation is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A connection whose turn it is to be tried."""

    integration: UUID
    partition: int
    organization: str
    secret: UUID
    reason: str | None
    """None: it stands."""
    named: frozenset[str] = frozenset()
    """What its live triggers add to, as `events.integration.targets` has it."""
    missed: frozenset[str] = frozenset()
    """What deliveries are parked for because it was gone."""


class NotOurs(Exception):
    """Some of a batch was taken over by another worker; rolls the transaction back."""

    def __init__(self, ours: set[int]) -> None:
        super().__init__()
        self.ours = ours


class Deliveries:
    """What *worker* does with them. *contact_key* is the vault's: the block list is keyed."""

    def __init__(
        self,
        pool: Pool,
        log: Log,
        ringer: Ringer,
        contact_key: Callable[[], Awaitable[ContactKeyer]],
        *,
        worker: UUID,
    ) -> None:
        self._pool = pool
        self._log = log
        self._ringer = ringer
        self._contact_key = contact_key
        self._worker = worker

    async def lease(self, organizations: Iterable[str], *, most: int, seconds: float) -> dict[str, int]:
        """Lanes among *organizations* that were free, with their count of failures."""
        named = list(organizations)
        if not named or most <= 0:
            return {}
        with translating():
            await self._pool.execute(SQL["make_lanes"], named)
            rows = await self._pool.fetch(SQL["lease_named"], self._worker, named, most, seconds)
        return {row["organization"]: row["failures"] for row in rows}

    async def lease_due(self, held: Iterable[str], *, most: int, seconds: float) -> dict[str, int]:
        """Lanes beside *held* that have something to do, or that were left behind."""
        if most <= 0:
            return {}
        with translating():
            rows = await self._pool.fetch(SQL["lease_due"], self._worker, list(held), most, seconds)
        return {row["organization"]: row["failures"] for row in rows}

    async def renew(self, organizations: Iterable[str], *, seconds: float) -> set[str]:
        """Which of them are still ours."""
        with translating():
            rows = await self._pool.fetch(SQL["renew_lanes"], self._worker, list(organizations), seconds)
        return {row["organization"] for row in rows}

    async def release(self, organizations: Iterable[str]) -> None:
        with translating():
            await self._pool.execute(SQL["release_lanes"], self._worker, list(organizations))

    async def close_lane(self, organization: str, failures: int, seconds: float | None) -> timedelta:
        """Nobody sends there for so long (None: open), where the lane is still ours; answers how long it has failed."""
        with translating():
            wanted = (self._worker, organization, failures, seconds)
            failing = await self._pool.fetchval(SQL["close_lane"], *wanted)
        return timedelta(seconds=failing or 0.0)

    async def claim(self, room: Mapping[str, int], *, timeout: float) -> list[Delivery]:
        """At most so many per organization, marked as attempting before any call leaves."""
        with translating():
            wanted = (self._worker, list(room), list(room.values()), timeout, schema.newest())
            rows = await self._pool.fetch(SQL["claim_waiting"], *wanted)
        return [_delivery(row, unresolved=False) for row in rows]

    async def claim_unanswered(
        self, organizations: Iterable[str], flying: Iterable[int], *, timeout: float, most: int
    ) -> list[Delivery]:
        """Attempts without an end, beside those *flying*: to be looked up."""
        with translating():
            rows = await self._pool.fetch(
                SQL["claim_unanswered"], self._worker, list(organizations), list(flying), timeout, most
            )
        return [_delivery(row, unresolved=True) for row in rows]

    async def contacts(self, deliveries: Sequence[Delivery]) -> dict[int, Carried | None]:
        """What each is to carry, by its id; None where the event does not say."""
        places = sorted({(delivery.partition, delivery.position) for delivery in deliveries})
        events = await self._open(await self._log.read_at(places))
        found = {event.id: event for event in events if isinstance(event, Carried)}
        return {delivery.id: found.get(delivery.decision) for delivery in deliveries}

    async def blocked(self, added: Collection[Carried]) -> set[UUID]:
        """Decisions to add whose address or domain is on their integration's block list by now."""
        named = [(one, email) for one in added if isinstance(one, ContactAdded) and (email := one.contact.get("email"))]
        if not named:
            return set()
        key = await self._contact_key()
        with translating():
            rows = await self._pool.fetch(
                SQL["read_blocked"],
                [one.id for one, _ in named],
                [one.integration for one, _ in named],
                [key(str(one.integration), email) for one, email in named],
                [address.domain(email) for _, email in named],
            )
        return {row["decision"] for row in rows}

    async def overtaken(self, unlisted: Mapping[int, ContactUnlisted]) -> set[int]:
        """The deliveries that take off whom something newer, or another company, has put on; *unlisted* by delivery."""
        if not unlisted:
            return set()
        lists = ["\n".join(f"list:{id}" for id in one.lists) for one in unlisted.values()]
        with translating():
            rows = await self._pool.fetch(SQL["read_overtaken"], list(unlisted), lists)
        return {row["id"] for row in rows}

    async def undone(self, replays: Collection[UUID]) -> set[UUID]:
        """Which of *replays* have been undone or are being: what of them has not arrived must not leave any more."""
        if not replays:
            return set()
        with translating():
            rows = await self._pool.fetch(SQL["read_undone"], list(replays))
        return {row["undoes"] for row in rows}

    async def gone(self, integrations: Collection[UUID]) -> dict[UUID, set[str]]:
        """What deliveries of each are parked for because Trustmary has it no more."""
        with translating():
            rows = await self._pool.fetch(SQL["read_gone"], list(integrations))
        found = defaultdict[UUID, set[str]](set)
        for row in rows:
            found[row["integration"]].add(row["target"])
        return found

    async def _open(self, records: Sequence[Recorded]) -> list[Event]:
        """One that does not read must not keep the others back."""
        try:
            return await self._log.open(records)
        except Corrupt:
            if len(records) <= 1:
                return []
            return [event for record in records for event in await self._open([record])]

    async def settle(self, ended: Sequence[Ended], *, now: float) -> None:
        """Writes how attempts ended, with the outcomes, in one transaction; what is no longer ours is left alone.

        *now* is by the clock of `Ended.at`: an attempt ended when its answer came, not when that is written down.
        """
        while ended:
            rows = await self._prepare(ended)
            try:
                with translating():
                    await self._write(rows, ended, now)
            except NotOurs as partly:
                ended = [one for one in ended if one.delivery.id in partly.ours]
                continue
            for partition in rows:
                self._ringer.ring("ptm_log", str(partition))
            return

    async def _prepare(self, ended: Sequence[Ended]) -> dict[int, list[Row]]:
        """The outcomes of what has ended for good, by partition."""
        drafts = [(one.delivery.partition, draft) for one in ended if one.final for draft in _drafts(one)]
        rows = defaultdict[int, list[Row]](list)
        for (partition, _), row in zip(drafts, await self._log.prepare([draft for _, draft in drafts]), strict=True):
            rows[partition].append(row)
        return rows

    async def _write(self, rows: Mapping[int, Sequence[Row]], ended: Sequence[Ended], now: float) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await self._log.append_all(connection, rows)
            ours = await self._settle_rows(connection, ended, now)
            if len(ours) < len(ended):
                raise NotOurs(ours)
            if without := [one.delivery.decision for one in ended if one.ends_second_step]:
                await connection.execute(SQL["withdraw_second_steps"], without)

    async def _settle_rows(self, connection: Connection, ended: Sequence[Ended], now: float) -> set[int]:
        columns = [list(column) for column in zip(*((*_columns(one), now - one.at) for one in ended), strict=True)]
        rows = await connection.fetch(SQL["settle_deliveries"], self._worker, *columns)
        return {row["id"] for row in rows}

    async def break_connection(self, ended: Ended, why: Broken | Gone, *, retry: float) -> None:
        """Once: until its key works again nothing of the integration is sent, or nothing that names what is gone."""
        delivery = ended.delivery
        event = ConnectionBroken(
            integration=delivery.integration,
            id=identify("broken", delivery.id, delivery.attempts),
            service=Service.TRUSTMARY,
            reason=why.reason if isinstance(why, Broken) else gone_reason(why.target),
            detail=why.failure,
        )
        await self._break(delivery.partition, event, delivery.secret, retry)

    async def tell(self, probe: Probe, reason: str, detail: str, id: UUID, *, retry: float) -> None:
        """Once: *reason* holds of a connection that was tried."""
        event = ConnectionBroken(
            integration=probe.integration, id=id, service=Service.TRUSTMARY, reason=reason, detail=detail
        )
        await self._break(probe.partition, event, probe.secret, retry)

    async def _break(self, partition: int, event: ConnectionBroken, secret: UUID | None, retry: float) -> None:
        wanted = (event.integration, secret, event.reason, retry, sorted(gives_way(event.reason)))
        await self._change_connection(partition, event, "break_connection", wanted)

    async def restore_connection(self, probe: Probe, id: UUID, *, every: float = 0.0) -> None:
        """Where Trustmary was down, what failed with it is sent now, one delivery *every* so many seconds."""
        event = ConnectionRestored(integration=probe.integration, id=id, service=Service.TRUSTMARY)
        await self._change_connection(probe.partition, event, "restore_connection", (probe.integration, probe.secret))
        if probe.reason in PASSING:
            with translating():
                await self._pool.execute(SQL["open_lane"], probe.organization)
                await self._pool.execute(SQL["bring_forward"], probe.integration, every)
        self._ringer.ring("ptm_delivery", probe.organization)

    async def bring_back(self, probe: Probe, targets: Collection[str], *, every: float = 0.0) -> None:
        """What was parked because *targets* were gone goes on, one delivery *every* so many seconds."""
        if targets:
            with translating():
                await self._pool.execute(SQL["bring_back"], probe.integration, list(targets), every)
            self._ringer.ring("ptm_delivery", probe.organization)

    async def _change_connection(
        self, partition: int, event: ConnectionBroken | ConnectionRestored, query: str, wanted: tuple[object, ...]
    ) -> None:
        rows = await self._log.prepare([Draft(event=event)])
        try:
            with translating():
                async with self._pool.acquire() as connection, connection.transaction():
                    await self._log.append(connection, partition, rows)
                    if not await connection.fetch(SQL[query], *wanted):
                        raise NotOurs(set())
        except NotOurs:
            return
        self._ringer.ring("ptm_log", str(partition))

    async def take_probes(self, *, every: float) -> list[Probe]:
        """Connections to be tried that nobody has tried for *every* seconds."""
        with translating():
            rows = await self._pool.fetch(SQL["take_probes"], every)
        parked = await self.gone({row["id"] for row in rows}) if rows else {}
        return [_probe(row, parked.get(row["id"], set())) for row in rows]

    async def standing(self, organization: str) -> list[Probe]:
        """The connections that an organization's lane carries, but for those that a person has to mend."""
        with translating():
            rows = await self._pool.fetch(SQL["list_standing"], organization)
        return [_probe(row, set()) for row in rows]

    async def note_good(self, integrations: Iterable[UUID]) -> None:
        with translating():
            await self._pool.execute(SQL["note_good"], list(integrations))


def _probe(row: asyncpg.Record, parked: set[str]) -> Probe:
    triggers = codec.rules_from_json(row["configuration"]).triggers.values()
    named = {target for one in triggers if one.live for target in one.destination.targets}
    return Probe(
        integration=row["id"],
        partition=row["partition"],
        organization=row["organization"],
        secret=row["trustmary_secret"],
        reason=row["reason"],
        named=frozenset(named),
        missed=frozenset(parked),
    )


def _delivery(row: asyncpg.Record, *, unresolved: bool) -> Delivery:
    return Delivery(
        id=row["id"],
        integration=row["integration"],
        organization=row["organization"],
        partition=row["partition"],
        position=row["position"],
        decision=row["decision"],
        invoice=row["invoice"],
        step=row["step"],
        call=Call(row["call"]),
        attempts=row["attempts"],
        attempted_at=row["attempted_at"],
        secret=row["trustmary_secret"],
        removed=row["removed"],
        unresolved=unresolved,
        unseen=(row["unseen_since"], row["unseen_until"]) if row["unseen_since"] else None,
    )


def _drafts(ended: Ended) -> Iterable[Draft]:
    delivery = ended.delivery
    partner = ended.added.partner if ended.added else None
    if isinstance(ended.verdict, Delivered | Rejected | Withheld):
        yield Draft(event=outcome(delivery, partner, ended.verdict), cause=delivery.decision)
    if ended.ends_second_step:
        yield Draft(event=second_step(delivery, partner), cause=delivery.decision)


def _columns(ended: Ended) -> tuple[object, ...]:
    """id, state, wait, failure, fingerprint, the attempt's outcome and status."""
    id = ended.delivery.id
    match ended.verdict:
        case Delivered(status=status):
            return (id, "delivered", None, None, None, "delivered", status)
        case Rejected(status=status):
            return (id, "refused", None, None, None, "refused", status)
        case Withheld(reason=reason):
            return (id, "withdrawn", None, None, None, reason.value, None)
        case Again(wait=wait, failure=failure, status=status):
            return (id, "waiting", wait.total_seconds(), failure, None, "failed", status)
        case Broken(failure=failure, status=status, reason=reason):
            return (id, "waiting", 0.0, failure, None, reason, status)
        case Parked() | Gone() as held:
            return (id, "parked", None, held.failure, held.fingerprint, "parked", held.status)
        case Silence(failure=failure, wait=wait):
            return (id, "attempting", wait.total_seconds() if wait else None, failure, None, "unanswered", None)
        case other:
            assert_never(other)
