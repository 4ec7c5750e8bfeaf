"""Deliveries and lanes in memory: one shop of them, and what each worker does there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from events import address
from events.codec import Event
from events.connection import GONE, PASSING, ConnectionBroken, ConnectionRestored, gives_way, gone_reason
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
    Withheld,
    outcome,
    second_step,
)
from events.envelope import identify
from events.integration import Service
from memory.clock import Clock
from worker.adapters.deliveries import Ended, Probe
from worker.adapters.ledger import calls_of
from worker.adapters.sealing import normalise

PARTITION = 3
OPEN = ("waiting", "attempting")
REPEATABLE = (Call.CONTACT, Call.UNLIST)


@dataclass(slots=True, kw_only=True)
class Integration:
    id: UUID
    organization: str
    secret: UUID
    state: str = "active"
    reason: str | None = None
    """Why its connection does not stand."""
    unmet: bool = False
    """A rule was saved that the projector has not met."""
    good_at: datetime | None = None
    named: frozenset[str] = frozenset()
    """What its live triggers add to."""

    @property
    def connected(self) -> bool:
        return self.reason is None

    @property
    def sends(self) -> bool:
        return self.reason is None or self.reason in GONE | PASSING


@dataclass(slots=True, kw_only=True)
class Lane:
    organization: str
    due_at: datetime
    owner: UUID | None = None
    until: datetime | None = None
    failures: int = 0
    closed_until: datetime | None = None
    failing_since: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Row:
    id: int
    added: Carried
    integration: Integration
    contact: str
    step: int
    call: Call
    replay: bool
    next_at: datetime
    state: str = "waiting"
    attempts: int = 0
    attempted_at: datetime | None = None
    attempted_by: UUID | None = None
    failure: str | None = None
    fingerprint: str | None = None

    @property
    def turn(self) -> tuple[bool, bool, int]:
        """Its place among its contact's: what was tried before comes first, then live, then what was decided first."""
        return self.attempts == 0, self.replay, self.id


@dataclass(slots=True, kw_only=True)
class Shop:
    """What all workers share."""

    clock: Callable[[], datetime] = field(default_factory=Clock)
    integrations: dict[UUID, Integration] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    blocked: set[tuple[UUID, str]] = field(default_factory=set)
    """(integration, address or `@domain`)."""
    undone: set[UUID] = field(default_factory=set)
    """Replays."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def connect(self, organization: str) -> Integration:
        made = Integration(id=uuid4(), organization=organization, secret=uuid4())
        self.integrations[made.id] = made
        self.lanes.setdefault(organization, Lane(organization=organization, due_at=self.clock()))
        return made

    def put(self, added: Carried, *, replay: bool = False) -> None:
        integration = self.integrations[added.integration]
        for step, call in enumerate(calls_of(added), start=1):
            row = Row(
                id=next(self.numbers),
                added=added,
                integration=integration,
                contact=normalise(added.contact["email"]),
                step=step,
                call=Call(call),
                replay=replay,
                next_at=self.clock(),
            )
            self.rows[row.id] = row

    def block(self, integration: UUID, who: str) -> None:
        self.blocked.add((integration, normalise(who)))

    def step(self, decision: UUID, step: int) -> Row | None:
        return next((row for row in self.rows.values() if row.added.id == decision and row.step == step), None)

    def able(self, row: Row) -> bool:
        """Whether it may leave as far as its integration and its first step go."""
        home = row.integration
        if home.state != "active" or not home.sends or home.unmet:
            return False
        first = self.step(row.added.id, 1)
        return row.step == 1 or (first is not None and first.state == "delivered")

    def held_up(self, row: Row) -> bool:
        """Whether another of its contact is under way, or has its turn before."""
        return any(
            other.state == "attempting" or (other.turn < row.turn and self.able(other))
            for other in self.rows.values()
            if other.id != row.id
            and other.state in OPEN
            and (other.integration.organization, other.contact) == (row.integration.organization, row.contact)
        )


class Deliveries:
    """*shop* as *worker* sees it."""

    def __init__(self, shop: Shop, worker: UUID | None = None) -> None:
        self._shop = shop
        self._worker = worker or uuid4()

    # Lanes

    async def lease(self, organizations: Iterable[str], *, most: int, seconds: float) -> dict[str, int]:
        named = [lane for name in sorted(organizations) if (lane := self._shop.lanes.get(name))]
        return self._take([lane for lane in named if self._is_free(lane, also=self._worker)], most, seconds)

    async def lease_due(self, held: Iterable[str], *, most: int, seconds: float) -> dict[str, int]:
        due = self._due() - set(held)
        free = [lane for lane in self._shop.lanes.values() if lane.organization in due and self._is_free(lane)]
        free.sort(key=lambda lane: (lane.until is not None, lane.until or self._now, lane.organization))
        return self._take(free, most, seconds)

    async def renew(self, organizations: Iterable[str], *, seconds: float) -> set[str]:
        ours = self._ours(organizations)
        for lane in ours:
            lane.until = self._in(seconds)
        return {lane.organization for lane in ours}

    async def release(self, organizations: Iterable[str]) -> None:
        for lane in self._ours(organizations):
            lane.owner, lane.until = None, self._now

    async def close_lane(self, organization: str, failures: int, seconds: float | None) -> timedelta:
        failing = timedelta()
        for lane in self._ours([organization]):
            lane.failures, lane.closed_until = failures, None if seconds is None else self._in(seconds)
            lane.failing_since = (lane.failing_since or self._now) if failures else None
            failing = self._now - (lane.failing_since or self._now)
        return failing

    def _due(self) -> set[str]:
        rows = [row for row in self._shop.rows.values() if row.next_at <= self._now]
        homes = self._shop.integrations.values()
        open_to = {home.organization for home in homes if home.state == "active" and home.sends}
        waiting = {row.integration.organization for row in rows if row.state == "waiting"} & open_to
        unanswered = {row.integration.organization for row in rows if row.state == "attempting"}
        left = {lane.organization for lane in self._shop.lanes.values() if lane.owner and self._is_over(lane)}
        return waiting | unanswered | left

    def _take(self, free: Sequence[Lane], most: int, seconds: float) -> dict[str, int]:
        taken = free[: max(0, most)]
        for lane in taken:
            lane.owner, lane.until = self._worker, self._in(seconds)
        return {lane.organization: lane.failures for lane in taken}

    def _is_free(self, lane: Lane, *, also: UUID | None = None) -> bool:
        closed = lane.closed_until is not None and lane.closed_until > self._now
        return not closed and (lane.owner in (None, also) or self._is_over(lane))

    def _is_over(self, lane: Lane) -> bool:
        return lane.until is not None and lane.until < self._now

    def _ours(self, organizations: Iterable[str]) -> list[Lane]:
        """Still ours, even late, as long as nobody took them."""
        lanes = [self._shop.lanes[name] for name in organizations if name in self._shop.lanes]
        return [lane for lane in lanes if lane.owner == self._worker]

    def _leased(self, organizations: Iterable[str]) -> set[str]:
        return {lane.organization for lane in self._ours(organizations) if lane.until and lane.until > self._now}

    # Attempts

    async def claim(self, room: Mapping[str, int], *, timeout: float) -> list[Delivery]:
        ours = self._leased(room)
        picked: list[Row] = []
        for name in ours:
            able = [row for row in self._rows({name}, "waiting") if row.next_at <= self._now and self._shop.able(row)]
            free = [row for row in able if not self._shop.held_up(row)]
            picked += sorted(free, key=lambda row: (row.replay, row.id))[: room[name]]
        for row in picked:
            row.attempts, row.attempted_at, row.failure = row.attempts + 1, self._now, None
            self._attempt(row, timeout)
        return [_delivery(row, unresolved=False) for row in sorted(picked, key=lambda row: (row.replay, row.id))]

    async def claim_unanswered(
        self, organizations: Iterable[str], flying: Iterable[int], *, timeout: float, most: int
    ) -> list[Delivery]:
        apart = set(flying)
        found = [
            row
            for row in self._rows(self._leased(organizations), "attempting")
            if row.id not in apart
            and (row.next_at <= self._now or (row.call in REPEATABLE and row.attempted_by != self._worker))
            and (row.integration.sends or row.integration.state == "removed")
        ][:most]
        for row in found:
            self._attempt(row, timeout)
        return [_delivery(row, unresolved=True) for row in found]

    async def contacts(self, deliveries: Sequence[Delivery]) -> dict[int, Carried | None]:
        known = {row.added.id: row.added for row in self._shop.rows.values()}
        return {delivery.id: known.get(delivery.decision) for delivery in deliveries}

    async def blocked(self, added: Collection[Carried]) -> set[UUID]:
        named = [(one, email) for one in added if isinstance(one, ContactAdded) and (email := one.contact.get("email"))]
        entries = self._shop.blocked
        return {
            one.id
            for one, email in named
            if entries & {(one.integration, normalise(email)), (one.integration, address.domain(email))}
        }

    async def overtaken(self, unlisted: Mapping[int, ContactUnlisted]) -> set[int]:
        rows = self._shop.rows
        newer = [row for row in rows.values() if row.state not in ("refused", "withdrawn")]
        return {
            id
            for id, one in unlisted.items()
            for row in newer
            if (row.id > id or row.integration.id != rows[id].integration.id)
            and isinstance(row.added, ContactAdded)
            and (row.integration.organization, row.contact) == (rows[id].integration.organization, rows[id].contact)
            and set(row.added.lists) & set(one.lists)
        }

    async def undone(self, replays: Collection[UUID]) -> set[UUID]:
        return self._shop.undone & set(replays)

    def _rows(self, organizations: set[str], state: str) -> list[Row]:
        rows = self._shop.rows.values()
        return [row for row in rows if row.state == state and row.integration.organization in organizations]

    def _attempt(self, row: Row, timeout: float) -> None:
        row.state, row.attempted_by, row.next_at = "attempting", self._worker, self._in(timeout)

    # Ends

    async def settle(self, ended: Sequence[Ended], *, now: float) -> None:
        for one in ended:
            row = self._shop.rows[one.delivery.id]
            if row.state == "attempting" and row.attempted_by == self._worker:
                self._settle(row, one)

    def _settle(self, row: Row, ended: Ended) -> None:
        partner = row.added.partner
        row.failure = row.fingerprint = None
        match ended.verdict:
            case Delivered() | Rejected() | Withheld() as final:
                row.state = {Delivered: "delivered", Rejected: "refused", Withheld: "withdrawn"}[type(final)]
                self._shop.events.append(outcome(ended.delivery, partner, final))
            case Again(wait=wait, failure=failure):
                row.state, row.next_at, row.failure = "waiting", self._now + wait, failure
            case Broken(failure=failure):
                row.state, row.next_at, row.failure = "waiting", self._now, failure
            case Parked() | Gone() as held:
                row.state, row.failure, row.fingerprint = "parked", held.failure, held.fingerprint
            case Silence(failure=failure, wait=pause):
                row.failure, row.next_at = failure, row.next_at if pause is None else self._now + pause
        second = self._shop.step(row.added.id, 2)
        if ended.ends_second_step and second:
            second.state = "withdrawn" if second.state in ("waiting", "parked") else second.state
            self._shop.events.append(second_step(ended.delivery, partner))

    # Keys

    async def break_connection(self, ended: Ended, why: Broken | Gone, *, retry: float) -> None:
        delivery = ended.delivery
        reason = why.reason if isinstance(why, Broken) else gone_reason(why.target)
        id = identify("broken", delivery.id, delivery.attempts)
        self._break(self._shop.integrations[delivery.integration], delivery.secret, reason, why.failure, id, retry)

    async def tell(self, probe: Probe, reason: str, detail: str, id: UUID, *, retry: float) -> None:
        self._break(self._shop.integrations[probe.integration], probe.secret, reason, detail, id, retry)

    def _break(self, home: Integration, secret: UUID | None, reason: str, detail: str, id: UUID, retry: float) -> None:
        if home.secret != secret or not (home.reason is None or home.reason in gives_way(reason)):
            return
        home.reason = reason
        self._shop.lanes[home.organization].due_at = self._in(retry)
        self._shop.events.append(
            ConnectionBroken(integration=home.id, id=id, service=Service.TRUSTMARY, reason=reason, detail=detail)
        )

    async def restore_connection(self, probe: Probe, id: UUID, *, every: float = 0.0) -> None:
        home = self._shop.integrations[probe.integration]
        if home.reason is not None and home.secret == probe.secret:
            home.reason = None
            self._shop.events.append(ConnectionRestored(integration=home.id, id=id, service=Service.TRUSTMARY))
        if probe.reason in PASSING:
            lane = self._shop.lanes[home.organization]
            lane.failures, lane.closed_until, lane.failing_since = 0, None, None
            failed = [
                row
                for row in self._of(home)
                if (row.state == "waiting" and row.failure and row.next_at > self._now)
                or (row.state == "parked" and (row.fingerprint or "").startswith("unavailable:"))
            ]
            self._free(failed, every)

    async def bring_back(self, probe: Probe, targets: Collection[str], *, every: float = 0.0) -> None:
        wanted = {Gone(target=one).fingerprint for one in targets}
        rows = self._of(self._shop.integrations[probe.integration])
        self._free([row for row in rows if row.state == "parked" and row.fingerprint in wanted], every)

    async def gone(self, integrations: Collection[UUID]) -> dict[UUID, set[str]]:
        return {id: set(self._missed(self._shop.integrations[id])) for id in integrations}

    async def take_probes(self, *, every: float) -> list[Probe]:
        homes = [
            home
            for home in self._shop.integrations.values()
            if (home.reason is not None or self._missed(home)) and home.state != "removed"
        ]
        due = {name for name, lane in self._shop.lanes.items() if lane.due_at <= self._now}
        taken = [home for home in homes if home.organization in due]
        for home in taken:
            self._shop.lanes[home.organization].due_at = self._in(every)
        return [self._probe(home) for home in taken]

    async def standing(self, organization: str) -> list[Probe]:
        homes = [home for home in self._shop.integrations.values() if home.organization == organization]
        return [
            self._probe(home)
            for home in homes
            if home.state != "removed" and (home.reason is None or home.reason in PASSING)
        ]

    def _probe(self, home: Integration) -> Probe:
        return Probe(
            integration=home.id,
            partition=PARTITION,
            organization=home.organization,
            secret=home.secret,
            reason=home.reason,
            named=home.named,
            missed=frozenset(self._missed(home)),
        )

    def _of(self, home: Integration) -> list[Row]:
        return [row for row in self._shop.rows.values() if row.integration is home]

    def _missed(self, home: Integration) -> list[str]:
        start = Gone(target="").fingerprint
        found = [row.fingerprint or "" for row in self._of(home) if row.state == "parked"]
        return [one.removeprefix(start) for one in found if one.startswith(start)]

    def _free(self, rows: Sequence[Row], every: float) -> None:
        for place, row in enumerate(sorted(rows, key=lambda row: row.id)):
            row.state, row.fingerprint, row.next_at = "waiting", None, self._in(place * every)

    async def note_good(self, integrations: Iterable[UUID]) -> None:
        for id in integrations:
            self._shop.integrations[id].good_at = self._now

    @property
    def _now(self) -> datetime:
        return self._shop.clock()

    def _in(self, seconds: float) -> datetime:
        return self._now + timedelta(seconds=seconds)


def _delivery(row: Row, *, unresolved: bool) -> Delivery:
    assert row.attempted_at is not None, "only what was attempted is handed out"
    home = row.integration
    return Delivery(
        id=row.id,
        integration=home.id,
        organization=home.organization,
        partition=PARTITION,
        position=row.id,
        decision=row.added.id,
        invoice=row.added.invoice_id,
        step=row.step,
        call=row.call,
        attempts=row.attempts,
        attempted_at=row.attempted_at,
        secret=home.secret,
        removed=unresolved and home.state == "removed",
        unresolved=unresolved,
    )
