"""Replays: kept plans, applied, followed, paused, resumed and cancelled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from events import numbering, replay
from events.codec import Event
from events.errors import Conflict, Misconfigured
from events.integration import Rules
from events.plan import SENDABLE, Class, Wanted
from events.replay import Reach, ReplayEnded, ReplayStarted
from worker.adapters.log import Draft
from worker.adapters.postgres import Connection, translating
from worker.operations.context import Context
from worker.operations.integrations import Integration, read_one
from worker.operations.planning import SQL, item_id

PAGE = 500
TAKING_OFF = 2
"""Calls to Trustmary that taking a contact off takes: look-up and call."""
LATELY = timedelta(minutes=1)
BEGINNING = re.compile("[0-9a-f-]{4,36}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A plan, and how far it has been applied."""

    id: UUID
    integration: UUID
    state: str
    """`planned`, `running`, `paused`, `done` or `cancelled`."""
    hash: str
    triggers: tuple[UUID, ...]
    pin: str
    upto: int
    """The position up to which the plan has looked."""
    about: Mapping[str, Any]
    """`wanted`, `looked_at`, `counts` by class, `skipped` by reason, `procountor`: calls that planning took, `unread`:
    customers that were not in the register any more."""
    planned_by: str
    planned_at: datetime
    reach: Reach | None
    classes: tuple[str, ...]
    """What is asked for."""
    items: int | None
    """How many that are."""
    asked: int
    started_at: datetime | None
    ended_at: datetime | None
    resumed_at: datetime | None = None
    """None: it was never paused and resumed."""
    asked_before: int = 0
    """What had been asked for when it was resumed."""
    undoes: UUID | None = None
    """The replay whose contacts this one takes off their lists."""
    name: str | None = None
    """What whoever applied it called it."""
    reason: str | None = None
    started_by: str | None = None
    results: Mapping[str, int] = field(default_factory=dict)
    """Of what was asked for: state of the delivery, or why it was left out → how many."""
    left_out: int = 0
    lately: int = 0
    """Deliveries of it that came to their end within `LATELY`, and since it was resumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One contact of a plan, and what became of it."""

    number: int
    kind: Class
    reason: str | None
    invoice: int
    """Procountor's id."""
    invoice_number: int | None
    """As people know it."""
    invoices: int
    trigger: UUID
    email: str | None
    """None where the person was erased since."""
    before: Mapping[str, str]
    after: Mapping[str, str]
    targets: tuple[str, ...]
    starts_surveys: bool
    left_out: str | None
    delivery: str | None
    failure: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What applying a plan takes and may do."""

    contacts: int
    calls: int
    """To Trustmary."""
    surveys: int
    """Contacts for whom a survey may start."""
    off: int = 0
    """Contacts among them that are taken off lists."""
    seconds: float = 0.0
    """What the calls take at the organization's pace, with nothing live beside them."""


def at_pace(calls: int, pace: float) -> float:
    """Seconds; a pace of 0 is none."""
    return calls / pace if pace else 0.0


async def listed(
    context: Context,
    *,
    among: Sequence[Integration] | None = None,
    states: Sequence[str] | None = None,
    id: str | None = None,
    limit: int = 50,
) -> list[Replay]:
    """Of all integrations, or *among* some; in any state, or one of *states*."""
    of = None if among is None else [one.id for one in among]
    with translating():
        rows = await context.pool.fetch(SQL["read_replays"], of, id, limit, states)
    return await with_orders(context, [as_replay(context, row) for row in rows])


async def with_orders(context: Context, found: Sequence[Replay]) -> list[Replay]:
    """By whom each was applied, as what, and why: that stands in the log."""
    records = await context.log.find([replay.started(one.id) for one in found if one.started_at])
    by_id = {
        record.row.id: (event, record.row.actor)
        for record, event in zip(records, await context.log.open(records), strict=True)
    }
    return [ordered(one, *by_id.get(replay.started(one.id), (None, None))) for one in found]


def ordered(one: Replay, order: Event | None, actor: str | None) -> Replay:
    if not isinstance(order, ReplayStarted):
        return one
    return replace(one, name=order.name, reason=order.reason, started_by=actor)


async def find(context: Context, wanted: str) -> Replay:
    """By id or its beginning, with its results; `Misconfigured` where none, or several, are meant."""
    beginning = wanted.strip().lower()
    if not BEGINNING.fullmatch(beginning):
        raise Misconfigured(f"{wanted!r} is no beginning of a replay's id: give four characters of it or more.")
    found = await listed(context, id=beginning, limit=2)
    if len(found) != 1:
        raise Misconfigured(
            f"{'No' if not found else 'More than one'} replay begins with {wanted}: see ptm replay list."
        )
    return await with_results(context, found[0])


async def with_results(context: Context, seen: Replay) -> Replay:
    with translating():
        rows = await context.pool.fetch(SQL["count_results"], seen.id, LATELY, seen.resumed_at)
    results: Counter[str] = Counter()
    for row in rows:
        results[row["result"]] += row["count"]
    return replace(
        seen,
        results=dict(results),
        left_out=sum(row["count"] for row in rows if row["left_out"]),
        lately=sum(row["lately"] for row in rows),
    )


def wanted_of(seen: Replay) -> Wanted:
    """Which of the past the plan has looked at, as it was made."""
    about = dict(seen.about["wanted"])
    for name in ("since", "until"):
        about[name] = datetime.fromisoformat(about[name]) if about[name] else None
    for name in ("dated_from", "dated_to"):
        about[name] = date.fromisoformat(about[name]) if about[name] else None
    for name in ("statuses", "customers", "invoices", "skips"):
        about[name] = frozenset(about[name])
    return Wanted(**{**about, "triggers": frozenset(map(UUID, about["triggers"]))})


def as_replay(context: Context, row: asyncpg.Record) -> Replay:
    values = dict(row.items())
    about = orjson.loads(context.vault.open_text(values.pop("about"), about=f"replay/{row['id']}"))
    reach, classes, triggers = values.pop("reach"), values.pop("classes"), values.pop("triggers")
    return Replay(
        **values,
        about=about,
        triggers=tuple(triggers),
        reach=Reach(reach) if reach else None,
        classes=tuple(classes or ()),
    )


async def lines(
    context: Context, seen: Replay, *, most: int | None = None, kinds: Collection[Class] | None = None
) -> AsyncIterator[Line]:
    """The contacts of the plan in its order, of some classes or of any; the first *most*, or all."""
    after, count = 0, 0
    of = None if kinds is None else sorted(kinds)
    while most is None or count < most:
        page = PAGE if most is None else min(PAGE, most - count)
        with translating():
            rows = await context.pool.fetch(SQL["read_items"], seen.id, after, page, of)
        if not rows:
            return
        opened = await context.vault.open([(item_id(seen.id, row["number"]), row["detail"]) for row in rows])
        for row, plain in zip(rows, opened, strict=True):
            yield as_line(row, orjson.loads(plain) if plain else {})
        after, count = rows[-1]["number"], count + len(rows)


async def followed(context: Context, seen: Replay, known: Sequence[Line]) -> tuple[Line, ...]:
    """*known* with what has become of them by now: who they are is not opened once more."""
    with translating():
        rows = await context.pool.fetch(SQL["read_outcomes"], seen.id, [one.number for one in known])
    now = {row["number"]: row for row in rows}
    return tuple(
        replace(one, left_out=row["left_out"], delivery=row["state"], failure=row["failure"])
        if (row := now.get(one.number))
        else one
        for one in known
    )


def as_line(row: asyncpg.Record, detail: Mapping[str, Any]) -> Line:
    return Line(
        number=row["number"],
        kind=Class(row["class"]),
        reason=row["reason"],
        invoice=row["invoice"],
        invoice_number=row["invoice_number"],
        invoices=row["invoices"],
        trigger=row["trigger"],
        email=detail.get("email"),
        before=detail.get("before", {}),
        after=detail.get("after", {}),
        targets=tuple(row["targets"]),
        starts_surveys=row["starts_surveys"],
        left_out=row["left_out"],
        delivery=row["state"],
        failure=row["failure"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What of a plan is to be applied, and how far."""

    reach: Reach
    classes: frozenset[Class] = SENDABLE
    """With `TAKE_OFF`, old addresses and contacts no longer matched are taken off their lists."""
    chosen: Collection[int] | None = None
    """Lines of the plan by number; None: all of the classes."""


async def cost(context: Context, seen: Replay, rules: Rules, order: Order) -> Cost:
    """Of applying *seen* as ordered."""
    chosen, reach = None if order.chosen is None else list(order.chosen), order.reach
    with translating():
        rows = await context.pool.fetch(SQL["count_items"], seen.id, [one.value for one in order.classes], chosen)
    contacts = calls = surveys = off = 0
    beyond = capped(rules, reach)
    for row in rows:
        trigger = rules.triggers.get(row["trigger"])
        if row["off"]:
            if row["trigger"] not in beyond:
                contacts, off, calls = contacts + row["count"], off + row["count"], calls + TAKING_OFF * row["count"]
            continue
        if not row["differs"] and row["trigger"] in beyond and row["targets"] != ["contact"]:
            continue
        contacts += row["count"]
        if reach is Reach.RECORD or trigger is None:
            continue
        targets = replay.within(reach, trigger.destination, tuple(row["targets"]))
        calls += row["count"] * replay.calls(targets)
        surveys += row["count"] * (row["starts_surveys"] and targets != ("contact",))
    seconds = at_pace(calls, context.settings.trustmary_pace)
    return Cost(contacts=contacts, calls=calls, surveys=surveys, off=off, seconds=seconds)


def capped(rules: Rules, reach: Reach) -> frozenset[UUID]:
    """The triggers of which a replay of *reach* may touch no more than the contact."""
    return frozenset(
        id
        for id, trigger in rules.triggers.items()
        if reach is not Reach.RECORD and replay.within(reach, trigger.destination, ("beyond",)) == ("contact",)
    )


async def apply(context: Context, seen: Replay, order: Order, *, name: str, reason: str) -> Replay:
    """Starts the replay: workers carry it out. Raises `Conflict` where it was started, or the rules have changed."""
    if not name.strip() or not reason.strip():
        raise Misconfigured("A replay needs a name and a reason: whoever reads the log later will ask.")
    check_order(seen, order)
    await check_chosen(context, seen, order)
    integration = await read_one(context, seen.integration)
    check_rules(integration, seen)
    count = (await cost(context, seen, integration.rules, order)).contacts
    if not count:
        raise Misconfigured(
            f"The plan has nothing to apply at reach {order.reach}: ptm replay show {str(seen.id)[:8]}."
        )
    event = ReplayStarted(
        integration=seen.integration,
        replay=seen.id,
        name=name.strip(),
        reason=reason.strip(),
        reach=order.reach,
        plan=seen.hash,
        items=count,
        upto=seen.upto,
        remove_old=Class.TAKE_OFF in order.classes,
    )
    classes = sorted(order.classes)
    async with changing(context, seen, {"planned"}, event) as connection:
        beyond = list(capped(integration.rules, order.reach))
        await connection.execute(SQL["leave_out_beyond_reach"], seen.id, beyond)
        if order.chosen is not None:
            await connection.execute(SQL["leave_out_unchosen"], seen.id, classes, list(order.chosen))
        await connection.execute(SQL["start_replay"], seen.id, order.reach.value, classes, count)
    return await find(context, str(seen.id))


def check_order(seen: Replay, order: Order) -> None:
    if seen.undoes:
        raise Misconfigured(f"That is the undoing of another replay: ptm replay undo {str(seen.undoes)[:8]}.")
    if not order.classes - {Class.TAKE_OFF} or order.classes - {*SENDABLE, Class.TAKE_OFF}:
        raise Misconfigured(f"Only {', '.join(sorted(SENDABLE))} can be applied.")
    if Class.TAKE_OFF in order.classes and order.reach not in (Reach.LIST, Reach.SURVEY):
        raise Misconfigured(
            f"A replay of reach {order.reach} leaves lists alone: to take off old ones, apply with --reach list, "
            "or survey where the lists may start surveys."
        )


async def check_chosen(context: Context, seen: Replay, order: Order) -> None:
    """What somebody names and nobody can send is a mistake, not to be passed over."""
    if order.chosen is None:
        return
    classes = sorted(order.classes)
    with translating():
        rows = await context.pool.fetch(SQL["find_numbers"], seen.id, classes, list(order.chosen))
    if wrong := set(order.chosen) - {row["number"] for row in rows}:
        named = numbering.written(wrong)
        raise Misconfigured(f"Of the plan's lines {named} cannot be applied: only {', '.join(classes)} can.")


def holds(integration: Integration, seen: Replay) -> bool:
    """Whether the rules are those that it was planned with."""
    return replay.pin(integration.rules, seen.triggers) == seen.pin


def check_rules(integration: Integration, seen: Replay) -> None:
    """A plan holds for the rules it was made with, and for no draft."""
    if not holds(integration, seen):
        raise Conflict(
            "The rules have changed since the replay was planned: plan it again, "
            f"ptm replay plan {integration.company_id}."
        )
    if drafts := [one.name for one in integration.rules.triggers.values() if one.id in seen.triggers and not one.live]:
        raise Conflict(f"{', '.join(drafts)} is a draft: put it in force with ptm trigger promote, then plan again.")


async def pause(context: Context, seen: Replay) -> Replay:
    """No more is asked for; what is decided goes out."""
    async with changing(context, seen, {"running"}) as connection:
        await connection.execute(SQL["set_state"], seen.id, "paused")
    return await find(context, str(seen.id))


async def resume(context: Context, seen: Replay) -> Replay:
    async with changing(context, seen, {"paused"}) as connection:
        await connection.execute(SQL["resume_replay"], seen.id)
    return await find(context, str(seen.id))


async def cancel(context: Context, seen: Replay, *, reason: str | None = None) -> Replay:
    """The rest is never asked for; what is decided goes out, unless it is discarded."""
    if seen.state == "planned":
        async with changing(context, seen, {"planned"}) as connection:
            await connection.execute(SQL["set_state"], seen.id, "cancelled")
    else:
        event = ReplayEnded(integration=seen.integration, replay=seen.id, cancelled=True, reason=reason)
        async with changing(context, seen, {"running", "paused"}, event) as connection:
            await connection.execute(SQL["set_state"], seen.id, "cancelled")
    return await find(context, str(seen.id))


@asynccontextmanager
async def changing(
    context: Context, seen: Replay, states: set[str], event: ReplayStarted | ReplayEnded | None = None
) -> AsyncIterator[Connection]:
    """The replay's row, held in one of *states*, in a transaction with what is appended; `Conflict` in another."""
    integration = await read_one(context, seen.integration)
    rows = await context.log.prepare([Draft(event=event, actor=context.actor)] if event else [])
    with translating():
        async with context.pool.acquire() as connection, connection.transaction():
            state = await connection.fetchval(SQL["lock_replay"], seen.id)
            if state not in states:
                raise Conflict(not_so(seen, state, states))
            await context.log.append(connection, integration.partition, rows)
            yield connection
    context.ringer.ring("ptm_log", str(integration.partition))


def not_so(seen: Replay, state: str, states: set[str]) -> str:
    """Why nothing was changed; of one that is done, how what still goes out is stopped."""
    look = f"ptm replay show {str(seen.id)[:8]}"
    said = f"The replay is {state}, and would have to be {' or '.join(sorted(states))} for that: {look}."
    more = "All is decided: ptm integration pause stops what waits to be sent."
    return f"{said} {more}" if state == "done" else said
